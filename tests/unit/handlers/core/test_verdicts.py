"""What dispatchers, citizens, supervisors and clocks change, and what comes too late to."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from handlers.core import verdicts
from handlers.core.asks import AskedOrder, Asks
from handlers.core.case import Case, CaseChange
from schemas.city import load_city
from schemas.events.handlers import (
    CaseClosed,
    CaseReopened,
    CaseSigned,
    ExtensionDecided,
    ReplyPublished,
    ReplySentBack,
    RequestDropped,
    ReturnRefused,
)
from schemas.events.intake import CitizenObjected, CitizenRated
from schemas.events.routing import CaseDeclined, CaseMerged, ReviewDecided, WithdrawalJudged
from schemas.events.sla import BreachWithdrawn, CaseUrged, DeadlineMissed
from schemas.words import CaseState, Clock, ReviewKind
from tests.unit.handlers.making import HOUSING, MONDAY, TRANSPORT, case, fresh_case, routed

CITY = load_city()
LATER = MONDAY + timedelta(hours=5)


def review(held: Case, kind: ReviewKind, accepted: bool, version: int | None = None) -> CaseChange | None:
    """Li decides five hours later."""
    decided = ReviewDecided(
        case_id=held.case_id, version=version or held.version, at=LATER, kind=kind, accepted=accepted,
        decided_by="li", remarks="请补充，电话13812345678",
    )  # fmt: skip
    return verdicts.decide_review(held, decided, LATER, city=CITY)


def made(change: CaseChange | None) -> CaseChange:
    """A change there must be."""
    assert change is not None
    return change


def test_an_approved_reply_is_published_and_closes_the_case() -> None:
    """Both say so, at the same version."""
    held = case(state=CaseState.REPLIED, response="已修复", note="内部")
    change = made(review(held, ReviewKind.REPLY, True))
    published, closed = change.events

    assert isinstance(published, ReplyPublished)
    assert isinstance(closed, CaseClosed)
    assert (published.response, published.public) == ("已修复", True)
    assert (closed.outcome, closed.version, published.version) == ("answered", 5, 5)
    assert change.after.closed_at == LATER


@pytest.mark.parametrize("fields", [{"publish": False}, {"confidential": True}, {"protected": True}])
def test_a_reply_is_public_only_where_nothing_speaks_against_it(fields: dict[str, Any]) -> None:
    """The citizen's wish, confidentiality, or protection; only the first may change later."""
    held = case(state=CaseState.REPLIED, response="已修复", **fields)
    published = made(review(held, ReviewKind.REPLY, True)).events[0]

    assert isinstance(published, ReplyPublished)
    assert (False, fields == {"publish": False}) == (published.public, published.publishable)


def test_a_reply_sent_back_is_work_again() -> None:
    """The remarks reach the department, personal numbers masked."""
    held = case(state=CaseState.REPLIED, response="好", overdue=True)
    change = made(review(held, ReviewKind.REPLY, False))
    event = change.events[0]

    assert isinstance(event, ReplySentBack)
    assert event.remarks == "请补充，电话138****5678"
    assert change.after.state is CaseState.IN_PROGRESS


@pytest.mark.parametrize("before", [CaseState.ASSIGNED, CaseState.IN_PROGRESS])
def test_a_refused_return_gives_the_case_back_for_good(before: CaseState) -> None:
    """Where it stood, and it may not be returned again."""
    held = case(state=CaseState.IN_REVIEW, state_before_review=before)
    change = made(review(held, ReviewKind.RETURN, False))

    assert isinstance(change.events[0], ReturnRefused)
    assert (before, True, None) == (
        change.after.state, change.after.return_barred, change.after.state_before_review
    )  # fmt: skip


def test_an_accepted_return_waits_for_its_route() -> None:
    """The verdict alone moves nothing."""
    assert review(case(state=CaseState.IN_REVIEW), ReviewKind.RETURN, True) is None


def test_a_returned_case_goes_to_its_new_lead() -> None:
    """Assigned anew, and the citizen's deadline is as it was; the return was counted when it was asked for."""
    due_at = MONDAY + timedelta(days=5)
    held = case(
        state=CaseState.IN_REVIEW, state_before_review=CaseState.ASSIGNED, due_at=due_at, sign_due_at=MONDAY
    )
    route = routed(case_id=held.case_id, version=5, lead=TRANSPORT, decided_by="li")
    change = made(verdicts.reroute(held, route, LATER))

    assert (
        change.after.lead, change.after.state, change.after.version, change.after.return_count
    ) == (TRANSPORT, CaseState.ASSIGNED, 6, 0)  # fmt: skip
    assert (due_at, None, LATER) == (change.after.due_at, change.after.sign_due_at, change.after.assigned_at)
    assert (change.joined, change.left) == ((TRANSPORT,), (HOUSING,))


def test_an_old_route_is_passed_over() -> None:
    """It is the one that was followed, or older."""
    held = case(state=CaseState.IN_REVIEW, routed_version=4)

    assert verdicts.reroute(held, routed(case_id=held.case_id, version=4), LATER) is None


def test_a_new_route_of_an_old_version_is_followed() -> None:
    """routing does not know what a department did meanwhile: its own last version counts."""
    held = case(state=CaseState.IN_REVIEW, version=9, routed_version=2)
    change = verdicts.reroute(held, routed(case_id=held.case_id, version=3, lead=TRANSPORT), LATER)

    assert change is not None
    assert (CaseState.ASSIGNED, TRANSPORT, 10, 3) == (
        change.after.state, change.after.lead, change.after.version, change.after.routed_version,
    )  # fmt: skip


@pytest.mark.parametrize("granted", [True, False])
def test_an_extension_is_decided_and_counted(granted: bool) -> None:
    """Only a granted one counts; either way another may be asked for."""
    held = case(extension_days=5, extension_count=1)
    change = made(review(held, ReviewKind.EXTENSION, granted))
    event = change.events[0]

    assert isinstance(event, ExtensionDecided)
    assert (granted, 5, 1 + granted) == (event.granted, event.working_days, event.extension_count)
    assert (1 + granted, None) == (change.after.extension_count, change.after.extension_days)


@pytest.mark.parametrize(
    ("held", "kind"),
    [
        (case(state=CaseState.CLOSED), ReviewKind.REPLY),
        (case(), ReviewKind.EXTENSION),
        (case(state=CaseState.WITHDRAWN), ReviewKind.EXTENSION),
    ],
)
def test_a_verdict_that_does_not_fit_is_only_remembered(held: Case, kind: ReviewKind) -> None:
    """One row in the log; whoever decided is told where the case stands, and nothing changes."""
    change = made(review(held, kind, True))
    (told,) = change.events

    assert isinstance(told, RequestDropped)
    assert ("review.decided", "li", kind, True, held.state, held.version, "") == (
        told.asked, told.by, told.review, told.accepted, told.state, told.version, change.what
    )  # fmt: skip
    assert (held.state, held.version) == (change.after.state, change.after.version)
    assert change.entry.detail["ignored"] is True


def test_a_verdict_on_an_older_version_is_only_remembered() -> None:
    """The dispatcher read a reply that was written anew since."""
    held = case(state=CaseState.REPLIED, response="新", version=8)
    change = made(review(held, ReviewKind.REPLY, True, version=5))

    assert [RequestDropped] == [type(event) for event in change.events]
    assert change.after.state is CaseState.REPLIED


def test_an_objection_reopens_once() -> None:
    """By the same department, which cannot return it; the second time it is only remembered."""
    held = case(state=CaseState.CLOSED, closed_at=MONDAY)
    objected = CitizenObjected(case_id=held.case_id, version=4, at=LATER, reason="没修好")
    first = verdicts.reopen(held, objected, LATER)
    event = first.events[0]

    assert isinstance(event, CaseReopened)
    assert (
        first.after.state, first.after.closed_at, first.after.return_barred
    ) == (CaseState.REOPENED, None, True)  # fmt: skip
    closed_again = case(state=CaseState.CLOSED, reopened_count=1, closed_at=MONDAY)
    assert dropped(verdicts.reopen(closed_again, objected, LATER)) == "citizen.objected"


@pytest.mark.parametrize("state", [CaseState.DECLINED, CaseState.WITHDRAWN, CaseState.IN_PROGRESS])
def test_only_an_answer_can_be_objected_to(state: CaseState) -> None:
    """The other ends are final, and the citizen is told so."""
    held = case(state=state)
    objected = CitizenObjected(case_id=held.case_id, version=4, at=LATER, reason="没修好")

    assert dropped(verdicts.reopen(held, objected, LATER)) == "citizen.objected"


def test_a_merged_cases_objection_is_for_routing() -> None:
    """It takes the case out of the other one; here nothing was dropped."""
    held = case(state=CaseState.MERGED)
    objected = CitizenObjected(case_id=held.case_id, version=4, at=LATER, reason="没修好")

    assert verdicts.reopen(held, objected, LATER).events == ()


def dropped(change: CaseChange) -> str:
    """Which event was not followed, as its sender is told."""
    (told,) = change.events
    assert isinstance(told, RequestDropped)
    return told.asked


@pytest.mark.parametrize("state", [CaseState.REPLIED, CaseState.CLOSED, CaseState.MERGED])
def test_an_answered_case_is_not_withdrawn(state: CaseState) -> None:
    """Too late to take back, and the citizen is told so: of a reply and a withdrawal at once one wins."""
    held = case(state=state)
    withdrawn = WithdrawalJudged(withdrawn_at=LATER, case_id=held.case_id, version=4, at=LATER)

    assert dropped(verdicts.withdraw(held, withdrawn, LATER)) == "case.withdrawn"


def test_what_is_done_already_is_not_dropped() -> None:
    """A case that opened as withdrawn hears of it once more."""
    held = case(state=CaseState.WITHDRAWN)
    withdrawn = WithdrawalJudged(withdrawn_at=LATER, case_id=held.case_id, version=4, at=LATER)

    assert verdicts.withdraw(held, withdrawn, LATER).events == ()


@pytest.mark.parametrize("outcome", ["declined", "merged", "withdrawn"])
def test_a_case_under_review_can_end_without_an_answer(outcome: str) -> None:
    """A dispatcher declines or merges it, or the citizen takes it back; everyone is told that it ended, orders with it."""
    order = AskedOrder(number=1, text="请说明", by="sun")
    held = case(
        state=CaseState.IN_REVIEW, state_before_review=CaseState.ASSIGNED, asks=Asks(order=order)
    )  # fmt: skip
    known: dict[str, Any] = {"case_id": held.case_id, "version": 5, "at": LATER}
    outcomes: dict[str, Callable[[], CaseChange | None]] = {
        "declined": lambda: verdicts.decline(
            held, CaseDeclined(**known, legal_route="诉讼", decided_by="li"), LATER
        ),
        "merged": lambda: verdicts.merge(
            held, CaseMerged(**known, into=fresh_case(), decided_by="li"), LATER
        ),
        "withdrawn": lambda: verdicts.withdraw(held, WithdrawalJudged(withdrawn_at=LATER, **known), LATER),
    }
    change = made(outcomes[outcome]())
    closed = change.events[0]

    assert isinstance(closed, CaseClosed)
    assert (outcome, outcome, 6) == (closed.outcome, closed.state.value, closed.version)
    assert change.after.closed_at == LATER
    assert change.after.asks.order is None


def missed(held: Case, clock: Clock, due_at: Any) -> DeadlineMissed:
    """The clock ran out at `due_at`."""
    return DeadlineMissed(
        case_id=held.case_id, version=held.version, at=LATER, clock=clock, due_at=due_at, department=HOUSING,
        deadline_version=1,
    )  # fmt: skip


def test_silence_past_the_signing_limit_counts_as_signed() -> None:
    """So that nobody keeps a case in the air by not signing for it."""
    held = case(state=CaseState.ASSIGNED)
    change = made(verdicts.miss(held, missed(held, Clock.SIGN, LATER), LATER))
    event = change.events[0]

    assert isinstance(event, CaseSigned)
    assert event.deemed
    assert (change.after.state, change.after.overdue) == (CaseState.IN_PROGRESS, False)


def test_the_signing_clock_of_an_earlier_assignment_signs_nothing() -> None:
    """The new department has its own time."""
    held = case(state=CaseState.ASSIGNED, assigned_at=LATER)

    assert verdicts.miss(held, missed(held, Clock.SIGN, MONDAY), LATER) is None


@pytest.mark.parametrize("state", [CaseState.IN_PROGRESS, CaseState.CLOSED])
def test_a_late_reply_stays_late(state: CaseState) -> None:
    """Even if the news of it comes after the end."""
    held = case(state=state)

    assert made(verdicts.miss(held, missed(held, Clock.REPLY, MONDAY), LATER)).after.overdue


@pytest.mark.parametrize(("stands", "overdue"), [(False, False), (True, True)])
def test_a_breach_that_was_none_is_taken_back(stands: bool, overdue: bool) -> None:
    """The case is overdue no longer, unless another breach stands; the log says what contradicted it."""
    held = case(overdue=True)
    withdrawn = BreachWithdrawn(
        case_id=held.case_id, version=held.version, at=LATER, clock=Clock.REPLY, due_at=MONDAY, department=HOUSING,
        deadline_version=1, why="case.replied", happened_at=MONDAY, stands=stands,
    )  # fmt: skip
    change = made(verdicts.withdraw_breach(held, withdrawn, LATER))

    assert overdue == change.after.overdue
    assert ("breach.withdrawn", "case.replied") == (change.entry.action, change.entry.detail["reason"])


def test_urging_is_counted_and_supervision_kept() -> None:
    """Overlays: neither changes the state or the version."""
    held = case()
    known: dict[str, Any] = {"case_id": held.case_id, "version": 4, "at": LATER, "by": "sun"}
    urged = verdicts.urge(held, CaseUrged(**known), LATER).after
    supervised = verdicts.urge(urged, CaseUrged(**known, supervised=True), LATER).after

    assert (urged.urged_count, urged.supervised) == (1, False)
    assert (1, True, held.version) == (supervised.urged_count, supervised.supervised, supervised.version)


def test_a_rating_is_remembered() -> None:
    """Beside the case, whatever its state."""
    held = case(state=CaseState.CLOSED)
    rated = CitizenRated(case_id=held.case_id, version=4, at=LATER, score=5, comment="快")

    assert verdicts.rate(held, rated, LATER).entry.detail == {"score": 5, "comment": "快"}
