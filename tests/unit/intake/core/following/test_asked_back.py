"""Which call-back a citizen was asked in, as their own timeline tells."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from intake.core.following.asked_back import (
    ASKED_BACK,
    CALLED_BACK,
    TO_BE_CALLED,
    asked_back_until,
    asked_in,
    is_to_be_called,
    promised_until,
)

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
DUE = NOW + timedelta(days=5)


@dataclass(frozen=True)
class Line:
    """As much of a line as is read."""

    event: str
    number: int | None = None
    due_at: datetime | None = None
    at: datetime = NOW


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


@pytest.mark.parametrize(
    "over",
    [
        CALLED_BACK,
        TO_BE_CALLED,
        "answered_back",
        "reopened",
        "in_review",
        "undone",
        "answered",
        "answered_directly",
    ],
)
def test_what_is_asked_is_over_with_what_comes_of_it(over: str) -> None:
    """Other lines leave it open."""
    asked = (Line(ASKED_BACK, due_at=DUE), Line("rated"))

    assert DUE == asked_back_until(asked)
    assert asked_back_until((*asked, Line(over))) is None
    assert asked_back_until(()) is None


@pytest.mark.parametrize("earlier", ["answered", "answered_directly", "reopened", "in_review", "undone"])
def test_what_is_heard_late_ends_no_question_that_was_asked_after_it(earlier: str) -> None:
    """Topics are read side by side: after an outage a question may be heard before the answer that it is about."""
    day = timedelta(days=1)
    asked, late = Line(ASKED_BACK, due_at=DUE, at=NOW + day), Line(earlier, at=NOW)
    called = Line(TO_BE_CALLED, at=NOW + day)

    assert DUE == asked_back_until((asked, late)) == asked_back_until((late, asked))
    assert is_to_be_called((called, late))
    assert asked_back_until((asked, late, Line(earlier, at=NOW + 2 * day))) is None
    assert not is_to_be_called((called, late, Line(earlier, at=NOW + 2 * day)))


def test_somebody_is_to_ring_up_until_they_have() -> None:
    """Or the case was taken up again."""
    assert is_to_be_called((Line(TO_BE_CALLED), Line("rated")))
    assert not is_to_be_called((Line(TO_BE_CALLED), Line(CALLED_BACK)))
    assert not is_to_be_called((Line(ASKED_BACK),))
    assert not is_to_be_called(())


def test_the_latest_promise_holds_until_an_answer_or_a_refusal() -> None:
    """By the moments at which they were made, in whatever order they were heard."""
    first, second = (
        Line("promised", due_at=NOW + timedelta(days=day), at=NOW + timedelta(hours=day)) for day in (1, 2)
    )

    assert second.due_at == promised_until((second, first))
    for over in ("closed", "reopened", "declined"):
        assert promised_until((first, Line(over, at=NOW + timedelta(hours=3)))) is None
    assert promised_until((Line("assigned"),)) is None
