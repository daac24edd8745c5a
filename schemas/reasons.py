"""Why a case was sent somewhere or became an emergency, as a code with facts, put into words for the reader."""

from collections.abc import Sequence
from datetime import date
from enum import StrEnum

from schemas.city import CatalogueItem, City
from schemas.values import Reason
from schemas.words import Language


class Because(StrEnum):
    """Rules that send a case, and what makes one an emergency, as `Reason.code` names them."""

    #: 按派单目录; the item's code
    CATALOGUE = "catalogue"
    #: 按认定; its day and its number
    RULING = "ruling"
    #: 疑似险情; the version of the weights that said so, and the words where they may be told
    SOUND = "sound"


def by_catalogue(item: CatalogueItem) -> Reason:
    """That the item of the dispatch catalogue leads there."""
    return Reason(words=f"按派单目录：{item.zh}", weight=1.0, code=Because.CATALOGUE, facts=(item.code,))


def by_ruling(day: date, number: int) -> Reason:
    """That a dispatcher ruled so on that day."""
    facts = (day.isoformat(), str(number))
    return Reason(words=f"按 {day} 的认定（第 {number} 条）", weight=1.0, code=Because.RULING, facts=facts)


def by_sound(version: str, words: str) -> Reason:
    """That it is an emergency by these words, though no rule knows them."""
    facts = (version, words)
    return Reason(words=_sound(Language.ZH, *facts), weight=1.0, code=Because.SOUND, facts=facts)


def _sound(language: Language, version: str, words: str = "") -> str:
    said = language.choose(
        f"无规则命中，模型（{version}）判为险情，按特急处理",
        f"An emergency by no rule, but by how it sounds (model {version})",
    )
    return language.choose("{}：“{}”", "{}: “{}”").format(said, words) if words else said


def basis_in(reasons: Sequence[Reason]) -> Reason | None:
    """The rule that sent the case, among its reasons; None where its words did."""
    return next((one for one in reasons if one.code and one.code != Because.SOUND), None)


def sound_in(reasons: Sequence[Reason]) -> str | None:
    """Which version of the weights alone made the case an emergency; None where a rule or nobody did."""
    return next((one.facts[0] for one in reasons if one.code == Because.SOUND and one.facts), None)


def in_words(reason: Reason, language: Language, city: City) -> str:
    """A reason as its reader is told it; the words of a message are the citizen's own."""
    return said_in(language, city, reason.code, reason.facts) or reason.words


def said_in(language: Language, city: City, code: str, facts: Sequence[str]) -> str | None:
    """A rule in words; None where this release or this city does not know it: it is said as it was written."""
    match code, tuple(facts):
        case Because.CATALOGUE, (item,) if item in city.item:
            name = city.item[item].name(language)
            return language.choose(f"按派单目录：{name}", f"By the dispatch catalogue: {name}")
        case Because.SOUND, (version, *words):
            return _sound(language, version, *words[:1])
        case Because.RULING, (day, number):
            return language.choose(f"按 {day} 的认定（第 {number} 条）", f"By ruling {number} of {day}")
    return None
