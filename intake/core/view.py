"""What the citizen sees of a case: how each event of the other slices changes it, and what may still be done."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import msgspec

from schemas.event import Event
from schemas.events import handlers, routing, sla
from schemas.ids import CaseId
from schemas.words import CaseState, ReviewKind

#: Nothing more will happen, unless the citizen objects.
ENDED = frozenset({CaseState.CLOSED, CaseState.MERGED, CaseState.DECLINED, CaseState.WITHDRAWN})
#: Before a department has it: a withdrawal shows at once.
UNDISPATCHED = frozenset({CaseState.RECEIVED, CaseState.REGISTERED, CaseState.IN_REVIEW})


class TimelineEntry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line of the timeline, as a code with what its sentence needs; nothing in it names a person."""

    at: datetime
    event: str
    department: str | None = None
    working_days: int | None = None
    due_at: datetime | None = None
    cause: str | None = None
    score: int | None = None


class ViewChange(msgspec.Struct, frozen=True, kw_only=True):
    """What one event changes; None leaves what is there. `version` guards the state, the answer has its own time."""

    state: CaseState | None = None
    category: str | None = None
    department: str | None = None
    region: str | None = None
    response: str | None = None
    merged_into: CaseId | None = None
    entry: TimelineEntry | None = None


def _assigned(event: handlers.CaseAssigned) -> ViewChange:
    return ViewChange(
        state=CaseState.ASSIGNED,
        category=event.category,
        department=event.lead,
        region=event.region,
        entry=TimelineEntry(at=event.at, event="assigned", department=event.lead),
    )


def _signed(event: handlers.CaseSigned) -> ViewChange:
    entry = TimelineEntry(at=event.at, event="in_progress", department=event.department)
    return ViewChange(state=CaseState.IN_PROGRESS, entry=entry)


def _returned(event: handlers.CaseReturned) -> ViewChange:
    return ViewChange(state=CaseState.IN_REVIEW, entry=TimelineEntry(at=event.at, event="in_review"))


def _return_refused(event: handlers.ReturnRefused) -> ViewChange:
    return ViewChange(
        state=event.state, entry=TimelineEntry(at=event.at, event="kept", department=event.department)
    )


def _extension_decided(event: handlers.ExtensionDecided) -> ViewChange:
    if not event.granted:
        return ViewChange()
    return ViewChange(entry=TimelineEntry(at=event.at, event="extended", working_days=event.working_days))


def _replied(event: handlers.CaseReplied) -> ViewChange:
    entry = TimelineEntry(at=event.at, event="replied", department=event.department)
    return ViewChange(state=CaseState.REPLIED, entry=entry)


def _published(event: handlers.ReplyPublished) -> ViewChange:
    entry = TimelineEntry(at=event.at, event="answered", department=event.department)
    return ViewChange(
        response=event.response, category=event.category, department=event.department, entry=entry
    )


def _closed(event: handlers.CaseClosed) -> ViewChange:
    # Declined and merged were told by routing, answered by the answer itself.
    ended = TimelineEntry(at=event.at, event="withdrawn") if event.outcome == "withdrawn" else None
    closed = TimelineEntry(at=event.at, event="closed") if event.outcome == "answered" else None
    return ViewChange(state=event.state, entry=ended or closed)


def _review_requested(event: routing.ReviewRequested) -> ViewChange:
    if event.kind is not ReviewKind.DISPATCH:
        return ViewChange()
    return ViewChange(state=CaseState.IN_REVIEW, entry=TimelineEntry(at=event.at, event="in_review"))


def _declined(event: routing.CaseDeclined) -> ViewChange:
    return ViewChange(
        state=CaseState.DECLINED,
        response=event.legal_route,
        entry=TimelineEntry(at=event.at, event="declined"),
    )


def _merged(event: routing.CaseMerged) -> ViewChange:
    return ViewChange(
        state=CaseState.MERGED, merged_into=event.into, entry=TimelineEntry(at=event.at, event="merged")
    )


def _to(state: CaseState, word: str) -> Callable[[Any], ViewChange]:
    return lambda event: ViewChange(state=state, entry=TimelineEntry(at=event.at, event=word))


#: What each event of routing and handlers means to the citizen.
_CHANGES: Mapping[type[Event], Callable[[Any], ViewChange]] = {
    routing.ReviewRequested: _review_requested,
    routing.CaseDeclined: _declined,
    routing.CaseMerged: _merged,
    handlers.CaseAssigned: _assigned,
    handlers.CaseSigned: _signed,
    handlers.CaseReturned: _returned,
    handlers.ReturnRefused: _return_refused,
    handlers.ExtensionDecided: _extension_decided,
    handlers.CaseSuspended: _to(CaseState.SUSPENDED, "suspended"),
    handlers.CaseResumed: _to(CaseState.IN_PROGRESS, "resumed"),
    handlers.CaseReplied: _replied,
    handlers.ReplySentBack: lambda event: ViewChange(state=CaseState.IN_PROGRESS),
    handlers.ReplyPublished: _published,
    handlers.CaseClosed: _closed,
    handlers.CaseReopened: _to(CaseState.REOPENED, "reopened"),
}

#: The events that change what the citizen sees of the state.
FOLLOWED: tuple[type[Event], ...] = tuple(_CHANGES)


def change_of(event: Event) -> ViewChange:
    """What this event changes in the citizen's view."""
    return _CHANGES[type(event)](event)


def deadline_entry(event: sla.DeadlineSet) -> TimelineEntry | None:
    """A line for a deadline that moved; the first one shows as the due date itself."""
    if event.cause == "assigned":
        return None
    return TimelineEntry(at=event.at, event="deadline", due_at=event.due_at, cause=event.cause)


class View(msgspec.Struct, frozen=True, kw_only=True):
    """One case as its citizen sees it."""

    case_id: CaseId
    tracking_code: str
    title: str
    text: str
    received_at: datetime
    registered_at: datetime | None = None
    state: CaseState = CaseState.REGISTERED
    version: int = 1
    category: str | None = None
    department: str | None = None
    due_at: datetime | None = None
    response: str | None = None
    response_at: datetime | None = None
    rating: int | None = None
    objected_at: datetime | None = None
    withdrawal_at: datetime | None = None
    timeline: tuple[TimelineEntry, ...] = ()

    @property
    def whole_timeline(self) -> list[TimelineEntry]:
        """Every line in the order of time, reception first."""
        first = [TimelineEntry(at=self.received_at, event="received")]
        if self.registered_at is not None:
            first.append(TimelineEntry(at=self.registered_at, event="registered"))
        return sorted((*first, *self.timeline), key=lambda entry: entry.at)


def allowed_actions(view: View) -> list[str]:
    """What the citizen may do now: `rating`, `objection`, `supplement`, `withdrawal`."""
    actions = {
        "rating": view.state is CaseState.CLOSED and view.rating is None,
        "objection": view.state is CaseState.CLOSED and view.objected_at is None,
        "supplement": view.state not in ENDED and view.registered_at is not None,
        "withdrawal": view.state not in ENDED
        and view.state is not CaseState.REPLIED
        and view.registered_at is not None
        and view.withdrawal_at is None,
    }
    return [name for name, allowed in actions.items() if allowed]
