"""Learns anew what names look like: `python -m deploy.local.learn_names`, after a change of the sentences or words.

The same sentences, the same weights. Each sentence with names is also read with other names in their places, so that what
leads to a name is learned apart from the names that we happened to write.
"""

import random
import re
from bisect import bisect
from collections.abc import Iterable, Iterator
from importlib import resources
from pathlib import Path
from typing import NamedTuple

import msgspec

from routing.core.suspicion.sentences import Subject, listed, sentences_of
from schemas.masking import judge
from schemas.masking.judge import Candidate, NameWeights
from schemas.masking.names import hide_names

_DATA = Path(__file__).parents[2] / "schemas" / "data"
_MARKED = re.compile("【([^【】]*)】")
#: Candidates that a sign must be seen at: one that is seen once names that candidate (project choice: the least that
#: excludes it).
_SEEN = 2
#: How much weights may differ from none. Project choice: of .1, .5, 1 and 2 it found most of another hand's.
_FREEDOM = 1
#: NameWeights nearer to nothing than this, in hundredths, are nothing (project choice).
_LEAST = 8
#: How often a sentence is read with other names. Project choice: eight times found no more.
_OTHERS = 3
#: Of other names: so many are one that we wrote, have one character more, or two that stand together in the list of given
#: names; all others two of different names (project choice).
_WRITTEN, _ALONE, _TOGETHER = 0.1, 0.35, 0.8
#: Added to a surname's place among the commonest: the first is met about nine times as often as the hundredth (project
#: choice, near the report that orders them).
_FLATTENED = 12


class MarkedSentence(NamedTuple):
    """A sentence and where people's names stand in it."""

    text: str
    names: list[tuple[int, int]]


def sentences() -> list[MarkedSentence]:
    """The shipped sentences, with every name marked; and those of accusations in which no word leads to one."""
    lines = resources.files("schemas").joinpath("data", "name_sentences.txt").read_text(encoding="utf-8")
    marked = [unmarked(line) for line in lines.splitlines() if line and not line.startswith("#")]
    others = (sentence.text for sentence in sentences_of(listed(Subject.ACCUSATIONS)))
    return [*marked, *(MarkedSentence(text, []) for text in others if hide_names(text) == text)]


def unmarked(line: str) -> MarkedSentence:
    """A line with names in 【】, without the marks."""
    text, names, done = "", list[tuple[int, int]](), 0
    for match in _MARKED.finditer(line):
        text += line[done : match.start()]
        names.append((len(text), len(text) + len(match[1])))
        text, done = text + match[1], match.end()
    return MarkedSentence(text + line[done:], names)


def learned() -> NameWeights:
    """What the shipped sentences teach, in hundredths."""
    return learn(sentences())


def learn(known: list[MarkedSentence]) -> NameWeights:
    """What these sentences teach, in hundredths."""
    from sklearn.feature_extraction.text import (
        CountVectorizer,
    )  # here: whoever only masks does not wait for it
    from sklearn.linear_model import LogisticRegression

    signs, answers, counts = _examples(known)
    counter = CountVectorizer(analyzer=_by_kind, min_df=_SEEN)
    rows = counter.fit_transform(signs)
    machine = LogisticRegression(C=_FREEDOM, solver="liblinear", tol=1e-7, max_iter=1000, random_state=0)
    machine.fit(rows, answers, sample_weight=counts)
    places = sorted(counter.vocabulary_, key=counter.vocabulary_.__getitem__)
    weights = zip(places, machine.coef_[0].tolist(), strict=True)
    rounded = [(kind, sign, round(100 * weight)) for (kind, sign), weight in weights]
    tables: list[dict[str, int]] = [{} for _ in range(len(signs[0]))]
    for kind, sign, weight in rounded:
        if abs(weight) >= _LEAST:
            tables[kind][sign] = weight
    looks = len(judge.look_of("王", "强")[0])
    return NameWeights(
        start=round(100 * float(machine.intercept_[0])), looks=tables[:looks], places=tables[looks:]
    )


def _by_kind(signs: tuple[str, ...]) -> list[tuple[int, str]]:
    return [(kind, sign) for kind, sign in enumerate(signs) if sign]


def _signs(text: str, candidate: Candidate) -> tuple[str, ...]:
    start, given, end = candidate
    look, usual, common = judge.look_of(text[start:given], text[given:end])
    return look + judge.signs_around(text, start, end, usual, common)


def _examples(known: list[MarkedSentence]) -> tuple[list[tuple[str, ...]], list[bool], list[float]]:
    """The signs of each candidate, whether it is a name, and how much it counts."""
    names = _Names(known)
    signs, answers, counts = [], [], []
    for sentence in known:
        for candidate in _weighed(sentence.text):
            signs.append(_signs(sentence.text, candidate))
            answers.append((candidate[0], candidate[2]) in sentence.names)
            counts.append(1.0)
        for other in names.others(sentence):
            for candidate in _near(_weighed(other.text), other.names):
                signs.append(_signs(other.text, candidate))
                answers.append((candidate[0], candidate[2]) in other.names)
                counts.append(1 / _OTHERS)
    return signs, answers, counts


def _weighed(text: str) -> Iterator[Candidate]:
    """What weights say something of."""
    also_named = judge.known().also_named
    return (each for each in judge.candidates(text) if text[each[0] : each[2]] not in also_named)


def _near(candidates: Iterable[Candidate], names: list[tuple[int, int]]) -> Iterator[Candidate]:
    """Those that a name has characters of."""
    for candidate in candidates:
        if any(candidate[0] < end and start < candidate[2] for start, end in names):
            yield candidate


class _Names:
    """Other names, of the characters and as often as people have them."""

    def __init__(self, known: list[MarkedSentence]) -> None:
        words = judge.known()
        self._written = [
            sentence.text[start:end]
            for sentence in known
            for start, end in sentence.names
            if end - start in (2, 3)
        ]
        self._surnames = list(words.common)
        ends = [1.0]
        for place in range(1, len(self._surnames)):
            ends.append(ends[-1] + _FLATTENED / (place + _FLATTENED))
        self._ends = ends
        self._alone, self._given = sorted(words.alone), words.given
        self._lot = random.Random(1)  # noqa: S311 - the same names each time, not secret ones

    def others(self, sentence: MarkedSentence) -> Iterator[MarkedSentence]:
        """The sentence with other names in the places of its own, so often as others are read."""
        if not any(_is_whole(sentence.text[start:end]) for start, end in sentence.names):
            return
        for _ in range(_OTHERS):
            text, names, done = "", list[tuple[int, int]](), 0
            for start, end in sentence.names:
                name = sentence.text[start:end]
                name = self._other() if _is_whole(name) else name
                text += sentence.text[done:start]
                names.append((len(text), len(text) + len(name)))
                text, done = text + name, end
            yield MarkedSentence(text + sentence.text[done:], names)

    def _other(self) -> str:
        kind = self._lot.random()
        if kind < _WRITTEN:
            return self._one_of(self._written)
        surname = self._surnames[bisect(self._ends, self._lot.random() * self._ends[-1])]
        if kind < _ALONE:
            return surname + self._one_of(self._alone)
        given = self._one_of(self._given)
        return surname + (given if kind < _TOGETHER else given[0] + self._one_of(self._given)[1])

    def _one_of(self, names: list[str]) -> str:
        return names[int(self._lot.random() * len(names))]


def _is_whole(name: str) -> bool:
    """A surname and more, in Chinese characters; 老王 and 小李 are called so by those who know them."""
    return len(name) > 1 and all("\u4e00" <= each <= "\u9fff" for each in name) and name[0] not in "老小阿大"


def to_text(weights: NameWeights) -> str:
    """The weights as JSON, as they are committed: a sign a line."""
    ordered = NameWeights(start=weights.start, looks=_sorted(weights.looks), places=_sorted(weights.places))
    return msgspec.json.format(msgspec.json.encode(ordered), indent=1).decode() + "\n"


def _sorted(tables: list[dict[str, int]]) -> list[dict[str, int]]:
    return [dict(sorted(table.items())) for table in tables]


if __name__ == "__main__":
    (_DATA / "name_weights.json").write_text(to_text(learned()), encoding="utf-8")
