"""What was accepted from the citizen before, and stands."""

import pytest

from intake.core.following.received import was_received
from intake.core.following.view import TimelineEntry
from schemas.words import CaseState
from tests.unit.intake.core.following.test_view import _view
from tests.unit.intake.messages import NOW


@pytest.mark.parametrize(
    ("action", "lines", "received"),
    [
        ("objection", ["answered", "objected"], True),
        ("objection", ["answered", "objected", "reopened", "answered"], True),
        ("objection", ["answered", "objected", "objection_dropped"], False),
        ("withdrawal", ["withdrawal"], True),
        ("withdrawal", ["withdrawal", "withdrawal_dropped"], False),
        ("rating", ["answered", "rated"], True),
        ("rating", ["answered", "rated", "objected", "answered"], False),
        ("answer", ["asked", "answered_question"], True),
        ("answer", ["asked", "question_lapsed"], False),
        ("objection", [], False),
        ("publication", ["objected"], False),
    ],
)
def test_what_was_received_before_is_known(action: str, lines: list[str], received: bool) -> None:
    """From the lines that the citizen reads; what was not carried out, or belongs to an earlier answer, is none."""
    timeline = tuple(TimelineEntry(at=NOW, event=line) for line in lines)

    assert received is was_received(_view(CaseState.CLOSED, timeline=timeline), action)
