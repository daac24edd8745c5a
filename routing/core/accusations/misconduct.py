"""Whether a message accuses officials, and which units it names: said so, or spelt c h a r by c h a r.

What is said decides, not the kind that its citizen chose.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import msgspec

from routing.core.accusations.asked_units import Span, asked_in, is_asked, is_of_others
from routing.core.accusations.laid_out import Texts, lay_out
from routing.core.accusations.misconduct_rules import AccusationRules
from routing.core.suspicion.signs import Window, WordSign, readable
from routing.core.text.negation import Assertion, said
from routing.core.text.patterns import LazyPattern
from routing.core.text.phrases import CLAUSE_ENDS, LONGEST_CLAUSE
from schemas.ids import DepartmentCode, RegionCode

_CLAUSES = re.compile(f"[{CLAUSE_ENDS}]+")
_SENTENCES = re.compile(r"[。！？!?;；\n]+")
#: A sentence for each of its ends, as they are counted where they are weighed.
_EACH_SENTENCE = re.compile(r"[。！？!?;；\n]")
#: From this weight on clauses sound like an accusation. Project choice: with it 55 of 100 accusations of another hand are
#: found that no rule finds, no trap of 94, and three more of 100 real messages wait for a person (docs/measurements.md).
_SOUNDS_FROM = 1.0
#: A deed this near to its clause's beginning has no subject of its own there (来之前通风报信). Project choice.
_NO_SUBJECT_BEFORE = 3

#: Characters of a part of a long clause that are read with the next, too. Project choice: whoever speaks without a stop
#: names whom he means within as many.
_AGAIN = 80


class Accusation(msgspec.Struct, frozen=True, kw_only=True):
    """Whether officials are accused of something, and whom a text names, with superiors and subordinates."""

    alleged: bool
    named: tuple[DepartmentCode, ...]
    #: Those of `named` of whom no deed is told: the text names them, and may accuse them or not.
    only_named: tuple[DepartmentCode, ...] = ()
    #: The words that sound like it, where no rule finds a deed: a person judges, and may clear every unit.
    sounds: str = ""


class Heard(NamedTuple):
    """A text that is ready to be judged."""

    #: Compact, and respelt.
    plain: str
    #: Its clauses that sound most like an accusation.
    window: Window
    #: It may tell of a deed in English.
    is_english: bool


def hear(rules: AccusationRules, texts: Texts) -> list[Heard]:
    """The texts, made ready to be judged."""
    windows = rules.weights.windows(texts.weighable)
    return [
        Heard(plain, window, WordSign.ENGLISH in seen.signs)
        for plain, seen, window in zip(texts.plain, texts.seen, windows, strict=True)
    ]


def accusation_in(
    rules: AccusationRules, text: str | Heard, region: RegionCode | None, *, is_report: bool
) -> Accusation:
    """What `text` says of officials. `is_report`: it is one by its kind, so that every unit it names is accused.

    But for those that it only asks to act.
    """
    heard = text if isinstance(text, Heard) else hear(rules, lay_out(rules, [text]))[0]
    plain = heard.plain
    # Of a report nothing is surely ordinary: its citizen said so.
    told = _alleges_in_chinese(rules, plain) if is_report else _tells_of_a_deed(rules, heard)
    told = told or (heard.is_english and rules.english.alleges(plain))
    sounds = "" if told or heard.window.score < _SOUNDS_FROM else heard.window.text
    if not (told or sounds or is_report or rules.declaring.search(plain)):
        return Accusation(alleged=False, named=())
    alleged = told or bool(sounds)
    asked = asked_in(rules.requests, plain)
    named = _accused(rules, plain, region, asked, loosely=alleged)
    only = set(named) - _by_deed(rules, plain, region, asked, named) if told else set(named)
    return Accusation(alleged=alleged, named=named, only_named=tuple(sorted(only)), sounds=readable(sounds))


def units_in(
    rules: AccusationRules, plain: str, region: RegionCode | None, *, loosely: bool
) -> tuple[DepartmentCode, ...]:
    """The units that a compact text names and does not merely ask, with their superiors and subordinates.

    `loosely`: by any of their names. Where misconduct is alleged and nobody is named but whom it asks, they all count.
    """
    return _accused(rules, plain, region, asked_in(rules.requests, plain), loosely=loosely)


def _accused(
    rules: AccusationRules, plain: str, region: RegionCode | None, asked: Sequence[Span], *, loosely: bool
) -> tuple[DepartmentCode, ...]:
    found = _named(rules, plain, region, asked, loosely=loosely)
    if loosely and not found:
        found = _named(rules, plain, region, (), loosely=True)
    return _with_kin(rules, found)


def _named(
    rules: AccusationRules, plain: str, region: RegionCode | None, asked: Sequence[Span], *, loosely: bool
) -> set[str]:
    found: set[str] = set()
    for name in (rules.every_name if loosely else rules.names).finditer(plain):
        if said(plain, name.start(), name.end()) is not Assertion.DENIED and not is_asked(asked, name):
            found |= {rules.unit[name.group()], *_district_before(rules, plain[: name.start()], region)}
    found |= rules.english.units_in(plain)
    places = (place for place in rules.regions.finditer(plain) if not is_asked(asked, place))
    found |= {rules.government[place.group(1)] for place in places}
    if loosely and region and rules.district_units.search(plain):
        found.add(rules.home[region])
    return found


def _by_deed(
    rules: AccusationRules,
    plain: str,
    region: RegionCode | None,
    asked: Sequence[Span],
    named: Sequence[DepartmentCode],
) -> set[DepartmentCode]:
    """Whom a sentence accuses that tells of a deed; where one names nobody, or only the whole text tells it, all `named`."""
    done: set[str] = set()
    for start, sentence in _sentences(plain):
        if _alleges(rules, sentence):
            within = [(at - start, end - start) for at, end in asked]
            here = _named(rules, sentence, region, within, loosely=True)
            if not here:
                return set(named)
            done |= here
    return set(_with_kin(rules, done)) if done else set(named)


def _sentences(plain: str) -> Iterator[tuple[int, str]]:
    start = 0
    for end in (*(mark.end() for mark in _SENTENCES.finditer(plain)), len(plain)):
        yield start, plain[start:end]
        start = end


def _with_kin(rules: AccusationRules, found: Iterable[str]) -> tuple[DepartmentCode, ...]:
    return tuple(sorted({DepartmentCode(kin) for code in found for kin in rules.kin[code]}))


def _district_before(rules: AccusationRules, before: str, region: RegionCode | None) -> set[str]:
    """东湖区城管局, 区城管局: the district's government is the superior of its own bureau."""
    named = {code for name, code in rules.government.items() if before.endswith(name)}
    if not named and region and before.endswith("区"):
        return {rules.home[region]}
    return named


def _alleges(rules: AccusationRules, plain: str) -> bool:
    return _alleges_in_chinese(rules, plain) or rules.english.alleges(plain)


def _tells_of_a_deed(rules: AccusationRules, heard: Heard) -> bool:
    """Whether a sentence does that is not surely ordinary."""
    if not heard.window.doubtful:
        return False
    sentences = _EACH_SENTENCE.split(heard.plain)
    return any(_alleges_in_chinese(rules, sentences[at]) for at in sorted(heard.window.doubtful))


def _alleges_in_chinese(rules: AccusationRules, plain: str) -> bool:
    if not rules.worth_a_look.may_hold(plain):
        return False
    return any(
        _alleges_in(rules, sentence)
        for sentence in _SENTENCES.split(plain)
        if _is_worth_a_look(rules, sentence)
    )


def _is_worth_a_look(rules: AccusationRules, part: str) -> bool:
    """Whether the patterns, which are slow, can find anything in a sentence or a clause."""
    return rules.worth_a_look.may_hold(part) and (
        rules.enough_alone.may_hold(part) or rules.somebody.may_hold(part)
    )


def _alleges_in(rules: AccusationRules, sentence: str) -> bool:
    if any(how is Assertion.PLAINLY for how in _stands(rules.alleged, sentence)):
        return True
    if any(how >= Assertion.FEARED for how in _stands(rules.retaliation, sentence)):
        return True
    clauses = [*_clauses(sentence)]
    return any(_alleges_here(rules, clause) for clause in clauses) or _alleges_across(rules, clauses)


def _clauses(sentence: str) -> Iterator[str]:
    """Its clauses; a long one in parts, for whom and what of it are looked at in pairs."""
    for clause in _CLAUSES.split(sentence):
        yield clause[:LONGEST_CLAUSE]
        for at in range(LONGEST_CLAUSE - _AGAIN, len(clause) - _AGAIN, LONGEST_CLAUSE - _AGAIN):
            yield clause[at : at + LONGEST_CLAUSE]


def _alleges_across(rules: AccusationRules, clauses: Sequence[str]) -> bool:
    """Whether a clause without a subject tells of what the official before it did (城管队员来过两次，收了钱就走).

    Or of what was given to the one in the clause after it (塞了两条烟，执法人员才放行).
    """
    subject, before = "", ""
    for clause in clauses:
        officials = [*rules.officials.finditer(clause)]
        if officials:
            subject = officials[-1].group()
            if before and rules.granting.search(clause) and _alleges_here(rules, subject + before):
                return True
        elif subject and _begins_with_a_deed(rules, clause) and _alleges_here(rules, subject + clause):
            return True
        before = "" if officials else clause
    return False


def _begins_with_a_deed(rules: AccusationRules, clause: str) -> bool:
    return any(
        deed.start() <= _NO_SUBJECT_BEFORE
        for deeds in (rules.with_officials, rules.violent)
        for deed in deeds.finditer(clause)
    )


def _stands(words: LazyPattern, text: str) -> Iterator[Assertion]:
    return (said(text, word.start(), word.end()) for word in words.finditer(text))


def _alleges_here(rules: AccusationRules, clause: str) -> bool:
    """Whether one clause tells of an official's misconduct, or names whom it accuses."""
    if not _is_worth_a_look(rules, clause):
        return False
    for word in rules.accusing.finditer(clause):
        if _names_somebody(rules, clause, word.end()):
            return said(clause, word.start(), word.end()) is Assertion.PLAINLY
    if (
        _only_officials_did(rules, clause)
        or _officials_acted(rules, clause)
        or _somebody_gains(rules, clause)
    ):
        return True
    officials = [
        who for who in rules.officials.finditer(clause) if not rules.place_after.match(clause, who.end())
    ]
    return _tells(rules, clause, rules.with_officials, officials) or _tells(
        rules, clause, rules.with_named, _persons(rules, clause, officials)
    )


def _names_somebody(rules: AccusationRules, clause: str, at: int) -> bool:
    """Behind 举报: a unit, or an official who is not a shop's (饭店的负责人)."""
    return any(
        who.group() in rules.unit or not is_of_others(rules.requests, clause, who.start())
        for who in rules.accusable.finditer(clause, at)
    )


def _only_officials_did(rules: AccusationRules, clause: str) -> bool:
    """Whether it tells of what only officials can do, and of nobody else who did it."""
    return any(
        said(clause, deed.start(), deed.end()) is Assertion.PLAINLY
        and not rules.private.search(clause[: deed.start()])
        for deed in rules.only_officials.finditer(clause)
    )


def _officials_acted(rules: AccusationRules, clause: str) -> bool:
    """Whether officials stand before what was done, and nobody else between (城管打人; not 城管来的时候老板打人)."""
    return any(
        said(clause, deed.start(), deed.end()) is Assertion.PLAINLY
        and any(_does(rules, clause, who, deed) for who in rules.officials.finditer(clause, 0, deed.start()))
        for deeds in (rules.acting, rules.violent, rules.coercing)
        for deed in deeds.finditer(clause)
    )


def _somebody_gains(rules: AccusationRules, clause: str) -> bool:
    """Whether one of their people takes or gives away what somebody has then who should not (书记把沙子卖给他连襟).

    Or one official has others do what no office is for (局长让下属写他儿子的作业).
    """
    return _does_with(rules, clause, rules.people, rules.transfers, rules.gains) or _does_with(
        rules, clause, rules.single, rules.bidding, rules.bidden
    )


def _does_with(
    rules: AccusationRules, clause: str, who: LazyPattern, deed: LazyPattern, what: LazyPattern
) -> bool:
    for thing in what.finditer(clause):
        for one in who.finditer(clause, 0, thing.start()):
            done = deed.search(clause, one.end(), thing.end())
            if done and _does(rules, clause, one, done):
                return True
    return False


def _does(rules: AccusationRules, clause: str, who: re.Match[str], deed: re.Match[str]) -> bool:
    before, between = clause[: who.start()], clause[who.end() : deed.start()]
    is_elsewhere = rules.place_after.match(clause, who.end()) or rules.not_acting_between.search(between)
    return not (is_elsewhere or rules.begging.search(before) or _is_private(rules, clause, who))


def _is_private(rules: AccusationRules, clause: str, who: re.Match[str]) -> bool:
    """公司领导, 饭店的工作人员: nobody of the city's."""
    is_unit = who.group() in rules.unit
    return not is_unit and bool(rules.requests.private.search(clause[: who.start()]))


def _persons(rules: AccusationRules, clause: str, officials: Sequence[re.Match[str]]) -> list[re.Match[str]]:
    return [*rules.titles.finditer(clause), *(rules.persons.finditer(clause) if officials else ())]


def _tells(rules: AccusationRules, clause: str, words: LazyPattern, who: Sequence[re.Match[str]]) -> bool:
    """Whether one of `words` is said of one of `who`, and not asked of them, nor done against it by them."""
    return any(
        said(clause, word.start(), word.end()) is Assertion.PLAINLY
        and any(_is_about(rules, clause, one, word) for one in who)
        for word in words.finditer(clause)
    )


def _is_about(rules: AccusationRules, clause: str, who: re.Match[str], word: re.Match[str]) -> bool:
    before = clause[: min(who.start(), word.start())] + clause[word.end() : who.start()]
    between = clause[who.end() : word.start()]
    return not rules.asking.search(before) and not rules.enforcing.search(between)
