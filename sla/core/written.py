"""Parses a rules file, and reports everything that can be wrong with it."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from schemas.city import City
from schemas.errors import Misconfigured, Unusable
from schemas.http import in_chinese
from schemas.words import Channel, Clock, Kind, Language, Urgency
from sla.core.after_breach import NO_BASIS, AfterBreach, AlertedPeople, AlertRules, no_department
from sla.core.allowance import LONGEST_DAYS, Allowance, TimeUnit, parse_allowance
from sla.core.calendar import DEFAULT, shipped_shapes
from sla.core.calendars import OwnCalendars
from sla.core.clocks import Term, term_of
from sla.core.hours import Shape
from sla.core.kinds import AT_THE_CENTRE, ClockKind, Clocks, shipped_kinds

_NAME = re.compile(r"[a-z][a-z0-9-]*")


class RulesRefused(Misconfigured):
    """A rules file that cannot be used; `problems` says everything that is wrong with it."""

    zh = en = "{said}"

    def __init__(self, problems: Iterable[Unusable]) -> None:
        self.problems = tuple(problems)
        super().__init__(
            said=Unusable(
                zh="；".join(each.message(Language.ZH) for each in self.problems),
                en="; ".join(map(str, self.problems)),
            )
        )


class WrittenTerm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One term of a rule. `basis`: the regulation it comes from, or "project choice" and why."""

    allow: str
    near: str | None = None
    escalate_after: str | None = None
    basis: str

    def term(self) -> Term:
        """As a value.

        Raises:
            ValueError: an allowance that is none.
        """
        parse_allowance(self.allow)  # a moment is none here
        return term_of(self.allow, self.near, self.escalate_after)


class Selection(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A rule's name, and what it is for; what it leaves out may be anything. The most telling field first."""

    name: str
    urgency: Urgency | None = None
    department: str | None = None
    category: str | None = None
    kind: Kind | None = None
    channel: Channel | None = None

    @property
    def selects(self) -> tuple[str | None, ...]:
        """What the rule is for: urgency, department, category and kind, None where any will do."""
        return (self.urgency, self.department, self.category, self.kind, self.channel)

    @property
    def is_default(self) -> bool:
        """Whether it is for every case that no other rule is for."""
        return not any(self.selects)


class WrittenRule(msgspec.Struct, frozen=True, kw_only=True):
    """One rule: any number of terms, each by its name."""

    selection: Selection
    terms: Mapping[str, WrittenTerm]

    @property
    def name(self) -> str:
        """The rule's name, as deadlines and histories quote it."""
        return self.selection.name


class WrittenDispatch(WrittenTerm, frozen=True, kw_only=True):
    """The short form of a rule that states how long dispatching may take, and nothing else."""

    channel: Channel | None = None

    @property
    def rule(self) -> WrittenRule:
        """The same rule in the long form, with a term for each clock by name."""
        name = f"{Clock.DISPATCH}.{self.channel}" if self.channel else Clock.DISPATCH.value
        return WrittenRule(
            selection=Selection(name=name, channel=self.channel), terms={Clock.DISPATCH.value: self}
        )


class WrittenRules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A rules file. `clock`: what the city's own clocks follow."""

    version: str
    calendar: str = DEFAULT
    #: Calendars of the city's own, and the departments that keep another one than the city's.
    own_calendar: Mapping[str, Shape] = {}
    calendar_of: Mapping[str, str] = {}
    clock: Mapping[Clock, ClockKind] = {}
    #: What is said after a breach, and to whom.
    alerts: Mapping[Urgency, AfterBreach] = {}
    people: AlertedPeople = AlertedPeople()
    dispatch: Sequence[WrittenDispatch] = ()
    rule: Sequence[Mapping[str, Any]]

    @property
    def clocks(self) -> Clocks:
        """The clocks that every city has, and this one's own."""
        return Clocks(kinds={**self.clock, **shipped_kinds()})

    @property
    def calendars(self) -> OwnCalendars:
        """The hours of departments' own that the file names."""
        return OwnCalendars(own_calendar=self.own_calendar, calendar_of=self.calendar_of)


def read_rule(written: Mapping[str, Any]) -> WrittenRule:
    """A rule, with its tables as terms.

    Raises:
        RulesRefused: a field or a term that is none.
    """
    terms = {name: value for name, value in written.items() if isinstance(value, Mapping)}
    selection = {name: value for name, value in written.items() if name not in terms}
    try:
        return WrittenRule(
            selection=msgspec.convert(selection, Selection),
            terms=msgspec.convert(terms, dict[str, WrittenTerm]),
        )
    except msgspec.ValidationError as error:
        name = written.get("name")
        said = Unusable(
            zh=f"规则 {name or '（无名）'}：{in_chinese(error)}",
            en=f"rule {name or 'without a name'}: {error}",
        )
        raise RulesRefused([said]) from error


def is_before_assignment(rule: WrittenRule, clocks: Clocks) -> bool:
    """Whether it states a term that applies before a department has the case."""
    return any(clocks.terms.get(name) in AT_THE_CENTRE for name in rule.terms)


def is_after_assignment(rule: WrittenRule, clocks: Clocks) -> bool:
    """Whether it states a term that applies from the assignment on, or none at all."""
    return not rule.terms or any(clocks.terms.get(name) not in AT_THE_CENTRE for name in rule.terms)


def problems_of(written: WrittenRules, rules: Sequence[WrittenRule], city: City | None) -> Iterator[Unusable]:
    """Everything that is wrong; `rules`: all of the file's, in the long form."""
    clocks = written.clocks
    yield from _calendar_problems(written, city)
    yield from _clock_problems(written.clock)
    yield from AlertRules(by_urgency=written.alerts, people=written.people).problems(city)
    yield from _repeated(_CALLED, (rule.name for rule in rules))
    yield from _repeated(_FOR, (_subject(rule, name) for rule in rules for name in rule.terms))
    yield from _default_problems(rules, clocks)
    for rule in rules:
        for name, term in rule.terms.items():
            if name not in clocks.terms:
                yield _no_clock(name, clocks).within(rule.name)
            yield from _term_problems(name if name == rule.name else f"{rule.name}: {name}", term)
        yield from _unknown_codes(rule.selection, city)


def _no_clock(name: str, clocks: Clocks) -> Unusable:
    known = ", ".join(clocks.terms)
    return Unusable(
        zh=f"没有以 {name!r} 开始的时钟；已有：{known}",
        en=f"no clock starts under {name!r}; known are {known}",
    )


def _calendar_problems(written: WrittenRules, city: City | None) -> Iterator[Unusable]:
    known = written.calendars.shapes
    for where, name in (
        ("calendar", written.calendar),
        *(_named(each) for each in written.calendar_of.items()),
    ):
        if name not in known:
            every = ", ".join(known)
            yield Unusable(
                zh=f"{where} {name!r} 应为以下之一：{every}", en=f"{where} {name!r} is none of {every}"
            )
    for code in written.calendar_of:
        if city is not None and code not in city.department:
            yield no_department(code).within("calendar_of")
    for name, shape in written.own_calendar.items():
        if name in shipped_shapes():
            yield Unusable(
                zh="此日历各市都有；请换一个名称", en="every city has it; give yours another name"
            ).within(f"own_calendar {name}")
        if not _NAME.fullmatch(name):
            yield Unusable(
                zh="名称只能由小写字母、数字和连字符组成",
                en="a name is lower-case letters, digits and hyphens",
            ).within(f"own_calendar {name!r}")
        for problem in shape.problems:
            yield problem.within(f"own_calendar {name}")


def _named(line: tuple[str, str]) -> tuple[str, str]:
    return f"calendar_of {line[0]}:", line[1]


def _clock_problems(kinds: Mapping[Clock, ClockKind]) -> Iterator[Unusable]:
    for clock, kind in kinds.items():
        if clock in shipped_kinds():
            yield Unusable(
                zh="此时钟各市都有，规则文件不能改变它所依据的事件",
                en="every city has it, a rules file cannot change what it follows",
            ).within(f"clock {clock}")
        if kind.label is None:
            yield Unusable(
                zh="须有 `label`，含 `zh` 和 `en`", en="a label is needed, with `zh` and `en`"
            ).within(f"clock {clock}")
        for problem in kind.problems:
            yield problem.within(f"clock {clock}")


def _default_problems(rules: Sequence[WrittenRule], clocks: Clocks) -> Iterator[Unusable]:
    defaults = [rule for rule in rules if rule.selection.is_default]
    if not any(is_after_assignment(rule, clocks) for rule in defaults):
        yield Unusable(
            zh="须有一条不写 kind、urgency、category、department 和 channel 的规则，即默认规则",
            en="a rule with no kind, urgency, category, department or channel is needed: the default",
        )
    stated = {name for rule in defaults for name in rule.terms}
    needed = {term for kind in clocks.kinds.values() if kind.required for term in kind.starts.values()}
    if missing := sorted(needed - stated):
        terms = ", ".join(missing)
        yield Unusable(zh=f"默认规则须写明 {terms}", en=f"the default rule must state {terms}")


class _Subject(NamedTuple):
    """Which cases a rule is for, and what it states of them."""

    zh: str
    en: str


def _subject(rule: WrittenRule, term: str) -> _Subject:
    chosen = msgspec.structs.asdict(rule.selection)
    named = ", ".join(f"{field} {value}" for field, value in chosen.items() if value and field != "name")
    return _Subject(f"{named or '全部诉求件'} 的 {term}", f"{named or 'all cases'} states {term}")


_CALLED = Unusable(zh="规则名称重复", en="more than one rule called")
_FOR = Unusable(zh="规则重复", en="more than one rule for")


def _repeated(what: Unusable, values: Iterable[str | _Subject]) -> Iterator[Unusable]:
    seen: set[object] = set()
    for value in values:
        if value in seen:
            zh, en = (value, value) if isinstance(value, str) else value
            yield Unusable(zh=f"{what.message(Language.ZH)}：{zh}", en=f"{what} {en}")
        seen.add(value)


def _term_problems(where: str, written: WrittenTerm) -> Iterator[Unusable]:
    if not written.basis.strip():
        yield NO_BASIS.within(where)
    try:
        term = written.term()
    except Unusable as error:
        yield error.within(where)
        return
    for allowance in (written.allow, written.near, written.escalate_after):
        if allowance and (days := parse_allowance(allowance).days_at_most) > LONGEST_DAYS:
            yield Unusable(
                zh=f"{allowance} 约合 {days:,.0f} 天；超过一年必有错误",
                en=f"{allowance} is about {days:,.0f} days; more than a year is a mistake",
            ).within(where)
    if term.near is not None and _hours(term.near) >= _hours(parse_allowance(written.allow)):
        yield Unusable(
            zh=f"预警（{term.near}）须短于时限（{term.allow}）",
            en=f"the warning ({term.near}) must be shorter than the allowance ({term.allow})",
        ).within(where)


def _hours(allowance: Allowance) -> float:
    """For comparison only: a day counts 24 hours, a working day 8."""
    days = {
        TimeUnit.WORKING_DAYS: 8.0,
        TimeUnit.HALF_WORKING_DAYS: 4.0,
        TimeUnit.CALENDAR_DAYS: 24.0,
        TimeUnit.WEEKS: 168.0,
        TimeUnit.MONTHS: 720.0,
    }
    hours = days.get(allowance.unit)
    return allowance.amount * hours if hours else allowance.length.total_seconds() / 3600


def _unknown_codes(rule: Selection, city: City | None) -> Iterator[Unusable]:
    if city is None:
        return
    if rule.category is not None and rule.category not in city.category:
        yield Unusable(
            zh=f"taxonomy.toml 中没有类别 {rule.category!r}",
            en=f"no category {rule.category!r} in taxonomy.toml",
        ).within(rule.name)
    if rule.department is not None and rule.department not in city.department:
        yield no_department(rule.department).within(rule.name)
