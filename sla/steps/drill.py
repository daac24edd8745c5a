"""From a number of the figures to the cases that it counts. Nothing here writes."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from schemas.ids import CaseId
from schemas.paging import cursor_of, page_of, read_cursor
from schemas.ports import Unit
from sla.core.calendar import Calendar
from sla.core.drilled import CountedCase, FigureCell
from sla.core.figures import days_asked
from sla.store import drilling
from sla.store.drilling import BehindPlace


async def list_counted(
    unit: Unit,
    cell: FigureCell,
    *,
    first: date | None,
    last: date | None,
    calendar: Calendar,
    cursor: str | None,
    limit: int,
) -> tuple[FigureCell, Sequence[CountedCase], str | None]:
    """The cell with its days, some of its cases, the latest day first, and where the next page begins.

    Protected cases are in no number, and so behind none.

    Raises:
        BadInput: a span that cannot be, or a cursor that is not ours.
    """
    today = calendar.local_day(unit.now)
    first, last = days_asked(first, last, today=today)
    cell = cell._replace(first=first, last=last)
    place = read_cursor(cursor, tuple[date, UUID]) if cursor else None
    after = BehindPlace(place[0], CaseId(str(place[1]))) if place else None
    found = await drilling.cases_of(
        unit.db, cell, today=today, now=unit.now, zone=str(calendar.zone), after=after, limit=limit + 1
    )
    page, end = page_of(found, limit)
    return cell, page, cursor_of(end.day, end.case_id) if end else None
