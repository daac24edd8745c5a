"""A learned model: what it thinks of texts, and the words that spoke for it. Holds numbers alone, no words."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from routing.core.learning.calibration import Calibration, Numbers
from routing.core.learning.grams import grams_of, grams_of_size
from routing.core.learning.lesson_doubts import LessonDoubt
from routing.core.learning.surety import Surety
from routing.core.learning.vocabulary import Floats, Vocabulary
from schemas.values import Reason

#: Texts multiplied at once. Project choice: their numbers stay in the processor's cache.
_AT_ONCE = 64


#: Precisions among which a city may wish (project choice: below .80 every fifth case would come back, above .99 hardly any
#: would go out).
WISHES = (0.80, 0.85, 0.90, 0.93, 0.95, 0.97, 0.98, 0.99)
#: Nothing is as sure: everything waits for a person (by definition: more than any probability).
NEVER = 1.01


class PrecisionStep(msgspec.Struct, frozen=True, kw_only=True):
    """What a wished precision costs: from which probability on it is reached, and the share of messages at or above that."""

    precision: float
    threshold: float
    coverage: float


class Learned(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a model beside its numbers: measured on its own messages, each held out from what judged it."""

    labels: tuple[str, ...]
    #: Messages learned from.
    rows: int
    calibration: Calibration
    #: The precision that was wished, and the probability from which on it was reached.
    precision: float
    threshold: float
    accuracy: float
    macro_f1: float
    #: Share of the messages at or above `threshold`.
    coverage: float
    calibration_error: float
    #: What each of `WISHES` costs, on messages held out from what judged them; empty in models of before it was measured.
    curve: tuple[PrecisionStep, ...] = ()
    #: How sure it may be of its first label; models of before are as sure as their calibration says.
    surety: Surety | None = None
    #: What `macro_f1` would be were look-alikes held out apart from one another, and so asked what was told; None where few
    #: messages are look-alikes, and in models of before, whose `macro_f1` it was.
    macro_f1_apart: float | None = None
    #: What makes these figures worth little; models of before say nothing of it.
    doubts: tuple[LessonDoubt, ...] = ()
    #: The same, of what readers of the release before have no sentence for.
    further_doubts: tuple[LessonDoubt, ...] = ()

    def threshold_for(self, wished: float | None) -> float:
        """From which probability on no person has to look, where so much is to be right; None: as it was trained for.

        Between two steps the stricter one counts; beyond the last nothing is sure enough.
        """
        if wished is None or not self.curve:
            return self.threshold
        strict = (step.threshold for step in self.curve if step.precision >= wished - 1e-9)
        return next(strict, NEVER)


class Machine(NamedTuple):
    """What n-grams say of labels."""

    #: A row for each n-gram, a column for each label.
    weights: Floats
    offsets: Floats


class Machines(NamedTuple):
    """What was learned of the same n-grams in two ways."""

    vocabulary: Vocabulary
    #: Of how often they stand in a text.
    counted: Machine
    #: Of which stand in it; models of before have none.
    seen: Machine | None

    def scores(self, texts: Sequence[str]) -> Numbers:
        """A row for each text; a column for each label, of each machine."""
        rows = self.vocabulary.rows(texts)
        scores = [rows.counted @ self.counted.weights + self.counted.offsets]
        if self.seen is not None:
            scores.append(rows.seen @ self.seen.weights + self.seen.offsets)
        return np.hstack(scores).astype(np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """Linear machines of n-grams, and what is known of them. Threads may share it."""

    learned: Learned
    machines: Machines

    def probabilities(self, texts: Sequence[str], spoken: Numbers) -> Numbers:
        """A row for each text, a column for each label. `spoken`: as of `heard`."""
        lengths = np.fromiter((len(text) for text in texts), np.float64, len(texts))
        shares = self.learned.calibration.probabilities(self.scores(texts), lengths, spoken)
        surety = self.learned.surety
        return surety.told(shares, lengths, spoken) if surety else shares

    def scores(self, texts: Sequence[str]) -> Numbers:
        """What the n-grams alone say: a column for each label, of each machine."""
        parts = [texts[at : at + _AT_ONCE] for at in range(0, len(texts), _AT_ONCE)]
        return np.concatenate([self.machines.scores(part) for part in parts or [[]]])

    def reads(self, text: str) -> bool:
        """Whether it learned of any two neighbouring characters of `text`: else it says the same of all such texts."""
        _, _, hashes = grams_of_size([text], 2)
        return bool((self.machines.vocabulary.numbers(hashes) >= 0).any())

    def words(self, text: str, label: str, most: int) -> tuple[Reason, ...]:
        """The parts of `text` that spoke for `label` rather than for the others, the loudest first; as they are counted."""
        grams, vocabulary = grams_of([text]), self.machines.vocabulary
        numbers = vocabulary.numbers(grams.hash)
        known = numbers >= 0
        weights = self.machines.counted.weights[numbers[known]]
        column = self.learned.labels.index(label)
        said = (weights[:, column] - weights.mean(axis=1)) * vocabulary.rarity[numbers[known]]
        said *= vocabulary.loud(grams.start[known]) / vocabulary.loudness[0]
        sizes = grams.size[known]
        loud = np.zeros(len(text) + 3)
        for offset in range(int(sizes.max(initial=0))):
            reaches = sizes > offset
            np.add.at(loud, grams.start[known][reaches] + offset, (said / sizes)[reaches])
        return _runs(text, loud[: len(text)], most)


def _runs(text: str, loud: NDArray[np.float64], most: int) -> tuple[Reason, ...]:
    """Neighbours that are half as loud as what speaks for it on average, two characters at least."""
    above = loud > (loud[loud > 0].mean() / 2 if (loud > 0).any() else 0.0)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], above, [False]]).astype(np.int8)))
    weights: dict[str, float] = {}
    for begin, end in edges.reshape(-1, 2):
        if end - begin > 1:
            weights[text[begin:end]] = weights.get(text[begin:end], 0.0) + float(loud[begin:end].sum())
    ranked = sorted(weights.items(), key=lambda pair: (-pair[1], pair[0]))[:most]
    return tuple(Reason(words=words, weight=round(weight, 2)) for words, weight in ranked)
