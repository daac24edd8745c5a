"""Holds near-identical labelled messages out together, so that a model is never tested on what it has seen."""

from collections import Counter
from collections.abc import Mapping, Sequence
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from routing.core.learning.look_alikes import groups_of

#: Parts of the messages that are held out in turn. Project choice: four models in all are learned in a minute.
FOLDS = 3
#: From this share of look-alikes on they are many. Project choice: of 786 to 5,489 real messages at most .03 are.
MANY_ALIKE = 0.1

#: A lesson: title, text and label.
Labelled = tuple[str, str, str]
#: A message, by its title and text.
Words = tuple[str, str]


def folds_of(lessons: Sequence[Labelled]) -> NDArray[np.int64]:
    """Each lesson's fold; the groups of look-alikes in turn, whatever their labels and their order.

    Of a label with so few groups that not every fold could have one, only what is repeated word for word stays together.
    A group of several labels takes its turn among those of the rarest, which has the fewest to spread.
    """
    groups, label = _groups(lessons), {(title, text): label for title, text, label in lessons}
    texts, first = _texts_of_labels(lessons, groups), dict[int, Words]()
    for words in sorted(groups, key=lambda words: (texts[label[words]], label[words])):
        if texts[label[words]] >= FOLDS:
            first.setdefault(groups[words], words)
    kin = {words: first[group] if texts[label[words]] >= FOLDS else words for words, group in groups.items()}
    return _folds(lessons, kin)


def folds_apart(lessons: Sequence[Labelled]) -> NDArray[np.int64]:
    """The same where only what is repeated word for word is held out together."""
    return _folds(lessons, {(title, text): (title, text) for title, text, _ in lessons})


def share_alike(lessons: Sequence[Labelled]) -> float:
    """How many of the different messages say nearly the same as an earlier one: a share (0–1) of them; of none of them 0."""
    group = _groups(lessons)
    return 1.0 - len(set(group.values())) / len(group) if group else 0.0


def of_few_texts(lessons: Sequence[Labelled]) -> tuple[str, ...]:
    """Labels all of whose messages are so few texts that not every fold can have one, in alphabetical order."""
    texts = _texts_of_labels(lessons, _groups(lessons))
    return tuple(sorted(label for label, count in texts.items() if count < FOLDS))


def _texts_of_labels(lessons: Sequence[Labelled], group: Mapping[Words, int]) -> Counter[str]:
    return Counter(label for label, _ in {(label, group[title, text]) for title, text, label in lessons})


def _groups(lessons: Sequence[Labelled]) -> Mapping[Words, int]:
    """Of each different message the number of its group of look-alikes."""
    different = list(dict.fromkeys((title, text) for title, text, _ in lessons))
    return dict(zip(different, groups_of([f"{title}{text}" for title, text in different]), strict=True))


def _folds(lessons: Sequence[Labelled], kin: Mapping[Words, Words]) -> NDArray[np.int64]:
    label = {(title, text): label for title, text, label in lessons}
    ranked = sorted(set(kin.values()), key=lambda words: (label[words], crc32(repr(words).encode()), words))
    fold_of = {words: at % FOLDS for at, words in enumerate(ranked)}
    return np.array([fold_of[kin[title, text]] for title, text, _ in lessons], dtype=np.int64)
