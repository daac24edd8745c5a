"""Scores into honest probabilities: of what is said to be sure to 0.8, eight in ten are right."""

import msgspec
import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]

#: How strongly parameters are kept near what they begin with, in messages. Project choice: it only matters for few messages.
_RELUCTANCE = 1.0


class Calibration(msgspec.Struct, frozen=True, kw_only=True):
    """How scores become probabilities: a multinomial logistic in the score, the text's length and the rules' words."""

    #: Of the score; of the score times the logarithm of the text's length; of the rules' words.
    factors: tuple[float, float, float]
    #: One for each label.
    offsets: tuple[float, ...]

    def probabilities(self, scores: Numbers, lengths: Numbers, spoken: Numbers) -> Numbers:
        """A row for each text, summing to 1."""
        return _shares(_logits(_views(scores, lengths, spoken), self.factors, self.offsets))


def calibrate(scores: Numbers, lengths: Numbers, spoken: Numbers, right: NDArray[np.int64]) -> Calibration:
    """The calibration under which the `right` labels of held-out texts are the likeliest."""
    from scipy.optimize import minimize  # here: only training needs it

    views, labels = _views(scores, lengths, spoken), scores.shape[1]
    begin = np.concatenate([[3.0, 0.0, 0.0], np.zeros(labels)])
    hit = np.zeros_like(scores)
    hit[np.arange(len(right)), right] = 1.0

    def loss(at: Numbers) -> tuple[float, Numbers]:
        shares = _shares(_logits(views, at[:3], at[3:]))
        missed = shares - hit
        drawn = at - begin
        slope = np.concatenate([[(view * missed).sum() for view in views], missed.sum(axis=0)])
        value = -np.log(np.maximum((shares * hit).sum(axis=1), 1e-12)).sum()
        return value + _RELUCTANCE * (drawn @ drawn) / 2, slope + _RELUCTANCE * drawn

    found = minimize(loss, begin, jac=True, method="L-BFGS-B").x
    first, second, third = map(float, found[:3])
    return Calibration(factors=(first, second, third), offsets=tuple(map(float, found[3:])))


def calibration_error(sure: Numbers, is_right: NDArray[np.bool_], bins: int = 15) -> float:
    """Expected calibration error: mean distance of what was said from what was right, in bins of equal width.

    Source of the measure and of 15 bins: Guo et al., On Calibration of Modern Neural Networks, 2017.
    """
    at = np.minimum((sure * bins).astype(np.int64), bins - 1)
    gaps = np.bincount(at, sure, bins) - np.bincount(at, is_right.astype(np.float64), bins)
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


def _views(scores: Numbers, lengths: Numbers, spoken: Numbers) -> tuple[Numbers, Numbers, Numbers]:
    long = np.log1p(lengths)[:, None] - np.log1p(100.0)
    return scores, scores * long, spoken


def _logits(views: tuple[Numbers, ...], factors: object, offsets: object) -> Numbers:
    weights = np.asarray(factors, dtype=np.float64)
    found: Numbers = sum(
        (weight * view for weight, view in zip(weights, views, strict=True)), np.asarray(offsets, np.float64)
    )
    return found


def _shares(logits: Numbers) -> Numbers:
    raised: Numbers = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares: Numbers = raised / raised.sum(axis=1, keepdims=True)
    return shares
