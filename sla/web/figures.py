"""Figures for supervisors: counts, rates and times, each with what it divides by what and what silence counts as."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from functools import partial
from typing import Any
from urllib.parse import urlencode

import msgspec

from schemas.city import City
from schemas.errors import BadInput
from schemas.forms import NO_ERRORS, form_errors
from schemas.http import Call, Page, Route
from schemas.ports import Unit
from schemas.words import Language, Role
from sla.core.calendar import Calendar
from sla.core.figure_kinds import CountKind, Rate, RateKind, Spread, TimeKind, figure_kinds
from sla.core.measures import Sums
from sla.core.readings import Grouping
from sla.core.tiers import TierStanding, standings, tier_rule
from sla.steps import watch
from sla.web.words import BANDS, name_of, words_in

_WATCHERS = frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR})
_DAY = timedelta(days=1)


class FigureQuery(msgspec.Struct, frozen=True, kw_only=True, rename={"first": "from", "last": "to"}):
    """Which days, both included, in the city's zone; the last thirty where none are named."""

    first: date | None = None
    last: date | None = None
    by: Grouping = "department"


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """The figures of one group."""

    key: str | None
    label: str
    received: int
    assigned: int
    closed: int
    ended_otherwise: int
    declined: int
    repeated: int
    withdrawn: int
    open: int
    overdue_open: int
    awaiting_review: int
    missed: int
    missed_by_centre: int
    missed_by_supporting: int
    replied: int
    later_by_rules: int
    later_by_calendar: int
    #: How many were due, how many of them answered on time, and the share; also in `rates`.
    due: int
    on_time: int
    on_time_rate: float | None
    median_reply_workdays: float | None
    rates: Mapping[str, Rate]
    times: Mapping[str, Spread]


class FigureKind(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a figure is, in the caller's language."""

    code: str
    label: str
    definition: str
    numerator: str | None = None
    denominator: str | None = None
    #: Who was asked, or which cases are looked at.
    of: str | None = None
    #: What counts where nobody said or did anything.
    silence: str | None = None


class ProtectedMonth(msgspec.Struct, frozen=True, kw_only=True):
    """Between how many and how many protected cases were received in a month."""

    #: Its first day.
    month: date
    least: int
    most: int


class Figures(msgspec.Struct, frozen=True, kw_only=True, rename={"first": "from", "last": "to"}):
    """Figures per group and in total, with what each of them counts."""

    first: date
    last: date
    by: Grouping
    items: Sequence[Figure]
    total: Figure
    #: Of departments, by rate: in bands (分档) with n and interval, instead of a ranking; empty by any other group.
    tiers: Mapping[str, Sequence[TierStanding]]
    definitions: Mapping[str, str]
    kinds: Sequence[FigureKind]
    #: What is told in confidence, reports, what accuses somebody: in no other number, by month that is over.
    protected: Sequence[ProtectedMonth]


async def show_figures(call: Call, *, city: City, calendar: Calendar) -> Figures:
    """The figures of a span of days, by group."""
    query: FigureQuery = call.query
    return await read_figures(call.unit, query, call.language, city=city, calendar=calendar)


async def read_figures(
    unit: Unit, query: FigureQuery, language: Language, *, city: City, calendar: Calendar
) -> Figures:
    """What was asked for, in this language.

    Raises:
        BadInput: a span that cannot be.
    """
    counted = await watch.count_cases(
        unit, by=query.by, first=query.first, last=query.last, calendar=calendar
    )
    kinds = kinds_in(language)
    total = _figure(counted.total, None, language.choose("合计", "total"))
    items = [_figure(sums, key, name_of(query.by, key, city, language)) for key, sums in counted.groups]
    return Figures(
        first=counted.first,
        last=counted.last,
        by=query.by,
        items=items,
        total=total,
        tiers=_tiers(items, total) if query.by == "department" else {},
        definitions={kind.code: kind.definition for kind in kinds},
        kinds=kinds,
        protected=[ProtectedMonth(month=month, **band._asdict()) for month, band in counted.private],
    )


def _figure(sums: Sums, key: str | None, label: str) -> Figure:
    kinds = figure_kinds()
    rates = {kind.code: kind.of_sums(sums) for kind in kinds.rate}
    times = {kind.code: kind.of_sums(sums) for kind in kinds.time}
    on_time = rates["on_time_rate"]
    return Figure(
        key=key,
        label=label,
        **{kind.code.value: sums.n(kind.code) for kind in kinds.count},
        due=on_time.n,
        on_time=on_time.numerator,
        on_time_rate=on_time.value,
        median_reply_workdays=times["reply_workdays"].median,
        rates=rates,
        times=times,
    )


def _tiers(items: Sequence[Figure], total: Figure) -> Mapping[str, Sequence[TierStanding]]:
    """Of those that are departments: what nobody leads stands in no band."""
    return standings([(each.key or "", each.rates) for each in items], total.rates)


def kinds_in(language: Language) -> Sequence[FigureKind]:
    """Every figure with its meaning, in this language, in the order in which they are shown."""
    kinds = figure_kinds()
    every: list[CountKind | RateKind | TimeKind] = [*kinds.count, *kinds.rate, *kinds.time]
    return [_kind(each, language) for each in every]


def _kind(kind: CountKind | RateKind | TimeKind, language: Language) -> FigureKind:
    more: dict[str, Any] = {}
    if not isinstance(kind, CountKind):
        more = {"of": kind.of.message(language), "silence": kind.silence.message(language)}
    if isinstance(kind, RateKind):
        at_least = f">={kind.least}" if kind.least is not None else ""
        more |= {"numerator": kind.numerator + at_least, "denominator": kind.denominator}
    if isinstance(kind, TimeKind):
        more |= {"denominator": kind.measure}
    return FigureKind(
        code=kind.code,
        label=kind.label.message(language),
        definition=kind.definition.message(language),
        **more,
    )


def quick_spans(today: date) -> Sequence[tuple[str, date, date]]:
    """What supervisors look at every day: its name in Chinese, the first day and the last."""
    month = today.replace(day=1)
    before = month - _DAY
    return (
        ("今天", today, today),
        ("本周", today - today.weekday() * _DAY, today),
        ("本月", month, today),
        ("上月", before.replace(day=1), before),
    )


async def figures_page(call: Call, *, city: City, calendar: Calendar) -> Page:
    """The same as a page; a span that cannot be is said to be one above the form."""
    query: FigureQuery = call.query
    shown: dict[str, Any] = {"first": query.first, "last": query.last, "by": query.by, "errors": NO_ERRORS}
    shown["spans"] = quick_spans(calendar.local_day(call.unit.now))
    try:
        found = await show_figures(call, city=city, calendar=calendar)
    except BadInput as refusal:
        shown["errors"] = form_errors(refusal, call.language)
        return Page(template="sla/figures.html", context=shown, status=refusal.status)
    shown |= {"first": found.first, "last": found.last, "figures": found, "kinds": figure_kinds()}
    shown |= {
        "bands": words_in(BANDS, call.language),
        "name_of": partial(name_of, "department", city=city, language=call.language),
        "least_n": tier_rule().least_n,
    }
    shown["asked"] = urlencode({"from": found.first, "to": found.last, "by": found.by})
    return Page(template="sla/figures.html", context=shown)


def api_routes(*, city: City, calendar: Calendar) -> tuple[Route, ...]:
    """The API's route for figures of all departments."""
    return (
        Route(
            method="GET",
            path="/api/v1/sla/figures",
            answer=partial(show_figures, city=city, calendar=calendar),
            who=_WATCHERS,
            summary="Figures: what was received, due, answered, returned, rated, and how long it took",
            query=FigureQuery,
            returns=Figures,
            takes_long=True,
        ),
    )


def page_routes(*, city: City, calendar: Calendar) -> tuple[Route, ...]:
    """The page of figures, as supervisors read it."""
    return (
        Route(
            method="GET",
            path="/watch/figures",
            answer=partial(figures_page, city=city, calendar=calendar),
            who=_WATCHERS,
            summary="Figures",
            query=FigureQuery,
            page=True,
            takes_long=True,
        ),
    )
