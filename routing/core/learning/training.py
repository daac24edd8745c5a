"""Learns a model from labelled messages, and measures it on messages held out from it."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from routing.core.judgement import spoken
from routing.core.learning.calibration import Numbers, calibrate, calibration_error, threshold_for
from routing.core.learning.lesson_folds import FOLDS, MANY_ALIKE, folds_apart, folds_of, share_alike
from routing.core.learning.model import WISHES, Learned, Machine, Machines, Model, PrecisionStep
from routing.core.learning.surety import learn_surety
from routing.core.learning.vocabulary import Floats, vocabulary_of
from schemas.errors import HuiyinError

#: What is done, 0 to 1.
Progress = Callable[[float], None]
Labels = NDArray[np.int64]

#: How much a message on the wrong side costs. Project choice: half or twice as much gains nothing. Rare labels count as much
#: as frequent ones, or a small department would never get a case.
_COST = 1.0
#: The same for the machine of what is seen. Project choice: with .1 as much it loses a half of what it gains.
_COST_SEEN = 0.3
#: Texts of every label that each n-gram is taken to stand in beside those that it does. Project choice: 1 gains less.
_UNSEEN = 0.1
#: When the search for the best weights stops. Project choice: a hundredth of it takes ten times as long and gains nothing.
_TOLERANCE = 0.1
#: Distinct messages that each label needs. Project choice: one for each of the folds that it is measured by.
FEWEST = 5


class TooLittle(HuiyinError, ValueError):
    """There is not enough to learn from."""

    zh = "可学的来件太少：至少要有两个标签，每个标签至少 {fewest} 件不同的来件。"
    en = "There is not enough to learn from: two labels at least need {fewest} different messages each."


class Lesson(NamedTuple):
    """A message that somebody labelled, in Simplified characters."""

    title: str
    text: str
    label: str


class _Texts(NamedTuple):
    """What is learned from: every message whole, and its title by itself where it has both."""

    texts: list[str]
    lesson: Labels


def learn(
    lessons: Sequence[Lesson],
    hear: Callable[[str, str], Mapping[str, float]],
    *,
    precision: float,
    called: Mapping[str, str] = MappingProxyType({}),
    progress: Progress = lambda _: None,
) -> Model:
    """A model of the lessons' labels, in alphabetical order; the same in, the same out.

    `hear(title, text)`: what the rules hear of each label. `called`: labels' names, in Simplified characters; each is
    learned from as one message of its label, but never held out. Messages that repeat one another, or nearly so, are held
    out together; where many do, how good it would be to hold them out apart is measured, too.

    Raises:
        TooLittle: fewer than two labels have `FEWEST` different messages; rarer labels are left out.
    """
    lessons = _enough(lessons)
    names = tuple(sorted({lesson.label for lesson in lessons}))
    texts, lesson = _texts_of(lessons)
    right = np.array([names.index(each.label) for each in lessons], dtype=np.int64)[lesson]
    heard = np.array([spoken(hear(*text.split("\n", 1)), names) for text in texts])
    lengths = np.array([len(text) for text in texts], dtype=np.float64)
    own = [called[name] for name in names if name in called]
    owners = np.array([at for at, name in enumerate(names) if name in called], dtype=np.int64)
    folds = _folds(lessons)
    steps = iter(range(1, len(folds) * FOLDS + 2))

    def fit(kept: Labels) -> Machines:
        fitted = _fit([*own, *(texts[at] for at in kept)], np.concatenate([owners, right[kept]]), len(names))
        progress(next(steps) / (len(folds) * FOLDS + 1))
        return fitted

    def measured(fold: Labels) -> Learned:
        scores = np.zeros((len(texts), 2 * len(names)))
        for at in range(FOLDS):
            held = np.flatnonzero(fold == at)
            scores[held] = fit(np.flatnonzero(fold != at)).scores([texts[each] for each in held])
        return _measured(names, scores, lengths, heard, right, precision, fold)

    learned, *apart = [measured(fold[lesson]) for fold in folds]
    if apart:
        learned = msgspec.structs.replace(learned, macro_f1_apart=apart[0].macro_f1)
    return Model(learned, fit(np.arange(len(texts))))


def _folds(lessons: Sequence[Lesson]) -> list[Labels]:
    """Those that count; beside them, where many are look-alikes, those that would hold them out apart."""
    alike = share_alike(lessons) > MANY_ALIKE
    return [folds_of(lessons), folds_apart(lessons)] if alike else [folds_of(lessons)]


def _enough(lessons: Sequence[Lesson]) -> list[Lesson]:
    """The lessons of labels that have enough of them."""
    different = Counter(label for _, _, label in set(lessons))
    kept = [lesson for lesson in lessons if different[lesson.label] >= FEWEST]
    if len({lesson.label for lesson in kept}) < 2:
        raise TooLittle(fewest=FEWEST)
    return kept


def _texts_of(lessons: Sequence[Lesson]) -> _Texts:
    pairs = [(f"{each.title}\n{each.text}", at) for at, each in enumerate(lessons)]
    pairs += [(f"{each.title}\n", at) for at, each in enumerate(lessons) if each.title and each.text]
    return _Texts([text for text, _ in pairs], np.array([at for _, at in pairs], dtype=np.int64))


def _fit(texts: Sequence[str], right: Labels, labels: int) -> Machines:
    vocabulary = vocabulary_of(texts, labels)
    if not len(vocabulary):
        silent = Machine(np.zeros((0, labels), np.float32), np.zeros(labels, np.float32))
        return Machines(vocabulary, silent, silent)
    rows = vocabulary.rows(texts)
    return Machines(
        vocabulary, _machine(rows.counted, right, labels), _machine_of_seen(rows.seen, right, labels)
    )


def _machine(rows: Any, right: Labels, labels: int) -> Machine:
    """One label against the rest, each."""
    weights, offsets = _taught(rows, right, _COST)
    if labels == 2:
        weights, offsets = np.hstack([-weights, weights]), np.array([-1, 1]) * offsets
    return Machine(weights.astype(np.float32), offsets.astype(np.float32))


def _machine_of_seen(rows: Any, right: Labels, labels: int) -> Machine:
    """The same, where each n-gram counts for as much as the label's texts have it more often than others do.

    Source: Wang and Manning, Baselines and Bigrams, 2012 (NBSVM).
    """
    ratios, found = _ratios(rows, right, labels), []
    for label in range(labels):
        scaled = rows.copy()
        scaled.data *= ratios[rows.indices, label]
        weights, offset = _taught(scaled, right == label, _COST_SEEN)
        found.append((weights[:, 0] * ratios[:, label], offset[0]))
    columns, offsets = zip(*found, strict=True)
    return Machine(np.stack(columns, axis=1).astype(np.float32), np.array(offsets, dtype=np.float32))


def _ratios(rows: Any, right: Labels, labels: int) -> Floats:
    """The logarithm of how much likelier each n-gram is in a label's texts than in the others'."""
    owners = np.repeat(right, np.diff(rows.indptr))
    stands_in = np.bincount(owners * rows.shape[1] + rows.indices, minlength=labels * rows.shape[1])
    within = stands_in.reshape(labels, -1).T.astype(np.float64)
    others = within.sum(axis=1, keepdims=True) - within
    shares = [(each + _UNSEEN) / (each + _UNSEEN).sum(axis=0) for each in (within, others)]
    ratios: Floats = np.log(shares[0] / shares[1]).astype(np.float32)
    return ratios


def _taught(rows: Any, right: Any, cost: float) -> tuple[Numbers, Numbers]:
    """A column for each label; of two labels for the second alone."""
    from sklearn.svm import LinearSVC  # here: only training needs it, and it takes a second to load

    machine: Any = LinearSVC(C=cost, tol=_TOLERANCE, class_weight="balanced", random_state=0)
    machine.fit(rows, right)
    return machine.coef_.T, machine.intercept_


def _measured(
    names: tuple[str, ...],
    scores: Numbers,
    lengths: Numbers,
    heard: Numbers,
    right: Labels,
    precision: float,
    fold: Labels,
) -> Learned:
    """Calibrated on all that was held out; measured with what was calibrated on the other folds."""
    shares = np.zeros_like(heard)
    for others, here in _turns(fold):
        found = calibrate(scores[others], lengths[others], heard[others], right[others])
        shares[here] = found.probabilities(scores[here], lengths[here], heard[here])
    guessed = shares.argmax(axis=1)
    hits = guessed == right
    sure = _sure(shares, lengths, heard, hits, fold)
    threshold = threshold_for(sure, hits, precision)
    return Learned(
        labels=names,
        rows=len(right),
        calibration=calibrate(scores, lengths, heard, right),
        surety=learn_surety(shares, lengths, heard, hits),
        precision=precision,
        threshold=threshold,
        accuracy=float(hits.mean()),
        macro_f1=_macro_f1(right, guessed, len(names)),
        coverage=float((sure >= threshold).mean()),
        calibration_error=calibration_error(sure, hits),
        curve=tuple(_step(sure, hits, wished) for wished in WISHES),
    )


def _turns(fold: Labels) -> list[tuple[NDArray[np.bool_], NDArray[np.bool_]]]:
    """Each fold in turn: which texts are of the others, which are its own."""
    return [(fold != at, fold == at) for at in range(FOLDS)]


def _sure(
    shares: Numbers, lengths: Numbers, heard: Numbers, hits: NDArray[np.bool_], fold: Labels
) -> Numbers:
    """How sure of each first label, as learned from the other folds."""
    sure = np.zeros(len(shares))
    for others, here in _turns(fold):
        found = learn_surety(shares[others], lengths[others], heard[others], hits[others])
        sure[here] = found.told(shares[here], lengths[here], heard[here]).max(axis=1)
    return sure


def _step(sure: Numbers, hits: Any, wished: float) -> PrecisionStep:
    threshold = threshold_for(sure, hits, wished)
    coverage = float((sure >= threshold).mean())
    return PrecisionStep(precision=wished, threshold=threshold, coverage=coverage)


def _macro_f1(right: Labels, guessed: Labels, labels: int) -> float:
    hit = np.bincount(right[right == guessed], minlength=labels)
    both = np.bincount(right, minlength=labels) + np.bincount(guessed, minlength=labels)
    return float((2 * hit / np.maximum(both, 1)).mean())
