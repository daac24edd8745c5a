"""From a number of the figures to the cases that it counts. Nothing here writes."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

from schemas.ids import CaseId
from schemas.paging import cursor_of, page_of, read_cursor
from schemas.ports import Unit
from sla.core.calendar import Calendar
from sla.core.drilled import CountedCase, FigureCell
from sla.core.figures import days_asked
from sla.core.readings import ReportLine
from sla.core.report_cells import FrozenNumber, ReportCell, frozen_number
from sla.core.reports import Days
from sla.steps.report import read_report, sums_of
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
    first, last = days_asked(first, last, today=calendar.local_day(unit.now))
    cell = cell._replace(first=first, last=last)
    page, next_cursor = await _page_of(unit, cell, calendar=calendar, cursor=cursor, limit=limit)
    return cell, page, next_cursor


class ReportedCases(NamedTuple):
    """Behind a number of a report: what it counts, how many there were when it was made and are now, and some of those.

    `changed`: those that were counted anew since, or are not over: the report may have counted them otherwise, or not.
    """

    line: ReportLine
    number: FrozenNumber
    now: int
    cases: Sequence[CountedCase]
    changed: frozenset[CaseId]
    next_cursor: str | None


async def list_reported(
    unit: Unit, number: int, asked: ReportCell, *, calendar: Calendar, cursor: str | None, limit: int
) -> ReportedCases:
    """The cases that a number of a report counts as they are now, and how many it counted then.

    Raises:
        NotFound: no such report, or it has no such number.
        BadInput: a cursor that is not ours.
    """
    report = await read_report(unit, number)
    found = frozen_number(report, asked)
    page, next_cursor = await _page_of(unit, found.cell, calendar=calendar, cursor=cursor, limit=limit)
    changed = await drilling.changed_since(unit.db, [each.case_id for each in page], report.line.made_at)
    now = await _count(unit, found.cell, calendar)
    return ReportedCases(report.line, found, now, page, changed, next_cursor)


async def _count(unit: Unit, cell: FigureCell, calendar: Calendar) -> int:
    sums = await sums_of(unit, Days(cell.first, cell.last), calendar)
    return sums[cell.key].n(cell.counted, least=cell.least) if cell.key in sums else 0


async def _page_of(
    unit: Unit, cell: FigureCell, *, calendar: Calendar, cursor: str | None, limit: int
) -> tuple[Sequence[CountedCase], str | None]:
    today = calendar.local_day(unit.now)
    place = read_cursor(cursor, tuple[date, UUID]) if cursor else None
    after = BehindPlace(place[0], CaseId(str(place[1]))) if place else None
    found = await drilling.cases_of(
        unit.db, cell, today=today, now=unit.now, zone=str(calendar.zone), after=after, limit=limit + 1
    )
    page, end = page_of(found, limit)
    return page, cursor_of(end.day, end.case_id) if end else None
