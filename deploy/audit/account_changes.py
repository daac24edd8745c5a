"""Whether what was done to accounts and tokens, and by operators, is as it was written, and as far as anchors know it."""

from collections.abc import Sequence
from itertools import compress, count
from typing import Final, NamedTuple

from deploy.accounts.changes import AccountChange
from deploy.audit.anchors import Log, shortened
from deploy.audit.differing import Differing, differing
from deploy.audit.entries import CHANGED
from deploy.audit.pins import Pins
from deploy.database.operator_deeds import OperatorDeed
from deploy.database.sealed_rows import SealedRow, every_row, held_rows
from handlers.core.chain import Why
from schemas.ports import Database

#: In anchors: it is one log, of nobody in particular.
NOBODY: Final = bytes(16)
#: What operators did, beside it: a release that knows no such log passes it over.
OPERATORS: Final = b"operators".rjust(16, b"\0")


class BrokenChange(NamedTuple):
    """The first row that does not hold, and why."""

    row: int
    why: str

    @property
    def key(self) -> str:
        """By what name anchors know it."""
        return f"log:{self.row}:{self.why}"


async def compared_accounts(
    db: Database, keys: Sequence[bytes], pins: Pins
) -> tuple[BrokenChange | None, Sequence[Differing]]:
    """The first row of the log that does not hold, and accounts and tokens that are not as those that do left them."""
    changes = await every_row(db, AccountChange)
    held = held_rows(changes, keys)
    broken = _broken(changes, held, pins, NOBODY)
    # Where the first ones do not hold, their master secret is most often gone: no account is to blame for that.
    first = next(compress(count(), held), len(changes))
    believed = [change for at, (change, _) in enumerate(changes) if held[at] or at < first]
    if broken is not None and broken.why == Why.ANCHOR:
        believed = believed[: broken.row - 1]
    found = await differing(db, believed)
    return broken, [each.dated(pins.compared) for each in found]


async def broken_deed(db: Database, keys: Sequence[bytes], pins: Pins) -> BrokenChange | None:
    """The first row of what operators did that does not hold, or is gone."""
    deeds = await every_row(db, OperatorDeed)
    return _broken(deeds, held_rows(deeds, keys), pins, OPERATORS)


def _broken(
    changes: Sequence[tuple[SealedRow, bytes]], held: Sequence[bool], pins: Pins, whose: bytes
) -> BrokenChange | None:
    if not all(held):
        return BrokenChange(held.index(False) + 1, CHANGED)
    for number, end in pins.rows_of(Log.ACCOUNT, whose):
        if number > len(changes):
            return BrokenChange(len(changes) + 1, Why.ANCHOR)
        if shortened(changes[number - 1][1]) != end:
            return BrokenChange(number, Why.ANCHOR)
    return None
