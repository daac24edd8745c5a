"""Texts as hashed character n-grams: no word of any citizen is kept, and what was misheard costs little."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.int64]
Hashes = NDArray[np.uint64]

#: Lengths of n-grams. Project choice: four lose on titles and cost half as much again (docs/measurements.md).
_SIZES = (1, 2, 3)
#: Characters of one text that are read: the longest message that intake accepts, with its title (project choice: a little
#: more than that).
_LONGEST = 10_200
_END = "\n"
# Odd constants whose bits look random (of the golden ratio and of primes), as in any multiplicative hash.
_SPREAD = np.uint64(0x9E3779B97F4A7C15)
_MIX = np.uint64(0xC2B2AE3D27D4EB4F)
_FINISH = np.uint64(0x165667B19E3779F9)


class Grams(NamedTuple):
    """Every n-gram of some texts, in no promised order: of which text, where it begins, how long, its hash."""

    text: Ids
    start: Ids
    size: Ids
    hash: Hashes


def grams_of(texts: Sequence[str]) -> Grams:
    """The n-grams of `texts`; none reaches over white space. `start` counts characters of its own text."""
    codes, owner, first = _read(texts)
    found = [_of_size(codes, size) for size in _SIZES]
    at = np.concatenate([starts for starts, _ in found])
    sizes = np.repeat(np.array(_SIZES), [len(starts) for starts, _ in found])
    return Grams(owner[at], at - first[at], sizes, np.concatenate([hashes for _, hashes in found]))


def grams_of_size(texts: Sequence[str], size: int) -> tuple[Ids, Ids, Hashes]:
    """The n-grams of one size, in the order of `texts`: of which text, where it begins, its hash."""
    codes, owner, first = _read(texts)
    at, hashes = _of_size(codes, size)
    return owner[at], at - first[at], hashes


def _read(texts: Sequence[str]) -> tuple[NDArray[np.uint32], Ids, Ids]:
    """All characters of `texts` in a row; of each, whose it is and where that text begins."""
    read = [text[:_LONGEST] for text in texts]
    codes = np.frombuffer(f"{_END.join(read)}{_END}".encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    lengths = np.fromiter((len(text) + 1 for text in read), np.int64, len(read))
    owner = np.repeat(np.arange(len(read)), lengths)
    return codes, owner, np.repeat(np.cumsum(lengths) - lengths, lengths)


def _of_size(codes: NDArray[np.uint32], size: int) -> tuple[Ids, Hashes]:
    """Where n-grams of this size begin, and their hashes."""
    count = max(len(codes) - size + 1, 0)
    mixed = np.full(count, size, dtype=np.uint64)
    whole = np.ones(count, dtype=bool)
    for offset in range(size):
        part = codes[offset : offset + count]
        mixed = (mixed * _SPREAD) ^ (part.astype(np.uint64) * _MIX)
        whole &= part > ord(" ")
    starts = np.flatnonzero(whole)
    mixed = mixed[starts] * _FINISH
    return starts, (mixed ^ (mixed >> np.uint64(29))) * _SPREAD
