"""What is left of a dispatcher's decision that they take back within minutes."""

from datetime import timedelta

import pytest

from handlers.core import undoing
from handlers.core.asks import Asks, Part
from schemas.events.handlers import CaseRecalled, RequestDropped
from schemas.events.routing import DecisionUndone, RecallRequested
from schemas.ids import DepartmentCode
from schemas.words import CaseState
from tests.unit.handlers.making import HOUSING, MONDAY, case

LATER = MONDAY + timedelta(minutes=5)
#: The dispatcher's route was version 3, and its assignment version 4.
ROUTED = 3


def test_a_case_that_nobody_signed_for_is_taken_back() -> None:
    """Its departments hear so, see it no more, and a dispatcher has it."""
    held = case(state=CaseState.ASSIGNED, routed_version=ROUTED)
    asked = RecallRequested(case_id=held.case_id, version=ROUTED + 1, at=LATER, decided_by="li")

    change = undoing.recall(held, asked, LATER)

    (told,) = change.events
    assert isinstance(told, CaseRecalled)
    assert (CaseState.IN_REVIEW, True, ()) == (
        change.after.state,
        change.after.withheld,
        change.after.readers,
    )
    assert ("case.recalled", (HOUSING,), 5) == (change.what, change.left, told.version)
    assert ("li", "undo", "assigned") == (change.entry.actor, change.entry.action, change.entry.from_state)


def test_what_was_split_off_with_it_is_asked_of_nobody() -> None:
    """A matter may wait from the first moment on, before anybody signs."""
    part = Part(department=DepartmentCode("water"), text="停水", until=None, asked_at=MONDAY, is_matter=True)
    held = case(state=CaseState.ASSIGNED, routed_version=ROUTED, asks=Asks(parts=(part,)))
    asked = RecallRequested(case_id=held.case_id, version=ROUTED + 1, at=LATER, decided_by="li")

    assert () == undoing.recall(held, asked, LATER).after.asks.parts


@pytest.mark.parametrize(
    ("state", "version"),
    [
        (CaseState.IN_PROGRESS, ROUTED + 1),
        (CaseState.IN_REVIEW, ROUTED + 1),
        (CaseState.WITHDRAWN, ROUTED + 1),
        (CaseState.ASSIGNED, ROUTED),
        (CaseState.ASSIGNED, ROUTED + 2),
    ],
)
def test_what_has_moved_on_stays(state: CaseState, version: int) -> None:
    """Signed, returned, withdrawn, or routed once more since: whoever asked is told where it stands."""
    held = case(state=state, routed_version=ROUTED)
    asked = RecallRequested(case_id=held.case_id, version=version, at=LATER, decided_by="li")

    change = undoing.recall(held, asked, LATER)

    (told,) = change.events
    assert isinstance(told, RequestDropped)
    assert ("recall.requested", "li", state) == (told.asked, told.by, told.state)
    assert (state, held.withheld) == (change.after.state, change.after.withheld)


def test_a_refusal_that_was_taken_back_waits_for_a_dispatcher() -> None:
    """Nobody else sees it until then, and nothing of the refusal can be objected to."""
    held = case(state=CaseState.DECLINED, closed_at=MONDAY)
    undone = DecisionUndone(case_id=held.case_id, version=6, at=LATER, decided_by="li")

    change = undoing.undo(held, undone, LATER)

    after = change.after
    assert (CaseState.IN_REVIEW, True, None, 6) == (
        after.state,
        after.withheld,
        after.closed_at,
        after.version,
    )
    assert (None, ()) == (after.asks.refusal_until, change.events)


@pytest.mark.parametrize(("state", "version"), [(CaseState.DECLINED, 4), (CaseState.CLOSED, 6)])
def test_one_that_does_not_fit_is_only_remembered(state: CaseState, version: int) -> None:
    """Of an earlier version, or of a case that a department answered."""
    held = case(state=state)
    undone = DecisionUndone(case_id=held.case_id, version=version, at=LATER, decided_by="li")

    change = undoing.undo(held, undone, LATER)

    assert (state, 4, ()) == (change.after.state, change.after.version, change.events)
