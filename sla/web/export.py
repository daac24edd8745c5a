"""Figures and cases as files: every number with its n and its meaning, and no case that the caller may not read."""

from collections.abc import Iterator, Mapping
from datetime import date
from functools import partial
from typing import Any, Literal

import msgspec

from schemas.city import City
from schemas.errors import BadInput, FieldError
from schemas.http import Call, Download, Route
from schemas.ports import CaseMatters
from schemas.tables import CONTENT_TYPES, TableFormat, table_file
from schemas.words import CaseField, Role
from sla.core.calendar import Calendar
from sla.core.readings import Grouping
from sla.steps.export import export_cases
from sla.web.case_table import cases_file
from sla.web.figure_cells import NOT_A_RATE, band_cells, rate_cells, standing_in
from sla.web.figures import Figure, FigureQuery, Figures, read_figures

_WATCHERS = frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR})
#: Project choice: a file of so many cases is made within seconds, and whole; the command has no such limit.
_MOST_CASES = 10_000
FIGURE_COLUMNS = (
    "from", "to", "by", "key", "group", "figure", "label", "value", "numerator", "n", "value_without", "numerator_without",
    "n_without", "band", "low", "high", "band_without", "p90", "definition", "of", "silence",
)  # fmt: skip


class ExportQuery(msgspec.Struct, frozen=True, kw_only=True, rename={"first": "from", "last": "to"}):
    """What, in which form, and of which days."""

    what: Literal["figures", "cases"] = "figures"
    format: TableFormat = "csv"
    first: date | None = None
    last: date | None = None
    by: Grouping = "department"


def figure_rows(figures: Figures) -> Iterator[Mapping[str, Any]]:
    """A row for each figure of each group, those of all together last."""
    for figure in (*figures.items, figures.total):
        for kind in figures.kinds:
            yield {
                "from": figures.first.isoformat(), "to": figures.last.isoformat(), "by": figures.by,
                "key": figure.key, "group": figure.label, "figure": kind.code, "label": kind.label,
                "definition": kind.definition, "of": kind.of, "silence": kind.silence, **_numbers(figure, kind.code),
                **band_cells(standing_in(figures.tiers, kind.code, figure.key)),
            }  # fmt: skip


def _numbers(figure: Figure, code: str) -> Mapping[str, Any]:
    if code in figure.rates:
        rate = figure.rates[code]
        return rate_cells(rate)
    if code in figure.times:
        time = figure.times[code]
        return {**NOT_A_RATE, "value": time.median, "numerator": None, "n": time.n, "p90": time.p90}
    return {**NOT_A_RATE, "value": getattr(figure, code), "numerator": None, "n": None, "p90": None}


async def export(call: Call, *, city: City, calendar: Calendar, matters: CaseMatters) -> Download:
    """The file that was asked for; who saw which case is written down."""
    query: ExportQuery = call.query
    if query.what == "figures":
        asked = FigureQuery(first=query.first, last=query.last, by=query.by)
        figures = await read_figures(call.unit, asked, call.language, city=city, calendar=calendar)
        body = table_file(FIGURE_COLUMNS, figure_rows(figures), query.format, calendar.zone)
    else:
        rows = await _cases(call, query, calendar, matters)
        body = cases_file(rows, query.format, calendar.zone, city, call.language)
    return Download(
        body=body, content_type=CONTENT_TYPES[query.format], filename=f"{query.what}.{query.format}"
    )


async def _cases(
    call: Call, query: ExportQuery, calendar: Calendar, matters: CaseMatters
) -> list[Mapping[str, Any]]:
    rows: list[Mapping[str, Any]] = []
    async for piece in export_cases(
        call.unit, first=query.first, last=query.last, department=None, calendar=calendar, matters=matters
    ):
        for case_id, row in piece:
            call.shows(case_id, CaseField.TITLE, CaseField.CLOCKS)
            rows.append(row)
        if len(rows) > _MOST_CASES:
            raise BadInput([_too_many()])
    return rows


def _too_many() -> FieldError:
    return FieldError(
        "from",
        f"超过 {_MOST_CASES} 件，请缩短起止日期，或用 huiyin export。",
        f"More than {_MOST_CASES:,} cases: choose fewer days, or use `huiyin export`.",
    )


def page_routes(*, city: City, calendar: Calendar, matters: CaseMatters) -> tuple[Route, ...]:
    """The route of the file that supervisors export."""
    return (
        Route(
            method="GET",
            path="/watch/export",
            answer=partial(export, city=city, calendar=calendar, matters=matters),
            who=_WATCHERS,
            summary="Figures or cases as csv, xlsx or jsonl",
            query=ExportQuery,
            page=True,
            takes_long=True,
        ),
    )
