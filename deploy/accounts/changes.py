"""Who changed which staff account, and when: a chain of sealed rows, with nothing secret in them."""

import hmac
from collections.abc import Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

import msgspec

from deploy.database.pool import Connection

#: "HUIAC" in ASCII, so that nobody else takes the same advisory lock.
_LOCK: Final = 0x4855494143


class What(StrEnum):
    """What was done to an account."""

    #: It was made.
    ADDED = "added"
    #: It got another password.
    PASSWORD = "password"  # noqa: S105  no password: the name of what was done
    #: It got another role.
    ROLE = "role"
    #: Nobody can sign in with it any more.
    DISABLED = "disabled"


class AccountChange(msgspec.Struct, frozen=True, kw_only=True):
    """One row. `by`: the account that was signed in, or by command whoever was logged in."""

    number: int
    at: datetime
    account: str
    what: str
    by: str

    def seal(self, key: bytes, before: bytes) -> bytes:
        """HMAC-SHA-256 of all that, and of the seal of the row before."""
        told = [self.number, self.at.astimezone(UTC).isoformat(), self.account, self.what, self.by]
        return hmac.digest(key, b"account\0" + before + msgspec.json.encode(told), "sha256")


async def log_change(db: Connection, key: bytes, *, account: str, what: What, by: str, at: datetime) -> None:
    """Add the next row, in the transaction that changes the account. `key`: the audit's."""
    # Released with the transaction: whoever changes an account meanwhile is the next.
    await db.execute("SELECT pg_advisory_xact_lock($1)", _LOCK)
    last = await db.fetchrow("SELECT number, seal FROM deploy.account_change ORDER BY number DESC LIMIT 1")
    number, before = (last["number"], last["seal"]) if last else (0, b"")
    change = AccountChange(number=number + 1, at=at, account=account, what=what.value, by=by)
    await db.execute(
        "INSERT INTO deploy.account_change (number, at, account, what, by, seal) VALUES ($1, $2, $3, $4, $5, $6)",
        change.number, change.at, change.account, change.what, change.by, change.seal(key, before),
    )  # fmt: skip


async def first_broken_change(db: Connection, keys: Sequence[bytes]) -> int | None:
    """The number of the first row that is not as it was written, or is gone; None where all are. `keys`: former, too."""
    before = b""
    rows = await db.fetch(
        "SELECT number, at, account, what, by, seal FROM deploy.account_change ORDER BY number"
    )
    for number, row in enumerate(rows, start=1):
        change = AccountChange(
            number=row["number"], at=row["at"], account=row["account"], what=row["what"], by=row["by"]
        )
        if change.number != number or row["seal"] not in [change.seal(key, before) for key in keys]:
            return number
        before = row["seal"]
    return None
