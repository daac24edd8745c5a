"""Honest probabilities and the threshold."""

from collections.abc import Mapping
from typing import Any

import msgspec
import numpy as np
import pytest

from routing.core.learning.calibration import Calibration, calibrate, calibration_error, threshold_for

CHANCE = np.random.default_rng(7)


def test_scores_become_what_is_right() -> None:
    """Scores that are ten times too loud are believed a tenth."""
    honest = CHANCE.normal(size=(40_000, 3)) * 2
    shares = np.exp(honest) / np.exp(honest).sum(axis=1, keepdims=True)
    right = (shares.cumsum(axis=1) < CHANCE.random((40_000, 1))).sum(axis=1)
    lengths, silent = np.full(40_000, 100.0), np.zeros((40_000, 3))

    found = calibrate(honest * 10, lengths, silent, right).probabilities(honest * 10, lengths, silent)

    assert np.abs(found - shares).max() < 0.06
    assert calibration_error(found.max(axis=1), found.argmax(axis=1) == right) < 0.03


def test_what_one_label_says_of_another_is_learned() -> None:
    """Where the rules' words for one label stand in messages of another, they speak for that one."""
    right = CHANCE.integers(0, 3, size=1500)
    scores, lengths = CHANCE.normal(size=(1500, 3)) * 0.1, np.full(1500, 100.0)
    spoken = np.eye(3)[(right + 1) % 3]

    found = calibrate(scores, lengths, spoken, right)
    shares = found.probabilities(scores, lengths, spoken)

    assert (shares.argmax(axis=1) == right).mean() > 0.95
    assert (6, 3) == np.array(found.beside).shape


def test_the_second_score_is_heard() -> None:
    """Also of more labels than are compared with one another: where the first machine guesses, the second decides."""
    right = CHANCE.integers(0, 41, size=2000)
    scores = np.hstack([CHANCE.normal(size=(2000, 41)) * 0.1, np.eye(41)[right] * 9.0])
    lengths, silent = np.full(2000, 100.0), np.zeros((2000, 41))

    found = calibrate(scores, lengths, silent, right)
    shares = found.probabilities(scores, lengths, silent)

    assert (4, True) == (len(found.factors), found.fits)
    assert (shares.argmax(axis=1) == right).mean() > 0.95


def test_a_calibration_of_before_judges_as_it_did() -> None:
    """It knows only what a label's own score and words say of it."""
    before = Calibration(factors=(3.0, 0.0, 1.0), offsets=(0.0, 0.5))
    scores, lengths, spoken = np.array([[0.2, -0.1]]), np.array([99.0]), np.array([[1.0, 0.0]])
    raised = np.exp([3 * 0.2 + 1.0, 3 * -0.1 + 0.5])

    assert np.allclose(raised / raised.sum(), before.probabilities(scores, lengths, spoken))


def test_of_very_many_labels_nothing_is_said_of_one_another() -> None:
    """Each pair would stand in too few messages."""
    right = CHANCE.integers(0, 41, size=200)

    found = calibrate(np.eye(41)[right], np.full(200, 9.0), np.zeros((200, 41)), right)

    assert () == found.beside


@pytest.mark.parametrize(
    "wrong",
    [
        {"beside": ((1.0, 2.0),) * 3},
        {"beside": ((1.0,),) * 4},
        {"beside": ((float("nan"), 0.0),) * 4},
        {"factors": (1.0, float("inf"), 0.0)},
        {"factors": (1.0, 0.0)},
        {"factors": (1.0, 0.0, 0.0, 1.0)},
    ],
)
def test_parts_that_do_not_fit(wrong: Mapping[str, Any]) -> None:
    """A damaged one is known before it judges."""
    known = Calibration(factors=(3.0, 0.0, 1.0), offsets=(0.0, 0.5), beside=((1.0, 2.0),) * 4)

    assert (True, False) == (known.fits, msgspec.structs.replace(known, **wrong).fits)


@pytest.mark.parametrize("factors", [(3.0, 0.0, 1.0), (3.0, 0.0, 1.0, 1.0)])
def test_no_text_has_no_probabilities(factors: tuple[float, ...]) -> None:
    """Of one machine or of two: nothing is asked, and nothing is wrong."""
    known = Calibration(factors=factors, offsets=(0.0, 0.5))
    scores = np.zeros((0, 2 * (len(factors) - 2)))

    assert (0, 2) == known.probabilities(scores, np.zeros(0), np.zeros((0, 2))).shape


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
