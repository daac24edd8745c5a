"""The cases behind a number, for supervisors: `/watch/figures/cases`."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import partial
from typing import Annotated
from urllib.parse import urlencode

import msgspec

from schemas.city import City
from schemas.errors import BadInput
from schemas.forms import NO_ERRORS, form_errors
from schemas.http import Call, Page, Route
from schemas.ids import CaseId, DepartmentCode
from schemas.ports import CaseMatters
from schemas.words import CaseField, Role
from sla.core.calendar import Calendar
from sla.core.drilled import CountedCase, FigureCell, group_of
from sla.core.figure_kinds import figure_kinds
from sla.core.measures import Measure
from sla.core.readings import Grouping
from sla.steps import drill
from sla.web.words import name_of

_WATCHERS = frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR})
#: Project choice: a page that is looked through.
_SHOWN = 20
_Code = Annotated[str, msgspec.Meta(max_length=64)]


class DrillQuery(msgspec.Struct, frozen=True, kw_only=True, rename={"first": "from", "last": "to"}):
    """Which number: as the figures were asked for, with the group and what was counted."""

    measure: Measure
    first: date | None = None
    last: date | None = None
    by: Grouping = "department"
    #: The group; none: all cases; `-`: those that are in no group by name, as of `region`.
    key: _Code | None = None
    region: _Code | None = None
    least: Annotated[int, msgspec.Meta(ge=0, le=5)] | None = None
    #: Only what is left out of this rate (不纳入考核).
    excluded: _Code | None = None
    #: Only those of this item of the catalogue (事项).
    item: _Code | None = None
    #: Only those with this tag (标签).
    tag: _Code | None = None
    cursor: Annotated[str, msgspec.Meta(max_length=200)] | None = None
    limit: Annotated[int, msgspec.Meta(ge=1, le=100)] = _SHOWN


class Behind(msgspec.Struct, frozen=True, kw_only=True):
    """A case behind a number. `title`: None of one that is kept to those who handle it."""

    case_id: CaseId
    tracking_code: str | None
    title: str | None
    received_at: datetime
    department: DepartmentCode | None
    category: str | None
    region: str | None
    closed_at: datetime | None
    #: How often the number counts it.
    times: int
    #: On which day; of several the latest.
    day: date


class BehindNumber(msgspec.Struct, frozen=True, kw_only=True, rename={"first": "from", "last": "to"}):
    """A page of the cases behind a number."""

    measure: Measure
    first: date
    last: date
    items: Sequence[Behind]
    next_cursor: str | None


async def list_behind(call: Call, *, calendar: Calendar, matters: CaseMatters | None) -> BehindNumber:
    """One page, the latest day first."""
    query: DrillQuery = call.query
    today = calendar.local_day(call.unit.now)
    asked = FigureCell(
        query.measure,
        today,
        today,
        query.by,
        group_of(query.key),
        query.least,
        group_of(query.region),
        query.excluded,
        query.item,
        query.tag,
    )
    cell, found, next_cursor = await drill.list_counted(
        call.unit, asked, first=query.first, last=query.last, calendar=calendar, cursor=query.cursor, limit=query.limit
    )  # fmt: skip
    items = await behind_of(call, found, matters)
    return BehindNumber(
        measure=query.measure, first=cell.first, last=cell.last, items=items, next_cursor=next_cursor
    )


async def behind_of(call: Call, found: Sequence[CountedCase], matters: CaseMatters | None) -> list[Behind]:
    """These cases as they are told; that the titles were shown is written down."""
    titles = await matters.titles(call.unit, [each.case_id for each in found]) if matters else {}
    for case_id in titles:
        call.shows(case_id, CaseField.TITLE)
    return [Behind(**each._asdict(), title=titles.get(each.case_id)) for each in found]


async def show_behind(call: Call, *, city: City, calendar: Calendar, matters: CaseMatters | None) -> Page:
    """The page that lists the cases behind a number."""
    query: DrillQuery = call.query
    shown = {
        "query": query,
        "group_of": group_of,
        "name_of": partial(name_of, city=city, language=call.language),
        "measured": call.language.choose(*_LABELS[query.measure]),
    }
    try:
        found = await list_behind(call, calendar=calendar, matters=matters)
    except BadInput as refusal:
        errors = form_errors(refusal, call.language)
        return Page(template="sla/behind.html", context=shown | {"errors": errors}, status=refusal.status)
    kept = _kept(query)
    more = f"/watch/figures/cases?{urlencode({**kept, 'cursor': found.next_cursor})}"
    context = {
        "found": found,
        "first_page": f"/watch/figures/cases?{urlencode(kept)}" if query.cursor else None,
        "next": more if found.next_cursor else None,
        "errors": NO_ERRORS,
    }
    return Page(template="sla/behind.html", context=shown | context)


def _kept(query: DrillQuery) -> Mapping[str, object]:
    values = msgspec.to_builtins(query)
    return {name: value for name, value in values.items() if value is not None and name != "cursor"}


def _labels() -> Mapping[str, tuple[str, str]]:
    """What each measure is called: by the first figure that counts it."""
    kinds = figure_kinds()
    found: dict[str, tuple[str, str]] = {}
    for time in kinds.time:
        found.setdefault(time.measure, (time.label.zh, time.label.en))
    for rate in kinds.rate:
        of = (f"{rate.label.zh}（分母）", f"{rate.label.en} (out of)")
        found.setdefault(rate.numerator, (f"{rate.label.zh}（分子）", f"{rate.label.en} (of these)"))
        found.setdefault(rate.denominator, of)
    return found | {count.code: (count.label.zh, count.label.en) for count in kinds.count}


_LABELS = _labels()


def api_routes(*, calendar: Calendar, matters: CaseMatters | None) -> tuple[Route, ...]:
    """The route of the API, for supervisors alone."""
    return (
        Route(
            method="GET",
            path="/api/v1/sla/figures/cases",
            answer=partial(list_behind, calendar=calendar, matters=matters),
            who=_WATCHERS,
            summary="The cases behind a number of the figures, the latest day first",
            query=DrillQuery,
            returns=BehindNumber,
            takes_long=True,
        ),
    )


def page_routes(*, city: City, calendar: Calendar, matters: CaseMatters | None) -> tuple[Route, ...]:
    """The page of the cases behind a number."""
    return (
        Route(
            method="GET",
            path="/watch/figures/cases",
            answer=partial(show_behind, city=city, calendar=calendar, matters=matters),
            who=_WATCHERS,
            summary="The cases behind a number",
            query=DrillQuery,
            page=True,
            takes_long=True,
        ),
    )
