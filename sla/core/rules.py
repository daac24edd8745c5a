"""Deadline rules as data: kind × urgency × category × department → how long for what, and on what basis."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib import resources
from itertools import product
from pathlib import Path
from typing import Any

import msgspec

from schemas.city import City
from schemas.words import Channel, Clock, Kind, Urgency
from sla.core.allowance import Allowance, TimeUnit, parse_allowance
from sla.core.calendar import DEFAULT, calendar_names
from sla.core.clocks import Term


class RulesRefused(ValueError):
    """A rules file that cannot be used; `problems` says everything that is wrong with it."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(self.problems))


class WrittenTerm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One clock of a rule. `basis`: the regulation it comes from, or "project choice" and why."""

    allow: str
    near: str | None = None
    escalate_after: str | None = None
    basis: str

    def term(self) -> Term:
        """As a value.

        Raises:
            ValueError: an allowance that is none.
        """
        return Term(
            allow=parse_allowance(self.allow),
            near=parse_allowance(self.near) if self.near else None,
            escalate_after=parse_allowance(self.escalate_after) if self.escalate_after else None,
        )


class WrittenRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One rule; a clock that it leaves out is the default rule's."""

    name: str
    kind: Kind | None = None
    urgency: Urgency | None = None
    category: str | None = None
    department: str | None = None
    sign: WrittenTerm | None = None
    #: Kept with the rule; no clock runs on it yet.
    first_contact: WrittenTerm | None = None
    reply: WrittenTerm | None = None
    reopened: WrittenTerm | None = None

    @property
    def terms(self) -> Iterator[tuple[str, WrittenTerm]]:
        """The clocks that it states."""
        for clock in ("sign", "first_contact", "reply", "reopened"):
            term = getattr(self, clock)
            if term is not None:
                yield clock, term

    @property
    def selects(self) -> tuple[str | None, ...]:
        """What it is for."""
        return (self.urgency, self.department, self.category, self.kind)


class WrittenDispatch(WrittenTerm, frozen=True, kw_only=True):
    """How long dispatching may take, from registration; no channel: all that have no line of their own."""

    channel: Channel | None = None


class WrittenRules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A rules file."""

    version: str
    calendar: str = DEFAULT
    dispatch: tuple[WrittenDispatch, ...]
    rule: tuple[WrittenRule, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What applies to a case. The ids name rule and version; a running clock keeps those it started with."""

    name: str
    sign: Term
    reply: Term
    reopened: Term
    first_contact: Term | None
    id: str
    reopened_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DispatchRule:
    """How long dispatching may take."""

    term: Term
    id: str


@dataclass(frozen=True, kw_only=True)
class DeadlineRules:
    """A city's rules, ready to be asked."""

    version: str
    calendar: str
    by_name: Mapping[str, Rule]
    _selected: Mapping[tuple[str | None, ...], Rule] = field(repr=False)
    _dispatch: Mapping[str | None, DispatchRule] = field(repr=False)
    _known: dict[tuple[str | None, ...], Rule] = field(default_factory=dict, init=False, repr=False)

    def rule_for(
        self, *, kind: str | None, urgency: str | None, category: str | None, department: str | None
    ) -> Rule:
        """The most specific rule: urgency outweighs department, that category, that kind."""
        case = (urgency, department, category, kind)
        rule = self._known.get(case)
        if rule is None:
            keys = product(*((value, None) for value in case))
            rule = next(self._selected[key] for key in keys if key in self._selected)
            self._known[case] = rule
        return rule

    def dispatch_for(self, channel: str) -> DispatchRule:
        """How long dispatching what came by `channel` may take."""
        return self._dispatch.get(channel) or self._dispatch[None]


def load_rules(path: Path | None = None, city: City | None = None) -> DeadlineRules:
    """The rules in `path`, or those of the example city; codes are checked where a city is given.

    Raises:
        RulesRefused: it cannot be used, and why.
    """
    source = path or resources.files("sla") / "data" / "rules.toml"
    return parse_rules(source.read_text(encoding="utf-8"), city)


def parse_rules(text: str, city: City | None = None) -> DeadlineRules:
    """As `load_rules`."""
    try:
        written = msgspec.toml.decode(text, type=WrittenRules)
    except (msgspec.ValidationError, msgspec.DecodeError) as error:
        raise RulesRefused([str(error)]) from error
    if problems := list(_problems(written, city)):
        raise RulesRefused(problems)
    return _ready(written)


def _ready(written: WrittenRules) -> DeadlineRules:
    default = next(rule for rule in written.rule if not any(rule.selects))
    rules = {rule.name: _rule(rule, default, written.version) for rule in written.rule}
    dispatch: dict[str | None, DispatchRule] = {
        line.channel: DispatchRule(term=line.term(), id=f"{_dispatch_name(line)}@{written.version}")
        for line in written.dispatch
    }
    return DeadlineRules(
        version=written.version,
        calendar=written.calendar,
        by_name=rules,
        _selected={rule.selects: rules[rule.name] for rule in written.rule},
        _dispatch=dispatch,
    )


def _dispatch_name(line: WrittenDispatch) -> str:
    return f"dispatch.{line.channel}" if line.channel else "dispatch"


def _rule(written: WrittenRule, default: WrittenRule, version: str) -> Rule:
    terms: dict[str, Any] = {clock: term.term() for clock, term in (*default.terms, *written.terms)}
    terms.setdefault("first_contact", None)
    return Rule(
        name=written.name,
        id=f"{written.name}@{version}",
        reopened_id=f"{written.name}.reopened@{version}",
        **terms,
    )


def _problems(written: WrittenRules, city: City | None) -> Iterator[str]:
    if written.calendar not in calendar_names():
        yield f"calendar {written.calendar!r} is none of {', '.join(calendar_names())}"
    if sum(line.channel is None for line in written.dispatch) != 1:
        yield "dispatch: exactly one line without a channel is needed, for every other channel"
    yield from _repeated("dispatch of channel", (line.channel for line in written.dispatch))
    yield from _repeated("rule called", (rule.name for rule in written.rule))
    yield from _repeated("rule for", (rule.selects for rule in written.rule))
    defaults = [rule for rule in written.rule if not any(rule.selects)]
    if not defaults:
        yield "a rule with no kind, urgency, category or department is needed: the default"
    for rule in defaults:
        missing = {Clock.SIGN, Clock.REPLY, "reopened"} - {clock for clock, _ in rule.terms}
        if missing:
            yield f"{rule.name}: the default rule must state {', '.join(sorted(missing))}"
    for line in written.dispatch:
        yield from _term_problems("dispatch", line)
    for rule in written.rule:
        for clock, term in rule.terms:
            yield from _term_problems(f"{rule.name}: {clock}", term)
        yield from _unknown_codes(rule, city)


def _repeated(what: str, values: Iterable[object]) -> Iterator[str]:
    seen: set[object] = set()
    for value in values:
        if value in seen:
            yield f"more than one {what} {value}"
        seen.add(value)


def _term_problems(where: str, written: WrittenTerm) -> Iterator[str]:
    if not written.basis.strip():
        yield f"{where}: the basis is empty; name the regulation, or say project choice and why"
    try:
        term = written.term()
    except ValueError as error:
        yield f"{where}: {error}"
        return
    if term.near is not None and _hours(term.near) >= _hours(term.allow):
        yield f"{where}: the warning ({term.near}) must be shorter than the allowance ({term.allow})"


def _hours(allowance: Allowance) -> float:
    """For comparison only: a day counts 24 hours, a working day 8."""
    days = {TimeUnit.WORKING_DAYS: 8.0, TimeUnit.CALENDAR_DAYS: 24.0}
    hours = days.get(allowance.unit)
    return allowance.amount * hours if hours else allowance.length.total_seconds() / 3600


def _unknown_codes(rule: WrittenRule, city: City | None) -> Iterator[str]:
    if city is None:
        return
    if rule.category is not None and rule.category not in city.category:
        yield f"{rule.name}: no category {rule.category!r} in taxonomy.toml"
    if rule.department is not None and rule.department not in city.department:
        yield f"{rule.name}: no department {rule.department!r} in departments.toml"
