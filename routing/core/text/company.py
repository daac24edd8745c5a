"""Words that mean something else in company: 教师 beside 工资 is a matter of schools, not of wages."""

from collections.abc import Iterable, Mapping, MutableMapping, Sequence
from functools import cached_property
from typing import NamedTuple

import msgspec
from ahocorasick_rs import AhoCorasick, MatchKind

from routing.core.text.lexicon import matches_in
from schemas.simplified import readings_of

#: Characters of the text that are read behind the title: what a matter is about stands at its beginning. Project choice:
#: 25 and 100 do the same (docs/measurements.md).
BEGINNING = 40


class CompanyWords(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where one of `words` is said, `category` is louder and those of `over` are quieter.

    `beside`: only where one of these is said, too. `unless`: nowhere where one of these is. Each stands for every listed
    word that it is a part of.
    """

    category: str
    over: tuple[str, ...]
    words: tuple[str, ...]
    beside: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()


class CompanyVoice(NamedTuple):
    """How loud company is: what `category` gets, once, and what is left of what was said of those that it is put over."""

    adds: float
    keeps: float


class _Rule(NamedTuple):
    """Listed words by their numbers; `beside` is None where nothing need stand there."""

    category: str
    over: tuple[str, ...]
    words: frozenset[int]
    beside: frozenset[int] | None
    unless: frozenset[int]


class WordsInCompany:
    """What one city's rules say of words in company, ready to be asked of many messages; threads may share it."""

    def __init__(self, rules: Sequence[CompanyWords], listed: Sequence[str], voice: CompanyVoice) -> None:
        """`listed`: every word that is looked for, by its number."""
        self._written, self._listed, self._voice = rules, listed, voice

    @cached_property
    def _rules(self) -> tuple[_Rule, ...]:
        """Looked up with the first message: most processes judge none."""
        return tuple(_rule(rule, self._holding) for rule in self._written)

    @cached_property
    def _holding(self) -> Mapping[str, frozenset[int]]:
        return _holding(self._written, self._listed)

    @cached_property
    def _spoken_for(self) -> Mapping[int, tuple[int, ...]]:
        """By each word without which no rule holds, the rules that it speaks for, by their place."""
        found: dict[int, list[int]] = {}
        for place, rule in enumerate(self._rules):
            for word in rule.words:
                found.setdefault(word, []).append(place)
        return {word: tuple(places) for word, places in found.items()}

    def unheard(self) -> tuple[str, ...]:
        """Words of the rules that are part of no listed word: they are never met."""
        return tuple(word for word, held in self._holding.items() if not held)

    def weigh(self, scores: MutableMapping[str, float], said: Mapping[int, float]) -> None:
        """Make `scores` of a message louder and quieter. `said`: words at its beginning, and how many times each counts."""
        spoken_for, times = self._spoken_for, dict[int, float]()
        for word, loud in said.items():
            for place in spoken_for.get(word, ()):
                times[place] = max(times.get(place, 0.0), loud)
        for place in sorted(times):
            self._weigh(self._rules[place], scores, said, times[place])

    def _weigh(
        self, rule: _Rule, scores: MutableMapping[str, float], said: Mapping[int, float], times: float
    ) -> None:
        if not rule.unless.isdisjoint(said) or (rule.beside is not None and rule.beside.isdisjoint(said)):
            return
        scores[rule.category] += self._voice.adds * times
        for code in rule.over:
            if code in scores:
                scores[code] *= self._voice.keeps


def _rule(written: CompanyWords, holding: Mapping[str, frozenset[int]]) -> _Rule:
    words, beside, unless = (
        frozenset[int]().union(*(holding[part] for part in parts))
        for parts in (written.words, written.beside, written.unless)
    )
    return _Rule(written.category, written.over, words, beside if written.beside else None, unless)


def _holding(rules: Iterable[CompanyWords], listed: Sequence[str]) -> dict[str, frozenset[int]]:
    """By each word of the rules, the numbers of the listed words that it is, or is a part of, in either script."""
    parts = dict.fromkeys(each for rule in rules for each in (*rule.words, *rule.beside, *rule.unless))
    readings = [(reading, part) for part in parts for reading in readings_of(part)]
    finder = AhoCorasick([reading for reading, _ in readings], matchkind=MatchKind.Standard)
    held: dict[str, set[int]] = {part: set() for part in parts}
    for number, word in enumerate(listed):
        for which, _, _ in matches_in(finder, word, overlapping=True):
            held[readings[which][1]].add(number)
    return {part: frozenset(numbers) for part, numbers in held.items()}
