"""Which item (事项) of the dispatch catalogue a message names: the one whose words it says most of, or none."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from ahocorasick_rs import AhoCorasick

from routing.core.lexicon import LONE_HALF
from routing.core.negation import AFTER, BEFORE, Assertion, said
from schemas.city import CatalogueItem, City
from schemas.words import Kind

#: The loudest is named if it is so many times as loud as the next one: by half, and that is no toss (project choice).
_CLEAR = 1.5


class _Word(NamedTuple):
    """One word of an item: all of its parts, and how many characters they have together."""

    parts: frozenset[str]
    item: CatalogueItem
    code: str
    size: int


class NamedItems:
    """The catalogue of one city, ready to be read beside many messages; threads may share it."""

    def __init__(self, city: City) -> None:
        self._item: Mapping[str, CatalogueItem] = city.item
        words: dict[str, list[_Word]] = {}
        for item in city.items:
            words.setdefault(city.category_of(item).code, []).extend(_words(item))
        self._finders = {category: _Finder(each) for category, each in words.items()}

    def named(
        self, title: str, text: str, category: str, kind: Kind, louder: float
    ) -> CatalogueItem | None:
        """The item of `category` that is clearly meant; None where none is, or two are near.

        `louder`: how many times a word in the title counts.
        """
        finder = self._finders.get(category)
        if finder is None:
            return None
        weights = finder.weights(f"{title}\n{text}\n", len(title), louder)
        code = _clearest(finder.scores(weights, kind)) if weights else None
        return self._item[code] if code else None


class _Finder:
    """The words of one category's items."""

    def __init__(self, words: Iterable[_Word]) -> None:
        self._words: dict[str, list[_Word]] = {}
        for word in words:
            # Found once, by whichever part comes first by its characters.
            self._words.setdefault(min(word.parts), []).append(word)
        every = {part for each in self._words.values() for word in each for part in word.parts}
        self._parts = tuple(sorted(every))
        self._automaton = AhoCorasick(self._parts)

    def weights(self, whole: str, title_ends: int, louder: float) -> dict[str, float]:
        """How loudly each part is said; what is denied (不是路灯) is not."""
        found: dict[str, float] = {}
        parts = self._parts
        for which, at, end in self._matches(whole):
            part = parts[which]
            if part in found:
                continue
            if (whole[at - 1] in BEFORE or whole[end] in AFTER) and said(whole, at, end) is Assertion.DENIED:
                continue
            found[part] = louder if at < title_ends else 1.0
        return found

    def _matches(self, whole: str) -> list[tuple[int, int, int]]:
        try:
            return self._automaton.find_matches_as_indexes(whole, overlapping=True)
        except UnicodeEncodeError:
            return self._automaton.find_matches_as_indexes(LONE_HALF.sub("\ufffd", whole), overlapping=True)

    def scores(self, weights: Mapping[str, float], kind: Kind) -> dict[str, float]:
        """What is said of each item: the characters of its words, as loud as their quietest part."""
        found: dict[str, float] = {}
        said_parts = weights.keys()
        for part in weights:
            for parts, item, code, size in self._words.get(part, ()):
                if parts <= said_parts and (item.kind is None or item.kind is kind):
                    loud = min([weights[each] for each in parts])
                    found[code] = found.get(code, 0.0) + size * loud
        return found


def _words(item: CatalogueItem) -> Iterable[_Word]:
    for word in item.words:
        parts = frozenset(word.split())
        yield _Word(parts, item, item.code, sum(map(len, parts)))


def _clearest(scores: Mapping[str, float]) -> str | None:
    """The loudest, if no other is near."""
    ranked = sorted(scores.values(), reverse=True)
    if not ranked or (len(ranked) > 1 and ranked[0] < _CLEAR * ranked[1]):
        return None
    return max(scores, key=scores.__getitem__)
