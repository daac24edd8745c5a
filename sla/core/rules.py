"""Deadline rules as data: what a case is → which clocks run, how long for each, and on what basis."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import resources
from itertools import product
from pathlib import Path
from typing import NamedTuple

import msgspec

from schemas.city import City
from schemas.errors import Unusable
from schemas.http import in_chinese
from schemas.words import Clock
from sla.core.after_breach import AlertRules
from sla.core.calendars import OwnCalendars
from sla.core.clocks import Term, term_of
from sla.core.kinds import AT_THE_CENTRE, HANDED_ON, ClockKind, Clocks, Dated, Moment, Owner
from sla.core.written import (
    RulesRefused,
    WrittenRule,
    WrittenRules,
    WrittenTerm,
    is_after_assignment,
    is_before_assignment,
    problems_of,
    read_rule,
)


class CaseTraits(NamedTuple):
    """What is known of a case when a clock starts; what outweighs the others first."""

    urgency: str | None = None
    department: str | None = None
    category: str | None = None
    kind: str | None = None
    channel: str | None = None


class RuleTerm(NamedTuple):
    """One term of a rule. The id names rule and version; a running clock keeps what it started with."""

    term: Term
    id: str


class ClockTerm(NamedTuple):
    """What one clock of a case runs under."""

    clock: Clock
    owner: Owner
    term: Term
    id: str
    #: None: the starting event names no due time.
    due: Dated | None = None
    #: At its due time it ends, and nobody is late.
    ends: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleTerms:
    """What applies to a case, by the names of the terms."""

    name: str
    terms: Mapping[str, RuleTerm]


_Book = Mapping[tuple[str | None, ...], RuleTerms]


@dataclass(frozen=True, kw_only=True)
class DeadlineRules:
    """A city's rules, ready to be asked."""

    version: str
    calendar: str
    #: Those of departments with other hours than the city's.
    calendars: OwnCalendars
    clocks: Clocks
    by_name: Mapping[str, RuleTerms]
    alerts: AlertRules
    _before_assignment: _Book = field(repr=False)
    _after_assignment: _Book = field(repr=False)
    _known: dict[tuple[Moment, CaseTraits], Sequence[ClockTerm]] = field(
        default_factory=dict, init=False, repr=False
    )

    def terms_at(self, moment: Moment, traits: CaseTraits) -> Sequence[ClockTerm]:
        """The clocks that `moment` starts for such a case: those for which its rule states a term."""
        known = self._known.get((moment, traits))
        if known is None:
            known = self._known[moment, traits] = tuple(self._terms_at(moment, traits))
        return known

    def _terms_at(self, moment: Moment, traits: CaseTraits) -> Iterator[ClockTerm]:
        rule = self.rule_for(moment, traits)
        for clock in self.clocks.started_by(moment):
            kind = self.clocks.kinds[clock]
            if found := rule.terms.get(kind.starts[moment]):
                yield ClockTerm(clock, kind.owner, _around(found.term, kind), found.id, kind.due, kind.ends)

    def least(self, traits: CaseTraits) -> Term | None:
        """What is left at the least to a department that gets a case from another, or gets it back."""
        found = self.rule_for(Moment.ASSIGNED, traits).terms.get(HANDED_ON)
        return found.term if found else None

    def present_term(self, clock: Clock, began_with: str, traits: CaseTraits) -> RuleTerm | None:
        """The term that such a clock has in these rules; None where they state none. `began_with`: the id of the term that
        it runs under, which says for which of its starts."""
        kind = self.clocks.kind_of(clock)
        if kind is None:
            return None
        written = began_with.partition("@")[0]
        starts = {term: moment for moment, term in kind.starts.items()}
        named = [term for term in starts if term not in self.clocks.kinds and written.endswith(f".{term}")]
        term = next(iter(named), clock.kind if clock.kind in starts else next(iter(starts)))
        found = self.rule_for(starts[term], traits).terms.get(term)
        return None if found is None else RuleTerm(_around(found.term, kind), found.id)

    def rule_for(self, moment: Moment, traits: CaseTraits) -> RuleTerms:
        """The most specific rule: urgency outweighs department, that category, that kind, that channel."""
        book = self._before_assignment if moment in AT_THE_CENTRE else self._after_assignment
        keys = product(*((value, None) for value in traits))
        return next(book[key] for key in keys if key in book)


def _around(term: Term, kind: ClockKind) -> Term:
    """A dated clock's warning and escalation stand with the clock."""
    if kind.due is None:
        return term
    return term_of(term.allowed, kind.near, kind.escalate_after)


def load_rules(path: Path | None = None, city: City | None = None) -> DeadlineRules:
    """The rules in `path`, or those of the example city; codes are checked where a city is given.

    Raises:
        RulesRefused: it cannot be used, and why.
    """
    return parse_rules(rules_text(path), city)


def rules_text(path: Path | None = None) -> str:
    """What is in the file, or in that of the example city.

    Raises:
        RulesRefused: it is not there, or is no text.
    """
    source = path or resources.files("sla") / "data" / "rules.toml"
    try:
        return source.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        zh, en = (
            (error.strerror,) * 2 if isinstance(error, OSError) else ("不是 UTF-8 文本", "not UTF-8 text")
        )
        said = Unusable(zh=f"无法读取 {source}：{zh}", en=f"cannot read {source}: {en}")
        raise RulesRefused([said]) from error


def parse_rules(text: str, city: City | None = None) -> DeadlineRules:
    """The rules in this text, checked as `load_rules` checks a file."""
    written, rules = _written(text)
    if problems := list(problems_of(written, rules, city)):
        raise RulesRefused(problems)
    return _ready(written, rules)


def parse_kept_rules(text: str, city: City | None = None) -> tuple[DeadlineRules, Sequence[Unusable]]:
    """The rules in a text that was good when it was kept, and what would be refused of it today.

    That stops no clock: an earlier release refused less, and a city's codes change.

    Raises:
        RulesRefused: it cannot be read.
    """
    written, rules = _written(text)
    return _ready(written, rules), list(problems_of(written, rules, city))


def _written(text: str) -> tuple[WrittenRules, Sequence[WrittenRule]]:
    """What the text says, and all of its rules in the long form."""
    try:
        written = msgspec.toml.decode(text, type=WrittenRules)
        rules = [*(line.rule for line in written.dispatch), *(read_rule(rule) for rule in written.rule)]
    except msgspec.ValidationError as error:
        raise RulesRefused(
            [Unusable(zh=f"规则文件的内容不符：{in_chinese(error)}", en=str(error))]
        ) from error
    except msgspec.DecodeError as error:
        raise RulesRefused([Unusable(zh=f"规则文件的内容不符：{error}", en=str(error))]) from error
    return written, rules


def _ready(written: WrittenRules, rules: Sequence[WrittenRule]) -> DeadlineRules:
    clocks = written.clocks
    before = [rule for rule in rules if is_before_assignment(rule, clocks)]
    after = [rule for rule in rules if is_after_assignment(rule, clocks)]
    with_departments = _book(written, after)
    return DeadlineRules(
        version=written.version,
        calendar=written.calendar,
        calendars=written.calendars,
        clocks=clocks,
        alerts=AlertRules(by_urgency=written.alerts, people=written.people),
        by_name={rule.name: with_departments[rule.selection.selects] for rule in after},
        _before_assignment=_book(written, before),
        _after_assignment=with_departments,
    )


def _book(written: WrittenRules, rules: Sequence[WrittenRule]) -> _Book:
    """The rules by what they are for; of those for the same cases, one that states what all of them do."""
    alike: dict[tuple[str | None, ...], list[WrittenRule]] = {}
    for rule in rules:
        alike.setdefault(rule.selection.selects, []).append(rule)
    defaults = {
        name: term for rule in rules if rule.selection.is_default for name, term in rule.terms.items()
    }
    return {selects: _joined(group, defaults, written) for selects, group in alike.items()}


def _joined(
    group: Sequence[WrittenRule], defaults: Mapping[str, WrittenTerm], written: WrittenRules
) -> RuleTerms:
    by_term = {name: rule.name for rule in group for name in rule.terms}
    stated = {**defaults, **{name: term for rule in group for name, term in rule.terms.items()}}
    first = group[0].name
    return RuleTerms(
        name=first,
        terms={
            name: RuleTerm(term.term(), _id(by_term.get(name, first), name, written))
            for name, term in stated.items()
        },
    )


def _id(rule: str, term: str, written: WrittenRules) -> str:
    """A term that is called like its clock needs no name of its own: the clock stands beside the id."""
    name = rule if term in written.clocks.kinds else f"{rule}.{term}"
    return f"{name}@{written.version}"
