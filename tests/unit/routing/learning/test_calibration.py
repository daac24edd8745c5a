"""Honest probabilities and the threshold."""

import numpy as np
import pytest

from routing.core.learning.calibration import calibrate, calibration_error, threshold_for

CHANCE = np.random.default_rng(7)


def test_scores_become_what_is_right() -> None:
    """Scores that are ten times too loud are believed a tenth."""
    honest = CHANCE.normal(size=(4000, 3)) * 2
    shares = np.exp(honest) / np.exp(honest).sum(axis=1, keepdims=True)
    right = np.array([CHANCE.choice(3, p=row) for row in shares])
    lengths, silent = np.full(4000, 100.0), np.zeros((4000, 3))

    found = calibrate(honest * 10, lengths, silent, right).probabilities(honest * 10, lengths, silent)

    assert np.abs(found - shares).max() < 0.06
    assert calibration_error(found.max(axis=1), found.argmax(axis=1) == right) < 0.03


def test_the_error_of_boasting() -> None:
    """Sure of everything and right in half: off by a half."""
    assert 0.5 == calibration_error(np.ones(10), np.arange(10) < 5)


@pytest.mark.parametrize(
    ("sure", "is_right", "precision", "expected"),
    [
        ([0.9, 0.8, 0.7, 0.6], [1, 1, 0, 1], 0.75, 0.6),
        ([0.9, 0.8, 0.7, 0.6], [1, 1, 0, 0], 0.95, 0.8),
        ([0.9, 0.9, 0.7], [1, 0, 1], 0.95, 1.01),
        ([0.9, 0.5], [0, 0], 0.5, 1.01),
    ],
)
def test_the_lowest_threshold_that_keeps_the_precision(
    sure: list[float], is_right: list[int], precision: float, expected: float
) -> None:
    """Equals stand together; where nothing keeps it, nobody is sure enough."""
    assert expected == threshold_for(np.array(sure), np.array(is_right, dtype=bool), precision)
