"""The cases behind a number of a report, for supervisors: `/watch/reports/{number}/cases`."""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import partial
from typing import Annotated
from urllib.parse import urlencode

import msgspec

from schemas.city import City
from schemas.errors import BadInput
from schemas.forms import NO_ERRORS, form_errors
from schemas.http import Call, Page, Route
from schemas.ports import CaseMatters
from schemas.words import Language, Role
from sla.core.calendar import Calendar
from sla.core.drilled import group_of
from sla.core.figure_kinds import kinds_by_code
from sla.core.readings import ReportLine
from sla.core.report_cells import NumberPart, ReportCell, ReportDays
from sla.steps import drill
from sla.web.drill import Behind, behind_of
from sla.web.reports import number_of
from sla.web.words import name_of

_WATCHERS = frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR})
#: Project choice: a page that is looked through.
_SHOWN = 20
#: What of a figure is counted, in Chinese and English.
_PARTS: Mapping[NumberPart, tuple[str, str]] = {
    "of": ("", ""),
    "numerator": ("（分子）", " (of these)"),
    "excluded": ("（不纳入考核的）", " (left out)"),
}


class ReportCellQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which number of the report, by its figure's code."""

    figure: Annotated[str, msgspec.Meta(max_length=64)]
    part: NumberPart = "of"
    #: The report's own days, or those that stand beside them.
    days: ReportDays = "own"
    #: The department; none: all cases; `-`: those that nobody leads.
    key: Annotated[str, msgspec.Meta(max_length=64)] | None = None
    cursor: Annotated[str, msgspec.Meta(max_length=200)] | None = None
    limit: Annotated[int, msgspec.Meta(ge=1, le=100)] = _SHOWN

    @property
    def cell(self) -> ReportCell:
        """The number of the report that is asked for."""
        return ReportCell(self.figure, self.part, self.days, group_of(self.key))


class BehindThen(Behind, frozen=True, kw_only=True):
    """A case behind a number of a report. `changed_since`: it was counted anew since the report was made, or is not over, so
    that the report may have counted it otherwise, or not."""

    changed_since: bool


class BehindReport(msgspec.Struct, frozen=True, kw_only=True, rename={"first": "from", "last": "to"}):
    """A page of the cases behind a number of a report, as they are counted now."""

    report: ReportLine
    figure: str
    first: date
    last: date
    #: How many the report says, and how many there are now: what differs was changed since.
    counted_then: int
    counted_now: int
    items: Sequence[BehindThen]
    next_cursor: str | None


async def list_behind_report(call: Call, *, calendar: Calendar, matters: CaseMatters | None) -> BehindReport:
    """One page, the latest day first."""
    query: ReportCellQuery = call.query
    found = await drill.list_reported(
        call.unit, number_of(call), query.cell, calendar=calendar, cursor=query.cursor, limit=query.limit
    )
    items = [
        BehindThen(**msgspec.structs.asdict(each), changed_since=each.case_id in found.changed)
        for each in await behind_of(call, found.cases, matters)
    ]
    cell = found.number.cell
    return BehindReport(
        report=found.line, figure=query.figure, first=cell.first, last=cell.last, counted_then=found.number.then,
        counted_now=found.now, items=items, next_cursor=found.next_cursor,
    )  # fmt: skip


async def show_behind_report(
    call: Call, *, city: City, calendar: Calendar, matters: CaseMatters | None
) -> Page:
    """The same as a page; a cursor that is not ours is said there."""
    query: ReportCellQuery = call.query
    at = f"/watch/reports/{number_of(call)}"
    shown = {
        "query": query,
        "group_of": group_of,
        "report_at": at,
        "measured": _label(query, call.language),
        "name_of": partial(name_of, city=city, language=call.language),
    }
    try:
        found = await list_behind_report(call, calendar=calendar, matters=matters)
    except BadInput as refusal:
        errors = form_errors(refusal, call.language)
        return Page(
            template="sla/behind_report.html", context=shown | {"errors": errors}, status=refusal.status
        )
    first = f"{at}/cases?{urlencode(_kept(query))}"
    context = {
        "found": found,
        "first_page": first if query.cursor else None,
        "next": f"{first}&{urlencode({'cursor': found.next_cursor})}" if found.next_cursor else None,
        "errors": NO_ERRORS,
    }
    return Page(template="sla/behind_report.html", context=shown | context)


def _kept(query: ReportCellQuery) -> Mapping[str, object]:
    values = msgspec.to_builtins(query)
    return {name: value for name, value in values.items() if value is not None and name != "cursor"}


def _label(query: ReportCellQuery, language: Language) -> str:
    kind = kinds_by_code().get(query.figure)
    return (kind.label.message(language) if kind else query.figure) + language.choose(*_PARTS[query.part])


def api_routes(*, calendar: Calendar, matters: CaseMatters | None) -> tuple[Route, ...]:
    """The route of the API, for supervisors alone."""
    return (
        Route(
            method="GET",
            path="/api/v1/sla/reports/{number}/cases",
            answer=partial(list_behind_report, calendar=calendar, matters=matters),
            who=_WATCHERS,
            summary="The cases behind a number of a report, and how many it counted",
            query=ReportCellQuery,
            returns=BehindReport,
            takes_long=True,
        ),
    )


def page_routes(*, city: City, calendar: Calendar, matters: CaseMatters | None) -> tuple[Route, ...]:
    """The page of the cases behind a number of a report."""
    return (
        Route(
            method="GET",
            path="/watch/reports/{number}/cases",
            answer=partial(show_behind_report, city=city, calendar=calendar, matters=matters),
            who=_WATCHERS,
            summary="The cases behind a number of a report",
            query=ReportCellQuery,
            page=True,
            takes_long=True,
        ),
    )
