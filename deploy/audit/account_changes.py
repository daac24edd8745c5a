"""Whether what was done to staff accounts and systems' tokens is as it was written, and as far as anchors know it."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from deploy.accounts.changes import first_broken_change, seals_of_changes
from deploy.audit.anchors import Log, shortened
from deploy.audit.entries import CHANGED
from deploy.audit.pins import Pins
from deploy.database.pool import Connection
from handlers.core.chain import Why

#: In anchors: it is one log, of nobody in particular.
NOBODY: Final = bytes(16)


class BrokenChange(NamedTuple):
    """The first row that does not hold, and why."""

    row: int
    why: str


async def broken_change(connection: Connection, keys: Sequence[bytes], pins: Pins) -> BrokenChange | None:
    """The first row that is not as it was written, or that an anchor knows otherwise; None where all are as they were."""
    row = await first_broken_change(connection, keys)
    if row is not None:
        return BrokenChange(row, CHANGED)
    seals = await seals_of_changes(connection)
    for number, end in pins.rows_of(Log.ACCOUNT, NOBODY):
        if number > len(seals):
            return BrokenChange(len(seals) + 1, Why.ANCHOR)
        if shortened(seals[number - 1]) != end:
            return BrokenChange(number, Why.ANCHOR)
    return None
