"""`huiyin calendar`: which days are worked, imported years, and the hours that departments keep."""

import asyncio
import csv
import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from deploy.commands.deadline import Answers, Department, Json, no_calendar
from deploy.commands.refusals import refuse, refuse_as_asked
from deploy.commands.speech import say, tell
from deploy.composition import rules_and_calendar
from deploy.database.pool import connect, open_pool
from deploy.database.unit_of_work import unit_of_work
from deploy.local.running import settings_here
from intake.imports.encodings import encoding_of
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
        Path, typer.Argument(help="csv or json: date, is_workday, name.", exists=True, dir_okay=False)
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
    async with connect(settings) as db, db.transaction():
        await import_days(db, days, name)
        await note_change(db, days, reason, name)
    told, after = 0, None
    first, last = min(day.day for day in days), max(day.day for day in days)
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
        Path, typer.Argument(help="csv or json: date, is_workday, name.", exists=True, dir_okay=False)
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


class _WrittenDay(msgspec.Struct, frozen=True, kw_only=True):
    date: date
    is_workday: bool
    name: str = ""


#: As spreadsheet programs and people write a date.
_DATE = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")
_WORDS = {"是": "true", "否": "false", "yes": "true", "no": "false"}


def read_days(file: Path, *, announces_year: bool) -> Sequence[DayOverride]:
    """The days in a csv or json file.

    Raises:
        Unusable: names the row that does not read.
    """
    days: dict[date, DayOverride] = {}
    for number, row in enumerate(_rows_of(file), start=1):
        day = _day(row, number)
        if day.date in days:
            raise Unusable(
                zh=f"第 {number} 天：{day.date} 出现两次", en=f"day {number}: {day.date} stands twice"
            )
        days[day.date] = DayOverride(
            day=day.date, is_workday=day.is_workday, name=day.name, announces_year=announces_year
        )
    if not days:
        raise Unusable(zh="其中没有日期", en="no days in it")
    return list(days.values())


def _rows_of(file: Path) -> Sequence[Any]:
    encoding = encoding_of(file)
    if encoding is None:
        raise Unusable(zh="编码无法识别，请另存为 UTF-8", en="its encoding cannot be told; save it as UTF-8")
    text = file.read_text(encoding=encoding)
    try:
        rows = msgspec.json.decode(text) if file.suffix == ".json" else [*csv.DictReader(text.splitlines())]
    except (RecursionError, csv.Error, msgspec.DecodeError) as error:
        raise Unusable(zh=f"无法读取：{error}", en=str(error)) from error
    if not isinstance(rows, list):
        raise Unusable(
            zh="应为日期的列表，每项有 date、is_workday 和 name",
            en="a list of days is needed, each with date, is_workday and name",
        )
    return rows


def _day(row: Any, number: int) -> _WrittenDay:
    try:
        day = msgspec.convert(_plain(row), _WrittenDay, strict=False)
    except msgspec.ValidationError as error:
        raise Unusable(
            zh=f"第 {number} 天：{error}；需要 date（2027-01-01）和 is_workday（true、false）",
            en=f"day {number}: {error}; needed are date (2027-01-01) and is_workday (true, false)",
        ) from error
    if not FIRST_DAY <= day.date <= LAST_DAY:
        raise Unusable(
            zh=f"第 {number} 天：{day.date} 超出日历范围（{FIRST_DAY} 至 {LAST_DAY}）",
            en=f"day {number}: {day.date} lies outside the calendar ({FIRST_DAY} to {LAST_DAY})",
        )
    return day


def _plain(row: Any) -> Any:
    """The row as ISO 8601 and programs write it; without cells too many or too few."""
    if not isinstance(row, dict):
        return row
    cells = {str(name): value for name, value in row.items() if isinstance(value, str | int)}
    return cells | {name: _said(cells[name]) for name in ("date", "is_workday") if name in cells}


def _said(value: str | int) -> str | int:
    """A date with hyphens, and 是 and 否 as programs say them."""
    if isinstance(value, int):
        return value
    said = value.strip()
    if found := _DATE.fullmatch(said):
        return f"{found[1]}-{found[2]:0>2}-{found[3]:0>2}"
    return _WORDS.get(said.lower(), said)


def register(app: typer.Typer) -> None:
    """Add `calendar` to the command line."""
    app.add_typer(calendar, name="calendar")
