"""`huiyin deadline`, `huiyin rules`: due times, rules files."""

import asyncio
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import msgspec
import typer

from deploy.commands.json_line import read_line
from deploy.commands.refusals import refuse, refuse_as_asked, unreadable
from deploy.commands.speech import say, tell
from deploy.database.pool import TRANSIENT, connect
from deploy.local.running import settings_here
from deploy.settings import Settings
from schemas.bilingual import Bilingual
from schemas.city import load_city
from schemas.errors import HuiyinError, Unusable
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
from sla.store.calendar_days import declared_days

rules = typer.Typer(no_args_is_help=True, help="Deadline rules.")

Json = Annotated[bool, typer.Option("--json", help="Answer as JSON on stdout.")]
#: How long the database may take to say which days were imported (project choice: somebody waits at a
#: terminal, and is told that none of them was counted).
_ASKED_SECONDS = 5
#: The end of a day (ISO 8601-1 §4.3.8): the hour 24, with nothing behind it but a zone.
_MIDNIGHT = re.compile(r"^(\d{4}-?\d{2}-?\d{2}[T ])24(?=(?::?00){1,2}(?:[Z+-].*)?$)")


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
        refuse_as_asked("请给出 --from 或 --file", "give --from, or --file")
    pauses = tuple(_ends(text) for text in pause or ())
    question = DeadlineLine(
        since=since, allow=allow, rule=rule, pauses=pauses, calendar=calendar_name, department=department
    )
    try:
        answer = answers.to(question)
    except (ValueError, OverflowError, HuiyinError) as error:
        refuse(_said(error))
    if as_json:
        typer.echo(msgspec.json.encode(answer.in_english()))
        return
    for at, what in answer.steps:
        tell(f"{at}  {what.zh}", f"{at}  {what.en}")


def _said(error: Exception) -> HuiyinError:
    """What is wrong; of a date that no calendar has, Python says nothing that anybody understands."""
    if isinstance(error, HuiyinError):
        return error
    if isinstance(error, OverflowError):
        return Unusable(
            zh=f"日期超出所有日历（{FIRST_DAY} 至 {LAST_DAY}）",
            en=f"a date beyond every calendar ({FIRST_DAY} to {LAST_DAY})",
        )
    return Unusable(zh=f"无法读取：{error}", en=str(error))


def _ends(text: str) -> tuple[str, str]:
    begin, dots, end = text.partition("..")
    if not dots:
        refuse_as_asked(f"{text!r} 不是暂停时段：应写成 A..B", f"{text!r} is no pause: write A..B")
    return begin, end


def _answer_file(file: Path, answers: "Answers") -> None:
    wrong = 0
    for number, line in enumerate(_text_of(file).splitlines(), start=1):
        if not line.strip():
            continue
        try:
            answer: Mapping[str, Any] = answers.to(read_line(line, DeadlineLine)).in_english()
        except (ValueError, OverflowError, HuiyinError) as error:
            wrong += 1
            why = _said(error).in_both()
            answer = {"error": why.en}
            say(f"{file}:{number}：{why.zh}", f"{file}:{number}: {why.en}")
        typer.echo(msgspec.json.encode(answer))
    if wrong:
        raise typer.Exit(1)


def _text_of(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        refuse(unreadable(file, error), status=2)


class ReckonedDeadline(NamedTuple):
    """When it is due, and how that was reached, by the city's clock."""

    due_at: str
    provisional: bool
    steps: Sequence[tuple[str, Bilingual]]

    def in_english(self) -> Mapping[str, Any]:
        """As scripts read it, whatever the terminal speaks."""
        return self._asdict() | {"steps": [{"at": at, "what": what.en} for at, what in self.steps]}


class Answers:
    """Answers questions with the city's rules, and with the calendar that was imported where one is."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._imported = cache(lambda: _imported_days(settings))
        self.calendar: Callable[[str], Calendar] = cache(self._build)
        self._rules: Callable[[], DeadlineRules] = cache(
            lambda: load_rules(settings.rules_file, load_city(settings.city_directory))
        )

    def to(self, question: DeadlineLine) -> ReckonedDeadline:
        """The answer.

        Raises:
            Unusable: something in it does not read.
            CalendarTooShort: it leads beyond the calendar.
        """
        if (question.allow is None) == (question.rule is None):
            raise Unusable(zh="请给出规则或时限之一", en="give either a rule or an allowance")
        calendar = self._asked(question)
        pauses = [
            Pause(_moment(begun, calendar), _moment(ended, calendar)) for begun, ended in question.pauses
        ]
        due, steps = explain(
            _moment(question.since, calendar), self._allowance(question), calendar, pauses=pauses
        )
        return ReckonedDeadline(
            due_at=_local(due.at, calendar),
            provisional=due.provisional,
            steps=[(_local(step.at, calendar), step.what) for step in steps],
        )

    def _asked(self, question: DeadlineLine) -> Calendar:
        if question.department:
            if question.calendar:
                raise Unusable(zh="请给出日历或单位之一", en="give either a calendar or a department")
            return self.of_department(question.department)
        return self.calendar(question.calendar or (self._rules().calendar if question.rule else DEFAULT))

    def of_department(self, code: str) -> Calendar:
        """The calendar that it keeps: its own, or the city's.

        Raises:
            Unusable: the city has no such department.
        """
        known = load_city(self._settings.city_directory).department
        if code not in known:
            every = ", ".join(known)
            raise Unusable(zh=f"没有单位 {code!r}：{every}", en=f"no department {code!r}: {every}")
        rules = self._rules()
        return self.calendar(rules.calendars.calendar_of.get(code, rules.calendar))

    def _allowance(self, question: DeadlineLine) -> Allowance:
        if question.allow is not None:
            return parse_allowance(question.allow)
        rules = self._rules()
        rule = rules.by_name.get(question.rule or "")
        if rule is None:
            named, every = repr(question.rule), ", ".join(rules.by_name)
            raise Unusable(zh=f"没有规则 {named}：{every}", en=f"no rule {named}: {every}")
        reply = rule.terms.get(Clock.REPLY)
        if reply is None:
            raise Unusable(zh=f"规则 {rule.name} 没有答复时限", en=f"the rule {rule.name} states no reply")
        return parse_allowance(reply.term.allowed)

    def _build(self, name: str) -> Calendar:
        rules = self._rules()
        if name not in rules.calendars.shapes:
            raise no_calendar(name, rules.calendars.shapes)
        city = city_calendar(
            rules.calendar, rules.calendars, declared=self._imported(), zone=self._settings.time_zone
        )
        return city.known(rules.calendars.id_of(name)) or city


def no_calendar(name: str, known: Collection[str]) -> Unusable:
    """There is none of that name."""
    every = ", ".join(known)
    return Unusable(zh=f"没有日历 {name!r}：{every}", en=f"no calendar {name!r}: {every}")


def _moment(text: str, calendar: Calendar) -> datetime:
    plain, days = _MIDNIGHT.subn(r"\g<1>00", text.strip())
    try:
        moment = datetime.fromisoformat(plain) + timedelta(days=days)
    except ValueError as error:
        raise Unusable(
            zh=f"{text!r} 不是时间：按 ISO 8601 书写，如 2026-11-22T16:45+08:00",
            en=f"{text!r} is no time: ISO 8601, like 2026-11-22T16:45+08:00",
        ) from error
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
        say(
            f"未计入已导入的日历，数据库没有响应：{error!r}",
            f"imported calendars are left out, the database does not answer: {error!r}",
        )
        return {}


@rules.command("check")
def check_rules(
    file: Annotated[Path, typer.Argument(help="A rules file (TOML).", exists=True, dir_okay=False)],
    as_json: Json = False,
) -> None:
    """Validate a city's rules; every problem is named, and the exit status is 1 if there is any."""
    problems: Sequence[HuiyinError] = ()
    found = None
    try:
        found = load_rules(file, load_city(settings_here().city_directory))
    except RulesRefused as refused:
        problems = refused.problems
    if as_json:
        names = list(found.by_name) if found else []
        in_english = [str(problem) for problem in problems]
        typer.echo(msgspec.json.encode({"valid": not problems, "problems": in_english, "rules": names}))
    elif found:
        count, version = len(found.by_name), found.version
        tell(f"{file}：{count} 条规则，版本 {version}。", f"{file}: {count} rules, version {version}.")
    for problem in problems:
        said = problem.in_both()
        say(f"{file}：{said.zh}", f"{file}: {said.en}")
    if problems:
        raise typer.Exit(1)


def register(app: typer.Typer) -> None:
    """Add `deadline` and `rules` to the command line."""
    app.command("deadline")(deadline)
    app.add_typer(rules, name="rules")
