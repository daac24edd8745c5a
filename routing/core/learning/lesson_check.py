"""Checks whether labelled messages are good enough that a model's figures mean something."""

from collections import Counter
from collections.abc import Iterator, Sequence

from routing.core.learning.lesson_doubts import LessonDoubt, absent_from
from routing.core.learning.lesson_folds import FOLDS, MANY_ALIKE, of_few_texts, share_alike
from routing.core.learning.training import FEWEST, Lesson
from schemas.city import City

#: Of fewer messages than this a label's figure is a guess: a recall of .9 measured on 30 lies between .79 and 1 (95 % of a
#: binomial), and on 10 between .71 and 1. Project choice.
FEW = 30
#: From this share on (more than half, by arithmetic) whoever guesses one label is right more often than not.
_ONE_SIDED = 0.5


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
    yield _of_few_texts(lessons)


def _rare(code: str, different: Counter[str], least: int, below: int) -> LessonDoubt | None:
    labels = tuple(sorted(label for label, count in different.items() if least <= count < below))
    return LessonDoubt(code=code, labels=labels, number=below) if labels else None


def _one_sided(lessons: Sequence[Lesson]) -> LessonDoubt | None:
    [(label, count)] = Counter(lesson.label for lesson in lessons).most_common(1)
    share = count / len(lessons)
    return LessonDoubt(code="one-sided", labels=(label,), share=share) if share > _ONE_SIDED else None


def _alike(lessons: Sequence[Lesson]) -> LessonDoubt | None:
    """Those that repeat another word for word count once; both are held out together with it."""
    share = share_alike(lessons)
    return LessonDoubt(code="alike", share=share, together=True) if share > MANY_ALIKE else None


def _of_few_texts(lessons: Sequence[Lesson]) -> LessonDoubt | None:
    different = Counter(label for _, _, label in set(lessons))
    labels = tuple(label for label in of_few_texts(lessons) if different[label] >= FEWEST)
    return LessonDoubt(code="few-texts", labels=labels, number=FOLDS) if labels else None
