"""Words that could stand in any question (greetings, please, how): they say nothing of what is asked."""

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from itertools import pairwise

from intake.core.search.bigrams import is_ideographic, runs

#: How much each character of such a phrase tells (project choices: nothing, and half; what is chosen is judged by
#: `huiyin evaluate search`).
_TELLS = {"asking": 0.0, "everyday": 0.5}


@cache
def phrases() -> Mapping[str, float]:
    """The phrases of `intake/data/ordinary.toml`, and how much each tells."""
    text = (resources.files("intake") / "data" / "ordinary.toml").read_text(encoding="utf-8")
    kept = tomllib.loads(text)
    return {phrase: _TELLS[kind] for kind in reversed(_TELLS) for phrase in kept[kind]}


def told_by(text: str) -> Mapping[str, float]:
    """How much each word and each ideograph of `text` tells where it tells most, 0–1: pairs by their two characters."""
    told: dict[str, float] = {}
    for run, is_word in runs(text):
        for word, tells in _told_in(run, is_word=is_word):
            told[word] = max(told.get(word, 0.0), tells)
    return told


def _told_in(run: str, *, is_word: bool) -> Sequence[tuple[str, float]]:
    if is_word:
        return [(run[:40], phrases().get(run, 1.0))]
    each = _characters(run)
    pairs = [(run[at : at + 2], (one + other) / 2) for at, (one, other) in enumerate(pairwise(each))]
    return [*pairs, *zip(run, each, strict=True)]


def _characters(run: str) -> Sequence[float]:
    """Each character of a run as the longest phrase over it tells."""
    each = [1.0] * len(run)
    for length in range(2, _longest() + 1):
        for at in range(len(run) - length + 1):
            tells = phrases().get(run[at : at + length])
            if tells is not None:
                each[at : at + length] = [tells] * length
    return each


@cache
def _longest() -> int:
    return max(len(phrase) for phrase in phrases() if is_ideographic(phrase[0]))
