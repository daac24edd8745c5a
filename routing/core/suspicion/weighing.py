"""How much the clauses of texts sound like accusations: learned weights of their characters, pairs and triples."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from operator import add
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from routing.core.phrases import CLAUSE_ENDS
from routing.core.suspicion.signs import Window, WordSign

Numbers = NDArray[np.float64]
Places = NDArray[np.int64]
Hashes = NDArray[np.uint32]

#: Characters of one sentence that are weighed together: about three clauses. Project choice, as long as our sentences are.
_TOGETHER = 48
#: n-grams up to which none is discounted: of about fifteen characters. Project choice: of 20, 40, 60 and 90 it found most.
_UNDISCOUNTED = 60
#: Bits of a place in the table of weights, which fits the processor's cache so (project choice).
SLOT_BITS = 17
#: A group that weighs less with its repetitions is not weighed again without them. Project choice: one in a hundred is lost.
_WEIGH_AGAIN_FROM = 0.0
_SENTENCE_ENDS = "。！？!?;；\n"
_LINE = ord("\n")
#: Between two texts: no n-gram reaches from one into the other.
_BETWEEN = "\n\n\n"
#: A sentence whose groups all weigh less, repetitions and all, is surely ordinary, and no rule is asked. Project choice:
#: none that the rules are tested with weighs so little, nor any held-out accusation that they find.
_ORDINARY_BELOW = -1.0
# Odd constants whose bits look random (of the golden ratio and of primes), one for each part of a key: multiply and shift.
_SPREAD, _MIX, _STIR = np.uint32(0x9E3779B1), np.uint32(0x85EBCA77), np.uint32(0xC2B2AE3D)
_TURN, _ALONE = np.uint32(0x27D4EB2F), np.uint32(0x165667B1)
_SHIFT = np.uint32(32 - SLOT_BITS)
#: Signs that are a subject: what follows is weighed as theirs.
_SUBJECTS = (WordSign.OFFICIAL, WordSign.SERVANT, WordSign.PRIVATE)


def _ends() -> NDArray[np.int8]:
    kinds = np.zeros(1 << 16, dtype=np.int8)
    kinds[[ord(mark) for mark in CLAUSE_ENDS]] = 1
    kinds[[ord(mark) for mark in _SENTENCE_ENDS]] = 2
    return kinds


def _subjects() -> NDArray[np.uint32]:
    numbers = np.zeros(1 << 16, dtype=np.uint32)
    numbers[[ord(sign) for sign in _SUBJECTS]] = range(1, len(_SUBJECTS) + 1)
    return numbers


#: By code unit: 1 where it ends a clause, 2 where it ends a sentence; and which subject it is.
_ENDS, _SUBJECT = _ends(), _subjects()


class Laid(NamedTuple):
    """Texts in one row, their ends all alike."""

    units: NDArray[np.uint16]
    ends: NDArray[np.int8]
    #: Where what stands behind each text ends.
    text_ends: Places


class _Groups(NamedTuple):
    """Neighbouring clauses of a sentence: where they begin, where they end, and what they weigh, repetitions and all."""

    starts: Places
    stops: Places
    scores: Numbers


def lay(texts: Sequence[str]) -> Laid:
    """The texts as one row of numbers, one after the other."""
    rows = [text.encode("utf-16-le", "surrogatepass") for text in texts]
    units = np.frombuffer(b"".join(row + _BETWEEN.encode("utf-16-le") for row in rows), dtype=np.uint16)
    lengths = np.fromiter((len(row) // 2 + len(_BETWEEN) for row in rows), np.int64, len(rows))
    return Laid(units, _ENDS[units], np.cumsum(lengths) - 1)


def slots_of(laid: Laid) -> tuple[Hashes, ...]:
    """For each character, where the weights of what begins there stand: itself, pair, triple, and pair with its subject.

    What begins where a clause ends is nothing; all ends count as the same character.
    """
    units = laid.units.astype(np.uint32)
    units[laid.ends > 0] = _LINE
    pairs = units * _SPREAD
    pairs[:-1] += units[1:] * _MIX
    triples = pairs.copy()
    triples[:-2] += units[2:] * _STIR
    keys = units * _ALONE, pairs, triples, _subject_of(laid) * _TURN + pairs
    for each in keys:
        each >>= _SHIFT
    return keys


def _subject_of(laid: Laid) -> Hashes:
    """For each character the number of the last subject in its sentence, from 2 on; 1 where it has none."""
    subjects = _SUBJECT[laid.units]
    marks = np.flatnonzero((subjects > 0) | (laid.ends == 2))
    lengths = np.diff(np.concatenate([[0], marks, [len(subjects)]]))
    numbers: Hashes = np.repeat(np.concatenate([[0], subjects[marks]]).astype(np.uint32), lengths)
    return numbers + np.uint32(1)


def discount(ngrams: Any) -> Any:
    """By what a sum over so many different n-grams is multiplied, so that long clauses are no louder than short ones."""
    return np.sqrt(_UNDISCOUNTED / np.maximum(ngrams, _UNDISCOUNTED))


def _doubtful(laid: Laid, groups: _Groups) -> Iterator[tuple[int, int, int]]:
    """The groups that are not surely ordinary: whose text each is, the number of its sentence there, and its own."""
    doubtful = np.flatnonzero((groups.scores > _ORDINARY_BELOW) & (groups.stops > groups.starts))
    starts = groups.starts[doubtful]
    owners = np.searchsorted(laid.text_ends, starts)
    text_starts = np.concatenate([[0], laid.text_ends + 1])[owners]
    marks = np.flatnonzero(laid.ends == 2)
    sentences = np.searchsorted(marks, starts) - np.searchsorted(marks, text_starts)
    return zip(owners.tolist(), sentences.tolist(), doubtful.tolist(), strict=True)


@dataclass(frozen=True, eq=False)
class Weights:
    """What each n-gram weighs, by its place in the table, and what all texts start with. Threads may share it."""

    places: NDArray[np.uint32]
    values: NDArray[np.int16]
    start: float
    #: Of one unit of `values`.
    unit: float
    version: str

    @cached_property
    def _table(self) -> NDArray[np.int16]:
        table = np.zeros(1 << SLOT_BITS, dtype=np.int16)
        table[self.places] = self.values
        return table

    def windows(self, texts: Sequence[str]) -> list[Window]:
        """Of each text its loudest clauses; texts have signs for their words."""
        if not texts:
            return []
        laid = lay(texts)
        slots = slots_of(laid)
        groups = self._groups(laid, slots)
        found = [Window(-np.inf, "")] * len(texts)
        for owner, sentence, group in _doubtful(laid, groups):
            window = found[owner]
            if groups.scores[group] > _WEIGH_AGAIN_FROM:
                window = max(
                    window, self._window(laid, slots, int(groups.starts[group]), int(groups.stops[group]))
                )
            found[owner] = window._replace(doubtful=found[owner].doubtful | {sentence})
        return found

    def _window(self, laid: Laid, slots: Sequence[Hashes], begin: int, end: int) -> Window:
        part = laid.units[begin:end].tobytes().decode("utf-16-le", "replace")
        return Window(self._exact(laid, slots, begin, end), part)

    def _exact(self, laid: Laid, slots: Sequence[Hashes], begin: int, end: int) -> float:
        """The weight of a text in which each n-gram counts once."""
        inside = laid.ends[begin:end] == 0
        different = np.unique(np.concatenate([row[begin:end][inside] for row in slots]))
        return float(self._table[different].sum() * self.unit * discount(len(different))) + self.start

    def _groups(self, laid: Laid, slots: Sequence[Hashes]) -> _Groups:
        inside = laid.ends == 0
        weighed = reduce(add, (self._table.take(row, mode="clip") for row in slots)) * inside
        ends = np.flatnonzero(~inside)
        begins = np.concatenate([[0], ends[:-1] + 1])
        is_first = np.concatenate([[True], laid.ends[ends[:-1]] == 2])
        sentence = np.maximum.accumulate(np.where(is_first, begins, 0))
        part = (begins - sentence) // _TOGETHER
        is_new = is_first | (part != np.concatenate([[0], part[:-1]]))
        starts = begins[is_new]
        stops = np.concatenate([starts[1:] - 1, ends[-1:]])
        sums = np.add.reduceat(weighed, starts, dtype=np.int32) * self.unit
        return _Groups(starts, stops, sums * discount(4 * (stops - starts)) + self.start)
