"""What operators did by commands that leave no other trace: a chain of sealed rows, which only grows."""

import hmac
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

import msgspec

from deploy.database.sealed_rows import Changing, SealedRow, last_row
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


class OperatorDeed(SealedRow, frozen=True, kw_only=True):
    """One row. `about`: which days, which version, which letters, and the reason where one was given."""

    table = "deploy.operator_deed"

    at: datetime
    what: str
    about: str
    by: str

    def seal(self, key: bytes, before: bytes) -> bytes:
        """HMAC-SHA-256 of all that, and of the seal of the row before."""
        told = [self.number, self.at.astimezone(UTC).isoformat(), self.what, self.about, self.by]
        return hmac.digest(key, b"operator\0" + before + msgspec.json.encode(told), "sha256")


async def note_deed(db: Database, changing: Changing, what: Operated, about: str) -> None:
    """Add the next row; in a transaction, with what it tells of where that is a row, too."""
    await db.execute("SELECT pg_advisory_xact_lock($1)", _LOCK)
    number, before = await last_row(db, OperatorDeed) or (0, b"")
    deed = OperatorDeed(number=number + 1, at=changing.at, what=what.value, about=about, by=changing.by)
    await db.execute(
        "INSERT INTO deploy.operator_deed (number, at, what, about, by, seal) VALUES ($1, $2, $3, $4, $5, $6)",
        deed.number,
        deed.at,
        deed.what,
        deed.about,
        deed.by,
        deed.seal(changing.key, before),
    )
