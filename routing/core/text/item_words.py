"""Gives listed words more weight where they name an item (事项) of the dispatch catalogue."""

from collections.abc import Iterable, Iterator, Mapping

from ahocorasick_rs import AhoCorasick

from routing.core.text.lexicon import Aspect, Sense
from schemas.city import City
from schemas.simplified import as_matched

Listed = tuple[str, Sense]


def with_items(listed: Iterable[Listed], city: City, step: float) -> Iterator[Listed]:
    """`listed`, where a category's words that name an item of it, or hold words that do, are louder by `step`.

    Items' words that no list has stay out: 公交车太少 would hide 公交车, and words in several parts are not looked for.
    """
    naming = _naming(city)
    for word, sense in listed:
        finder = naming.get(sense.code) if sense.aspect is Aspect.CATEGORY else None
        is_louder = finder is not None and bool(finder.find_matches_as_indexes(_as_compared(word)))
        yield word, Sense(sense.aspect, sense.code, sense.weight + step) if is_louder else sense


def _naming(city: City) -> Mapping[str, AhoCorasick]:
    """Finds the words of each category's items."""
    words: dict[str, set[str]] = {}
    for item in city.items:
        whole = (_as_compared(word) for word in item.words if len(word.split()) == 1)
        words.setdefault(city.category_of(item).code, set()).update(whole)
    return {code: AhoCorasick(found) for code, found in words.items()}


def _as_compared(word: str) -> str:
    """路燈 is 路灯, and WiFi is wifi."""
    return as_matched(word).lower()
