"""What the citizen sees of a case: how each event of the other slices changes it, and what may still be done."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, Literal

import msgspec

from intake.core.asked_back import (
    ANSWERS,
    ASKED_BACK,
    CALLED_BACK,
    TO_BE_CALLED,
    OpenQuestion,
    Promise,
    asked_back_until,
    is_rated,
)
from schemas.event import Event, StateEvent
from schemas.events import call_backs, handlers, parts, routing, sla, undone
from schemas.ids import CaseId
from schemas.words import ENDED_STATES, CaseState, Channel, CitizenAction, ReviewKind

#: Before a department has it: a withdrawal shows at once.
UNDISPATCHED = frozenset({CaseState.RECEIVED, CaseState.REGISTERED, CaseState.IN_REVIEW})
#: What a citizen may do with a registered case of which no department has said anything yet.
BEFORE_DISPATCH = (CitizenAction.SUPPLEMENT, CitizenAction.WITHDRAWAL)
#: No department has the case now.
NOBODY = ""
#: Outcomes that a citizen may object to.
_OUTCOMES = frozenset({CaseState.CLOSED, CaseState.MERGED})
#: States in which somebody works, or will, on what was promised.
_OUTSTANDING = frozenset(CaseState) - ENDED_STATES
#: An objection, and what shows that somebody has taken it up.
_SINCE_OBJECTED = frozenset({"objected", "reopened", "in_review", "answered", "answered_directly", "closed"})
#: Lines that say that the citizen added words: those stand once, among what was added.
ADDED = frozenset({"supplemented", "answered_question"})


class TimelineEntry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line of the timeline, as a code with what its sentence needs; nothing in it names a person."""

    at: datetime
    event: str
    department: str | None = None
    working_days: int | None = None
    due_at: datetime | None = None
    cause: str | None = None
    #: The deadline may move when a year's holidays are announced.
    provisional: bool = False
    score: int | None = None
    #: Which of the case's call-backs.
    number: int | None = None
    #: What the department wrote for the citizen, or the citizen with a rating or an objection, masked. Never what was added,
    #: which has no end: the row is written anew with each line. An earlier build kept it here, too; it is not shown.
    words: str = ""


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
    return ViewChange(
        response=event.response, category=event.category, department=event.department, entry=entry
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
    return ViewChange(forgets_deadline=True, entry=TimelineEntry(at=event.at, event="in_review"))


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


#: What each event of routing and handlers means to the citizen, beside the state that it tells itself.
_CHANGES: Mapping[type[Event], Callable[[Any], ViewChange]] = {
    routing.ReviewRequested: _review_requested,
    routing.CaseDeclined: _declined,
    routing.CaseAnswered: _answered,
    # That a dispatcher decides once more is told by the review.
    routing.AnswerRecalled: lambda _: ViewChange(),
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
    handlers.ReplySentBack: _line_of_department("sent_back"),
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


class View(msgspec.Struct, frozen=True, kw_only=True):
    """One case as its citizen sees it."""

    case_id: CaseId
    tracking_code: str
    title: str
    text: str
    received_at: datetime
    registered_at: datetime | None = None
    channel: Channel = Channel.WEB
    confidential: bool = False
    state: CaseState = CaseState.REGISTERED
    version: int = 1
    category: str | None = None
    department: str | None = None
    due_at: datetime | None = None
    #: The holidays of a year on the way are not announced yet: `due_at` may move.
    provisional: bool = False
    response: str | None = None
    response_at: datetime | None = None
    rating: int | None = None
    #: Of the answer, if anybody else may ever read it: `public`, or `withheld` until the citizen allows it.
    publication: Literal["public", "withheld"] | None = None
    #: The last moment for an objection.
    objection_until: datetime | None = None
    question: OpenQuestion | None = None
    promised_on: date | None = None
    has_files: bool = False
    #: What the department's events allow, less what was used since; None before any department has the case.
    citizen_may: tuple[CitizenAction, ...] | None = None
    timeline: tuple[TimelineEntry, ...] = ()

    @property
    def is_objected(self) -> bool:
        """Whether its citizen objected to the outcome, and nobody has taken it up again yet."""
        if self.state not in _OUTCOMES:
            return False
        told = [entry.event for entry in self.whole_timeline if entry.event in _SINCE_OBJECTED]
        return told[-1:] == ["objected"]

    @property
    def is_answered_directly(self) -> bool:
        """Whether the answer that stands is a dispatcher's own: no department had the case."""
        told = [line.event for line in self.timeline if line.event in (*ANSWERS, "declined", "in_review")]
        return self.state is CaseState.CLOSED and told[-1:] == ["answered_directly"]

    @property
    def asked_back_until(self) -> datetime | None:
        """Until when the citizen may say here whether it is settled; None where they are not asked, or said so."""
        return asked_back_until(self.timeline) if self.state is CaseState.CLOSED else None

    @property
    def solved(self) -> str | None:
        """Whether it is settled, as the citizen said last: `yes`, `partly`, `no`, `cannot`; None: nobody said."""
        told = [
            line.cause for line in self.timeline if line.event == CALLED_BACK and line.cause != "unreached"
        ]
        return told[-1] if told else None

    @property
    def promise(self) -> Promise | None:
        """What was promised last, while it is still to be kept; what was promised before a reopening is over."""
        told = [entry for entry in self.whole_timeline if entry.event in ("promised", "reopened")]
        if self.state not in _OUTSTANDING or not told or told[-1].due_at is None:
            return None
        return Promise(until=told[-1].due_at, plan=told[-1].words)

    @property
    def paused_until(self) -> datetime | None:
        """When the pause ends by itself at the latest, while there is one; None also where an earlier build did not say."""
        if self.state is not CaseState.SUSPENDED:
            return None
        return next((line.due_at for line in reversed(self.timeline) if line.event == "suspended"), None)

    @property
    def whole_timeline(self) -> list[TimelineEntry]:
        """Every line in the order of time, reception first; what was said again, as reconciling does, stands there once."""
        first = [TimelineEntry(at=self.received_at, event="received")]
        if self.registered_at is not None:
            first.append(TimelineEntry(at=self.registered_at, event="registered"))
        return sorted(dict.fromkeys((*first, *self.timeline)), key=lambda entry: entry.at)


#: A withdrawal that came too late, or that a dispatcher looks at first.
NOT_WITHDRAWN = ("withdrawal_dropped", "withdrawal_held")
#: The lines that say that something was asked for, and those that say what came of it.
_ASKED: Mapping[str, tuple[CitizenAction, frozenset[str]]] = {
    "withdrawal": (CitizenAction.WITHDRAWAL, frozenset({"withdrawn", *NOT_WITHDRAWN})),
    "objected": (CitizenAction.OBJECTION, frozenset({"reopened", "objection_dropped", "in_review"})),
}


def pending_actions(view: View) -> list[CitizenAction]:
    """What was accepted from the citizen and is not decided yet: whether it is done, a later line says."""
    pending: dict[CitizenAction, frozenset[str]] = {}
    for line in view.whole_timeline:
        pending = {action: ends for action, ends in pending.items() if line.event not in ends}
        pending |= dict([_ASKED[line.event]] if line.event in _ASKED else [])
    # Before a department has the case a withdrawal is done at once; of one that has ended otherwise there is nothing to do.
    has_ended = view.state not in _OUTSTANDING
    return [action for action in pending if not (has_ended and action is CitizenAction.WITHDRAWAL)]


def allowed_actions(view: View, now: datetime) -> list[CitizenAction]:
    """What the citizen may do now."""
    if view.registered_at is None:
        return []
    may = view.citizen_may
    if may is None:
        return list(BEFORE_DISPATCH) if view.state in UNDISPATCHED else []
    is_late = view.objection_until is not None and now > view.objection_until
    gone = {CitizenAction.RATING: is_rated(view.rating, view.timeline), CitizenAction.OBJECTION: is_late}
    return [action for action in may if not gone.get(action, False)]
