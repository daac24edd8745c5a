"""A compact sketch of a message: its rarest character triples, those of the title counted twice."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from routing.core.learning.grams import grams_of_size

Keys = NDArray[np.uint32]
Loudness = NDArray[np.float32]

#: Characters of a run. Two are ordinary words, and four are lost with one misheard character. Project choice, measured.
_RUN = 3
#: Characters of a text that are read: what a message is about stands at its beginning. Project choice, measured.
_READ = 600
#: Runs by which one message is known. Project choice: more make no better groups and cost more.
_MOST_RUNS = 256
_TITLE = 2.0
#: How many messages of late hold each run is counted in so many buckets: one megabyte, however many messages come (project
#: choice).
_BUCKETS = 2**18
#: From here on counts are halved now and then: what is rare is what was rare lately. Project choice: two weeks of a city.
_LATELY = 100_000


class Sketch(NamedTuple):
    """One message's runs, the loudest first."""

    keys: Keys
    loud: Loudness


class SketchedText(NamedTuple):
    """What is read of a message, in Simplified characters."""

    title: str
    text: str


class Rarity:
    """How rare each run of characters was of late; grows with every message, in bounded memory."""

    def __init__(self) -> None:
        self._seen = np.zeros(_BUCKETS, dtype=np.float32)
        self._total = 0

    def of(self, keys: Keys) -> Loudness:
        """Louder the rarer: 0 for what every message says."""
        seen = self._seen[keys % _BUCKETS]
        rare: Loudness = np.log((self._total + 2) / (seen + 1)).astype(np.float32)
        return rare

    def count(self, keys: Keys, messages: int) -> None:
        """Count the runs of so many messages; a run is in `keys` once for each message that has it."""
        self._seen += np.bincount(keys % _BUCKETS, minlength=_BUCKETS)
        self._total += messages
        if self._total > _LATELY:
            self._seen /= 2
            self._total //= 2


def sketches(rarity: Rarity, messages: Sequence[SketchedText]) -> list[Sketch]:
    """A sketch of each, as rare as its runs were before these messages; from now on these count, too."""
    texts = [f"{message.title}\n{message.text[:_READ]}" for message in messages]
    titles = np.fromiter((len(message.title) for message in messages), np.int64, len(messages))
    owner, start, keys = _runs(texts)
    weight = np.where(start < titles[owner], _TITLE, 1.0).astype(np.float32)
    # A run that stands twice in a message counts once, as the louder one: titles come first.
    _, once = np.unique((owner.astype(np.uint64) << np.uint64(32)) | keys, return_index=True)
    owner, keys = owner[once], keys[once]
    loud = weight[once] * rarity.of(keys)
    rarity.count(keys, len(messages))
    order = np.lexsort((-loud, owner))
    owner, keys, loud = owner[order], keys[order], loud[order]
    bounds = np.searchsorted(owner, np.arange(len(messages) + 1))
    return [
        Sketch(keys[begin : min(end, begin + _MOST_RUNS)], loud[begin : min(end, begin + _MOST_RUNS)])
        for begin, end in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True)
    ]


def _runs(texts: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.int64], Keys]:
    """Of every run: whose it is, where it starts, and its name."""
    owner, start, hashes = grams_of_size(texts, _RUN)
    return owner, start, (hashes >> np.uint64(32)).astype(np.uint32)
