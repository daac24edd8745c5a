"""Which n-grams a model knows, and texts as sparse rows of them."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from routing.core.learning.grams import Grams, Hashes, Ids, grams_of

Floats = NDArray[np.float32]

#: n-grams that a model knows, the most frequent. Project choice: more gain nothing (docs/measurements.md).
_KNOWN = 200_000
#: Texts that an n-gram must stand in: one that stands in a single text names that text (project choice: the
#: least that excludes it).
_TEXTS = 2
#: Labels up to which each has many texts, and the longest n-grams where more have few: then an n-gram of a single text
#: names a label as well, and nearly all triples are of one. Project choice: docs/measurements.md says what was tried.
_FEW_LABELS, _LONGEST_OF_MANY = 40, 2
#: What n-grams of one, two and three characters count for. Project choice: a single character says less, and three repeat
#: what their pairs say (docs/measurements.md).
_SAYS = np.array([0.7, 1.0, 0.85])
#: Bits of a place in the table. Project choice: 200,000 n-grams in four million places, so that one in twenty shares its
#: place and yields to a more frequent one.
_SLOT_BITS = 22

#: How loud an n-gram is by the character of its text at which it begins, in sixteenths; later ones are as loud as the last.
#: Project choice: what a message is about stands at its beginning, so that four times as much counts there as far behind;
#: titles are as loud throughout (docs/measurements.md).
BEGINNING = np.rint(16 * (1 + 3 * np.exp(-np.maximum(np.arange(160) - 20, 0) / 30))).astype(np.uint8)
#: Everything as loud: models of before it was learned.
ALL_ALIKE = np.array([16], dtype=np.uint8)
#: Bits of such a number: it is a `uint8` (by definition).
_LOUD_BITS = 8


class Rows(NamedTuple):
    """Texts as sparse matrices: a row of length 1 for each text, a column for each n-gram."""

    #: How often each n-gram stands in it, and how loudly, times its rarity.
    counted: Any
    #: Whether it stands in it at all.
    seen: Any


class Vocabulary:
    """The n-grams that a model knows, by their hashes, with the weight of each: rarer says more."""

    def __init__(self, hashes: Hashes, rarity: Floats, loudness: NDArray[np.uint8] = BEGINNING) -> None:
        self.hashes = hashes
        self.rarity = rarity
        #: As of `BEGINNING`.
        self.loudness = loudness

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

    def rows(self, texts: Sequence[str]) -> Rows:
        """The n-grams of each text that the vocabulary knows: how often each stands in it, and how loudly."""
        grams = grams_of(texts)
        numbers = self.numbers(grams.hash)
        known = numbers >= 0
        return self._rows(grams.text[known], numbers[known], self.loud(grams.start[known]), len(texts))

    def loud(self, starts: Ids) -> Ids:
        """How loud n-grams are that begin there, in sixteenths."""
        return self.loudness[np.minimum(starts, len(self.loudness) - 1)].astype(np.int64)

    def _rows(self, owners: Ids, numbers: Ids, loud: Ids, texts: int) -> Rows:
        from scipy.sparse import csr_matrix  # here: whoever has no model does not wait for scipy

        # One number holds all, so that one sort does: by what it is of, and how loud it is.
        keys = np.sort(((owners * len(self) + numbers) << _LOUD_BITS) | loud)
        keys, loud = keys >> _LOUD_BITS, keys & ((1 << _LOUD_BITS) - 1)
        firsts = np.flatnonzero(np.diff(keys, prepend=-1))
        times = np.diff(np.cumsum(loud)[firsts] - loud[firsts], append=loud.sum()) / ALL_ALIKE[0]
        owners, numbers = np.divmod(keys[firsts], max(len(self), 1))
        values = times.astype(np.float32) * self.rarity[numbers]
        lengths = np.sqrt(np.bincount(owners, values * values, minlength=texts))
        values /= np.maximum(lengths, 1e-9)[owners]
        ends = np.searchsorted(owners, np.arange(texts + 1))
        seen = (1 / np.sqrt(np.maximum(np.diff(ends), 1))).astype(np.float32)[owners]
        shape = (texts, len(self))
        return Rows(
            csr_matrix((values.astype(np.float32), numbers, ends), shape=shape),
            csr_matrix((seen, numbers, ends), shape=shape),
        )


def vocabulary_of(texts: Sequence[str], labels: int = 1) -> Vocabulary:
    """The most frequent n-grams of `texts`, which are of so many labels."""
    counted, sizes = _spread(grams_of(texts))
    hashes, firsts, stands_in = np.unique(counted, return_index=True, return_counts=True)
    order = np.lexsort((hashes, -stands_in))[:_KNOWN]
    is_told = (
        stands_in[order] >= _TEXTS if labels <= _FEW_LABELS else sizes[firsts[order]] <= _LONGEST_OF_MANY
    )
    order = order[is_told]
    rarity = (np.log((1 + len(texts)) / (1 + stands_in[order])) + 1) * _SAYS[sizes[firsts[order]] - 1]
    return Vocabulary(hashes[order], rarity.astype(np.float32))


def _spread(grams: Grams) -> tuple[Hashes, Ids]:
    """The hash of each n-gram once for each text that it stands in, and its size."""
    order = np.lexsort((grams.hash, grams.text))
    owners, hashes = grams.text[order], grams.hash[order]
    is_first = np.ones(len(order), dtype=bool)
    is_first[1:] = (owners[1:] != owners[:-1]) | (hashes[1:] != hashes[:-1])
    return hashes[is_first], grams.size[order][is_first]


def _places(hashes: Hashes) -> Ids:
    return (hashes >> np.uint64(64 - _SLOT_BITS)).astype(np.int64)
