"""Departments in bands: nobody is above or below whom chance could have put there."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla.core.figure_kinds import Rate, Share
from sla.core.figures import rate
from sla.core.tiers import in_bands, tier_rule, wilson

_RULE = tier_rule()


def _rate(part: int, whole: int) -> Rate:
    return Rate(value=rate(part, whole), numerator=part, n=whole)


@pytest.mark.parametrize(
    ("part", "whole", "low", "high"),
    [
        (0, 0, 0.0, 1.0),
        (0, 10, 0.0, 0.2775),
        (10, 10, 0.7225, 1.0),
        (50, 100, 0.4038, 0.5962),
        (1, 10, 0.0179, 0.4042),
    ],
)
def test_the_interval(part: int, whole: int, low: float, high: float) -> None:
    """As tables of Wilson's interval at 95 % have it, to four digits."""
    assert (low, high) == wilson(part, whole, 1.96)


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_share_lies_within(pair: tuple[int, int]) -> None:
    """The interval holds the share, stays between 0 and 1, and narrows with more cases of the same."""
    part, whole = pair
    low, high = wilson(part, whole, _RULE.deviations)
    closer = wilson(part * 4, whole * 4, _RULE.deviations)

    assert 0 <= low <= part / whole + 1e-4
    assert part / whole - 1e-4 <= high <= 1
    assert closer.high - closer.low <= high - low


@pytest.mark.parametrize(
    ("part", "whole", "band"),
    [
        (99, 100, "above"),
        (90, 100, "within"),
        (60, 100, "below"),
        (9, 9, "few"),
        (0, 9, "few"),
        (10, 10, "within"),
    ],
)
def test_bands(part: int, whole: int, band: str) -> None:
    """Beside a city of 90 %; ten of ten says no more than that it may be so."""
    [standing] = in_bands([("housing", _rate(part, whole))], _rate(900, 1000), _RULE)

    assert (band, whole) == (standing.band, standing.n)


def test_what_is_left_out_stands_beside() -> None:
    """Eighty of a hundred, of which twenty count no more: below with them, above without, beside a city of 90 % and 70 %."""
    rest, citys = Share(value=1.0, numerator=80, n=80), Share(value=0.7, numerator=700, n=1000)
    own = Rate(value=0.8, numerator=80, n=100, without=rest)
    [standing] = in_bands([("housing", own)], Rate(value=0.9, numerator=900, n=1000, without=citys), _RULE)
    beside = standing.without

    assert ("below", 0.8, 100) == (standing.band, standing.value, standing.n)
    assert ("above", 1.0, 80) == (beside.band, beside.value, beside.n)
    assert standing.high < beside.low


def test_nobody_is_ranked() -> None:
    """Within a band they stand by their codes, however they did; who has no case stands nowhere."""
    rates = [
        ("water", _rate(91, 100)),
        ("housing", _rate(89, 100)),
        ("transport", _rate(0, 0)),
        ("urban", _rate(10, 100)),
    ]
    found = in_bands(rates, _rate(900, 1000), _RULE)

    assert [("housing", "within"), ("water", "within"), ("urban", "below")] == [
        (e.key, e.band) for e in found
    ]
