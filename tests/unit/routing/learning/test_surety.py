"""How sure a model may be of its first label."""

import msgspec
import numpy as np
import pytest

from routing.core.learning.calibration import Numbers, calibration_error
from routing.core.learning.surety import Surety, _seen, learn_surety

CHANCE = np.random.default_rng(11)
LENGTHS = np.full(6000, 20.0)


def _shares(rows: int, sure: float = 0.8) -> Numbers:
    """As sure of the first label of each, whichever it is; the others in an order of their own."""
    found = CHANCE.random((rows, 4)) + 0.01
    first = CHANCE.integers(0, 4, rows)
    found[np.arange(rows), first] = 0.0
    found *= (1.0 - sure) / found.sum(axis=1, keepdims=True)
    found[np.arange(rows), first] = sure
    return found


def test_what_the_words_say_against_it_counts() -> None:
    """Of two messages that look as sure, that one is surer of which the word lists say the same."""
    shares = _shares(6000)
    first, agrees = shares.argmax(axis=1), CHANCE.random(6000) < 0.5
    spoken = np.eye(4)[np.where(agrees, first, (first + 1) % 4)]
    is_right = CHANCE.random(6000) < np.where(agrees, 0.95, 0.6)

    sure = learn_surety(shares, LENGTHS, spoken, is_right).told(shares, LENGTHS, spoken).max(axis=1)

    assert np.abs(sure - np.where(agrees, 0.95, 0.6)).max() < 0.03
    assert calibration_error(sure, is_right) < 0.03


def test_the_first_stays_first_and_the_others_keep_their_order() -> None:
    """However little it is to be sure of: it says how sure, not of what."""
    shares, spoken = _shares(6000, sure=0.55), np.zeros((6000, 4))
    doubtful = Surety(weights=(1.0, *[0.0] * 6), offset=-9.0)

    told = doubtful.told(shares, LENGTHS, spoken)

    assert np.allclose(1.0, told.sum(axis=1))
    assert (np.argsort(shares, axis=1) == np.argsort(told, axis=1)).all()
    assert (told.max(axis=1) < shares.max(axis=1)).all()


def test_what_is_certain_stays_a_probability() -> None:
    """Also where nothing is left for the others, and where labels are as likely as each other."""
    shares = np.array([[1.0, 0.0, 0.0], [1 / 3, 1 / 3, 1 / 3]])
    plain = Surety(weights=(1.0, *[0.0] * 6), offset=0.0)

    told = plain.told(shares, np.zeros(2), np.zeros((2, 3)))

    assert np.allclose(shares, told, atol=1e-5)
    assert (0, 3) == plain.told(np.zeros((0, 3)), np.zeros(0), np.zeros((0, 3))).shape


def test_a_handful_changes_little() -> None:
    """Four texts that are all right do not make it certain, nor do they end in an error."""
    shares, spoken = _shares(4), np.zeros((4, 4))

    told = learn_surety(shares, LENGTHS[:4], spoken, np.ones(4, dtype=bool))

    sure = told.told(_shares(50), LENGTHS[:50], np.zeros((50, 4))).max(axis=1)

    assert told.fits
    assert 0.8 < sure.min() <= sure.max() < 0.92


def test_a_handful_that_is_half_wrong_changes_little() -> None:
    """It takes some of the sureness, and not all of it."""
    shares, spoken = _shares(4), np.zeros((4, 4))
    told = learn_surety(shares, LENGTHS[:4], spoken, np.array([True, False, True, False]))

    sure = told.told(_shares(50), LENGTHS[:50], np.zeros((50, 4))).max(axis=1)

    assert 0.5 < sure.mean() < 0.78


def test_what_is_seen_of_a_text() -> None:
    """Odds of the first, how far the second is behind, how the rest is spread, how long it is, and what its words say."""
    shares = np.array([[0.5, 0.3, 0.2], [0.1, 0.2, 0.7], [0.1, 0.2, 0.7]])
    spoken = np.array([[0.0, 0.0, 0.0], [0.2, 0.1, 0.6], [0.5, 0.0, 0.1]])
    last = [np.log(7 / 3), np.log(7 / 2), 0.8018186, np.log(10.0)]

    assert np.allclose(
        [
            [0.0, np.log(5 / 3), 1.0296530, 0.0, 1.0, 0.0, 0.0],
            [*last, 0.0, 1.0, 0.6],
            [*last, 0.0, 0.0, 0.1],
        ],
        _seen(shares, np.array([0.0, 9.0, 9.0]), spoken),
    )


@pytest.mark.parametrize(
    "wrong", [{"weights": (1.0,)}, {"weights": (float("nan"),) * 7}, {"offset": float("inf")}]
)
def test_parts_that_do_not_fit(wrong: dict[str, object]) -> None:
    """A damaged one is known before it judges."""
    known = Surety(weights=(1.0,) * 7, offset=0.0)

    assert (True, False) == (known.fits, msgspec.structs.replace(known, **wrong).fits)
