"""Lays texts out for weighing: one row of n-gram positions in the weight table, grouped by clauses."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from routing.core.suspicion.signs import WordSign
from routing.core.text.phrases import CLAUSE_ENDS

Places = NDArray[np.int64]
Hashes = NDArray[np.uint32]

#: Characters of one sentence that are weighed together: about three clauses. Project choice, as long as our sentences are.
_TOGETHER = 48
#: Characters of a piece of a longer clause, and between the beginnings of two. Project choices: what is told in half of one
#: stands whole in some piece; of 32, 36 and 48 the longest hear less, and the shortest more of letters.
_PIECE, _STEP = 36, 18
#: Characters of clauses that are a run. Project choice: of 24 to 48, it hears most for as many false alarms.
_RUN = 30
#: Bits of a place in the table of weights, which fits the processor's cache so (project choice).
SLOT_BITS = 17
_SENTENCE_ENDS = "。！？!?;；\n"
_LINE = ord("\n")
#: Between two texts: no n-gram reaches from one into the other.
_BETWEEN = "\n\n\n"
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


class Weighable(NamedTuple):
    """Texts that any weights can weigh: what each n-gram is, and neighbouring clauses of a sentence in groups."""

    laid: Laid
    #: As `slots_of` says.
    slots: tuple[Hashes, ...]
    #: Where each group begins, and where it ends.
    starts: Places
    stops: Places


def weighable(texts: Sequence[str]) -> Weighable:
    """The texts, which have signs for their words; there is one at least."""
    laid = lay(texts)
    return Weighable(laid, slots_of(laid), *_groups(laid))


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


def _groups(laid: Laid) -> tuple[Places, Places]:
    """Clauses of a sentence that begin in one part of `_TOGETHER` characters."""
    ends = np.flatnonzero(laid.ends)
    begins = np.concatenate([[0], ends[:-1] + 1])
    is_first = np.concatenate([[True], laid.ends[ends[:-1]] == 2])
    sentence = np.maximum.accumulate(np.where(is_first, begins, 0))
    part = (begins - sentence) // _TOGETHER
    is_new = is_first | (part != np.concatenate([[0], part[:-1]]))
    starts = begins[is_new]
    return starts, np.concatenate([starts[1:] - 1, ends[-1:]])


def runs_of(laid: Laid, sentences_over: int = _TOGETHER) -> tuple[Places, Places]:
    """Clauses of sentences that are longer, each with as many behind it as have room: their groups begin anywhere."""
    stops = np.flatnonzero(laid.ends)
    starts = np.concatenate([[0], stops[:-1] + 1])
    is_last = laid.ends[stops] == 2
    clauses = np.arange(len(stops))
    last = np.minimum.accumulate(np.where(is_last, clauses, len(stops) - 1)[::-1])[::-1]
    begins = np.maximum.accumulate(np.where(np.concatenate([[True], is_last[:-1]]), starts, 0))
    up_to = np.clip(np.searchsorted(stops, starts + _RUN, side="right") - 1, clauses, last)
    is_read = (stops[last] - begins > sentences_over) & (stops[up_to] > starts)
    return starts[is_read], stops[up_to][is_read]


def pieces_of(laid: Laid) -> tuple[Places, Places]:
    """Clauses that are longer than what is weighed together, in overlapping pieces: speech has no punctuation."""
    stops = np.flatnonzero(laid.ends)
    starts = np.concatenate([[0], stops[:-1] + 1])
    is_long = stops - starts > _TOGETHER
    starts, last = starts[is_long], stops[is_long] - _PIECE
    counts = 1 - (starts - last) // _STEP
    which = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    begins = np.minimum(np.repeat(starts, counts) + which * _STEP, np.repeat(last, counts))
    return begins, begins + _PIECE
