"""Whether a message accuses officials, and which units it names: said so, or spelt c h a r by c h a r.

What is said decides, not the kind that its citizen chose.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from routing.core.misconduct_in_english import EnglishRules, EnglishWords, build_english
from routing.core.negation import Said, said
from routing.core.phrases import CLAUSE_ENDS, GAP, Phrases, any_of
from schemas.city import City
from schemas.ids import DepartmentCode, RegionCode

#: What people put between the characters of a word that they want to hide, or to stress; never the end of a clause.
_SEPARATORS = (
    r" \t\u00a0\u3000\u2000-\u200a\u202f\u200b-\u200f\u2060\ufeff"
    r"\-‐‑‒–—―_.·•・‧*~'\"`^+=#|\\/&－．／＿＊～｜＋＝＃＆＼"
)
_SPREAD = re.compile(rf"[{_SEPARATORS}]{{1,4}}(?=[\u4e00-\u9fff])")
#: Other code points for the same characters: radicals, and copies for old encodings.
_COPY = r"\u2e80-\u2fdf\uf900-\ufaff"
_COPIES = re.compile(f"[{_COPY}]")
#: One look for both: most messages have neither.
_UNUSUAL = re.compile(f"[{_SEPARATORS}{_COPY}]")
_CLAUSES = re.compile(f"[{CLAUSE_ENDS}]+")
#: The lists that tell of deeds.
_DEEDS = ("alleged", "retaliation", "only_officials", "with_officials", "with_named")
_SENTENCES = re.compile(r"[。！？!?;；\n]+")
#: A deed this near to its clause's beginning has no subject of its own there (来之前通风报信). Project choice.
_NO_SUBJECT_BEFORE = 3


class Misconduct(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Words as in misconduct.toml, which says what each list is for."""

    alleged: tuple[str, ...]
    retaliation: tuple[str, ...]
    with_officials: tuple[str, ...]
    with_named: tuple[str, ...]
    accusing: tuple[str, ...]
    declaring: tuple[str, ...]
    not_accusing_before: tuple[str, ...]
    officials: tuple[str, ...]
    titles: tuple[str, ...]
    no_title_before: tuple[str, ...]
    surnames: str
    asking: tuple[str, ...]
    enforcing: tuple[str, ...]
    district_units: tuple[str, ...]
    only_officials: tuple[str, ...] = ()
    granting: tuple[str, ...] = ()
    private: tuple[str, ...] = ()
    place_after: tuple[str, ...] = ()
    parts: Mapping[str, tuple[str, ...]] = {}
    not_before: Mapping[str, tuple[str, ...]] = {}
    not_after: Mapping[str, tuple[str, ...]] = {}
    english: EnglishWords = EnglishWords()


class UnitNames(msgspec.Struct, frozen=True, kw_only=True):
    """What units, their teams and their people are called. `loosely`: names that also mean a thing."""

    surely: Mapping[str, str]
    staff: Mapping[str, str]
    loosely: Mapping[str, str]


class Accusation(msgspec.Struct, frozen=True, kw_only=True):
    """Whether officials are accused of something, and whom a text names, with superiors and subordinates."""

    alleged: bool
    named: tuple[DepartmentCode, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AccusationRules:
    """The words of `Misconduct` and the units' names, ready to look for."""

    #: Any deed, roughly: a cheap look that most texts, sentences and clauses do not pass.
    worth_a_look: re.Pattern[str]
    alleged: re.Pattern[str]
    retaliation: re.Pattern[str]
    with_officials: re.Pattern[str]
    with_named: re.Pattern[str]
    accusing: re.Pattern[str]
    declaring: re.Pattern[str]
    officials: re.Pattern[str]
    #: Officials, but for names that also mean a thing.
    accusable: re.Pattern[str]
    titles: re.Pattern[str]
    persons: re.Pattern[str]
    asking: re.Pattern[str]
    enforcing: re.Pattern[str]
    district_units: re.Pattern[str]
    regions: re.Pattern[str]
    names: re.Pattern[str]
    every_name: re.Pattern[str]
    #: A unit by any of its names.
    unit: Mapping[str, str]
    #: A district's government by any name of the district.
    government: Mapping[str, str]
    #: A unit with its superiors and subordinates.
    kin: Mapping[str, frozenset[str]]
    #: A district's government by the district's code.
    home: Mapping[str, str]
    only_officials: re.Pattern[str]
    granting: re.Pattern[str]
    private: re.Pattern[str]
    place_after: re.Pattern[str]
    english: EnglishRules


def build(words: Misconduct, names: UnitNames, city: City) -> AccusationRules:
    """The rules for one city."""
    every = {**names.loosely, **names.staff, **names.surely}
    officials = [*words.officials, *words.titles]
    stop, no_title = any_of(words.not_accusing_before), any_of(words.no_title_before)
    phrases = Phrases(parts=words.parts, not_before=words.not_before, not_after=words.not_after)
    deeds = {name: phrases.any_of(getattr(words, name)) for name in _DEEDS}
    told = [*words.accusing, *(word for name in _DEEDS for word in getattr(words, name))]
    government = {name: region.department for region in city.regions for name in (region.zh, *region.names)}
    return AccusationRules(
        worth_a_look=re.compile(phrases.whether_any_of(told)),
        alleged=re.compile(f"(?<![拒不]){deeds['alleged']}(?!罪)"),
        retaliation=re.compile(deeds["retaliation"]),
        only_officials=_of(deeds["only_officials"], words.only_officials),
        with_officials=re.compile(deeds["with_officials"]),
        with_named=re.compile(deeds["with_named"]),
        accusing=re.compile(f"{any_of(words.accusing)}(?!{stop})"),
        declaring=re.compile(any_of(words.declaring)),
        officials=re.compile(any_of([*officials, *every])),
        accusable=re.compile(any_of([*officials, *names.staff, *names.surely])),
        titles=re.compile(f"{any_of(words.titles)}(?!{no_title})"),
        persons=re.compile(f"[{words.surnames}]某"),
        asking=re.compile(any_of(words.asking)),
        enforcing=re.compile(any_of(words.enforcing)),
        granting=_of(phrases.any_of(words.granting), words.granting),
        private=_of(any_of(words.private), words.private),
        place_after=_of(any_of(words.place_after), words.place_after),
        district_units=re.compile(any_of(words.district_units)),
        regions=re.compile(f"({any_of(government)}){GAP}?(?:{any_of([*words.district_units, '政府'])})"),
        names=re.compile(any_of(names.surely)),
        every_name=re.compile(any_of(every)),
        unit=every,
        government=government,
        kin={code: _kin(city, code) for code in city.department},
        home={region.code: region.department for region in city.regions},
        english=build_english(words.english, {d.en: d.code for d in city.departments}),
    )


def _of(pattern: str, words: Sequence[str]) -> re.Pattern[str]:
    """That pattern, or one that is found nowhere where a city's file lists no words."""
    return re.compile(pattern if words else "(?!)")


def compact(text: str) -> str:
    """`text` without what is put between Chinese characters (城 管-局)."""
    if not _UNUSUAL.search(text):
        return text
    if _COPIES.search(text):
        text = unicodedata.normalize("NFKC", text)
    return _SPREAD.sub("", text)


def accusation_in(
    rules: AccusationRules, text: str, region: RegionCode | None, *, is_report: bool
) -> Accusation:
    """What `text` says of officials. `is_report`: it is one by its kind, so that every unit it names is accused."""
    plain = compact(text)
    alleged = _alleges(rules, plain)
    if not (alleged or is_report or rules.declaring.search(plain)):
        return Accusation(alleged=False, named=())
    return Accusation(alleged=alleged, named=units_in(rules, plain, region, loosely=alleged))


def units_in(
    rules: AccusationRules, plain: str, region: RegionCode | None, *, loosely: bool
) -> tuple[DepartmentCode, ...]:
    """The units that a compact text names, with their superiors and subordinates. `loosely`: by any of their names."""
    found: set[str] = set()
    for name in (rules.every_name if loosely else rules.names).finditer(plain):
        if said(plain, name.start(), name.end()) is not Said.DENIED:
            found |= {rules.unit[name.group()], *_district_before(rules, plain[: name.start()], region)}
    found |= rules.english.units_in(plain)
    found |= {rules.government[place.group(1)] for place in rules.regions.finditer(plain)}
    if loosely and region and rules.district_units.search(plain):
        found.add(rules.home[region])
    return tuple(sorted({DepartmentCode(kin) for code in found for kin in rules.kin[code]}))


def _district_before(rules: AccusationRules, before: str, region: RegionCode | None) -> set[str]:
    """东湖区城管局, 区城管局: the district's government is the superior of its own bureau."""
    named = {code for name, code in rules.government.items() if before.endswith(name)}
    if not named and region and before.endswith("区"):
        return {rules.home[region]}
    return named


def _alleges(rules: AccusationRules, plain: str) -> bool:
    return _alleges_in_chinese(rules, plain) or rules.english.alleges(plain)


def _alleges_in_chinese(rules: AccusationRules, plain: str) -> bool:
    if not rules.worth_a_look.search(plain):
        return False
    if any(how is Said.PLAINLY for how in _stands(rules.alleged, plain)):
        return True
    if any(how >= Said.FEARED for how in _stands(rules.retaliation, plain)):
        return True
    if any(_alleges_here(rules, clause) for clause in _CLAUSES.split(plain)):
        return True
    return any(_alleges_across(rules, sentence) for sentence in _SENTENCES.split(plain))


def _alleges_across(rules: AccusationRules, sentence: str) -> bool:
    """Whether a clause without a subject tells of what the official before it did (城管队员来过两次，收了钱就走).

    Or of what was given to the one in the clause after it (塞了两条烟，执法人员才放行).
    """
    if not rules.worth_a_look.search(sentence):
        return False
    subject, before = "", ""
    for clause in _CLAUSES.split(sentence):
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
    deeds = rules.with_officials.finditer(clause)
    return any(deed.start() <= _NO_SUBJECT_BEFORE for deed in deeds)


def _stands(words: re.Pattern[str], text: str) -> Iterator[Said]:
    return (said(text, word.start(), word.end()) for word in words.finditer(text))


def _alleges_here(rules: AccusationRules, clause: str) -> bool:
    """Whether one clause tells of an official's misconduct, or names whom it accuses."""
    if not rules.worth_a_look.search(clause):
        return False
    for word in rules.accusing.finditer(clause):
        if rules.accusable.search(clause, word.end()):
            return said(clause, word.start(), word.end()) is Said.PLAINLY
    if _only_officials_did(rules, clause):
        return True
    officials = [
        who for who in rules.officials.finditer(clause) if not rules.place_after.match(clause, who.end())
    ]
    return _tells(rules, clause, rules.with_officials, officials) or _tells(
        rules, clause, rules.with_named, _persons(rules, clause, officials)
    )


def _only_officials_did(rules: AccusationRules, clause: str) -> bool:
    """Whether it tells of what only officials can do, and of nobody else who did it."""
    return any(
        said(clause, deed.start(), deed.end()) is Said.PLAINLY
        and not rules.private.search(clause[: deed.start()])
        for deed in rules.only_officials.finditer(clause)
    )


def _persons(rules: AccusationRules, clause: str, officials: Sequence[re.Match[str]]) -> list[re.Match[str]]:
    return [*rules.titles.finditer(clause), *(rules.persons.finditer(clause) if officials else ())]


def _tells(rules: AccusationRules, clause: str, words: re.Pattern[str], who: Sequence[re.Match[str]]) -> bool:
    """Whether one of `words` is said of one of `who`, and not asked of them, nor done against it by them."""
    return any(
        said(clause, word.start(), word.end()) is Said.PLAINLY
        and any(_is_about(rules, clause, one, word) for one in who)
        for word in words.finditer(clause)
    )


def _is_about(rules: AccusationRules, clause: str, who: re.Match[str], word: re.Match[str]) -> bool:
    before = clause[: min(who.start(), word.start())] + clause[word.end() : who.start()]
    between = clause[who.end() : word.start()]
    return not rules.asking.search(before) and not rules.enforcing.search(between)


def _kin(city: City, code: str) -> frozenset[str]:
    below = {code}
    while more := {d.code for d in city.departments if d.parent in below} - below:
        below |= more
    above: set[str] = set()
    at = city.department[DepartmentCode(code)].parent
    while at and at not in above:
        above.add(at)
        at = city.department[at].parent if at in city.department else None
    return frozenset(below | above)
