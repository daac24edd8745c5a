"""How each event of the other slices changes what the citizen sees of a case."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

import msgspec

from intake.core.following.asked_back import ASKED_BACK, CALLED_BACK, TO_BE_CALLED, OpenQuestion
from intake.core.following.view import NOBODY, UNMERGED, TimelineEntry
from schemas.event import Event, StateEvent
from schemas.events import call_backs, handlers, parts, routing, sla, undone
from schemas.ids import CaseId
from schemas.words import CaseState, CitizenAction, ReviewKind


class ViewChange(msgspec.Struct, frozen=True, kw_only=True):
    """What one event changes; None leaves what is there. `version` guards the state, the answer has its own time.

    `department` may be `NOBODY`.
    """

    state: CaseState | None = None
    citizen_may: tuple[CitizenAction, ...] | None = None
    category: str | None = None
    department: str | None = None
    region: str | None = None
    response: str | None = None
    merged_into: CaseId | None = None
    objection_until: datetime | None = None
    question: OpenQuestion | None = None
    promised_on: date | None = None
    #: The deadline that was told counts no more; another one is told when a department has the case.
    forgets_deadline: bool = False
    #: The case is not withdrawn after all: a review that is asked for is no older one.
    forgets_withdrawal: bool = False
    entry: TimelineEntry | None = None


def _given(word: str) -> Callable[[handlers.CaseAssigned | undone.MoveUndone], ViewChange]:
    return lambda event: ViewChange(
        category=event.category,
        department=event.lead,
        region=event.region,
        entry=TimelineEntry(at=event.at, event=word, department=event.lead),
    )


def _extension_decided(event: handlers.ExtensionDecided) -> ViewChange:
    if not event.granted:
        return ViewChange()
    return ViewChange(entry=TimelineEntry(at=event.at, event="extended", working_days=event.working_days))


def _published(event: handlers.ReplyPublished | routing.MergedAnswered) -> ViewChange:
    entry = TimelineEntry(at=event.at, event="answered", department=event.department, words=event.response)
    # No words: they were another citizen's answer, and that citizen is forgotten. What stood there stays.
    return ViewChange(
        response=event.response or None, category=event.category, department=event.department, entry=entry
    )


def _answered(event: routing.CaseAnswered) -> ViewChange:
    entry = TimelineEntry(at=event.at, event="answered_directly", department=event.department)
    return ViewChange(
        response=event.response, category=event.category, objection_until=event.objection_until, entry=entry
    )


def _closed(event: handlers.CaseClosed) -> ViewChange:
    # Declined and merged were told by routing, answered by the answer itself.
    words = {"withdrawn": "withdrawn", "answered": "closed"}
    word = words.get(event.outcome)
    return ViewChange(
        objection_until=event.objection_until,
        entry=TimelineEntry(at=event.at, event=word) if word else None,
    )


#: What the citizen reads where something that they asked for was accepted and not done.
_DROPPED = {"case.withdrawn": "withdrawal_dropped", "citizen.objected": "objection_dropped"}


def _dropped(event: handlers.RequestDropped) -> ViewChange:
    """A dispatcher's decision that was not done is the city's own business."""
    word = None if event.by else _DROPPED.get(event.asked)
    return ViewChange(entry=TimelineEntry(at=event.at, event=word) if word else None)


def _review_requested(event: routing.ReviewRequested) -> ViewChange:
    concerns = event.kind in (ReviewKind.DISPATCH, ReviewKind.OBJECTION)
    return ViewChange(entry=TimelineEntry(at=event.at, event="in_review") if concerns else None)


def _declined(event: routing.CaseDeclined) -> ViewChange:
    entry = TimelineEntry(at=event.at, event="declined")
    return ViewChange(response=event.legal_route, objection_until=event.objection_until, entry=entry)


def _asked(event: handlers.QuestionAsked) -> ViewChange:
    return ViewChange(
        question=OpenQuestion(text=event.text, until=event.until),
        entry=TimelineEntry(at=event.at, event="asked", department=event.department, due_at=event.until),
    )


def _promised(event: handlers.PromiseDecided) -> ViewChange:
    if not event.granted:
        return ViewChange()
    return ViewChange(
        promised_on=event.date,
        entry=TimelineEntry(
            at=event.at, event="promised", department=event.department, due_at=event.until, words=event.plan
        ),
    )


def _progressed(event: handlers.ProgressNoted) -> ViewChange:
    return ViewChange(
        entry=TimelineEntry(at=event.at, event="progress", department=event.department, words=event.text)
    )


def _verdict_undone(event: undone.VerdictUndone) -> ViewChange:
    was_told = event.accepted or event.review in (ReviewKind.RETURN, ReviewKind.REPLY)
    return _line("verdict_undone")(event) if was_told else ViewChange()


def _suspended(event: handlers.CaseSuspended) -> ViewChange:
    return ViewChange(entry=TimelineEntry(at=event.at, event="suspended", due_at=event.until))


def _withdrawal_judged(event: routing.WithdrawalJudged) -> ViewChange:
    entry = TimelineEntry(at=event.at, event="withdrawal_held") if event.held else None
    return ViewChange(forgets_withdrawal=event.held, entry=entry)


def _merged(event: routing.CaseMerged) -> ViewChange:
    return ViewChange(merged_into=event.into, entry=TimelineEntry(at=event.at, event="merged"))


def _unmerged(event: routing.CaseUnmerged) -> ViewChange:
    if event.why == "undone":
        entry = TimelineEntry(at=event.at, event="undone")
    else:
        entry = TimelineEntry(at=event.at, event="in_review", cause=UNMERGED)
    # The department whose answer was theirs, too, has nothing to do with it; whoever gets it says so.
    return ViewChange(department=NOBODY, forgets_deadline=True, entry=entry)


def _call_back_due(event: call_backs.CallBackDue) -> ViewChange:
    word = ASKED_BACK if event.until else TO_BE_CALLED
    return ViewChange(entry=TimelineEntry(at=event.at, event=word, due_at=event.until, number=event.number))


def _called_back(event: call_backs.CallBackDone) -> ViewChange:
    cause = event.solved if event.reached else "unreached"
    return ViewChange(entry=TimelineEntry(at=event.at, event=CALLED_BACK, cause=cause))


def _part_asked(event: parts.PartAsked) -> ViewChange:
    """A matter of the message that another department has; what the lead asks of others is between them."""
    if not event.matter:
        return ViewChange()
    entry = TimelineEntry(at=event.at, event="matter_asked", department=event.department, words=event.matter)
    return ViewChange(entry=entry)


def _part_done(event: parts.PartDone) -> ViewChange:
    if not event.is_matter:
        return ViewChange()
    return ViewChange(entry=TimelineEntry(at=event.at, event="matter_done", department=event.department))


def _line(word: str) -> Callable[[Any], ViewChange]:
    return lambda event: ViewChange(entry=TimelineEntry(at=event.at, event=word))


def _line_of_department(word: str) -> Callable[[Any], ViewChange]:
    return lambda event: ViewChange(entry=TimelineEntry(at=event.at, event=word, department=event.department))


def _sent_back(event: handlers.ReplySentBack) -> ViewChange:
    word = "reply_withdrawn" if event.cause == "withdrawn" else "sent_back"
    return ViewChange(entry=TimelineEntry(at=event.at, event=word, department=event.department))


#: What each event of routing and handlers means to the citizen, beside the state that it tells itself.
_CHANGES: Mapping[type[Event], Callable[[Any], ViewChange]] = {
    routing.ReviewRequested: _review_requested,
    routing.CaseDeclined: _declined,
    routing.CaseAnswered: _answered,
    # That a dispatcher decides once more is told by the review.
    routing.AnswerRecalled: _line("recalled"),
    # The line stands there since they asked for it.
    routing.WithdrawalConfirmed: lambda _: ViewChange(),
    routing.CaseMerged: _merged,
    routing.WithdrawalJudged: _withdrawal_judged,
    routing.MergedAnswered: _published,
    routing.CaseUnmerged: _unmerged,
    routing.DecisionUndone: _line("undone"),
    handlers.CaseAssigned: _given("assigned"),
    handlers.CaseSigned: _line_of_department("in_progress"),
    handlers.CaseReturned: _line("in_review"),
    handlers.ReturnRefused: _line_of_department("kept"),
    handlers.ExtensionDecided: _extension_decided,
    handlers.CaseSuspended: _suspended,
    handlers.CaseResumed: _line("resumed"),
    handlers.CaseReplied: _line_of_department("replied"),
    handlers.ReplySentBack: _sent_back,
    handlers.ReplyPublished: _published,
    # routing has told that a dispatcher decides; the department that lost the case is not named any more.
    handlers.CaseProtected: lambda _: ViewChange(department=NOBODY),
    undone.CaseRecalled: lambda event: ViewChange(
        department=NOBODY, entry=TimelineEntry(at=event.at, event="undone")
    ),
    undone.VerdictUndone: _verdict_undone,
    undone.MoveUndone: _given("move_undone"),
    handlers.CaseClosed: _closed,
    handlers.CaseReopened: _line("reopened"),
    handlers.RequestDropped: _dropped,
    handlers.PromiseDecided: _promised,
    handlers.ProgressNoted: _progressed,
    handlers.QuestionAsked: _asked,
    handlers.QuestionAnswered: _line("question_answered"),
    handlers.QuestionLapsed: _line("question_lapsed"),
    parts.PartAsked: _part_asked,
    parts.PartDone: _part_done,
    call_backs.CallBackDue: _call_back_due,
    call_backs.CallBackDone: _called_back,
}

#: The events that change what the citizen sees of the state.
FOLLOWED: tuple[type[Event], ...] = tuple(_CHANGES)


def change_of(event: Event) -> ViewChange:
    """What this event changes in the citizen's view."""
    change = _CHANGES[type(event)](event)
    if not isinstance(event, StateEvent):
        return change
    return msgspec.structs.replace(change, state=event.state, citizen_may=event.citizen_may)


def deadline_entry(event: sla.DeadlineSet) -> TimelineEntry | None:
    """A line for a deadline that moved; the first one shows as the due date itself, and so does one that did not."""
    if event.cause in ("assigned", "move undone"):
        return None
    return TimelineEntry(
        at=event.at, event="deadline", due_at=event.due_at, cause=event.cause, provisional=event.provisional
    )
