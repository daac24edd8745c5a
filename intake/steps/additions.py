"""What a citizen added to their case, as they read it again: a page at a time."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from intake.core.following.view import ADDED, View
from intake.store import register
from schemas.paging import cursor_of, page_of, read_cursor
from schemas.ports import Unit

#: Project choice: what somebody reads at once; whoever wants more goes on to what is older.
ADDITIONS_SHOWN = 20


class Additions(msgspec.Struct, frozen=True, kw_only=True):
    """A page of what was added, as departments read it, in the order of time."""

    said: Sequence[tuple[datetime, str]] = ()
    #: Where what is older begins; None: there is nothing older.
    older: str | None = None


NO_ADDITIONS = Additions()


async def additions_to(unit: Unit | None, case: View, *, before: str | None = None) -> Additions:
    """The latest additions, or those before a cursor; nothing is asked of a case to which nothing was added.

    Raises:
        BadInput: not a cursor of ours.
    """
    position = read_cursor(before, tuple[datetime, bytes]) if before else None
    if unit is None or not any(line.event in ADDED for line in case.timeline):
        return NO_ADDITIONS
    found = await register.supplements_of(unit.db, case.case_id, ADDITIONS_SHOWN + 1, before=position)
    page, last = page_of(found, ADDITIONS_SHOWN)
    return Additions(
        said=[(row.at, row.text) for row in reversed(page)],
        older=None if last is None else cursor_of(last.at, last.content_hash),
    )
