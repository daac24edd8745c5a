"""Who changed which staff account or system's token, and when: a chain of sealed rows, with nothing secret in them."""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final

import msgspec

from deploy.database.sealed_rows import Changing, SealedRow, last_row
from schemas.ports import Database

#: "HUIAC" in ASCII, so that nobody else takes the same advisory lock.
LOCK: Final = 0x4855494143
#: What lets somebody in with an account, or with a token; whether it still does is what its last row says.
ACCOUNT: Final = ("username", "role", "department", "password_hash", "demo")
TOKEN: Final = ("name", "role", "department", "token_hash", "command_key", "acts_for_people", "demo")
#: A token's last moment, apart: the digest of one without an end is what it was before tokens could have one.
END: Final = "expires_at"
#: What a statement gives back of those that it changes, for `log_change`.
RETURNING_ACCOUNT: Final = f"RETURNING {', '.join(ACCOUNT)}"
RETURNING_TOKEN: Final = f"RETURNING {', '.join(TOKEN)}, {END}"


class What(StrEnum):
    """What was done to an account, or to the token of another system."""

    #: It was made.
    ADDED = "added"
    #: It got another password.
    PASSWORD = "password"  # noqa: S105  no password: the name of what was done
    #: It got another role, or another department.
    ROLE = "role"
    #: Nobody can sign in with it any more.
    DISABLED = "disabled"
    #: Somebody can again.
    ENABLED = "enabled"
    #: A token was made.
    TOKEN = "token"  # noqa: S105  as above
    #: One was made whose system may say for which person it asks.
    TOKEN_FOR_PEOPLE = "token-for-people"  # noqa: S105  as above
    #: A token opens nothing any more.
    TOKEN_REVOKED = "token-revoked"  # noqa: S105  as above
    #: A demo's does again.
    TOKEN_RESTORED = "token-restored"  # noqa: S105  as above
    #: An account was there before these rows told what lets somebody in.
    FOUND = "found"
    #: So was a token.
    TOKEN_FOUND = "token-found"  # noqa: S105  as above


class AccountChange(SealedRow, frozen=True, kw_only=True):
    """One row. `account`: its name, or the token's. `role`, `department`: from then on.

    `by`: the account that was signed in, or who ran the command. `digest`: of what lets somebody in since; None in rows of
    releases that made none.
    """

    table = "deploy.account_change"

    at: datetime
    account: str
    what: str
    role: str
    department: str | None
    by: str
    digest: bytes | None = None

    def seal(self, key: bytes, before: bytes) -> bytes:
        """HMAC-SHA-256 of all that, and of the seal of the row before."""
        became = [self.account, self.what, self.role, self.department]
        told = [self.number, self.at.astimezone(UTC).isoformat(), *became, self.by]
        told += [] if self.digest is None else [self.digest.hex()]
        return hmac.digest(key, b"account\0" + before + msgspec.json.encode(told), "sha256")


def digest_of(row: Mapping[str, Any]) -> bytes:
    """SHA-256 of what lets somebody in with this account or token: whoever reads it learns nothing that could be guessed."""
    told = [row[column] for column in (TOKEN if "token_hash" in row else ACCOUNT)]
    if (end := row.get(END)) is not None:
        told.append(end.astimezone(UTC))
    return hashlib.sha256(msgspec.json.encode(told)).digest()


async def lock_changes(db: Database) -> None:
    """Until the transaction ends nobody else changes an account; before any row is, or two would wait for each other."""
    await db.execute("SELECT pg_advisory_xact_lock($1)", LOCK)


async def log_change(db: Database, changing: Changing, account: Mapping[str, Any], what: What) -> None:
    """Add the next row, in the transaction that changes the account; see `lock_changes`.

    `account`: what it has now: its columns `ACCOUNT`, or the token's `TOKEN`.
    """
    number, before = await last_row(db, AccountChange) or (0, b"")
    change = AccountChange(
        number=number + 1,
        at=changing.at,
        account=account.get("username") or account["name"],
        what=what.value,
        role=account["role"],
        department=account["department"],
        by=changing.by,
        digest=digest_of(account),
    )
    await db.execute(
        "INSERT INTO deploy.account_change (number, at, account, what, role, department, by, digest, seal)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        change.number, change.at, change.account, change.what, change.role, change.department, change.by,
        change.digest, change.seal(changing.key, before),
    )  # fmt: skip


async def standing(db: Database) -> Sequence[Any]:
    """The last row's seal, and a hash of all accounts and of all tokens: another whenever anything of them was changed."""
    row = await db.fetchrow(
        "SELECT (SELECT seal FROM deploy.account_change ORDER BY number DESC LIMIT 1) AS seal,"
        " (SELECT sum(hashtextextended(each::text, 0)) FROM deploy.account AS each) AS accounts,"
        " (SELECT sum(hashtextextended(each::text, 0)) FROM deploy.token AS each) AS tokens"
    )
    return tuple(row)
