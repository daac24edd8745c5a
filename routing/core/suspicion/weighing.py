"""How much the clauses of texts sound like what weights were learned for, from their characters, pairs and triples."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from operator import add
from typing import Any

import numpy as np
from numpy.typing import NDArray

from routing.core.suspicion.laying import SLOT_BITS, Places, Weighable, pieces_of, runs_of
from routing.core.suspicion.signs import Window

Numbers = NDArray[np.float64]

#: n-grams up to which none is discounted: of about fifteen characters. Project choice: of 20, 40, 60 and 90 it found most.
_UNDISCOUNTED = 60
#: A group that weighs less with its repetitions is not weighed again without them. Project choice: one in a hundred is lost.
_WEIGH_AGAIN_FROM = 0.0
#: A sentence whose groups all weigh less, repetitions and all, is surely ordinary, and no rule is asked. Project choice:
#: none that the rules are tested with weighs so little, nor any held-out accusation that they find.
_ORDINARY_BELOW = -1.0


def discount(ngrams: Any) -> Any:
    """By what a sum over so many different n-grams is multiplied, so that long clauses are no louder than short ones."""
    return np.sqrt(_UNDISCOUNTED / np.maximum(ngrams, _UNDISCOUNTED))


def _doubtful(texts: Weighable, scores: Numbers) -> Iterator[tuple[int, int, int]]:
    """The groups that are not surely ordinary: whose text each is, the number of its sentence there, and its own."""
    laid = texts.laid
    doubtful = _above(texts, scores, _ORDINARY_BELOW)
    starts = texts.starts[doubtful]
    owners = np.searchsorted(laid.text_ends, starts)
    text_starts = np.concatenate([[0], laid.text_ends + 1])[owners]
    marks = np.flatnonzero(laid.ends == 2)
    sentences = np.searchsorted(marks, starts) - np.searchsorted(marks, text_starts)
    return zip(owners.tolist(), sentences.tolist(), doubtful.tolist(), strict=True)


def _with(texts: Weighable, more: tuple[Places, Places]) -> Weighable:
    """With more of their parts behind those that they have."""
    starts, stops = more
    return texts._replace(
        starts=np.concatenate([texts.starts, starts]), stops=np.concatenate([texts.stops, stops])
    )


def _above(texts: Weighable, scores: Numbers, least: float | Numbers) -> Places:
    return np.flatnonzero((scores > least) & (texts.stops > texts.starts))


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

    def loudest(self, texts: Weighable, within: Sequence[int], least: Sequence[float]) -> list[Window]:
        """Of each text its loudest clauses that weigh more than its `least` and begin `within` so many of its characters.

        Of long sentences each run of clauses counts, too, and of long clauses each piece.
        """
        text_ends = texts.laid.text_ends
        texts = _with(texts, runs_of(texts.laid))
        whole = len(texts.starts)
        texts = _with(texts, pieces_of(texts.laid))
        found = [Window(-np.inf, "")] * len(text_ends)
        owners = np.searchsorted(text_ends, texts.starts)
        groups = _above(texts, self._scores(texts), np.asarray(least)[owners])
        owners = owners[groups]
        text_starts = np.concatenate([[0], text_ends + 1])[owners]
        read = texts.starts[groups] - text_starts < np.asarray(within)[owners]
        heard = zip(owners[read].tolist(), text_starts[read].tolist(), groups[read].tolist(), strict=True)
        for owner, text_start, group in heard:
            begin, end = int(texts.starts[group]), int(texts.stops[group])
            window = self._window(texts, begin, end)
            if window > found[owner]:
                marks = texts.laid.ends[text_start:end] > 0
                ends = int(np.count_nonzero(marks[: begin - text_start])), int(np.count_nonzero(marks))
                found[owner] = window._replace(ends=ends, is_piece=group >= whole)
        return found

    def windows(self, texts: Weighable) -> list[Window]:
        """Of each text its loudest clauses, and which of its sentences are not surely ordinary."""
        scores = self._scores(texts)
        found = [Window(-np.inf, "")] * len(texts.laid.text_ends)
        for owner, sentence, group in _doubtful(texts, scores):
            window = found[owner]
            if scores[group] > _WEIGH_AGAIN_FROM:
                window = max(window, self._window(texts, int(texts.starts[group]), int(texts.stops[group])))
            found[owner] = window._replace(doubtful=found[owner].doubtful | {sentence})
        return found

    def _window(self, texts: Weighable, begin: int, end: int) -> Window:
        part = texts.laid.units[begin:end].tobytes().decode("utf-16-le", "replace")
        return Window(self._exact(texts, begin, end), part)

    def _exact(self, texts: Weighable, begin: int, end: int) -> float:
        """The weight of a text in which each n-gram counts once."""
        inside = texts.laid.ends[begin:end] == 0
        different = np.unique(np.concatenate([row[begin:end][inside] for row in texts.slots]))
        return float(self._table[different].sum() * self.unit * discount(len(different))) + self.start

    def _scores(self, texts: Weighable) -> Numbers:
        """What each group weighs, repetitions and all."""
        weighed = reduce(add, (self._table.take(row, mode="clip") for row in texts.slots))
        weighed = weighed * (texts.laid.ends == 0)
        up_to = np.concatenate([[0], np.cumsum(weighed, dtype=np.int64)])
        sums = (up_to[texts.stops] - up_to[texts.starts]) * self.unit
        scores: Numbers = sums * discount(4 * (texts.stops - texts.starts)) + self.start
        return scores
