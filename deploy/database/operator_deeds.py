"""What people did by commands of which no other log tells who did it: a chain of sealed rows, which only grows."""

import hmac
from collections.abc import Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final, NamedTuple

import msgspec

from schemas.ports import Database

#: "HUIOD" in ASCII, so that nobody else takes the same advisory lock.
_LOCK: Final = 0x4855494F44


class Operated(StrEnum):
    """What somebody who runs the city's machines did to it."""

    #: Days were declared worked or off: deadlines moved.
    CALENDAR = "calendar"
    #: A learned model decides.
    MODEL_PROMOTED = "model-promoted"
    #: The one before does again, or the rules.
    MODEL_ROLLED_BACK = "model-rolled-back"
    #: Records that could not be handled were sent once more.
    DEAD_LETTERS_REPLAYED = "dead-letters-replayed"
    #: They were signed anew, whoever had written them.
    DEAD_LETTERS_SIGNED = "dead-letters-signed"
    #: They were deleted for good.
    DEAD_LETTERS_DROPPED = "dead-letters-dropped"
    #: Citizens of what ended before a day were forgotten, silent callers among them.
    FORGOTTEN = "forgotten"
    #: Knowledge entries came from a file.
    KNOWLEDGE = "knowledge"
    #: Citizens' messages did.
    MESSAGES = "messages"


class Operating(NamedTuple):
    """Who does it, and when; `key` is the audit's, and seals the row."""

    by: str
    at: datetime
    key: bytes


class OperatorDeed(msgspec.Struct, frozen=True, kw_only=True):
    """One row. `about`: which days, which version, which letters, and the reason where one was given."""

    number: int
    at: datetime
    what: str
    about: str
    by: str

    def seal(self, key: bytes, before: bytes) -> bytes:
        """HMAC-SHA-256 of all that, and of the seal of the row before."""
        told = [self.number, self.at.astimezone(UTC).isoformat(), self.what, self.about, self.by]
        return hmac.digest(key, b"operator\0" + before + msgspec.json.encode(told), "sha256")


async def note_deed(db: Database, operating: Operating, what: Operated, about: str) -> None:
    """Add the next row; in a transaction, with what it tells of where that is a row, too."""
    await db.execute("SELECT pg_advisory_xact_lock($1)", _LOCK)
    number, before = await last_deed(db) or (0, b"")
    deed = OperatorDeed(number=number + 1, at=operating.at, what=what.value, about=about, by=operating.by)
    await db.execute(
        "INSERT INTO deploy.operator_deed (number, at, what, about, by, seal) VALUES ($1, $2, $3, $4, $5, $6)",
        deed.number,
        deed.at,
        deed.what,
        deed.about,
        deed.by,
        deed.seal(operating.key, before),
    )


async def last_deed(db: Database) -> tuple[int, bytes] | None:
    """Number and seal of the last row; None where there is none."""
    last = await db.fetchrow("SELECT number, seal FROM deploy.operator_deed ORDER BY number DESC LIMIT 1")
    return (last["number"], last["seal"]) if last else None


async def every_deed(db: Database) -> Sequence[tuple[OperatorDeed, bytes]]:
    """Each row with its seal, the first one first."""
    rows = await db.fetch(
        "SELECT number, at, what, about, by, seal FROM deploy.operator_deed ORDER BY number"
    )
    return [
        (OperatorDeed(**{name: row[name] for name in OperatorDeed.__struct_fields__}), row["seal"])
        for row in rows
    ]
