"""The rules as data: words for categories, departments, kinds and urgency, checked against the city."""

import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

import msgspec

from routing.core.accusations.misconduct_rules import (
    AccusationRules,
    UnitNames,
    build_accusation_rules,
)
from routing.core.danger.perils import Perils
from routing.core.danger.pressing import Nearby
from routing.core.named_item import NamedItems
from routing.core.named_tags import NamedTags
from routing.core.rule_files import DepartmentWords, Outside, RuleFiles, RuleSettings, WordsByStrength
from routing.core.suspicion.on_demand import OnDemand
from routing.core.suspicion.sentences import Subject
from routing.core.text.characters import Characters
from routing.core.text.company import CompanyVoice, WordsInCompany
from routing.core.text.item_words import with_items
from routing.core.text.lexicon import Aspect, Lexicon, Sense
from routing.core.text.streets import Streets
from schemas.city import City, load_city
from schemas.errors import HuiyinError, Misconfigured, Unusable
from schemas.http import in_chinese
from schemas.simplified import readings_of
from schemas.words import Kind, Urgency

#: What a folder of rules may hold, each without its ending.
FILES = ("categories", "departments", "kinds", "urgency", "perils", "scope", "misconduct", "settings")


class RulesOfAnotherCity(HuiyinError, ValueError):
    """They name categories or departments that the city does not have."""

    zh = "派单规则写了本市没有的：{names}"
    en = "the routing rules name what the city does not have: {names}"


class NameOfTwo(HuiyinError, ValueError):
    """Two departments go by one name."""

    zh = "{name} 是两个单位的名称"
    en = "{name} is the name of two departments"


class WordTwice(HuiyinError, ValueError):
    """A category, department or kind lists a word at two strengths, or twice at one."""

    zh = "{code} 两次列出 {word}"
    en = "{code} lists {word} twice"


class NeverInCompany(HuiyinError, ValueError):
    """A city's own rules of words in company have words that are part of no listed word."""

    zh = "[[company]] 中的 {words} 不是任何已列词语或其一部分，永远不会匹配：请先将其列入某个类别，或删去"
    en = "[[company]] has {words}, part of no listed word and never met: list them for a category first, or leave them out"


class MalformedRules(HuiyinError, ValueError):
    """A file of the rules that is no TOML."""

    zh = "{file} 不是 UTF-8 编码的 TOML：{why}"
    en = "{file} is no TOML in UTF-8: {why}"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RoutingRules:
    """All rules of one city, ready to use. Pickles as where they were read from."""

    directory: Path | None
    city: City
    settings: RuleSettings
    lexicon: Lexicon
    characters: Characters = field(repr=False)
    company: WordsInCompany = field(repr=False)
    kinds: tuple[Kind, ...]
    otherwise: Kind
    outside: Mapping[str, Outside]
    #: Who must stand close to a word for it to be pressing, by the code of its sense.
    near: Mapping[str, Nearby]
    perils: Perils = field(repr=False)
    #: What n-grams weigh of what sounds like danger.
    dangers: OnDemand
    dangers_in_english: OnDemand
    accusations: AccusationRules = field(repr=False)
    streets: Streets = field(repr=False)
    items: NamedItems = field(repr=False)
    tags: NamedTags = field(repr=False)

    def __reduce__(self) -> tuple[Any, ...]:
        return load_rules, (self.directory, self.city)


def load_rules(directory: Path | None = None, city: City | None = None) -> RoutingRules:
    """The rules in `directory`, checked against `city`; a file that is missing there is the shipped one.

    Without a city: the example city.

    Raises:
        Misconfigured: a file is malformed, or names a category or department that the city does not have.
    """
    if directory is not None and not directory.is_dir():
        raise Misconfigured(
            name="ROUTING_DIRECTORY",
            fault=Unusable(zh=f"{directory} 不是文件夹", en=f"{directory} is no folder"),
        )
    try:
        return _loaded(directory, city or load_city())
    except OSError as error:
        why = f"{error.filename} ({error.strerror})"
        fault = Unusable(zh=f"无法读取 {why}", en=f"{why} cannot be read")
        raise Misconfigured(name="ROUTING_DIRECTORY", fault=fault) from error
    except Misconfigured:
        raise
    except ValueError as error:
        raise Misconfigured(name="ROUTING_DIRECTORY", fault=_fault(error)) from error


def _fault(error: ValueError) -> HuiyinError:
    """In both languages; of a value of the wrong kind msgspec's own words say which, and where."""
    known = error if isinstance(error, HuiyinError) else None
    zh = in_chinese(error) if isinstance(error, msgspec.ValidationError) else error
    return known or Unusable(zh=f"派单规则的内容不符：{zh}", en=f"the routing rules do not fit: {error}")


def specialists_in(directory: Path | None = None) -> frozenset[str]:
    """The departments whose own words the rules in `directory` list, whether a city has them or not.

    Raises:
        OSError, ValueError: their file cannot be read, or is malformed.
    """
    raw = read_file(directory, "departments")
    return frozenset(line.code for line in msgspec.convert(raw["department"], tuple[DepartmentWords, ...]))


@cache
def _loaded(directory: Path | None, city: City) -> RoutingRules:
    raw: dict[str, Any] = {}
    for name in FILES:
        raw |= _table(name, read_file(directory, name))
    rules = build_rules(msgspec.convert(raw, RuleFiles), city, directory)
    if directory is not None and (directory / "categories.toml").is_file():
        _check_company(rules.company)
    return rules


def _check_company(company: WordsInCompany) -> None:
    """Of a city's own file alone: to look every word up takes a while, and tests do so for the shipped one."""
    if unheard := company.unheard():
        raise NeverInCompany(words="、".join(unheard))


def build_rules(raw: RuleFiles, city: City, directory: Path | None = None) -> RoutingRules:
    """The rules in `raw`, checked against `city`.

    Raises:
        ValueError: they name a category or department that the city does not have.
    """
    _check(raw, city)
    words: dict[str, list[Sense]] = {}
    for word, sense in _senses(raw, city):
        words.setdefault(word, []).append(sense)
    lexicon = Lexicon(words)
    return RoutingRules(
        directory=directory,
        city=city,
        settings=raw.settings,
        lexicon=lexicon,
        characters=Characters({word: lexicon.topics[word] for word in words}),
        company=_company(raw, lexicon),
        kinds=tuple(line.kind for line in raw.kind),
        otherwise=raw.otherwise,
        outside={line.name: line for line in raw.outside},
        near={str(at): line.nearby(raw.somebody) for at, line in enumerate(raw.near)},
        perils=Perils(raw.perils),
        dangers=OnDemand(Subject.DANGERS),
        dangers_in_english=OnDemand(Subject.DANGERS_IN_ENGLISH),
        accusations=build_accusation_rules(raw.misconduct, _unit_names(raw, city), city),
        streets=Streets(city),
        items=NamedItems(city),
        tags=NamedTags(city),
    )


def _company(raw: RuleFiles, lexicon: Lexicon) -> WordsInCompany:
    voice = CompanyVoice(raw.settings.company_adds, raw.settings.company_keeps)
    return WordsInCompany(raw.company, [meaning.word for meaning in lexicon.meanings], voice)


def read_file(directory: Path | None, name: str) -> dict[str, Any]:
    """One file of the rules in `directory`, or the shipped one where it is missing there; `name`: without its ending.

    Raises:
        OSError, MalformedRules: it cannot be read, or is no TOML.
    """
    file = _file(directory, name)
    try:
        return tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except ValueError as error:
        raise MalformedRules(file=file.name, why=str(error)) from error


def _file(directory: Path | None, name: str) -> Traversable:
    own = directory / f"{name}.toml" if directory else None
    return own if own and own.is_file() else resources.files("routing") / "data" / f"{name}.toml"


def _table(name: str, raw: dict[str, Any]) -> dict[str, Any]:
    if name == "perils":
        return {name: raw}
    if name != "settings":
        return raw
    groups = {key: value for key, value in raw.items() if isinstance(value, dict)}
    flat = {f"{group}_{key}": value for group, line in groups.items() for key, value in line.items()}
    return {"settings": {key: value for key, value in raw.items() if key not in groups} | flat}


def _check(raw: RuleFiles, city: City) -> None:
    raw.settings.check()
    unknown = {line.code for line in raw.category} - set(city.category)
    unknown |= {code for line in raw.company for code in (line.category, *line.over)} - set(city.category)
    unknown |= {line.code for line in raw.department} - set(city.department)
    if unknown:
        raise RulesOfAnotherCity(names=", ".join(sorted(unknown)))


def _senses(raw: RuleFiles, city: City) -> Iterator[tuple[str, Sense]]:
    """Each word as messages say it: Taiwan's in both readings."""
    yield from with_items(_topics(raw), city, raw.settings.leaning)
    yield from _districts(city)
    yield from ((each, sense) for word, sense in _cues(raw) for each in readings_of(word))


def _topics(raw: RuleFiles) -> Iterator[tuple[str, Sense]]:
    for category in raw.category:
        yield from _weighted(category, Aspect.CATEGORY, category.code, raw.settings)
    for department in raw.department:
        yield from _weighted(department, Aspect.DEPARTMENT, department.code, raw.settings)
    for kind in raw.kind:
        yield from _weighted(kind, Aspect.KIND, kind.kind, raw.settings)


def _unit_names(raw: RuleFiles, city: City) -> UnitNames:
    """Raises ValueError: two departments go by one name."""
    return UnitNames(
        surely=_owners(
            [*((department.zh, department.code) for department in city.departments), *_each(raw, "called")]
        ),
        staff=_owners(_each(raw, "staff")),
        loosely=_owners(_each(raw, "loosely")),
    )


def _each(raw: RuleFiles, names: str) -> Iterator[tuple[str, str]]:
    return ((name, line.code) for line in raw.department for name in getattr(line, names))


def _owners(named: Iterable[tuple[str, str]]) -> Mapping[str, str]:
    owner: dict[str, str] = {}
    for name, code in named:
        if any(owner.setdefault(each, code) != code for each in readings_of(name)):
            raise NameOfTwo(name=name)
    return owner


def _districts(city: City) -> Iterator[tuple[str, Sense]]:
    for region in city.regions:
        for name in region.every_name:
            yield name, Sense(Aspect.REGION, region.code, 1.0)


def _cues(raw: RuleFiles) -> Iterator[tuple[str, Sense]]:
    levels: tuple[tuple[Urgency, Sequence[str]], ...] = (
        (Urgency.EMERGENCY, raw.emergency),
        (Urgency.URGENT, raw.urgent),
    )
    for level, words in levels:
        yield from ((word, Sense(Aspect.URGENCY, level, 1.0)) for word in words)
    for at, near in enumerate(raw.near):
        yield from ((word, Sense(Aspect.NEAR, str(at), 1.0)) for word in near.words)
    for outside in raw.outside:
        yield from ((word, Sense(Aspect.OUTSIDE, outside.name, 0.0)) for word in outside.words)
    for transfer in raw.transfer:
        yield from ((word, Sense(Aspect.TRANSFER, transfer.number, 0.0)) for word in transfer.words)


def _weighted(
    words: WordsByStrength, aspect: Aspect, code: str, settings: RuleSettings
) -> Iterator[tuple[str, Sense]]:
    """Of words that are the same, written otherwise (路燈, 路灯), the first, which is the strongest.

    Raises:
        WordTwice: one is listed twice as it stands.
    """
    strengths = (
        (words.decisive, settings.decisive),
        (words.strong, settings.strong),
        (words.leaning, settings.leaning),
    )
    listed: dict[str, str] = {}
    for group, weight in strengths:
        for word in group:
            new = [each for each in readings_of(word) if each not in listed]
            if not new and word in listed.values():
                raise WordTwice(code=code, word=word)
            listed.update(dict.fromkeys(new, word))
            yield from ((each, Sense(aspect, code, weight)) for each in new)
