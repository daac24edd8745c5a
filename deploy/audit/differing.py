"""Accounts and tokens that are not as the rows about them left them: somebody changed the tables, and not through us."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

import msgspec

from deploy.accounts.changes import ACCOUNT, END, TOKEN, AccountChange, What, digest_of
from schemas.ports import Database


class Entrance(StrEnum):
    """By what somebody or a system comes in."""

    #: Somebody's account.
    ACCOUNT = "account"
    #: A system's token.
    TOKEN = "token"  # noqa: S105  no password: what it is


class Difference(StrEnum):
    """How it differs from what its rows say."""

    #: No row made it as it stands.
    UNLOGGED = "unlogged"
    #: It let somebody in and is gone, or a token is another.
    GONE = "gone"
    #: It has another role, or another department.
    ROLE = "role"
    #: It has another password, or is a demo's no more.
    PASSWORD = "password"  # noqa: S105  as above
    #: It lets somebody in again.
    LET_IN = "let-in"
    #: It lets nobody in any more.
    SHUT_OUT = "shut-out"


class Differing(msgspec.Struct, frozen=True, kw_only=True):
    """One account or token, and between which moments that came about."""

    kind: Entrance
    name: str
    why: Difference
    #: The last moment at which it was known to be right; None: of none is that known.
    right_at: datetime | None
    #: The first anchor that found it so; None: none has yet.
    seen_at: datetime | None = None

    @property
    def key(self) -> str:
        """By what name anchors know it."""
        return f"{self.kind}:{self.name}:{self.why}"

    def dated(self, compared: Iterable[tuple[datetime, Collection[str]]]) -> "Differing":
        """The same, as closely dated as anchors tell. `compared`: when, the first time first, and what differed then."""
        right_at, seen_at = self.right_at, None
        for at, keys in compared:
            if self.key in keys:
                seen_at = seen_at or at
            else:
                right_at, seen_at = at if right_at is None else max(right_at, at), None
        return msgspec.structs.replace(self, right_at=right_at, seen_at=seen_at)


class _Left(NamedTuple):
    """How a row left an account or a token."""

    by: AccountChange
    is_open: bool


_SHUTS = frozenset({What.DISABLED, What.TOKEN_REVOKED})
_FINDS = frozenset({What.FOUND, What.TOKEN_FOUND})
_TOKENS = frozenset(what for what in What if what.startswith("token"))


class _Log:
    """What the rows say, one after the other: how each account and each token should be."""

    def __init__(self, changes: Iterable[AccountChange]) -> None:
        self.accounts: dict[str, _Left] = {}
        #: By their digest, which does not change while they live.
        self.tokens: dict[bytes, _Left] = {}
        #: Of tokens that a process of the release before made or revoked beside ours, no row tells which.
        self.untold: set[tuple[str, str, str | None]] = set()
        #: By the name of tokens, the number of the last row that revoked all that were called so.
        self.revoked: dict[str, int] = {}
        #: When the upgrade found what there was.
        self._found_at: datetime | None = None
        for change in changes:
            self._add(change)

    def _add(self, change: AccountChange) -> None:
        if change.what in _FINDS and change.at != self._found_at:
            # The upgrade found everything: what was told before says nothing more.
            self._found_at = change.at
            self.accounts.clear()
            self.untold.clear()
        is_open = change.what not in _SHUTS
        if change.what not in _TOKENS:
            before = self.accounts.get(change.account)
            if change.what == What.ROLE and before is not None:
                is_open = before.is_open
            self.accounts[change.account] = _Left(change, is_open)
        elif change.digest is None:
            self.untold.add((change.account, change.role, change.department))
        else:
            self.tokens[change.digest] = _Left(change, is_open)
            if not is_open:
                self.revoked[change.account] = change.number
                # With whichever were called so.
                self.untold = {each for each in self.untold if each[0] != change.account}

    def is_missed(self, left: _Left) -> bool:
        """Whether a token that is gone should be there: one that was revoked, with whichever of its name, let nobody in."""
        return left.is_open and self.revoked.get(left.by.account, 0) < left.by.number


async def differing(db: Database, changes: Iterable[AccountChange]) -> Sequence[Differing]:
    """Every account and token that is not as these rows left it, by name."""
    log = _Log(changes)
    accounts = await db.fetch(f"SELECT {', '.join(ACCOUNT)}, NOT disabled AS is_open FROM deploy.account")  # noqa: S608  ours
    columns = ", ".join((*TOKEN, END))
    tokens = await db.fetch(f"SELECT {columns}, revoked_at IS NULL AS is_open FROM deploy.token")  # noqa: S608  ours
    found = [*_accounts(log, accounts), *_tokens(log, tokens)]
    return sorted(found, key=lambda each: each.key)


def _accounts(log: _Log, rows: Sequence[Mapping[str, Any]]) -> Iterator[Differing]:
    for row in rows:
        left = log.accounts.get(row["username"])
        why = _why(left, row)
        if why is not None:
            yield _differing(Entrance.ACCOUNT, row["username"], why, left)
    names = {row["username"] for row in rows}
    for name, left in log.accounts.items():
        if name not in names and left.is_open:
            yield _differing(Entrance.ACCOUNT, name, Difference.GONE, left)


def _why(left: _Left | None, row: Mapping[str, Any]) -> Difference | None:
    if left is None:
        return Difference.UNLOGGED
    if (row["role"], row["department"]) != (left.by.role, left.by.department):
        return Difference.ROLE
    if row["is_open"] != left.is_open:
        return Difference.LET_IN if row["is_open"] else Difference.SHUT_OUT
    # A process of the release before told of no password.
    is_other = left.by.digest is not None and left.by.digest != digest_of(row)
    return Difference.PASSWORD if is_other else None


def _tokens(log: _Log, rows: Sequence[Mapping[str, Any]]) -> Iterator[Differing]:
    for row in rows:
        left = log.tokens.get(digest_of(row))
        if (row["name"], row["role"], row["department"]) in log.untold:
            continue
        if left is None:
            if row["is_open"]:
                yield _differing(Entrance.TOKEN, row["name"], Difference.UNLOGGED, None)
        elif row["is_open"] != left.is_open:
            why = Difference.LET_IN if row["is_open"] else Difference.SHUT_OUT
            yield _differing(Entrance.TOKEN, row["name"], why, left)
    digests = {digest_of(row) for row in rows}
    for digest, left in log.tokens.items():
        if digest not in digests and log.is_missed(left):
            yield _differing(Entrance.TOKEN, left.by.account, Difference.GONE, left)


def _differing(kind: Entrance, name: str, why: Difference, left: _Left | None) -> Differing:
    return Differing(kind=kind, name=name, why=why, right_at=None if left is None else left.by.at)
