"""Which weeks are more than chance."""

import pytest

from sla.core.figures import is_burst


@pytest.mark.parametrize(
    ("count", "expected", "burst"),
    [
        (0, 0.0, False),
        (3, 0.0, False),
        (6, 0.0, True),
        (20, 15.0, False),
        (40, 15.0, True),
        (400, 390.0, False),
        (900, 800.0, True),
        (830, 800.0, False),
        (9_000, 8_000.0, True),
    ],
)
def test_a_burst_is_more_than_a_usual_week_explains(count: int, expected: float, burst: bool) -> None:
    """Where little is usual a few more are chance; where much is, it takes more."""
    assert burst == is_burst(count, expected)
