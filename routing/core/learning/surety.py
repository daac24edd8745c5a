"""Learns how sure a model may be of its first label, from where it was right and where it was wrong."""

from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from routing.core.learning.calibration import Numbers

#: Nothing is told to be surer or less sure than so much (project choice: a logarithm of nothing has no end).
_LEAST = 1e-6
#: How strongly weights and offset are kept near what changes nothing, in messages: without it a handful that is all right
#: would make certain of everything. Project choice: of thousands a tenth does the same.
_RELUCTANCE = 1.0
#: What is seen of each text (`_seen`) (by definition: how many that makes).
_SIGNS = 7


class Surety(msgspec.Struct, frozen=True, kw_only=True):
    """A logistic in what shows how sure to be: one bit, right or not, can weigh more than a calibration of all labels."""

    #: One for each of `_seen`.
    weights: tuple[float, ...]
    offset: float

    @property
    def fits(self) -> bool:
        """Whether its parts are as many as they should be, and numbers."""
        return len(self.weights) == _SIGNS and bool(np.isfinite([*self.weights, self.offset]).all())

    def told(self, shares: Numbers, lengths: Numbers, spoken: Numbers) -> Numbers:
        """The same probabilities, as sure of the first as it deserves: it stays first, and the others keep their order."""
        rows, first = np.arange(len(shares)), shares.argmax(axis=1)
        others = np.maximum(shares, _LEAST**2)
        others[rows, first] = 0.0
        others /= others.sum(axis=1, keepdims=True)
        second = others.max(axis=1, initial=0.0)
        sure = _logistic(_seen(shares, lengths, spoken) @ np.array(self.weights) + self.offset)
        sure = np.maximum(sure, (1.0 + _LEAST) * second / (1.0 + second))  # else another would be first
        told: Numbers = others * (1.0 - sure)[:, None]
        told[rows, first] = sure
        return told


def learn_surety(shares: Numbers, lengths: Numbers, spoken: Numbers, is_right: NDArray[np.bool_]) -> Surety:
    """From the probabilities of held-out texts, and of each whether its first label is right."""
    from scipy.optimize import minimize  # here: only training needs it

    seen = _seen(shares, lengths, spoken)
    middle, spread = seen.mean(axis=0), seen.std(axis=0)
    spread[spread == 0.0] = 1.0
    # Before anything is learned the first sign counts once, and the others for nothing: what was told before.
    begin = np.append(np.where(np.arange(_SIGNS) == 0, spread, 0.0), middle[0])
    columns = np.hstack([(seen - middle) / spread, np.ones((len(seen), 1))])

    def loss(at: Numbers) -> tuple[float, Numbers]:
        drawn, logits = at - begin, columns @ at
        value = (np.logaddexp(0.0, logits) - logits * is_right).sum()
        missed = _logistic(logits) - is_right
        return value + _RELUCTANCE * drawn @ drawn / 2, missed @ columns + _RELUCTANCE * drawn

    found: Any = minimize(loss, begin, jac=True, method="L-BFGS-B").x
    weights = found[:-1] / spread
    return Surety(weights=tuple(map(float, weights)), offset=float(found[-1] - weights @ middle))


def _seen(shares: Numbers, lengths: Numbers, spoken: Numbers) -> Numbers:
    """The first label's log odds, how far the second is behind, how the rest is spread, and what the words say of it.

    The words' part: whether they say nothing, whether it is loudest in them, how loud it is.
    """
    rows, first = np.arange(len(shares)), shares.argmax(axis=1)
    ranked = np.clip(np.sort(shares, axis=1), _LEAST, 1.0 - _LEAST)
    logs = np.log(np.maximum(shares, _LEAST))
    loudest, own = spoken.max(axis=1), spoken[rows, first]
    return np.stack(
        [
            np.log(ranked[:, -1] / (1.0 - ranked[:, -1])),
            np.log(ranked[:, -1] / ranked[:, -2]),
            -(shares * logs).sum(axis=1),
            np.log1p(lengths),
            (loudest == 0.0).astype(np.float64),
            ((own == loudest) & (loudest > 0.0)).astype(np.float64),
            own,
        ],
        axis=1,
    )


def _logistic(logits: Numbers) -> Numbers:
    raised: Numbers = 1.0 / (1.0 + np.exp(-np.clip(logits, -30.0, 30.0)))
    return raised
