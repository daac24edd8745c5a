"""`huiyin deadline`, `huiyin rules`: due times, rules files."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from deploy.commands.refusals import refuse
from deploy.database.pool import TRANSIENT, connect
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
)
from sla.core.calendars import Declared, city_calendar
from sla.core.deadline import Pause, explain
from sla.core.rules import DeadlineRules, load_rules
from sla.core.written import RulesRefused
from sla.store import declared_days

rules = typer.Typer(no_args_is_help=True, help="Deadline rules.")

Json = Annotated[bool, typer.Option("--json", help="Answer as JSON on stdout.")]
#: How long the database may take to say which days were imported.
_ASKED_SECONDS = 5


class DeadlineLine(msgspec.Struct, frozen=True, kw_only=True, rename={"since": "from"}):
    """One line of `--file`: when a clock starts, what it is allowed, and its pauses."""

    since: str
    allow: str | None = None
    rule: str | None = None
    pauses: tuple[tuple[str, str], ...] = ()
    calendar: str | None = None
    #: Whose hours count; instead of `calendar`.
    department: str | None = None


Department = Annotated[
    str | None, typer.Option("--department", help="The calendar that this department keeps.")
]


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
    department: Department = None,
    file: Annotated[Path | None, typer.Option(help="One question a line, as JSON; answers in order.")] = None,
    as_json: Json = False,
) -> None:
    """The due time, and how it was reached."""
    answers = Answers(settings_here())
    if file is not None:
        _answer_file(file, answers)
        return
    if since is None:
        refuse("give --from, or --file")
    pauses = tuple(_ends(text) for text in pause or ())
    question = DeadlineLine(
        since=since, allow=allow, rule=rule, pauses=pauses, calendar=calendar_name, department=department
    )
    try:
        answer = answers.to(question)
    except (ValueError, OverflowError, HuiyinError) as error:
        refuse(_said(error))
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
        refuse(f"{text!r} is no pause: write A..B")
    return begin, end


def _answer_file(file: Path, answers: "Answers") -> None:
    wrong = 0
    for number, line in enumerate(_text_of(file).splitlines(), start=1):
        if not line.strip():
            continue
        try:
            answer: Mapping[str, Any] = answers.to(msgspec.json.decode(line, type=DeadlineLine))
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


class Answers:
    """Answers questions with the city's rules, and with the calendar that was imported where one is."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._imported = cache(lambda: _imported_days(settings))
        self.calendar: Callable[[str], Calendar] = cache(self._build)
        self._rules: Callable[[], DeadlineRules] = cache(
            lambda: load_rules(settings.rules_file, load_city(settings.city_directory))
        )

    def to(self, question: DeadlineLine) -> Mapping[str, Any]:
        """The answer's fields.

        Raises:
            ValueError: something in it does not read.
            CalendarTooShort: it leads beyond the calendar.
        """
        if (question.allow is None) == (question.rule is None):
            raise ValueError("give either a rule or an allowance")
        calendar = self._asked(question)
        pauses = [Pause(_moment(a, calendar), _moment(b, calendar)) for a, b in question.pauses]
        due, steps = explain(
            _moment(question.since, calendar), self._allowance(question), calendar, pauses=pauses
        )
        return {
            "due_at": _local(due.at, calendar),
            "provisional": due.provisional,
            "steps": [{"at": _local(step.at, calendar), "what": step.what} for step in steps],
        }

    def _asked(self, question: DeadlineLine) -> Calendar:
        if question.department:
            if question.calendar:
                raise ValueError("give either a calendar or a department")
            return self.of_department(question.department)
        return self.calendar(question.calendar or (self._rules().calendar if question.rule else DEFAULT))

    def of_department(self, code: str) -> Calendar:
        """The calendar that it keeps: its own, or the city's.

        Raises:
            ValueError: the city has no such department.
        """
        known = load_city(self._settings.city_directory).department
        if code not in known:
            raise ValueError(f"no department {code!r}: {', '.join(known)}")
        rules = self._rules()
        return self.calendar(rules.calendars.calendar_of.get(code, rules.calendar))

    def _allowance(self, question: DeadlineLine) -> Allowance:
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
        rules = self._rules()
        if name not in rules.calendars.shapes:
            raise ValueError(f"no calendar {name!r}: {', '.join(rules.calendars.shapes)}")
        city = city_calendar(
            rules.calendar, rules.calendars, declared=self._imported(), zone=self._settings.time_zone
        )
        return city.known(rules.calendars.id_of(name)) or city


def _moment(text: str, calendar: Calendar) -> datetime:
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise ValueError(f"{text!r} is no time: ISO 8601, like 2026-11-22T16:45+08:00") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=calendar.zone)


def _local(moment: datetime, calendar: Calendar) -> str:
    return moment.astimezone(calendar.zone).isoformat()


def _imported_days(settings: Settings) -> Declared:
    """What was imported; nothing, said on stderr, where the database that is named does not answer."""
    if not settings.database_url:
        return {}

    async def ask() -> Declared:
        async with asyncio.timeout(_ASKED_SECONDS), connect(settings) as db:
            return await declared_days(db)

    try:
        return asyncio.run(ask())
    except TRANSIENT as error:
        typer.echo(f"imported calendars are left out, the database does not answer: {error!r}", err=True)
        return {}


@rules.command("check")
def check_rules(
    file: Annotated[Path, typer.Argument(help="A rules file (TOML).", exists=True, dir_okay=False)],
    as_json: Json = False,
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


def register(app: typer.Typer) -> None:
    """Add `deadline` and `rules` to the command line."""
    app.command("deadline")(deadline)
    app.add_typer(rules, name="rules")
