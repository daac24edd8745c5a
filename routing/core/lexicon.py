"""Finds every listed word in a text in one pass, and knows what each speaks for."""

import sys
from collections.abc import Mapping, Sequence
from enum import StrEnum
from itertools import chain, compress, count
from typing import NamedTuple


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

#: Four bytes a character, in the machine's own order: two neighbours are then one 64-bit integer.
_CODEC = f"utf-32-{'le' if sys.byteorder == 'little' else 'be'}"


class Lexicon:
    """Words of two characters or more, found left to right, the longest first, without overlap.

    A long word keeps the senses of the shorter ones inside it, in each aspect that it has none of its own:
    噪音污染 is about the environment and still names what 噪音 names, while 火灾隐患 is not a 火灾.
    """

    __slots__ = ("_by_pair", "_by_start", "cues", "specialists", "topics")

    def __init__(self, words: Mapping[str, Sequence[Sense]]) -> None:
        if short := sorted(word for word in words if len(word) < 2):
            raise ValueError(f"words need two characters at least: {'、'.join(short)}")
        senses = {word: _with_inner(word, words) for word in words}
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
        starts: dict[str, list[str]] = {}
        for word in sorted(words, key=lambda word: (-len(word), word)):
            starts.setdefault(word[:2], []).append(word)
        self._by_start = {start: tuple(found) for start, found in starts.items()}
        self._by_pair = frozenset(_pair(start) for start in starts)

    def scan(self, text: str) -> list[tuple[int, str]]:
        """Every listed word in `text` and where it begins, in order."""
        by_start = self._by_start
        found: list[tuple[int, str]] = []
        free_from = 0
        for at in self._starts(text):
            if at < free_from:
                continue
            for word in by_start[text[at : at + 2]]:
                if text.startswith(word, at):
                    found.append((at, word))
                    free_from = at + len(word)
                    break
        return found

    def _starts(self, text: str) -> list[int]:
        """Where two neighbours begin some word; runs in C, twice as fast as comparing slices."""
        raw = memoryview(text.encode(_CODEC, "surrogatepass"))
        listed, size = self._by_pair.__contains__, len(raw)
        even = raw[: size // 8 * 8].cast("Q")
        odd = raw[4 : 4 + max(size - 4, 0) // 8 * 8].cast("Q")
        return sorted(
            chain(
                compress(count(0, 2), map(listed, even)),
                compress(count(1, 2), map(listed, odd)),
            )
        )


def _votes(senses: Sequence[Sense], aspect: Aspect) -> Votes:
    return tuple((sense.code, sense.weight) for sense in senses if sense.aspect is aspect)


def _pair(start: str) -> int:
    return int.from_bytes(start.encode(_CODEC), sys.byteorder)


def _with_inner(word: str, words: Mapping[str, Sequence[Sense]]) -> tuple[Sense, ...]:
    inner: dict[tuple[Aspect, str], Sense] = {}
    for size in range(2, len(word)):
        for at in range(len(word) - size + 1):
            inner |= {(sense.aspect, sense.code): sense for sense in words.get(word[at : at + size], ())}
    own = {sense.aspect for sense in words[word]}
    return (*words[word], *(sense for sense in inner.values() if sense.aspect not in own))
