"""What calls, supervisors and clocks leave behind: the whole case, its row in the log, and what departments are told."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from handlers.core import verdicts
from handlers.core.asks import AskedOrder, AskedPromise, Asks
from handlers.core.case import Case
from schemas.events.call_backs import CallBackDone
from schemas.events.exclusions import ExclusionMoved
from schemas.events.handlers import CaseReopened, CaseResumed, CaseSigned, PromiseDecided
from schemas.events.sla import BreachWithdrawn, CaseUrged, PauseEnded
from schemas.events.supervision import OrderAccepted
from schemas.words import CaseState, Clock, ReviewKind
from tests.unit.handlers.core.test_verdicts_said import (
    ASKING,
    CLOSED,
    DUE,
    LATER,
    MASKED,
    SAID,
    Verdict,
    check_verdict,
    head,
    missed,
    review,
)
from tests.unit.handlers.making import HOUSING, MONDAY, case

#: The midnight with which 1 February ends in China.
PROMISE = AskedPromise(
    date=date(2027, 2, 1), plan="分三期", asked_at=MONDAY, ends_at=datetime(2027, 2, 1, 16, tzinfo=UTC)
)
LONG = case(asks=Asks(promise=PROMISE, promise_count=1))
PROMISED = case(
    state=CaseState.CLOSED, closed_at=MONDAY,
    asks=Asks(promised=PROMISE, promise_count=1, question_count=1, objection_until=DUE),
)  # fmt: skip
PAUSED = case(state=CaseState.SUSPENDED, version=7, asks=Asks(paused_until=DUE))
UNSIGNED = case(state=CaseState.ASSIGNED)
LATE = case(overdue=True)
ORDERED = case(asks=Asks(order=AskedOrder(number=1, text="请说明", by="sun")))


def called(held: Case, **fields: Any) -> CallBackDone:
    """They were reached, and half of it is done."""
    return CallBackDone(
        **head(held), number=1, department=HOUSING, reached=True, contacted=False, solved="partly",
        satisfied=True, note=MASKED, **fields,
    )  # fmt: skip


#: What the log has of that, without what they said.
ON_THE_TELEPHONE = {"reached": True, "contacted": False, "solved": "partly", "satisfied": True}


def excluded(what: str) -> ExclusionMoved:
    """A step of housing's request, whose words stay where it was asked."""
    return ExclusionMoved(
        **head(CLOSED), number=2, step=3, what=what, by="wang", department=HOUSING, figures=("in_time", "solved"),
        reason="not_ours", sealed="ab" * 32,
    )  # fmt: skip


EXCLUDED = {
    "number": 2, "step": 3, "department": "housing", "figures": ["in_time", "solved"], "why": "not_ours",
    "sealed": "ab" * 32,
}  # fmt: skip


def ordered(held: Case, number: int, **fields: Any) -> CaseUrged:
    """Sun puts the case under supervision."""
    return CaseUrged(**head(held), by="sun", note=SAID, supervised=True, order=number, **fields)


def accepted(held: Case, number: int) -> OrderAccepted:
    """Sun reads the report, and is content."""
    return OrderAccepted(**head(held), by="sun", note=SAID, order=number)


def taken_back(clock: Clock, **fields: Any) -> BreachWithdrawn:
    """It was answered before that clock was due."""
    return BreachWithdrawn(
        **head(LATE), clock=clock, due_at=DUE, department=HOUSING, deadline_version=1, why="case.replied",
        happened_at=MONDAY, **fields,
    )  # fmt: skip


VERDICTS = {
    "settled call-back": Verdict(
        CLOSED, lambda: verdicts.record_call_back(CLOSED, called(CLOSED, by="li"), LATER),
        ("li", "dispatcher", "call-back.done", ON_THE_TELEPHONE), ("", ""), {},
    ),
    "call-back that nobody answered": Verdict(
        CLOSED, lambda: verdicts.record_call_back(CLOSED, called(CLOSED), LATER),
        ("", "system", "call-back.done", ON_THE_TELEPHONE), ("", ""), {},
    ),
    "call-back that has it done once more": Verdict(
        PROMISED, lambda: verdicts.record_call_back(PROMISED, called(PROMISED, by="li", redo=True), LATER),
        ("li", "dispatcher", "redo", ON_THE_TELEPHONE), ("case.reopened", ""),
        {
            "state": CaseState.REOPENED, "version": 8, "closed_at": None, "return_barred": True,
            "asks": Asks(promise_count=1),
        },
    ),
    "call-back on a case that was reopened": Verdict(
        ASKING, lambda: verdicts.record_call_back(ASKING, called(ASKING, by="li", redo=True), LATER),
        ("li", "dispatcher", "call-back.done", {"ignored": True, "seen_version": 7}), ("", ""), {},
    ),
    "exclusion asked for": Verdict(
        CLOSED, lambda: verdicts.record_exclusion(CLOSED, excluded("asked"), LATER),
        ("wang", "lead", "exclusion.asked", {**EXCLUDED, "what": "asked"}), ("", ""), {},
    ),
    "exclusion appealed": Verdict(
        CLOSED, lambda: verdicts.record_exclusion(CLOSED, excluded("appealed"), LATER),
        ("wang", "lead", "exclusion.appealed", {**EXCLUDED, "what": "appealed"}), ("", ""), {},
    ),
    "exclusion taken back": Verdict(
        CLOSED, lambda: verdicts.record_exclusion(CLOSED, excluded("withdrawn"), LATER),
        ("wang", "lead", "exclusion.withdrawn", {**EXCLUDED, "what": "withdrawn"}), ("", ""), {},
    ),
    "exclusion granted": Verdict(
        CLOSED, lambda: verdicts.record_exclusion(CLOSED, excluded("granted"), LATER),
        ("wang", "supervisor", "exclusion.granted", {**EXCLUDED, "what": "granted"}), ("", ""), {},
    ),
    "supervision with an order": Verdict(
        ORDERED, lambda: verdicts.urge(ORDERED, ordered(ORDERED, 2, until=DUE), LATER),
        ("sun", "supervisor", "case.urged", {"text": MASKED, "supervised": True, "until": DUE.isoformat()}), ("", ""),
        {"supervised": True, "asks": Asks(order=AskedOrder(number=2, text=MASKED, by="sun", until=DUE))},
    ),
    "order without a term": Verdict(
        ASKING, lambda: verdicts.urge(ASKING, ordered(ASKING, 1), LATER),
        ("sun", "supervisor", "case.urged", {"text": MASKED, "supervised": True}), ("", ""),
        {"supervised": True, "asks": Asks(order=AskedOrder(number=1, text=MASKED, by="sun"))},
    ),
    "order that is known": Verdict(
        ORDERED, lambda: verdicts.urge(ORDERED, ordered(ORDERED, 1), LATER),
        ("sun", "supervisor", "case.urged", {"text": MASKED, "supervised": True}), ("", ""), {"supervised": True},
    ),
    "order about a case that has ended": Verdict(
        CLOSED, lambda: verdicts.urge(CLOSED, ordered(CLOSED, 1), LATER),
        ("sun", "supervisor", "case.urged", {"text": MASKED, "supervised": True}), ("", ""), {"supervised": True},
    ),
    "report that is accepted": Verdict(
        ORDERED, lambda: verdicts.accept_report(ORDERED, accepted(ORDERED, 1), LATER),
        ("sun", "supervisor", "order.accepted", {"text": MASKED}), ("", ""),
        {"asks": Asks(order=AskedOrder(number=1, text="请说明", by="sun", accepted_at=head(ORDERED)["at"]))},
    ),
    "report on an order that another followed": Verdict(
        ORDERED, lambda: verdicts.accept_report(ORDERED, accepted(ORDERED, 0), LATER),
        ("sun", "supervisor", "order.accepted", {"text": MASKED}), ("", ""), {},
    ),
    "granted date": Verdict(
        LONG, lambda: review(LONG, ReviewKind.PROMISE, True),
        ("li", "dispatcher", "grant-promise", {"remarks": MASKED, "date": "2027-02-01", "plan": "分三期"}),
        ("promise.decided", MASKED),
        {"version": 8, "asks": Asks(promised=PROMISE, promise_count=2)},
    ),
    "refused date": Verdict(
        LONG, lambda: review(LONG, ReviewKind.PROMISE, False),
        ("li", "dispatcher", "refuse-promise", {"remarks": MASKED, "date": "2027-02-01", "plan": "分三期"}),
        ("promise.decided", MASKED),
        {"version": 8, "asks": Asks(promise_count=1)},
    ),
    "pause that a dispatcher ends": Verdict(
        PAUSED, lambda: review(PAUSED, ReviewKind.SUSPENSION, False),
        ("li", "dispatcher", "resume", {"remarks": MASKED}), ("case.resumed", MASKED),
        {"state": CaseState.IN_PROGRESS, "version": 8, "asks": Asks()},
    ),
    "pause that has ended": Verdict(
        PAUSED,
        lambda: verdicts.end_pause(PAUSED, PauseEnded(**head(PAUSED), clock=Clock.PAUSE, due_at=DUE), LATER),
        ("", "system", "resume", {"until": DUE.isoformat()}), ("case.resumed", ""),
        {"state": CaseState.IN_PROGRESS, "version": 8, "asks": Asks()},
    ),
    "broken promise": Verdict(
        ASKING, lambda: verdicts.miss(ASKING, missed(ASKING, Clock.PROMISE), LATER),
        ("", "system", "promise.broken", {"due_at": DUE.isoformat()}), ("", ""), {},
    ),
    "signing that was missed": Verdict(
        UNSIGNED, lambda: verdicts.miss(UNSIGNED, missed(UNSIGNED, Clock.SIGN), LATER),
        ("", "system", "deem-signed", {}), ("case.signed", ""), {"state": CaseState.IN_PROGRESS, "version": 8},
    ),
    "reply that was not late": Verdict(
        LATE, lambda: verdicts.withdraw_breach(LATE, taken_back(Clock.REPLY), LATER),
        ("", "system", "breach.withdrawn", {"due_at": DUE.isoformat(), "reason": "case.replied"}), ("", ""),
        {"overdue": False},
    ),
    "reply that was late before": Verdict(
        LATE, lambda: verdicts.withdraw_breach(LATE, taken_back(Clock.REPLY, stands=True), LATER),
        ("", "system", "breach.withdrawn", {"due_at": DUE.isoformat(), "reason": "case.replied"}), ("", ""), {},
    ),
    "promise that was not broken": Verdict(
        LATE, lambda: verdicts.withdraw_breach(LATE, taken_back(Clock.PROMISE), LATER),
        ("", "system", "breach.withdrawn", {"due_at": DUE.isoformat(), "reason": "case.replied"}), ("", ""), {},
    ),
}  # fmt: skip


@pytest.mark.parametrize("verdict", VERDICTS.values(), ids=VERDICTS)
def test_the_whole_case_the_row_and_the_words(verdict: Verdict) -> None:
    """Nothing else of the case moves."""
    check_verdict(verdict)


def test_what_is_done_once_more_after_a_call_back_says_whose_it_is_and_what_they_said() -> None:
    """The same department's, and routing judges the words before anybody of it reads them."""
    change = verdicts.record_call_back(PROMISED, called(PROMISED, by="li", redo=True), LATER)
    assert change is not None
    [reopened] = change.events
    assert isinstance(reopened, CaseReopened)
    assert (MASKED, HOUSING, CaseState.REOPENED) == (reopened.reason, reopened.lead, reopened.state)


@pytest.mark.parametrize(("accepted", "count"), [(True, 2), (False, 1)])
def test_what_is_said_of_a_date_is_what_was_decided(accepted: bool, count: int) -> None:
    """With everything that its citizen reads of it."""
    change = review(LONG, ReviewKind.PROMISE, accepted)
    assert change is not None
    assert change.events == (
        PromiseDecided(
            **head(LONG) | {"version": 8}, granted=accepted, date=date(2027, 2, 1), decided_by="li", remarks=MASKED,
            department=HOUSING, until=PROMISE.ends_at, plan="分三期", requested_at=MONDAY, promise_count=count,
            publishable=True,
        ),
    )  # fmt: skip


def test_who_ended_a_pause_is_said() -> None:
    """A dispatcher, or the time; a signature that time gave is nobody's."""
    by_dispatcher, by_time = (
        VERDICTS[name].decide() for name in ("pause that a dispatcher ends", "pause that has ended")
    )
    signed = VERDICTS["signing that was missed"].decide()
    assert by_dispatcher is not None
    assert by_time is not None
    assert signed is not None
    assert [event.cause for change in (by_dispatcher, by_time) for event in change.events
            if isinstance(event, CaseResumed)] == ["dispatcher", "ended"]  # fmt: skip
    assert [(event.department, event.signed_by, event.deemed) for event in signed.events
            if isinstance(event, CaseSigned)] == [(HOUSING, "", True)]  # fmt: skip
