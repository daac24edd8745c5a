"""Labelled messages of our own, made of the word lists: as many as a test needs, the same each time."""

import random
from collections.abc import Sequence

from routing.core.learning.training import Lesson
from routing.core.rules import load_rules

RULES = load_rules()
LABELS = ("transport", "education-culture", "health")
_FILLERS = (
    "请问",
    "我们这里",
    "反映一下",
    "什么时候能解决",
    "希望有关部门",
    "已经很久了",
    "每天都是这样",
    "谢谢",
)


def lessons(rows: int, seed: int = 1, labels: Sequence[str] = LABELS) -> list[Lesson]:
    """Messages of two or three of their label's words among fillers."""
    chance = random.Random(seed)
    words = {label: _words_of(label) for label in labels}
    return [_lesson(chance, words[labels[at % len(labels)]], labels[at % len(labels)]) for at in range(rows)]


def _words_of(label: str) -> list[str]:
    return sorted(
        word for word, votes in RULES.lexicon.topics.items() if [code for code, _ in votes] == [label]
    )


def _lesson(chance: random.Random, words: Sequence[str], label: str) -> Lesson:
    said = [*chance.sample(words, 3), *chance.sample(_FILLERS, 3)]
    chance.shuffle(said)
    return Lesson(chance.choice(words), "，".join(said), label)
