"""`huiyin deadline`, `huiyin calendar`, `huiyin rules`: due times, imported years, rules files."""

import asyncio
import csv
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Annotated, Any, NoReturn

import msgspec
import typer

from deploy.database.pool import TRANSIENT, connect, open_pool
from deploy.database.unit_of_work import unit_of_work
from deploy.local.running import settings_here
from deploy.settings import Settings
from schemas.city import load_city
from schemas.errors import HuiyinError
from schemas.words import Clock
from sla.core.allowance import Allowance, parse_allowance
from sla.core.calendar import (
    DEFAULT,
    FIRST_DAY,
    LAST_DAY,
    Calendar,
    DayOverride,
    calendar_names,
    missing_of,
    named_calendar,
)
from sla.core.deadline import Pause, explain
from sla.core.rules import DeadlineRules, load_rules
from sla.core.written import RulesRefused
from sla.steps import recompute_for_calendar
from sla.store import calendar_overrides, import_days, note_change

calendar = typer.Typer(no_args_is_help=True, help="Working calendars.")
rules = typer.Typer(no_args_is_help=True, help="Deadline rules.")

_Json = Annotated[bool, typer.Option("--json", help="Answer as JSON on stdout.")]
#: ISO's number.
_SATURDAY = 6
#: How long the database may take to say which days were imported.
_ASKED_SECONDS = 5


class Question(msgspec.Struct, frozen=True, kw_only=True, rename={"since": "from"}):
    """One line of `--file`: when a clock starts, what it is allowed, and its pauses."""

    since: str
    allow: str | None = None
    rule: str | None = None
    pauses: tuple[tuple[str, str], ...] = ()
    calendar: str | None = None


def deadline(
    since: Annotated[
        str | None, typer.Option("--from", help="ISO 8601; the city's time if no offset.")
    ] = None,
    rule: Annotated[str | None, typer.Option(help="A rule's name; its reply clock.")] = None,
    allow: Annotated[
        str | None, typer.Option(help="`10 working days`, `90 minutes`, `7 calendar days`, …")
    ] = None,
    pause: Annotated[list[str] | None, typer.Option(help="A..B; may be repeated.")] = None,
    calendar_name: Annotated[
        str | None, typer.Option("--calendar", help="One of the calendars' names.")
    ] = None,
    file: Annotated[Path | None, typer.Option(help="One question a line, as JSON; answers in order.")] = None,
    as_json: _Json = False,
) -> None:
    """The due time, and how it was reached."""
    answers = _Answers(settings_here())
    if file is not None:
        _answer_file(file, answers)
        return
    if since is None:
        _refuse("give --from, or --file")
    pauses = tuple(_ends(text) for text in pause or ())
    question = Question(since=since, allow=allow, rule=rule, pauses=pauses, calendar=calendar_name)
    try:
        answer = answers.to(question)
    except (ValueError, OverflowError, HuiyinError) as error:
        _refuse(_said(error))
    if as_json:
        typer.echo(msgspec.json.encode(answer))
        return
    for step in answer["steps"]:
        typer.echo(f"{step['at']}  {step['what']}")


def _said(error: Exception) -> str:
    """What is wrong; of a date that no calendar has, Python says nothing that anybody understands."""
    if isinstance(error, OverflowError):
        return f"a date beyond every calendar ({FIRST_DAY} to {LAST_DAY})"
    return str(error)


def _ends(text: str) -> tuple[str, str]:
    begin, dots, end = text.partition("..")
    if not dots:
        _refuse(f"{text!r} is no pause: write A..B")
    return begin, end


def _answer_file(file: Path, answers: "_Answers") -> None:
    wrong = 0
    for number, line in enumerate(_text_of(file).splitlines(), start=1):
        if not line.strip():
            continue
        try:
            answer: Mapping[str, Any] = answers.to(msgspec.json.decode(line, type=Question))
        except (ValueError, OverflowError, HuiyinError) as error:
            wrong += 1
            answer = {"error": _said(error)}
            typer.echo(f"{file}:{number}: {_said(error)}", err=True)
        typer.echo(msgspec.json.encode(answer))
    if wrong:
        raise typer.Exit(1)


def _text_of(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        typer.echo(
            f"无法读取文件 {file}，应为 UTF-8 文本，每行一个 JSON。/ Cannot read {file}: {why}.", err=True
        )
        raise typer.Exit(2) from error


class _Answers:
    """Answers questions with the city's rules, and with the calendar that was imported where one is."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._imported = cache(lambda name: _imported_days(settings, name))
        self.calendar: Callable[[str], Calendar] = cache(self._build)
        self._rules: Callable[[], DeadlineRules] = cache(lambda: load_rules(settings.rules_file))

    def to(self, question: Question) -> Mapping[str, Any]:
        """The answer's fields.

        Raises:
            ValueError: something in it does not read.
            CalendarTooShort: it leads beyond the calendar.
        """
        if (question.allow is None) == (question.rule is None):
            raise ValueError("give either a rule or an allowance")
        calendar = self.calendar(question.calendar or (self._rules().calendar if question.rule else DEFAULT))
        pauses = [Pause(_moment(a, calendar), _moment(b, calendar)) for a, b in question.pauses]
        due, steps = explain(
            _moment(question.since, calendar), self._allowance(question), calendar, pauses=pauses
        )
        return {
            "due_at": _local(due.at, calendar),
            "provisional": due.provisional,
            "steps": [{"at": _local(step.at, calendar), "what": step.what} for step in steps],
        }

    def _allowance(self, question: Question) -> Allowance:
        if question.allow is not None:
            return parse_allowance(question.allow)
        rules = self._rules()
        rule = rules.by_name.get(question.rule or "")
        if rule is None:
            raise ValueError(f"no rule {question.rule!r}: {', '.join(rules.by_name)}")
        reply = rule.terms.get(Clock.REPLY)
        if reply is None:
            raise ValueError(f"the rule {rule.name} states no reply")
        return parse_allowance(reply.term.allowed)

    def _build(self, name: str) -> Calendar:
        if name not in calendar_names():
            raise ValueError(f"no calendar {name!r}: {', '.join(calendar_names())}")
        return named_calendar(name, overrides=self._imported(name), zone=self._settings.time_zone)


def _moment(text: str, calendar: Calendar) -> datetime:
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise ValueError(f"{text!r} is no time: ISO 8601, like 2026-11-22T16:45+08:00") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=calendar.zone)


def _local(moment: datetime, calendar: Calendar) -> str:
    return moment.astimezone(calendar.zone).isoformat()


def _imported_days(settings: Settings, name: str) -> Sequence[DayOverride]:
    """What was imported; nothing, said on stderr, where the database that is named does not answer."""
    if not settings.database_url:
        return ()

    async def ask() -> Sequence[DayOverride]:
        async with asyncio.timeout(_ASKED_SECONDS), connect(settings) as db:
            return await calendar_overrides(db, name)

    try:
        return asyncio.run(ask())
    except TRANSIENT as error:
        typer.echo(f"imported calendars are left out, the database does not answer: {error!r}", err=True)
        return ()


@calendar.command("import")
def import_calendar(
    file: Annotated[
        Path, typer.Argument(help="csv or json: date, is_workday, name.", exists=True, dir_okay=False)
    ],
    name: Annotated[str, typer.Option("--calendar", help="Which calendar.")] = DEFAULT,
    local: Annotated[
        bool, typer.Option("--local", help="Single days of this city, not a year's notice.")
    ] = False,
    as_json: _Json = False,
) -> None:
    """Import a year's notice, whole, or single local days; every deadline that crosses them is computed anew."""
    if name not in calendar_names():
        _refuse(f"no calendar {name!r}: {', '.join(calendar_names())}")
    try:
        days = list(read_days(file, announces_year=not local))
    except ValueError as error:
        _refuse(f"{file}: {error}")
    if problems := _partial_years(days, name):
        for problem in problems:
            typer.echo(f"{file}: {problem}", err=True)
        _refuse("nothing was imported: a notice is imported whole, single days of this city with --local")

    recomputed = asyncio.run(
        _import(days, name, reason=f"{'local days' if local else 'notice'}: {file.name}")
    )
    years = sorted({day.day.year for day in days})
    if as_json:
        facts = {"days": len(days), "years": years, "calendar": name, "recomputed": recomputed}
        typer.echo(msgspec.json.encode(facts))
    else:
        said = f"{len(days)} days of {', '.join(map(str, years))} imported"
        typer.echo(f"{said}; {recomputed} deadlines told anew.")


def _partial_years(days: Sequence[DayOverride], name: str) -> Sequence[str]:
    """What a notice lacks to be whole. One that amends a year that is announced already may be a few days."""
    known = named_calendar(name).announced_years
    if known is None:
        return ()
    told: dict[int, dict[date, bool]] = {}
    for day in days:
        if day.announces_year and day.day.year not in known:
            told.setdefault(day.day.year, {})[day.day] = day.is_workday
    return [
        f"the notice of {year} is not whole, it lacks {', '.join(lacking)}"
        for year, of_year in sorted(told.items())
        if (lacking := missing_of(year, of_year))
    ]


async def _import(days: Sequence[DayOverride], name: str, *, reason: str) -> int:
    """Keep the days, then recompute what crosses them, a bounded piece at a time; returns how many moved."""
    settings = settings_here()
    async with connect(settings) as db, db.transaction():
        await import_days(db, days, name)
        await note_change(db, days, reason, name)
        overrides = await calendar_overrides(db, name)
    if name != DEFAULT:
        return 0
    rebuilt = named_calendar(name, overrides=overrides, zone=settings.time_zone)
    told, after = 0, None
    first, last = min(day.day for day in days), max(day.day for day in days)
    if any(day.announces_year for day in days):
        first, last = first.replace(month=1, day=1), last.replace(month=12, day=31)
    async with open_pool(settings, size=1) as pool:
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
    as_json: _Json = False,
) -> None:
    """The days of a year that are not as their weekday says, the hours, and whether the year is announced."""
    calendar_ = _Answers(settings_here()).calendar(name)
    usual = {day for day in map(date.fromordinal, _days_of(year)) if day.isoweekday() < _SATURDAY}
    worked = {day for day in calendar_.workdays if day.year == year}
    announced = calendar_.announced_years is None or year in calendar_.announced_years
    odd = [{"date": str(day), "is_workday": day in worked} for day in sorted(usual ^ worked)]
    if as_json:
        facts = {"calendar": name, "year": year, "announced": announced, "workdays": len(worked), "days": odd}
        typer.echo(msgspec.json.encode(facts))
        return
    typer.echo(f"{name} {year}: {len(worked)} working days, {'announced' if announced else 'provisional'}")
    for day in odd:
        typer.echo(f"{day['date']}  {'worked' if day['is_workday'] else 'off'}")


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
    try:
        problems = _partial_years(list(read_days(file, announces_year=True)), name)
    except ValueError as error:
        problems = [str(error)]
    for problem in problems:
        typer.echo(f"{file}: {problem}", err=True)
    if problems:
        raise typer.Exit(1)
    typer.echo(f"{file}: whole.")


class _WrittenDay(msgspec.Struct, frozen=True, kw_only=True):
    date: date
    is_workday: bool
    name: str = ""


def read_days(file: Path, *, announces_year: bool) -> Iterator[DayOverride]:
    """The days in a csv or json file.

    Raises:
        ValueError: names the row that does not read.
    """
    text = file.read_text(encoding="utf-8-sig")
    rows: Iterable[Any] = (
        msgspec.json.decode(text) if file.suffix == ".json" else csv.DictReader(text.splitlines())
    )
    empty = True
    for number, row in enumerate(rows, start=1):
        try:
            day = msgspec.convert(row, _WrittenDay, strict=False)
        except msgspec.ValidationError as error:
            raise ValueError(f"day {number}: {error}") from error
        empty = False
        yield DayOverride(
            day=day.date, is_workday=day.is_workday, name=day.name, announces_year=announces_year
        )
    if empty:
        raise ValueError("no days in it")


@rules.command("check")
def check_rules(
    file: Annotated[Path, typer.Argument(help="A rules file (TOML).", exists=True, dir_okay=False)],
    as_json: _Json = False,
) -> None:
    """Validate a city's rules; every problem is named, and the exit status is 1 if there is any."""
    problems: tuple[str, ...] = ()
    found = None
    try:
        found = load_rules(file, load_city(settings_here().city_directory))
    except RulesRefused as refused:
        problems = refused.problems
    if as_json:
        names = list(found.by_name) if found else []
        typer.echo(msgspec.json.encode({"valid": not problems, "problems": problems, "rules": names}))
    elif found:
        typer.echo(f"{file}: {len(found.by_name)} rules, version {found.version}.")
    for problem in problems:
        typer.echo(f"{file}: {problem}", err=True)
    if problems:
        raise typer.Exit(1)


def _refuse(why: str) -> NoReturn:
    typer.echo(why, err=True)
    raise typer.Exit(1)


def register(app: typer.Typer) -> None:
    """Add `deadline`, `calendar` and `rules` to the command line."""
    app.command("deadline")(deadline)
    app.add_typer(calendar, name="calendar")
    app.add_typer(rules, name="rules")
