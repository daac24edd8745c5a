"""The words and names by which accusations of officials are known, made ready to look for."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from routing.core.accusations.asked_units import Called, RequestRules, RequestWords, build_requests
from routing.core.accusations.misconduct_in_english import EnglishRules, EnglishWords, build_english
from routing.core.accusations.units_in_english import as_listed
from routing.core.suspicion.on_demand import OnDemand
from routing.core.suspicion.sentences import Subject
from routing.core.suspicion.signs import Signs, WordSign
from routing.core.text.patterns import LazyPattern
from routing.core.text.phrases import CLAUSE_ENDS, GAP, LONGEST_CLAUSE, Phrases, any_of
from routing.core.text.prefilter import Prefilter
from schemas.city import City
from schemas.ids import DepartmentCode

#: Who has what in the end; what is done between is looked for only where both are said.
_THREE_PARTS = ("{people}~{gains}", "{single}~{bidden}")
#: By the last of them: what is looked for in between.
_BETWEEN = {"{people}~{gains}": "transfers", "{single}~{bidden}": "bidding"}
#: Before a deed: it was refused, or forbidden (拒收红包, 不收礼).
_NOT_DONE = "拒不没未别勿禁"
#: The lists of deeds that need no official beside them.
_ENOUGH_ALONE = ("alleged", "retaliation", "only_officials")
#: The lists that tell of deeds.
_DEEDS = (
    "alleged",
    "retaliation",
    "only_officials",
    "with_officials",
    "with_named",
    "acting",
    "violent",
    "coercing",
)


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
    acting: tuple[str, ...] = ()
    violent: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    transfers: tuple[str, ...] = ()
    gains: tuple[str, ...] = ()
    single: tuple[str, ...] = ()
    bidding: tuple[str, ...] = ()
    bidden: tuple[str, ...] = ()
    coercing: tuple[str, ...] = ()
    not_acting_between: tuple[str, ...] = ()
    servants: tuple[str, ...] = ()
    spellings: Mapping[str, str] = {}
    parts: Mapping[str, tuple[str, ...]] = {}
    not_before: Mapping[str, tuple[str, ...]] = {}
    not_after: Mapping[str, tuple[str, ...]] = {}
    requests: RequestWords = RequestWords()
    english: EnglishWords = EnglishWords()


class UnitNames(msgspec.Struct, frozen=True, kw_only=True):
    """What units, their teams and their people are called. `loosely`: names that also mean a thing."""

    surely: Mapping[str, str]
    staff: Mapping[str, str]
    loosely: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AccusationRules:
    """The words of `Misconduct` and the units' names, ready to look for."""

    #: Words that are signs, and what n-grams weigh: what sounds like an accusation.
    signs: Signs
    weights: OnDemand
    #: Any deed, roughly: a cheap look that most texts, sentences and clauses do not pass.
    worth_a_look: Prefilter
    #: Those deeds that need no word for officials beside them, and such words.
    enough_alone: Prefilter
    somebody: Prefilter
    alleged: LazyPattern
    retaliation: LazyPattern
    with_officials: LazyPattern
    with_named: LazyPattern
    accusing: LazyPattern
    declaring: LazyPattern
    officials: LazyPattern
    #: Officials, but for names that also mean a thing.
    accusable: LazyPattern
    titles: LazyPattern
    persons: LazyPattern
    asking: LazyPattern
    enforcing: LazyPattern
    district_units: LazyPattern
    regions: LazyPattern
    names: LazyPattern
    every_name: LazyPattern
    #: A unit by any of its names.
    unit: Mapping[str, str]
    #: A district's government by any name of the district.
    government: Mapping[str, str]
    #: A unit with its superiors and subordinates.
    kin: Mapping[str, frozenset[str]]
    #: A district's government by the district's code.
    home: Mapping[str, str]
    only_officials: LazyPattern
    granting: LazyPattern
    private: LazyPattern
    place_after: LazyPattern
    #: What officials and the public's servants do, standing before it.
    acting: LazyPattern
    violent: LazyPattern
    #: One of their people; what they take or give away; who or what has it then.
    people: LazyPattern
    transfers: LazyPattern
    gains: LazyPattern
    #: One official, what they do, and to whom.
    single: LazyPattern
    bidding: LazyPattern
    bidden: LazyPattern
    coercing: LazyPattern
    not_acting_between: LazyPattern
    #: 希望, 请: whoever stands behind is asked.
    begging: LazyPattern
    #: In Latin letters, and in Chinese.
    spellings: tuple[re.Pattern[str], re.Pattern[str]]
    spelt: Mapping[str, str]
    requests: RequestRules
    english: EnglishRules


def build_accusation_rules(words: Misconduct, names: UnitNames, city: City) -> AccusationRules:
    """The rules for one city."""
    every = {**names.loosely, **names.staff, **names.surely}
    officials = [*words.officials, *words.titles]
    somebody = [*officials, *every, *words.servants]
    stop, no_title = any_of(words.not_accusing_before), any_of(words.no_title_before)
    # The lists of whole rules are parts as well: `_THREE_PARTS` names them.
    lists = {name: getattr(words, name) for name in ("people", "gains", "single", "bidden")}
    phrases = Phrases(parts={**words.parts, **lists}, not_before=words.not_before, not_after=words.not_after)
    deeds = {name: phrases.any_of(getattr(words, name)) for name in _DEEDS}
    alone = [word for name in _ENOUGH_ALONE for word in getattr(words, name)]
    told = [*words.accusing, *(word for name in _DEEDS for word in getattr(words, name))]
    called = Called(
        units=list(every),
        officials=[name for name in officials if name not in every],
        private=words.private,
        regions=[name for region in city.regions for name in region.every_name],
        place_after=words.place_after,
    )
    government = {name: region.department for region in city.regions for name in region.every_name}
    english = build_english(
        words.english, {department.en: department.code for department in city.departments}
    )
    three_parts = {
        three: _three_parts(phrases, three, getattr(words, _BETWEEN[three])) for three in _THREE_PARTS
    }
    return AccusationRules(
        signs=Signs(_signs(words, every, english)),
        weights=OnDemand(Subject.ACCUSATIONS),
        worth_a_look=phrases.prefilter([*told, *_THREE_PARTS], patterns=three_parts),
        enough_alone=phrases.prefilter([*alone, *_THREE_PARTS], patterns=three_parts),
        somebody=phrases.prefilter(somebody),
        alleged=LazyPattern(f"(?<![拒不]){deeds['alleged']}(?!罪)"),
        retaliation=LazyPattern(deeds["retaliation"]),
        only_officials=_of(f"(?<![{_NOT_DONE}]){deeds['only_officials']}", words.only_officials),
        with_officials=LazyPattern(deeds["with_officials"]),
        with_named=LazyPattern(deeds["with_named"]),
        accusing=LazyPattern(f"{any_of(words.accusing)}(?!{stop})"),
        declaring=LazyPattern(any_of(words.declaring)),
        officials=LazyPattern(any_of(somebody)),
        accusable=LazyPattern(any_of([*officials, *names.staff, *names.surely])),
        titles=LazyPattern(f"{any_of(words.titles)}(?!{no_title})"),
        persons=LazyPattern(f"[{words.surnames}]某"),
        asking=LazyPattern(any_of(words.asking)),
        enforcing=LazyPattern(any_of(words.enforcing)),
        granting=_of(phrases.any_of(words.granting), words.granting),
        private=_of(any_of(words.private), words.private),
        place_after=_of(any_of(words.place_after), words.place_after),
        district_units=LazyPattern(any_of(words.district_units)),
        regions=LazyPattern(f"({any_of(government)}){GAP}?(?:{any_of([*words.district_units, '政府'])})"),
        names=LazyPattern(any_of(names.surely)),
        every_name=LazyPattern(any_of(every)),
        unit=every,
        government=government,
        kin={code: _kin(city, code) for code in city.department},
        home={region.code: region.department for region in city.regions},
        acting=_of(f"(?<![{_NOT_DONE}只查抓测管]){deeds['acting']}", words.acting),
        violent=_of(f"(?<![{_NOT_DONE}只]){deeds['violent']}", words.violent),
        people=_of(phrases.any_of(words.people), words.people),
        transfers=_of(f"(?<![{_NOT_DONE}]){phrases.any_of(words.transfers)}", words.transfers),
        gains=_of(phrases.any_of(words.gains), words.gains),
        single=_of(phrases.any_of(words.single), words.single),
        bidding=_of(f"(?<![{_NOT_DONE}]){any_of(words.bidding)}", words.bidding),
        bidden=_of(phrases.any_of(words.bidden), words.bidden),
        coercing=_of(deeds["coercing"], words.coercing),
        not_acting_between=_of(any_of(words.not_acting_between), words.not_acting_between),
        begging=_of(any_of(words.requests.begging), words.requests.begging),
        spellings=(_spelling(words.spellings, latin=True), _spelling(words.spellings, latin=False)),
        spelt={as_listed(word): said for word, said in words.spellings.items()},
        requests=build_requests(words.requests, called),
        english=english,
    )


def _three_parts(phrases: Phrases, both: str, between: Sequence[str]) -> str:
    """Who and what, as in `both`, and one of `between` anywhere behind who."""
    who, what = both.split("~")
    within = f"[^{CLAUSE_ENDS}]{{0,{LONGEST_CLAUSE}}}?"
    return f"{phrases.any_of([who])}(?={within}{phrases.any_of(between)}){within}{phrases.any_of([what])}"


def _signs(words: Misconduct, units: Iterable[str], english: EnglishRules) -> dict[str, WordSign]:
    """By word, in small letters; a later list has the last word."""
    begging = {*words.requests.begging}
    lists: tuple[tuple[WordSign, Iterable[str]], ...] = (
        (
            WordSign.PRIVATE,
            (word for word in (*words.private, *words.requests.others) if word not in begging),
        ),
        (WordSign.SERVANT, words.servants),
        (WordSign.OFFICIAL, (*words.officials, *words.titles, *units)),
        (
            WordSign.DEED,
            (word for word in (*words.alleged, *words.retaliation) if not {*"{~"}.intersection(word)),
        ),
        (WordSign.ENGLISH, english.first_words),
        (WordSign.MISSPELT, words.spellings),
    )
    return {word.lower(): sign for sign, listed in lists for word in listed}


def _spelling(words: Mapping[str, str], *, latin: bool) -> re.Pattern[str]:
    """Latin letters of either case, only where they are no part of a longer word. Two patterns, for the second is quick."""
    listed = [word for word in words if word.isascii() is latin]
    pattern = f"(?<![a-z]){any_of(listed)}(?![a-z])" if latin else any_of(listed)
    return re.compile(pattern if listed else "(?!)", re.IGNORECASE if latin else 0)


def _of(pattern: str, words: Sequence[str]) -> LazyPattern:
    """That pattern, or one that is found nowhere where a city's file lists no words."""
    return LazyPattern(pattern if words else "(?!)")


def _kin(city: City, code: str) -> frozenset[str]:
    below = {code}
    while more := {department.code for department in city.departments if department.parent in below} - below:
        below |= more
    above: set[str] = set()
    at = city.department[DepartmentCode(code)].parent
    while at and at not in above:
        above.add(at)
        at = city.department[at].parent if at in city.department else None
    return frozenset(below | above)
