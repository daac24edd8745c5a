"""Cases in hand are moved and merged, pauses end by themselves, and objections have a window."""

from datetime import UTC, datetime, timedelta

import pytest

from handlers.core import verdicts
from handlers.core.asks import Asks
from handlers.core.case import Case
from schemas.city import load_city
from schemas.events.handlers import CaseClosed, CaseReopened, CaseResumed, RequestDropped
from schemas.events.intake import CitizenObjected
from schemas.events.routing import MergeRequested
from schemas.events.sla import PauseEnded
from schemas.objections import objection_until
from schemas.words import CaseState, Clock, ReviewKind
from tests.unit.handlers.core.test_verdicts import LATER, dropped, made, review
from tests.unit.handlers.making import HOUSING, MONDAY, TRANSPORT, case, fresh_case, routed


@pytest.mark.parametrize(
    "state", [CaseState.ASSIGNED, CaseState.IN_PROGRESS, CaseState.SUSPENDED, CaseState.REOPENED]
)
def test_a_dispatcher_moves_what_a_department_has_in_hand(state: CaseState) -> None:
    """With a reason, which both departments read; the deadline stays, and so does what was counted."""
    due_at = MONDAY + timedelta(days=5)
    held = case(state=state, due_at=due_at, sign_due_at=MONDAY, extension_count=1, return_barred=True)
    route = routed(
        case_id=held.case_id, version=5, lead=TRANSPORT, decided_by="li", moved_because="职责调整13812345678"
    )
    change = made(verdicts.reroute(held, route, LATER))

    assert (TRANSPORT, CaseState.ASSIGNED, due_at, None, 1, False) == (
        change.after.lead, change.after.state, change.after.due_at, change.after.sign_due_at,
        change.after.extension_count, change.after.return_barred,
    )  # fmt: skip
    assert ("case.moved", "职责调整138****5678", "职责调整138****5678") == (
        change.what, change.text, change.moved_because
    )  # fmt: skip
    assert ((TRANSPORT,), (HOUSING,)) == (change.joined, change.left)


@pytest.mark.parametrize("state", [CaseState.REPLIED, CaseState.CLOSED, CaseState.WITHDRAWN])
def test_a_move_that_comes_too_late_is_told(state: CaseState) -> None:
    """The case was answered or has ended: the dispatcher hears where it stands and who has it."""
    held = case(state=state)
    route = routed(case_id=held.case_id, version=5, lead=TRANSPORT, decided_by="li", moved_because="职责调整")
    (told,) = made(verdicts.reroute(held, route, LATER)).events

    assert isinstance(told, RequestDropped)
    assert ("case.routed", "li", HOUSING, state) == (told.asked, told.by, told.lead, told.state)


def test_a_route_without_a_reason_moves_nothing_in_hand() -> None:
    """Only a move says why."""
    held = case()
    change = made(verdicts.reroute(held, routed(case_id=held.case_id, version=5, lead=TRANSPORT), LATER))

    assert (HOUSING, CaseState.IN_PROGRESS) == (change.after.lead, change.after.state)


@pytest.mark.parametrize("state", [CaseState.ASSIGNED, CaseState.IN_PROGRESS, CaseState.SUSPENDED])
def test_what_is_in_hand_is_merged_where_a_dispatcher_asks(state: CaseState) -> None:
    """It ends as merged; said once more, nothing happens."""
    held = case(state=state)
    asked = MergeRequested(case_id=held.case_id, version=5, at=LATER, into=fresh_case(), decided_by="li")
    change = made(verdicts.merge(held, asked, LATER))
    closed = change.events[0]

    assert isinstance(closed, CaseClosed)
    assert ("merged", CaseState.MERGED) == (closed.outcome, change.after.state)
    assert verdicts.merge(change.after, asked, LATER) is None


def test_a_reply_before_the_merge_is_told() -> None:
    """Of the two one wins."""
    held = case(state=CaseState.REPLIED)
    asked = MergeRequested(case_id=held.case_id, version=5, at=LATER, into=fresh_case(), decided_by="li")

    assert dropped(made(verdicts.merge(held, asked, LATER))) == "merge.requested"


def ended(held: Case, due_at: datetime, clock: Clock = Clock.PAUSE) -> PauseEnded:
    """A pause has come to its end."""
    return PauseEnded(case_id=held.case_id, version=4, at=due_at, clock=clock, due_at=due_at)


def test_a_pause_ends_by_itself() -> None:
    """At its own end date, nobody asked."""
    held = case(state=CaseState.SUSPENDED, asks=Asks(paused_until=LATER, suspension_count=1))
    change = made(verdicts.end_pause(held, ended(held, LATER), LATER))
    event = change.events[0]

    assert isinstance(event, CaseResumed)
    assert ("ended", CaseState.IN_PROGRESS, Asks(suspension_count=1)) == (
        event.cause, change.after.state, change.after.asks
    )  # fmt: skip


@pytest.mark.parametrize(
    ("held", "clock"),
    [
        (case(state=CaseState.SUSPENDED, asks=Asks(paused_until=LATER + timedelta(days=1))), Clock.PAUSE),
        (case(state=CaseState.SUSPENDED, asks=Asks(paused_until=LATER)), Clock.QUESTION),
        (case(), Clock.PAUSE),
    ],
    ids=["another pause", "another clock", "resumed already"],
)
def test_an_old_pause_ends_nothing(held: Case, clock: Clock) -> None:
    """What ends is the pause that the case is in."""
    assert verdicts.end_pause(held, ended(held, LATER, clock), LATER) is None


def test_an_objection_has_a_window() -> None:
    """Thirty days, the last one whole, by when the citizen objected and not by when it is heard."""
    last = datetime(2026, 12, 23, 16, tzinfo=UTC)
    held = case(state=CaseState.CLOSED, closed_at=MONDAY, asks=Asks(objection_until=last))
    much_later = last + timedelta(days=3)
    in_time, late = (
        CitizenObjected(case_id=held.case_id, version=4, at=at, reason="没修好")
        for at in (last, last + timedelta(seconds=1))
    )

    assert last == objection_until(MONDAY, load_city().zone)
    assert isinstance(verdicts.reopen(held, in_time, much_later).events[0], CaseReopened)
    assert dropped(verdicts.reopen(held, late, much_later)) == "citizen.objected"


def test_an_answer_says_until_when_it_may_be_objected_to() -> None:
    """Not where it is final."""
    held = case(state=CaseState.REPLIED, response="好")
    first = made(review(held, ReviewKind.REPLY, True)).events[1]
    final = made(
        review(case(state=CaseState.REPLIED, response="好", reopened_count=1), ReviewKind.REPLY, True)
    )

    assert isinstance(first, CaseClosed)
    assert objection_until(LATER, load_city().zone) == first.objection_until
    assert isinstance(final.events[1], CaseClosed)
    assert final.events[1].objection_until is None
