"""Looking over what is to be learned from: whether the figures that come of it are worth anything."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from routing.core.learning.grams import grams_of_size
from routing.core.learning.lesson_doubts import LessonDoubt, absent_from
from routing.core.learning.training import FEWEST, Lesson
from schemas.city import City

#: Of fewer messages than this a label's figure is a guess: a recall of .9 measured on 30 lies between .79 and 1 (95 % of a
#: binomial), and on 10 between .71 and 1. Project choice.
FEW = 30
#: From this share on (more than half, by arithmetic) whoever guesses one label is right more often than not.
_ONE_SIDED = 0.5
#: From this share of look-alikes on it is said. Project choice: of 786 to 5,489 real messages at most .03 are.
_MANY_ALIKE = 0.1
#: Characters of a run. Project choice: two are ordinary words.
_RUN = 3
#: Bands of so many smallest hashes each (MinHash; Leskovec and others, Mining of Massive Datasets, 3.4): two texts that
#: share nine tenths of their runs agree in one band nearly always (.998), with half of them in one of nine cases.
_BANDS, _ROWS = 8, 6
#: What differs in a text that is written for many: numbers, names of places in letters, signs.
_CHANGES = re.compile(r"[\W\d_A-Za-z]+")


def doubts_of(lessons: Sequence[Lesson], city: City) -> tuple[LessonDoubt, ...]:
    """What makes figures of these lessons worth little, none of no lessons; labels that are categories are their codes."""
    if not lessons:
        return ()
    return tuple(doubt for doubt in _all(lessons, city) if doubt is not None)


def _all(lessons: Sequence[Lesson], city: City) -> Iterator[LessonDoubt | None]:
    different = Counter(label for _, _, label in set(lessons))
    foreign = tuple(sorted(label for label in different if label not in city.category))
    if foreign:
        yield LessonDoubt(code="foreign", labels=foreign)
    if len(foreign) < len(different):
        yield absent_from(different, city)
    yield _rare("left-out", different, 1, FEWEST)
    yield _rare("few", different, FEWEST, FEW)
    yield _one_sided(lessons)
    yield _alike(lessons)


def _rare(code: str, different: Counter[str], least: int, below: int) -> LessonDoubt | None:
    labels = tuple(sorted(label for label, count in different.items() if least <= count < below))
    return LessonDoubt(code=code, labels=labels, number=below) if labels else None


def _one_sided(lessons: Sequence[Lesson]) -> LessonDoubt | None:
    [(label, count)] = Counter(lesson.label for lesson in lessons).most_common(1)
    share = count / len(lessons)
    return LessonDoubt(code="one-sided", labels=(label,), share=share) if share > _ONE_SIDED else None


def _alike(lessons: Sequence[Lesson]) -> LessonDoubt | None:
    """Those that repeat another word for word are held out together with it, and count once."""
    texts = list(dict.fromkeys(f"{lesson.title}{lesson.text}" for lesson in lessons))
    share = look_alikes(texts) / len(texts)
    return LessonDoubt(code="alike", share=share) if share > _MANY_ALIKE else None


def look_alikes(texts: Sequence[str]) -> int:
    """How many of the texts say nearly the same as an earlier one, apart from numbers, letters and signs."""
    known: set[tuple[int, bytes]] = set()
    found = 0
    for bands in _bands([_CHANGES.sub("", text) for text in texts]):
        found += not known.isdisjoint(bands)
        known.update(bands)
    return found


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
