"""Finds every listed word in a text in one pass, and knows what each speaks for."""

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple

from ahocorasick_rs import AhoCorasick, MatchKind


class Aspect(StrEnum):
    """What a word is evidence of."""

    #: What the matter is.
    CATEGORY = "category"
    #: Whose own business it is.
    DEPARTMENT = "department"
    #: What the citizen wants.
    KIND = "kind"
    #: How soon somebody must move.
    URGENCY = "urgency"
    #: How soon, if somebody stands close to it.
    NEAR = "near"
    #: In which district.
    REGION = "region"
    #: Not for the city, but for a legal route.
    OUTSIDE = "outside"
    #: For 110, 119, 120 or 122.
    TRANSFER = "transfer"


class Sense(NamedTuple):
    """One thing that a word speaks for, and how loudly."""

    aspect: Aspect
    code: str
    weight: float


#: Codes and weights.
Votes = tuple[tuple[str, float], ...]


class ListedWord(NamedTuple):
    """All that one word says: what it is evidence of, by aspect."""

    word: str
    #: Of categories.
    topics: Votes
    #: Of departments' own business.
    specialists: Votes
    #: Whatever else; most words have none.
    cues: tuple[Sense, ...]


#: Half of a pair that stands alone: no character, and no word has one.
LONE_HALF = re.compile("[\ud800-\udfff]")


def matches_in(automaton: AhoCorasick, text: str, *, overlapping: bool = False) -> list[tuple[int, int, int]]:
    """What it finds in `text`: the number of each word, where it begins and where it ends, in characters."""
    try:
        return automaton.find_matches_as_indexes(text, overlapping=overlapping)
    except UnicodeEncodeError:
        return automaton.find_matches_as_indexes(LONE_HALF.sub("\ufffd", text), overlapping=overlapping)


class Lexicon:
    """Words of two characters or more, found left to right, the longest first, without overlap.

    A long word keeps the senses of the shorter ones inside it, in each aspect that it has none of its own:
    噪音污染 is about the environment and still names what 噪音 names, while 火灾隐患 is not a 火灾. Danger that begins at
    the end of another word is found: 污水管爆裂 is both 污水管 and 水管爆裂.
    """

    __slots__ = ("_automaton", "_words", "cues", "meanings", "speaking", "specialists", "topics")

    def __init__(self, words: Mapping[str, Sequence[Sense]]) -> None:
        if short := sorted(word for word in words if len(word) < 2):
            raise ValueError(f"words need two characters at least: {'、'.join(short)}")
        senses: dict[str, tuple[Sense, ...]] = {word: _with_inner(word, words) for word in words}
        senses = _spanning(senses) | senses
        #: What each word says of categories: (code, weight).
        self.topics: Mapping[str, Votes] = {
            word: _votes(found, Aspect.CATEGORY) for word, found in senses.items()
        }
        #: What each says of departments' own business.
        self.specialists: Mapping[str, Votes] = {
            word: _votes(found, Aspect.DEPARTMENT) for word, found in senses.items()
        }
        #: What else it says; only words that say something else.
        self.cues: Mapping[str, tuple[Sense, ...]] = {
            word: rest
            for word, found in senses.items()
            if (
                rest := tuple(
                    sense for sense in found if sense.aspect not in (Aspect.CATEGORY, Aspect.DEPARTMENT)
                )
            )
        }
        #: The words that speak for a category, each with its weight.
        self.speaking: dict[str, dict[str, float]] = {}
        for word, votes in self.topics.items():
            for code, weight in votes:
                self.speaking.setdefault(code, {})[word] = weight
        self._words = tuple(senses)
        #: By the number that `matches` gives a word.
        self.meanings = tuple(
            ListedWord(word, self.topics[word], self.specialists[word], self.cues.get(word, ()))
            for word in self._words
        )
        self._automaton = AhoCorasick(self._words, matchkind=MatchKind.LeftmostLongest)

    def scan(self, text: str) -> list[tuple[int, str]]:
        """Every listed word in `text` and where it begins, in order."""
        words = self._words
        return [(at, words[which]) for which, at, _ in self.matches(text)]

    def matches(self, text: str) -> list[tuple[int, int, int]]:
        """The same for whoever reads many: the number of each word (see `meanings`), where it begins and where it ends."""
        return matches_in(self._automaton, text)


def _spanning(senses: Mapping[str, tuple[Sense, ...]]) -> dict[str, tuple[Sense, ...]]:
    """Words of two that share characters, the second of danger: the first one's match alone would hide it."""
    by_start: dict[str, list[str]] = {}
    for word in [word for word, found in senses.items() if _is_of_danger(found)]:
        for shared in range(1, len(word)):
            by_start.setdefault(word[:shared], []).append(word)
    spanning: dict[str, tuple[Sense, ...]] = {}
    for word in senses:
        for shared in range(1, len(word)):
            for danger in by_start.get(word[-shared:], ()):
                both = word + danger[shared:]
                found = (*spanning.get(both, ()), *senses[word], *senses[danger])
                spanning[both] = tuple(dict.fromkeys(found))
    return spanning


def _is_of_danger(senses: Sequence[Sense]) -> bool:
    return any(sense.aspect in (Aspect.URGENCY, Aspect.NEAR, Aspect.TRANSFER) for sense in senses)


def _votes(senses: Sequence[Sense], aspect: Aspect) -> Votes:
    return tuple((sense.code, sense.weight) for sense in senses if sense.aspect is aspect)


def _with_inner(word: str, words: Mapping[str, Sequence[Sense]]) -> tuple[Sense, ...]:
    inner: dict[tuple[Aspect, str], Sense] = {}
    for size in range(2, len(word)):
        for at in range(len(word) - size + 1):
            inner |= {(sense.aspect, sense.code): sense for sense in words.get(word[at : at + size], ())}
    own = {sense.aspect for sense in words[word]}
    return (*words[word], *(sense for sense in inner.values() if sense.aspect not in own))
