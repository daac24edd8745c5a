"""`huiyin export`: cases or figures of a span of days as a file, for whoever runs the city's machines."""

import asyncio
import socket
import sys
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, cast

import typer

from deploy import clock, composition
from deploy.accounts.who_runs import who_runs
from deploy.commands.refusals import wrong_option
from deploy.commands.speech import say
from deploy.commands.whole_files import write_whole
from deploy.database.case_views import StaffView, store_views
from deploy.database.pool import open_pool
from deploy.database.unit_of_work import unit_of_work
from deploy.local.running import settings_here
from deploy.settings import callers_language
from routing.steps.read_matters import KeptMatters
from schemas.city import City
from schemas.tables import TableFormat, table_file
from schemas.words import CaseField, Language
from sla.core.readings import Grouping
from sla.steps.export import export_cases
from sla.web.case_table import cases_file
from sla.web.export import FIGURE_COLUMNS, figure_rows
from sla.web.figures import FigureQuery, read_figures

_What = Annotated[str, typer.Argument(metavar="cases|figures")]
_Format = Annotated[str, typer.Option("--format", help="csv, xlsx or jsonl.")]
_From = Annotated[datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="The first day.")]
_To = Annotated[datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="The last day, included.")]
_By = Annotated[str, typer.Option(help="Figures by department, category, region or channel.")]
_Department = Annotated[str | None, typer.Option(metavar="CODE", help="Only what this department has.")]
_Out = Annotated[Path | None, typer.Option("--out", help="The file to write; else standard output.")]


def register(app: typer.Typer) -> None:
    """Add `huiyin export` to the command line."""
    app.command()(export)


def export(
    what: _What,
    form: _Format = "csv",
    first: _From = None,
    last: _To = None,
    by: _By = "department",
    department: _Department = None,
    out: _Out = None,
) -> None:
    """Write cases or figures as a table: of the last thirty days where none are named.

    Confidential cases, reports, what accuses somebody and merged cases are left out; how many are in it is said on stderr.
    Every case that is exported has a row that says who did.
    """
    _ensure("what", what, ("cases", "figures"))
    _ensure("--format", form, ("csv", "xlsx", "jsonl"))
    _ensure("--by", by, ("department", "category", "region", "channel"))
    days = tuple(each.date() if each else None for each in (first, last))
    if department is not None:
        _note_unknown(department, composition.city_of(settings_here()))
    table = cast("TableFormat", form)
    body = asyncio.run(
        _cases(days, department, table) if what == "cases" else _figures(days, by, department, table)
    )
    if out is None:
        sys.stdout.buffer.write(body)
    else:
        write_whole(out, body)


def _ensure(name: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        every = ", ".join(known)
        raise wrong_option(f"{value!r} 应为以下之一：{every}", f"{value!r} is none of {every}", option=name)


def _note_unknown(department: str, city: City) -> None:
    """An empty table would say that it has nothing. Of one that left the city there is all that it ever had."""
    if department not in city.department:
        say(
            f"本市没有单位 {department}：只有以前用过此代码的单位的件",
            f"the city has no department {department}: there is only what one of this code had before",
        )


_Days = tuple[date | None, ...]


async def _cases(days: _Days, department: str | None, form: TableFormat) -> bytes:
    rows: list[Mapping[str, Any]] = []
    settings = settings_here()
    async with open_pool(settings) as pool:
        _, calendar = await composition.rules_and_calendar(settings, pool)
        async with unit_of_work(pool, prefix=settings.topic_prefix) as unit:
            async for piece in export_cases(
                unit,
                first=days[0],
                last=days[1],
                department=department,
                calendar=calendar,
                matters=KeptMatters(),
            ):
                await store_views(unit.db, [_view(case_id) for case_id, _ in piece])
                rows += [row for _, row in piece]
    # How many those are would tell of one, of a department and a day.
    say(
        f"{len(rows)} 件；只有承办人员可看的不在其中",
        f"{len(rows)} cases; what is kept to those who handle it is left out",
    )
    return cases_file(rows, form, calendar.zone, composition.city_of(settings), callers_language())


def _view(case_id: Any) -> StaffView:
    return StaffView(
        at=clock.now(),
        case_id=case_id,
        who=who_runs(),
        role="operator",
        unit=None,
        address=socket.gethostname(),
        route="huiyin export",
        fields=[CaseField.TITLE, CaseField.CLOCKS],
    )


async def _figures(days: _Days, by: str, department: str | None, form: TableFormat) -> bytes:
    settings = settings_here()
    async with open_pool(settings) as pool:
        _, calendar = await composition.rules_and_calendar(settings, pool)
        async with unit_of_work(pool, prefix=settings.topic_prefix) as unit:
            asked = FigureQuery(first=days[0], last=days[1], by=cast("Grouping", by))
            figures = await read_figures(
                unit, asked, Language.ZH, city=composition.city_of(settings), calendar=calendar
            )
    rows = figure_rows(figures)
    if department is not None:
        rows = (row for row in rows if row["key"] == department)
    return table_file(FIGURE_COLUMNS, rows, form, calendar.zone)
