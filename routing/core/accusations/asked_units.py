"""Which units a text only asks to act: 请市场监管局查处, 向派出所报案. Where that is not sure, they count as accused."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import msgspec

from routing.core.text.negation import Assertion, said
from routing.core.text.patterns import LazyPattern
from routing.core.text.phrases import CLAUSE_ENDS, any_of

#: Characters between a unit and what it is asked to do (尽快安排人员依法). Project choice: the longest chain we met.
_BETWEEN = 12
#: Characters in which whoever does something stands before it (物业公司一直不管). Project choice: as long as a shop's name.
_SUBJECT = 10
_CLAUSE_END = re.compile(f"[{CLAUSE_ENDS}]")
_IN_CLAUSE = f"[^{CLAUSE_ENDS}]"

#: Where a text begins and ends to ask somebody.
Span = tuple[int, int]


class RequestWords(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Words as in misconduct.toml, which says what each list is for."""

    begging: tuple[str, ...] = ()
    area: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    and_: tuple[str, ...] = msgspec.field(default=(), name="and")
    acts: tuple[str, ...] = ()
    not_between: tuple[str, ...] = ()
    own: tuple[str, ...] = ()
    towards: tuple[str, ...] = ()
    telling: tuple[str, ...] = ()
    competent: tuple[str, ...] = ()
    greeting: tuple[str, ...] = ()
    greeted: tuple[str, ...] = ()
    thanking: tuple[str, ...] = ()
    yours: tuple[str, ...] = ()
    idle: tuple[str, ...] = ()
    backed: tuple[str, ...] = ()
    turns: tuple[str, ...] = ()
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RequestRules:
    """The words, ready to look for."""

    #: 请 市 市场监管局 尽快 查处
    asking: LazyPattern
    #: 已向 派出所 报案; 归 城管局 管; 尊敬的 局领导; 感谢 政府
    naming: LazyPattern
    #: 局领导您好; and its end alone, which is found in a moment.
    greeting: LazyPattern
    greeted: LazyPattern
    #: Behind a request: the unit is to look at its own people.
    own: LazyPattern
    #: Officials of no certain unit, and 贵局; or a unit, so that its name is not taken for one of them.
    somebody: LazyPattern
    units: frozenset[str]
    idle: LazyPattern
    backed: LazyPattern
    turns: LazyPattern
    private: LazyPattern
    #: 饭店里的, 市场监管局的: up to where whoever belongs there stands.
    belonging: LazyPattern
    place_after: LazyPattern


@dataclass(frozen=True, slots=True, kw_only=True)
class Called:
    """What units, and officials of no certain unit, are called; who is nobody official; what may stand before a unit."""

    units: Sequence[str]
    officials: Sequence[str]
    private: Sequence[str]
    regions: Sequence[str]
    place_after: Sequence[str]


def build_requests(words: RequestWords, called: Called) -> RequestRules:
    """The rules for one city; where its file lists no words nobody is merely asked."""
    somebody = [*called.officials, *words.yours]
    # 请 and 希望 stand in that list as well, since who is asked accuses nobody; here they make nobody a private person.
    private = [word for word in (*called.private, *words.others) if word not in words.begging]
    names = _units(words, [*called.units, *somebody], called.regions)
    # Where it is the unit that is to stop, or to give back, it is not asked to act against others.
    between = f"[，,]?(?:(?!{any_of(words.not_between)}){_IN_CLAUSE}){{0,{_BETWEEN}}}?"
    tells = f"{any_of(words.towards)}{names}{_IN_CLAUSE}{{0,6}}?{any_of(words.telling)}"
    told = f"{any_of(words.telling)}(?:到|给|至|于){names}"
    competent = f"{any_of(words.competent)}{names}(?:依法|来|去)?(?:管|负责|监管|主管|查处|处理|执法)"
    others = (
        tells,
        told,
        competent,
        f"{any_of([*words.greeting])}{names}",
        f"{any_of(words.thanking)}{names}(?=[了{CLAUSE_ENDS}]|$)",
    )
    return RequestRules(
        asking=_compiled(
            words.begging, f"{any_of(words.begging)}{names}{between}{any_of(words.acts)}(?![了过着我])"
        ),
        naming=_compiled(words.telling, "|".join(others)),
        greeted=_compiled(words.greeted, any_of(words.greeted)),
        greeting=_compiled(words.greeted, f"{names}{any_of(words.greeted)}"),
        own=_compiled([*words.own, *called.officials], any_of([*words.own, *called.officials])),
        somebody=_compiled(somebody, any_of([*somebody, *called.units])),
        units=frozenset(called.units),
        idle=_compiled(words.idle, any_of(words.idle)),
        backed=_compiled(words.backed, any_of(words.backed)),
        turns=_compiled(words.turns, any_of(words.turns)),
        private=_compiled(private, any_of(private)),
        belonging=LazyPattern(f"{any_of([*called.units, *private])}[里内]?的?$"),
        place_after=_compiled(called.place_after, any_of(called.place_after)),
    )


def _units(words: RequestWords, names: Iterable[str], regions: Iterable[str]) -> str:
    """One unit or several (市监局、城管局和派出所), with their people, and with what may stand before each."""
    area = f"(?:{any_of([*words.area, *regions])}){{0,3}}"
    one = f"{area}{any_of(names)}(?:的?{any_of(words.people)}){{0,2}}"
    return f"(?:{one}(?:{any_of(words.and_)}{one}){{0,4}})"


def _compiled(words: Sequence[str], pattern: str) -> LazyPattern:
    return LazyPattern(pattern if words else "(?!)")


def asked_in(rules: RequestRules, plain: str) -> Sequence[Span]:
    """Where units are only asked; nowhere where the text may also mean to accuse whom it asks.

    That is: it blames officials of no certain unit, or says that nothing was done.
    """
    spans = [one.span() for one in rules.naming.finditer(plain)]
    if rules.greeted.search(plain):
        spans += [one.span() for one in rules.greeting.finditer(plain)]
    spans += [one.span() for one in rules.asking.finditer(plain) if not _is_about_own(rules, plain, one)]
    return () if _leaves_doubt(rules, plain, spans) else spans


def is_asked(spans: Iterable[Span], name: re.Match[str]) -> bool:
    """Whether this name of a unit stands where one is only asked."""
    return any(start <= name.start() and name.end() <= end for start, end in spans)


def _is_about_own(rules: RequestRules, plain: str, asked: re.Match[str]) -> bool:
    """请城管局处理队员: whoever is asked to look at its own people is accused with them."""
    rest = re.match(f"{_IN_CLAUSE}*", plain[asked.end() :])
    found = rules.own.finditer(rest.group() if rest else "")
    return any(not is_of_others(rules, plain, asked.end() + one.start()) for one in found)


def _leaves_doubt(rules: RequestRules, plain: str, spans: Sequence[Span]) -> bool:
    if any(
        _is_blamed(rules, plain, one) for one in rules.somebody.finditer(plain) if not is_asked(spans, one)
    ):
        return True
    first = min((end for _, end in spans), default=len(plain))
    told = [one for one in rules.idle.finditer(plain) if said(plain, *one.span()) is Assertion.PLAINLY]
    told += rules.turns.finditer(plain, _end_of_clause(plain, first))
    # A shop has somebody behind it, a company does nothing: only the second says who is to blame.
    blames_nobody = [one for one in told if not _has_private_subject(rules, plain, one.start())]
    blames_nobody += rules.backed.finditer(plain)
    begins = [0, *(mark.end() for mark in _CLAUSE_END.finditer(plain))]
    clauses = [(begins[bisect_right(begins, one.start()) - 1], one.start()) for one in blames_nobody]
    return any(not _has_unit(rules, plain, clause, spans) for clause in clauses)


def _has_unit(rules: RequestRules, plain: str, before: Span, spans: Sequence[Span]) -> bool:
    """Whether a unit stands in this beginning of a clause that is not asked, and so is accused anyway."""
    named = (one for one in rules.somebody.finditer(plain, *before) if one.group() in rules.units)
    return any(not is_asked(spans, one) for one in named)


def _end_of_clause(plain: str, at: int) -> int:
    mark = _CLAUSE_END.search(plain, at)
    return mark.end() if mark else len(plain)


def _is_blamed(rules: RequestRules, plain: str, who: re.Match[str]) -> bool:
    is_unit, is_place = who.group() in rules.units, rules.place_after.match(plain, who.end())
    return not (is_unit or is_place or is_of_others(rules, plain, who.start()))


def is_of_others(rules: RequestRules, plain: str, at: int) -> bool:
    """饭店的工作人员, or those of a unit, which is accused itself unless it is asked."""
    return bool(rules.belonging.search(plain[max(0, at - _SUBJECT) : at]))


def _has_private_subject(rules: RequestRules, plain: str, at: int) -> bool:
    clause = _CLAUSE_END.split(plain[max(0, at - _SUBJECT) : at])[-1]
    return bool(rules.private.search(clause))
