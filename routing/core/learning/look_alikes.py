"""Which texts say nearly the same, apart from numbers, letters and signs: forms, and what is written for many."""

import re
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from routing.core.learning.grams import grams_of_size

#: Characters of a run. Project choice: two are ordinary words.
_RUN = 3
#: Bands of so many smallest hashes each (MinHash; Leskovec and others, Mining of Massive Datasets, 3.4): two texts that
#: share nine tenths of their runs agree in one band nearly always (.998), with half of them in one of nine cases.
_BANDS, _ROWS = 8, 6
#: What differs in a text that is written for many: numbers, names of places in letters, signs.
_CHANGES = re.compile(r"[\W\d_A-Za-z]+")


def groups_of(texts: Sequence[str]) -> list[int]:
    """Of each text the number of its group, that of the first text in it; whoever is like two makes one of their groups."""
    first: dict[tuple[int, bytes], int] = {}
    group: list[int] = []
    for at, bands in enumerate(_bands([_CHANGES.sub("", text) for text in texts])):
        like = {_root(group, first[band]) for band in bands if band in first}
        group.append(min(like, default=at))
        for other in like:
            group[other] = group[at]
        for band in bands:
            first.setdefault(band, at)
    return [_root(group, at) for at in range(len(group))]


def _root(group: Sequence[int], at: int) -> int:
    while group[at] != at:
        at = group[at]
    return at


def _bands(texts: Sequence[str]) -> Iterator[list[tuple[int, bytes]]]:
    """The bands of each text; those of one too short for runs are itself."""
    owner, _, hashes = grams_of_size(texts, _RUN)
    least = _smallest(hashes, np.searchsorted(owner, np.arange(len(texts))))
    long = np.bincount(owner, minlength=len(texts)) > 0
    for text, row, has_runs in zip(texts, least, long, strict=True):
        parts = row.reshape(_BANDS, _ROWS)
        yield [(at, parts[at].tobytes()) for at in range(_BANDS)] if has_runs else [(-1, text.encode())]


def _smallest(hashes: NDArray[np.uint64], starts: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Of each text the smallest of its hashes, as mixed in each of the ways: one row for each text."""
    ways = np.random.default_rng(0).integers(1, 2**63, _BANDS * _ROWS, dtype=np.uint64) | np.uint64(1)
    return np.stack([np.minimum.reduceat(_mixed(hashes, way), starts) for way in ways], axis=1)


def _mixed(hashes: NDArray[np.uint64], way: np.uint64) -> NDArray[np.uint64]:
    """With one more behind all, the largest, so that a text without runs at the end has where to begin."""
    spread = hashes * way
    return np.append(spread ^ (spread >> np.uint64(31)), np.uint64(2**64 - 1))
