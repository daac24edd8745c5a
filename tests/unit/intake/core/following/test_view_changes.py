"""What each event says to the citizen, field by field: the line that is read, and what else changes."""

from datetime import UTC, datetime
from typing import Any

import pytest

from intake.core.following.asked_back import OpenQuestion
from intake.core.following.view import TimelineEntry
from intake.core.following.view_changes import ViewChange, change_of, deadline_entry
from schemas.event import Event
from schemas.events import call_backs, handlers, parts, routing, sla, undone
from schemas.ids import CaseId, CategoryCode, DepartmentCode, EntryId, RegionCode, TrackingCode
from schemas.words import CaseState, Channel, CitizenAction, Kind, ReviewKind, Urgency

CASE = CaseId("6a1f0000-0000-4000-8000-000000000001")
ENTRY = EntryId("6a1f0000-0000-4000-8000-00000000000e")
OTHER = CaseId("6a1f0000-0000-4000-8000-000000000002")
AT = datetime(2026, 11, 24, 1, 30, tzinfo=UTC)
DUE = datetime(2026, 12, 4, 16, 0, tzinfo=UTC)
HOUSING = DepartmentCode("housing")
CATEGORY = CategoryCode("urban-construction")
REGION = RegionCode("yuelu")
MAY = (CitizenAction.SUPPLEMENT,)
#: What every event has, and what one that tells the state has beside it.
HEAD: dict[str, Any] = {"case_id": CASE, "version": 4, "at": AT}
STATE: dict[str, Any] = {**HEAD, "state": CaseState.IN_PROGRESS, "citizen_may": MAY}


def _line(event: str, **more: Any) -> TimelineEntry:
    return TimelineEntry(at=AT, event=event, **more)


def _closed(outcome: Any) -> handlers.CaseClosed:
    return handlers.CaseClosed(**STATE, outcome=outcome)


def _promise(*, granted: bool) -> handlers.PromiseDecided:
    return handlers.PromiseDecided(
        **HEAD,
        granted=granted,
        date=DUE.date(),
        decided_by="d",
        department=HOUSING,
        until=DUE,
        plan="分三期更换",
    )


def _undone(review: ReviewKind, *, accepted: bool) -> undone.VerdictUndone:
    return undone.VerdictUndone(
        **STATE, department=HOUSING, review=review, accepted=accepted, decided_at=AT, decided_by="d"
    )


#: Each event with the line that the citizen reads of it; None: the citizen reads nothing.
LINES: list[tuple[Event, TimelineEntry | None]] = [
    (routing.ReviewRequested(**HEAD, kind=ReviewKind.DISPATCH), _line("in_review")),
    (routing.ReviewRequested(**HEAD, kind=ReviewKind.REPLY), None),
    (routing.CaseDeclined(**STATE, legal_route="请向法院起诉", decided_by="d"), _line("declined")),
    (routing.CaseMerged(**STATE, into=OTHER, decided_by="d"), _line("merged")),
    (handlers.CaseSigned(**STATE, department=HOUSING, signed_by="w"), _line("in_progress", department=HOUSING)),
    (
        handlers.CaseReturned(**STATE, department=HOUSING, reason="r", basis="b", return_count=1),
        _line("in_review"),
    ),
    (handlers.ReturnRefused(**STATE, department=HOUSING), _line("kept", department=HOUSING)),
    (
        handlers.ExtensionDecided(**HEAD, granted=True, working_days=3, decided_by="d", extension_count=1),
        _line("extended", working_days=3),
    ),
    (handlers.ExtensionDecided(**HEAD, granted=False, working_days=3, decided_by="d", extension_count=0), None),
    (
        handlers.CaseReplied(**STATE, department=HOUSING, note="n", response="r"),
        _line("replied", department=HOUSING),
    ),
    (_closed("withdrawn"), _line("withdrawn")),
    (_closed("answered"), _line("closed")),
    (_closed("declined"), None),
    (_closed("merged"), None),
    (handlers.CaseReopened(**STATE, reason="r", lead=HOUSING), _line("reopened")),
    (handlers.QuestionAnswered(**STATE, text="3栋"), _line("question_answered")),
    (handlers.CaseSuspended(**STATE, reason="内部", until=DUE), _line("suspended", due_at=DUE)),
    (
        handlers.QuestionAsked(**STATE, department=HOUSING, text="哪栋？", until=DUE),
        _line("asked", department=HOUSING, due_at=DUE),
    ),
    (_promise(granted=True), _line("promised", department=HOUSING, due_at=DUE, words="分三期更换")),
    (_promise(granted=False), None),
    (
        handlers.ProgressNoted(**HEAD, department=HOUSING, text="已勘察"),
        _line("progress", department=HOUSING, words="已勘察"),
    ),
    (
        parts.PartAsked(**HEAD, department=HOUSING, matter="水管漏水"),
        _line("matter_asked", department=HOUSING, words="水管漏水"),
    ),
    (parts.PartAsked(**HEAD, department=HOUSING), None),
    (parts.PartDone(**HEAD, department=HOUSING, is_matter=True), _line("matter_done", department=HOUSING)),
    (parts.PartDone(**HEAD, department=HOUSING), None),
    (
        call_backs.CallBackDue(**HEAD, number=2, why="sample", until=DUE),
        _line("asked_back", due_at=DUE, number=2),
    ),
    (call_backs.CallBackDue(**HEAD, number=2, why="sample"), _line("call_back_due", number=2)),
    (
        call_backs.CallBackDone(**HEAD, number=2, reached=True, solved="partly"),
        _line("called_back", cause="partly"),
    ),
    (
        call_backs.CallBackDone(**HEAD, number=2, reached=False, why_not="silent"),
        _line("called_back", cause="unreached"),
    ),
    (_undone(ReviewKind.EXTENSION, accepted=True), _line("verdict_undone")),
    (_undone(ReviewKind.EXTENSION, accepted=False), None),
    (_undone(ReviewKind.REPLY, accepted=False), _line("verdict_undone")),
    (_undone(ReviewKind.RETURN, accepted=False), _line("verdict_undone")),
    (routing.WithdrawalJudged(**STATE, withdrawn_at=AT, held=True), _line("withdrawal_held")),
    (routing.WithdrawalJudged(**STATE, withdrawn_at=AT), None),
    (routing.CaseUnmerged(**STATE, why="decided"), _line("in_review", cause="unmerged")),
]  # fmt: skip


@pytest.mark.parametrize(("event", "line"), LINES, ids=lambda value: getattr(value, "type", None))
def test_each_event_is_the_line_that_it_should_be(event: Event, line: TimelineEntry | None) -> None:
    """With its moment, and whatever its sentence needs; what concerns the city alone is no line."""
    assert line == change_of(event).entry


def test_an_assignment_shows_where_the_case_is() -> None:
    """Category, region and department at once, with the state and what may be done from then on."""
    event = handlers.CaseAssigned(
        **STATE, tracking_code=TrackingCode("X"), channel=Channel.WEB, received_at=AT, kind=Kind.COMPLAINT,
        urgency=Urgency.NORMAL, category=CATEGORY, lead=HOUSING, region=REGION,
    )  # fmt: skip

    assert ViewChange(
        state=CaseState.IN_PROGRESS, citizen_may=MAY, category=CATEGORY, department=HOUSING, region=REGION,
        entry=_line("assigned", department=HOUSING),
    ) == change_of(event)  # fmt: skip


def test_an_answer_brings_its_words_and_whose_it_is() -> None:
    """The response is what was published, never the department's note."""
    event = handlers.ReplyPublished(
        **HEAD, response="已修好。", department=HOUSING, category=CATEGORY, region=REGION, public=True
    )

    assert ViewChange(
        response="已修好。", category=CATEGORY, department=HOUSING,
        entry=_line("answered", department=HOUSING, words="已修好。"),
    ) == change_of(event)  # fmt: skip


def test_a_merged_case_leads_to_the_other_and_a_declined_one_to_the_legal_route() -> None:
    """So that its citizen finds the answer, or the place where it is given."""
    merged = change_of(routing.CaseMerged(**STATE, into=OTHER, decided_by="d"))
    declined = change_of(routing.CaseDeclined(**STATE, legal_route="请向法院起诉", decided_by="d"))

    assert (OTHER, None) == (merged.merged_into, merged.response)
    assert (None, "请向法院起诉") == (declined.merged_into, declined.response)


def test_what_waits_for_the_citizen_and_what_was_promised_is_kept_beside_the_line() -> None:
    """The question with its end, the promised day; of a promise that was refused nothing."""
    asked = change_of(handlers.QuestionAsked(**STATE, department=HOUSING, text="哪栋？", until=DUE))

    assert OpenQuestion(text="哪栋？", until=DUE) == asked.question
    assert (DUE.date(), None) == tuple(
        change_of(_promise(granted=granted)).promised_on for granted in (True, False)
    )


def test_a_direct_answer_is_nobodys_but_the_dispatchers() -> None:
    """With until when its citizen may say that it does not settle the matter."""
    event = routing.CaseAnswered(
        **STATE, response="请带身份证办理。", entry_id=ENTRY, department=HOUSING, category=CATEGORY, decided_by="d",
        public=True, objection_until=DUE,
    )  # fmt: skip
    change = change_of(event)

    assert ("请带身份证办理。", CATEGORY, DUE) == (change.response, change.category, change.objection_until)
    assert _line("answered_directly", department=HOUSING) == change.entry


@pytest.mark.parametrize("held", [True, False])
def test_a_withdrawal_that_is_held_is_none(held: bool) -> None:
    """A case that is decided about alone is given no deadline until a department has it."""
    judged = change_of(routing.WithdrawalJudged(**STATE, withdrawn_at=AT, held=held))
    unmerged = change_of(routing.CaseUnmerged(**STATE, why="decided"))

    assert (held, False) == (judged.forgets_withdrawal, judged.forgets_deadline)
    assert (False, True) == (unmerged.forgets_withdrawal, unmerged.forgets_deadline)


@pytest.mark.parametrize(
    "why", ["objected", "declined", "withdrawn", "merged", "protected", "decided", "undone"]
)
def test_whoever_was_told_of_a_merger_is_told_that_it_is_none(why: str) -> None:
    """That their case goes on by itself; of a merger that was taken back minutes later, that the decision was."""
    change = change_of(routing.CaseUnmerged(**STATE, why=why))
    alone = _line("in_review", cause="unmerged")

    assert (_line("undone") if why == "undone" else alone) == change.entry


def test_whoever_had_a_moved_case_is_shown_again() -> None:
    """As at an assignment."""
    event = undone.MoveUndone(
        **STATE, lead=HOUSING, category=CATEGORY, region=REGION, moved_to=DepartmentCode("water"), moved_at=AT,
        decided_by="d",
    )  # fmt: skip
    change = change_of(event)

    assert (HOUSING, CATEGORY, REGION) == (change.department, change.category, change.region)
    assert _line("move_undone", department=HOUSING) == change.entry


def test_a_deadline_that_moved_is_a_line_with_the_new_date_and_the_reason() -> None:
    """At the moment at which it moved."""
    due = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
    event = sla.DeadlineSet(
        **HEAD, due_at=due, department=HOUSING, deadline_version=2, rule="general", cause="extended"
    )

    assert _line("deadline", due_at=due, cause="extended") == deadline_entry(event)
