"""Turns scores into honest probabilities: of what is said to be 0.8 sure, eight in ten are right."""

from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]

#: How strongly parameters are kept near what they begin with, in messages. Project choice: it only matters for few messages.
_RELUCTANCE = 1.0
#: The same for what one label's score and words say of another label, where scores and words differ by one from text to
#: text. Project choice: docs/measurements.md says what else was tried.
_RELUCTANCE_BESIDE = 30.0
#: Labels up to which that is learned. Project choice: of more, two are taken for one another too seldom to learn how often.
_MOST_BESIDE = 40
#: Bins of the calibration error. Source: Guo et al., On Calibration of Modern Neural Networks, 2017.
_BINS = 15


class Calibration(msgspec.Struct, frozen=True, kw_only=True):
    """How scores become probabilities: a multinomial logistic in the scores, the text's length and the rules' words."""

    #: Of the score; of the score times the logarithm of the text's length; of the rules' words; of the score by what is
    #: seen, which models of before do not have.
    factors: tuple[float, ...]
    #: One for each label.
    offsets: tuple[float, ...]
    #: What every label's scores, then what the rules' words for every label say of each label: a row for each of them, a
    #: column for each label. Empty in models of before it was learned.
    beside: tuple[tuple[float, ...], ...] = ()

    def probabilities(self, scores: Numbers, lengths: Numbers, spoken: Numbers) -> Numbers:
        """A row for each text, summing to 1. `scores`: a column for each label, and where it has both, for each again."""
        beside = np.array(self.beside).reshape(len(self.beside), len(self.offsets))
        known = _Parameters(np.array(self.factors), np.array(self.offsets), beside)
        return _shares(_logits(_views(scores, lengths, spoken, is_beside=bool(self.beside)), known))

    @property
    def fits(self) -> bool:
        """Whether its parts fit one another, and are numbers."""
        labels = len(self.offsets)
        rows = [len(row) for row in self.beside]
        numbers = [*self.factors, *self.offsets, *(each for row in self.beside for each in row)]
        fits = len(self.factors) in (3, 4) and rows in ([], [labels] * ((len(self.factors) - 1) * labels))
        return fits and bool(np.isfinite(numbers).all())


class _Views(NamedTuple):
    """What each text shows of each label; and all of it side by side, or nothing."""

    own: tuple[Numbers, ...]
    every: Numbers


class _Parameters(NamedTuple):
    factors: Numbers
    offsets: Numbers
    beside: Numbers


def calibrate(scores: Numbers, lengths: Numbers, spoken: Numbers, right: NDArray[np.int64]) -> Calibration:
    """The calibration under which the `right` labels of held-out texts are the likeliest."""
    from scipy.optimize import minimize  # here: only training needs it

    labels = spoken.shape[1]
    views = _views(scores, lengths, spoken, is_beside=labels <= _MOST_BESIDE)
    own = len(views.own)
    begin = np.zeros(own + labels + views.every.shape[1] * labels)
    begin[0] = 3.0
    beside = np.repeat(_RELUCTANCE_BESIDE * _spread(views, labels), labels)
    reluctance = np.concatenate([np.full(own + labels, _RELUCTANCE), beside])
    hit = np.zeros_like(spoken)
    hit[np.arange(len(right)), right] = 1.0

    def loss(at: Numbers) -> tuple[float, Numbers]:
        shares = _shares(_logits(views, _apart(at, own, labels)))
        drawn = at - begin
        value = -np.log(np.maximum((shares * hit).sum(axis=1), 1e-12)).sum()
        return value + (reluctance * drawn) @ drawn / 2, _slope(views, shares - hit) + reluctance * drawn

    found = _apart(minimize(loss, begin, jac=True, method="L-BFGS-B").x, own, labels)
    return Calibration(
        factors=tuple(map(float, found.factors)),
        offsets=tuple(map(float, found.offsets)),
        beside=tuple(tuple(row) for row in found.beside.tolist()),
    )


def calibration_error(sure: Numbers, is_right: NDArray[np.bool_]) -> float:
    """Expected calibration error: mean distance of what was said from what was right, in bins of equal width."""
    at = np.minimum((sure * _BINS).astype(np.int64), _BINS - 1)
    gaps = np.bincount(at, sure, _BINS) - np.bincount(at, is_right.astype(np.float64), _BINS)
    return float(np.abs(gaps).sum() / max(len(sure), 1))


def threshold_for(sure: Numbers, is_right: NDArray[np.bool_], precision: float) -> float:
    """The lowest probability from which on `precision` of all are right; above 1 where there is none."""
    order = np.argsort(-sure, kind="stable")
    ranked = sure[order]
    held = np.cumsum(is_right[order]) / np.arange(1, len(order) + 1)
    # Texts of one probability count together: no threshold could part them.
    is_last = np.append(ranked[1:] < ranked[:-1], True)
    enough = np.flatnonzero((held >= precision) & is_last)
    return float(ranked[enough[-1]]) if len(enough) else 1.01


def _apart(at: Numbers, own: int, labels: int) -> _Parameters:
    return _Parameters(at[:own], at[own : own + labels], at[own + labels :].reshape(-1, labels))


def _spread(views: _Views, labels: int) -> Numbers:
    """How much each of `every` differs from text to text; alike for all labels of one kind."""
    kinds = np.split(views.every, views.every.shape[1] // labels, axis=1) if views.every.size else []
    return np.repeat([np.var(kind) for kind in kinds], labels)


def _views(scores: Numbers, lengths: Numbers, spoken: Numbers, *, is_beside: bool) -> _Views:
    long = np.log1p(lengths)[:, None] - np.log1p(100.0)
    every = np.hstack([scores, spoken]) if is_beside else np.zeros((len(scores), 0))
    labels = spoken.shape[1]
    first, more = scores[:, :labels], scores[:, labels:]
    return _Views((first, first * long, spoken, *([more] if more.shape[1] else [])), every)


def _logits(views: _Views, known: _Parameters) -> Numbers:
    found: Numbers = views.every @ known.beside + known.offsets
    for factor, view in zip(known.factors, views.own, strict=True):
        found += factor * view
    return found


def _slope(views: _Views, missed: Numbers) -> Numbers:
    own = [(view * missed).sum() for view in views.own]
    return np.concatenate([own, missed.sum(axis=0), (views.every.T @ missed).ravel()])


def _shares(logits: Numbers) -> Numbers:
    raised: Numbers = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares: Numbers = raised / raised.sum(axis=1, keepdims=True)
    return shares
