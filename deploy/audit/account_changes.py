"""Whether what was done to staff accounts and systems' tokens is as it was written, and as far as anchors know it."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from deploy.accounts.changes import AccountChange, every_change, first_broken_change
from deploy.audit.anchors import Log, shortened
from deploy.audit.differing import Differing, differing
from deploy.audit.entries import CHANGED
from deploy.audit.pins import Pins
from handlers.core.chain import Why
from schemas.ports import Database

#: In anchors: it is one log, of nobody in particular.
NOBODY: Final = bytes(16)


class BrokenChange(NamedTuple):
    """The first row that does not hold, and why."""

    row: int
    why: str


async def compared_accounts(
    db: Database, keys: Sequence[bytes], pins: Pins
) -> tuple[BrokenChange | None, Sequence[Differing]]:
    """The first row of the log that does not hold, and accounts and tokens that are not as the rows before it left them."""
    changes = await every_change(db)
    broken = _broken(changes, keys, pins)
    believed = changes if broken is None else changes[: broken.row - 1]
    found = await differing(db, [change for change, _ in believed])
    return broken, [each.dated(pins.compared) for each in found]


def _broken(
    changes: Sequence[tuple[AccountChange, bytes]], keys: Sequence[bytes], pins: Pins
) -> BrokenChange | None:
    row = first_broken_change(changes, keys)
    if row is not None:
        return BrokenChange(row, CHANGED)
    for number, end in pins.rows_of(Log.ACCOUNT, NOBODY):
        if number > len(changes):
            return BrokenChange(len(changes) + 1, Why.ANCHOR)
        if shortened(changes[number - 1][1]) != end:
            return BrokenChange(number, Why.ANCHOR)
    return None
