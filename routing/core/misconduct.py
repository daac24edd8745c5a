"""Whether a message accuses officials, and which units it names: said so, or spelt c h a r by c h a r.

What is said decides, not the kind that its citizen chose.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from routing.core.negation import Said, said
from schemas.city import City
from schemas.ids import DepartmentCode, RegionCode

#: What people put between the characters of a word that they want to hide, or to stress; never the end of a clause.
_SEPARATORS = (
    r" \t\u00a0\u3000\u2000-\u200a\u202f\u200b-\u200f\u2060\ufeff"
    r"\-‐‑‒–—―_.·•・‧*~'\"`^+=#|\\/&－．／＿＊～｜＋＝＃＆＼"
)
_SPREAD = re.compile(rf"[{_SEPARATORS}]{{1,4}}(?=[\u4e00-\u9fff])")
#: Other code points for the same characters: radicals, and copies for old encodings.
_COPIES = re.compile(r"[\u2e80-\u2fdf\uf900-\ufaff]")
_CLAUSES = re.compile(r"[，。；：！？、,;:!?\n]+")
_SENTENCES = re.compile(r"[。！？!?;；\n]+")
#: A deed this near to its clause's beginning has no subject of its own there (来之前通风报信). Project choice.
_NO_SUBJECT_BEFORE = 3
#: `~` in a word. Project choice: as long as a name and its office (收了商户王某某的钱).
_GAP = "[^，。；：！？、,;:!?\n]{0,8}"


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


def build(words: Misconduct, names: UnitNames, city: City) -> AccusationRules:
    """The rules for one city."""
    every = {**names.loosely, **names.staff, **names.surely}
    officials = [*words.officials, *words.titles]
    stop, no_title = _any_of(words.not_accusing_before), _any_of(words.no_title_before)
    telling = (words.alleged, words.retaliation, words.with_officials, words.with_named, words.accusing)
    government = {name: region.department for region in city.regions for name in (region.zh, *region.names)}
    return AccusationRules(
        worth_a_look=re.compile(_any_of(word for group in telling for word in group)),
        alleged=re.compile(f"(?<![拒不]){_any_of(words.alleged)}(?!罪)"),
        retaliation=re.compile(_any_of(words.retaliation)),
        with_officials=re.compile(_any_of(words.with_officials)),
        with_named=re.compile(_any_of(words.with_named)),
        accusing=re.compile(f"{_any_of(words.accusing)}(?!{stop})"),
        declaring=re.compile(_any_of(words.declaring)),
        officials=re.compile(_any_of([*officials, *every])),
        accusable=re.compile(_any_of([*officials, *names.staff, *names.surely])),
        titles=re.compile(f"{_any_of(words.titles)}(?!{no_title})"),
        persons=re.compile(f"[{words.surnames}]某"),
        asking=re.compile(_any_of(words.asking)),
        enforcing=re.compile(_any_of(words.enforcing)),
        district_units=re.compile(_any_of(words.district_units)),
        regions=re.compile(f"({_any_of(government)}){_GAP}?(?:{_any_of([*words.district_units, '政府'])})"),
        names=re.compile(_any_of(names.surely)),
        every_name=re.compile(_any_of(every)),
        unit=every,
        government=government,
        kin={code: _kin(city, code) for code in city.department},
        home={region.code: region.department for region in city.regions},
    )


def compact(text: str) -> str:
    """`text` without what is put between Chinese characters (城 管-局)."""
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
    """Whether a clause without a subject tells of what the official before it did (城管队员来过两次，收了钱就走)."""
    subject = ""
    for clause in _CLAUSES.split(sentence):
        officials = [*rules.officials.finditer(clause)]
        if officials:
            subject = officials[-1].group()
        elif subject and _begins_with_a_deed(rules, clause) and _alleges_here(rules, subject + clause):
            return True
    return False


def _begins_with_a_deed(rules: AccusationRules, clause: str) -> bool:
    deeds = rules.with_officials.finditer(clause)
    return any(deed.start() <= _NO_SUBJECT_BEFORE for deed in deeds)


def _stands(words: re.Pattern[str], text: str) -> Iterator[Said]:
    return (said(text, word.start(), word.end()) for word in words.finditer(text))


def _alleges_here(rules: AccusationRules, clause: str) -> bool:
    """Whether one clause tells of an official's misconduct, or names whom it accuses."""
    for word in rules.accusing.finditer(clause):
        if rules.accusable.search(clause, word.end()):
            return said(clause, word.start(), word.end()) is Said.PLAINLY
    officials = list(rules.officials.finditer(clause))
    return _tells(rules, clause, rules.with_officials, officials) or _tells(
        rules, clause, rules.with_named, _persons(rules, clause, officials)
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
    between = clause[who.end() : word.start()]
    return not rules.asking.search(clause[: who.start()]) and not rules.enforcing.search(between)


def _any_of(words: Iterable[str]) -> str:
    """The longest first, so that a long name is not taken for the short one that it begins with."""
    ordered = sorted(set(words), key=lambda word: (-len(word), word))
    return "(?:" + "|".join(re.escape(word).replace(r"\~", _GAP) for word in ordered) + ")"


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
