"""`huiyin calendar`: which days are worked, imported years, and the hours that departments keep."""

import asyncio
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from deploy.commands.days_file import read_days
from deploy.commands.deadline import Answers, Department, Json, no_calendar
from deploy.commands.refusals import refuse, refuse_as_asked
from deploy.commands.speech import say, tell
from deploy.composition import changing_by_command, rules_and_calendar
from deploy.database.operator_deeds import Operated, note_deed
from deploy.database.pool import connect, open_pool
from deploy.database.unit_of_work import unit_of_work
from deploy.local.running import settings_here
from schemas.errors import Unusable
from schemas.words import Language
from sla.core.calendar import DEFAULT, FIRST_DAY, LAST_DAY, DayOverride, missing_of
from sla.core.rules import load_rules
from sla.steps.move import recompute_for_calendar
from sla.store.calendar_days import import_days, note_change

calendar = typer.Typer(no_args_is_help=True, help="Working calendars.")

#: ISO's number.
_SATURDAY = 6


@calendar.command("import")
def import_calendar(
    file: Annotated[
        Path,
        typer.Argument(help="csv, xlsx, json or jsonl: date, is_workday, name.", exists=True, dir_okay=False),
    ],
    name: Annotated[str, typer.Option("--calendar", help="Which calendar.")] = DEFAULT,
    local: Annotated[
        bool, typer.Option("--local", help="Single days of this city, not a year's notice.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Import a year's notice, whole, or single local days; every deadline that crosses them is computed anew."""
    _check_name(name)
    try:
        days = read_days(file, announces_year=not local)
    except Unusable as error:
        refuse(error.within(str(file)))
    if problems := _partial_years(days, name):
        for problem in problems:
            _say_of(file, problem)
        refuse_as_asked(
            "未导入任何内容：通知须整份导入，本市个别日期用 --local",
            "nothing was imported: a notice is imported whole, single days of this city with --local",
        )

    recomputed = asyncio.run(
        _import(days, name, reason=f"{'local days' if local else 'notice'}: {file.name}")
    )
    years = sorted({day.day.year for day in days})
    if as_json:
        facts = {"days": len(days), "years": years, "calendar": name, "recomputed": recomputed}
        typer.echo(msgspec.json.encode(facts))
    else:
        named, count = ", ".join(map(str, years)), len(days)
        tell(
            f"已导入 {named} 年的 {count} 天；重新计算了 {recomputed} 个期限。",
            f"{count} days of {named} imported; {recomputed} deadlines told anew.",
        )


def _partial_years(days: Sequence[DayOverride], name: str) -> Sequence[Unusable]:
    """What a notice lacks to be whole. One that amends a year that is announced already may be a few days."""
    known = Answers(settings_here()).calendar(name).announced_years
    if known is None:
        return ()
    told: dict[int, dict[date, bool]] = {}
    for day in days:
        if day.announces_year and day.day.year not in known:
            told.setdefault(day.day.year, {})[day.day] = day.is_workday
    return [
        Unusable(
            zh=f"{year} 年的通知不完整，缺少：{'、'.join(each.message(Language.ZH) for each in lacking)}",
            en=f"the notice of {year} is not whole, it lacks {', '.join(map(str, lacking))}",
        )
        for year, of_year in sorted(told.items())
        if (lacking := missing_of(year, of_year))
    ]


async def _import(days: Sequence[DayOverride], name: str, *, reason: str) -> int:
    """Keep the days, then recompute what crosses them, a bounded piece at a time; returns how many moved."""
    settings = settings_here()
    first, last = min(day.day for day in days), max(day.day for day in days)
    async with connect(settings) as db, db.transaction():
        await import_days(db, days, name)
        await note_change(db, days, reason, name)
        await note_deed(
            db, changing_by_command(settings), Operated.CALENDAR, f"{name} {first}..{last}: {reason}"
        )
    told, after = 0, None
    if any(day.announces_year for day in days):
        first, last = first.replace(month=1, day=1), last.replace(month=12, day=31)
    async with open_pool(settings, size=1) as pool:
        _, rebuilt = await rules_and_calendar(settings, pool)
        while True:
            async with unit_of_work(pool, prefix=settings.topic_prefix) as unit:
                after = await recompute_for_calendar(
                    unit, calendar=rebuilt, days=(first, last), reason=reason, after=after
                )
                told += await unit.flush()
            if after is None:
                return told


@calendar.command("show")
def show_calendar(
    year: Annotated[int, typer.Argument(help="Which year.", min=FIRST_DAY.year, max=LAST_DAY.year)],
    name: Annotated[str, typer.Option("--calendar", help="Which calendar.")] = DEFAULT,
    department: Department = None,
    as_json: Json = False,
) -> None:
    """The days of a year that are not as their weekday says, the hours, and whether the year is announced."""
    answers = Answers(settings_here())
    try:
        calendar_ = answers.of_department(department) if department else answers.calendar(name)
    except Unusable as error:
        refuse(error)
    name = calendar_.name.partition("@")[0]
    usual = {day for day in map(date.fromordinal, _days_of(year)) if day.isoweekday() < _SATURDAY}
    worked = {day for day in calendar_.workdays if day.year == year}
    announced = calendar_.announced_years is None or year in calendar_.announced_years
    odd = [{"date": str(day), "is_workday": day in worked} for day in sorted(usual ^ worked)]
    if as_json:
        facts = {
            "calendar": name,
            "hours": calendar_.label,
            "year": year,
            "announced": announced,
            "workdays": len(worked),
            "days": odd,
        }
        typer.echo(msgspec.json.encode(facts))
        return
    label = calendar_.label
    hours = f" ({label.zh} / {label.en})" if label else ""
    tell(
        f"{name}{f'（{label.zh}）' if label else ' '}{year} 年：{len(worked)} 个工作日，{'已公布' if announced else '暂定'}",
        f"{name}{hours} {year}: {len(worked)} working days, {'announced' if announced else 'provisional'}",
    )
    for day in odd:
        is_worked = day["is_workday"]
        tell(
            f"{day['date']}  {'上班' if is_worked else '休息'}",
            f"{day['date']}  {'worked' if is_worked else 'off'}",
        )


def _days_of(year: int) -> range:
    return range(date(year, 1, 1).toordinal(), date(year + 1, 1, 1).toordinal())


@calendar.command("check")
def check_calendar(
    file: Annotated[
        Path,
        typer.Argument(help="csv, xlsx, json or jsonl: date, is_workday, name.", exists=True, dir_okay=False),
    ],
    name: Annotated[str, typer.Option("--calendar", help="Which calendar.")] = DEFAULT,
) -> None:
    """Whether a year's notice is whole and reads, before it is imported; exit status 1 if not."""
    _check_name(name)
    try:
        problems = _partial_years(read_days(file, announces_year=True), name)
    except Unusable as error:
        problems = [error]
    for problem in problems:
        _say_of(file, problem)
    if problems:
        raise typer.Exit(1)
    tell(f"{file}：完整。", f"{file}: whole.")


def _check_name(name: str) -> None:
    known = load_rules(settings_here().rules_file).calendars.shapes
    if name not in known:
        refuse(no_calendar(name, known))


def _say_of(file: Path, problem: Unusable) -> None:
    said = problem.within(str(file))
    say(said.message(Language.ZH), said.message(Language.EN))


def register(app: typer.Typer) -> None:
    """Add `calendar` to the command line."""
    app.add_typer(calendar, name="calendar")
