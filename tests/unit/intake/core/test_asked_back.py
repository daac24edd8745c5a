"""Which call-back a citizen was asked in, as their own timeline tells."""

from dataclasses import dataclass

import pytest

from intake.core.asked_back import ASKED_BACK, asked_in


@dataclass(frozen=True)
class Line:
    """As much of a line as is read."""

    event: str
    number: int | None = None


@pytest.mark.parametrize(
    ("timeline", "number"),
    [
        ((), 0),
        ((Line("assigned", 7),), 0),
        ((Line(ASKED_BACK),), 0),
        ((Line(ASKED_BACK, 1), Line("assigned"), Line(ASKED_BACK, 2), Line("answered", 9)), 2),
        ((Line(ASKED_BACK, 1), Line(ASKED_BACK)), 0),
    ],
)
def test_the_last_time_counts(timeline: tuple[Line, ...], number: int) -> None:
    """Nobody knows of one that was asked before numbers were kept, nor of a case that was never asked."""
    assert number == asked_in(timeline)
