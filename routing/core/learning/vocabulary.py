"""Which n-grams a model knows, and texts as sparse rows of them."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from routing.core.learning.grams import Grams, Hashes, Ids, grams_of

Floats = NDArray[np.float32]

#: n-grams that a model knows, the most frequent. Project choice: more gain nothing (docs/measurements.md).
_KNOWN = 200_000
#: Texts that an n-gram must stand in: one that stands in a single text names that text.
_TEXTS = 2
#: Bits of a place in the table: 200,000 n-grams in four million places, so that one in twenty shares its place and yields
#: to a more frequent one.
_SLOT_BITS = 22


class Vocabulary:
    """The n-grams that a model knows, by their hashes, with the weight of each: rarer says more."""

    def __init__(self, hashes: Hashes, rarity: Floats) -> None:
        self.hashes = hashes
        self.rarity = rarity

    def __len__(self) -> int:
        return len(self.hashes)

    @cached_property
    def _slots(self) -> NDArray[np.int32]:
        """The n-gram at each place; where several belong, the most frequent, which stands first."""
        slots = np.full(1 << _SLOT_BITS, -1, dtype=np.int32)
        backwards = np.arange(len(self.hashes) - 1, -1, -1, dtype=np.int32)
        slots[_places(self.hashes[backwards])] = backwards
        return slots

    def numbers(self, hashes: Hashes) -> Ids:
        """The number of each n-gram; -1 where it is not known."""
        found = self._slots[_places(hashes)]
        # A place says who may live there; the whole hash says who does. -1 compares with the last and fails below.
        known = (found >= 0) & (self.hashes[found] == hashes) if len(self) else np.zeros(len(hashes), bool)
        return np.where(known, found, -1).astype(np.int64)

    def rows(self, texts: Sequence[str]) -> Any:
        """A sparse matrix, a row for each text: how often each n-gram stands in it times its rarity, of length 1."""
        grams = grams_of(texts)
        numbers = self.numbers(grams.hash)
        known = numbers >= 0
        return self._matrix(grams.text[known], numbers[known], len(texts))

    def _matrix(self, owners: Ids, numbers: Ids, texts: int) -> Any:
        from scipy.sparse import csr_matrix  # here: whoever has no model does not wait for scipy

        keys = np.sort(owners * len(self) + numbers)
        firsts = np.flatnonzero(np.diff(keys, prepend=-1))
        times = np.diff(firsts, append=len(keys))
        owners, numbers = np.divmod(keys[firsts], max(len(self), 1))
        values = times.astype(np.float32) * self.rarity[numbers]
        lengths = np.sqrt(np.bincount(owners, values * values, minlength=texts))
        values /= np.maximum(lengths, 1e-9)[owners]
        ends = np.searchsorted(owners, np.arange(texts + 1))
        return csr_matrix((values.astype(np.float32), numbers, ends), shape=(texts, len(self)))


def vocabulary_of(texts: Sequence[str]) -> Vocabulary:
    """The most frequent n-grams of `texts`."""
    counted = _spread(grams_of(texts))
    hashes, stands_in = np.unique(counted, return_counts=True)
    order = np.lexsort((hashes, -stands_in))[:_KNOWN]
    order = order[stands_in[order] >= _TEXTS]
    rarity = np.log((1 + len(texts)) / (1 + stands_in[order])) + 1
    return Vocabulary(hashes[order], rarity.astype(np.float32))


def _spread(grams: Grams) -> Hashes:
    """The hash of each n-gram once for each text that it stands in."""
    order = np.lexsort((grams.hash, grams.text))
    owners, hashes = grams.text[order], grams.hash[order]
    is_first = np.ones(len(order), dtype=bool)
    is_first[1:] = (owners[1:] != owners[:-1]) | (hashes[1:] != hashes[:-1])
    return hashes[is_first]


def _places(hashes: Hashes) -> Ids:
    return (hashes >> np.uint64(64 - _SLOT_BITS)).astype(np.int64)
