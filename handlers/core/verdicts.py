"""What others decide about a case: dispatchers, citizens, supervisors and the clock, each one pure function.

What comes too late, or does not fit the state, changes nothing and says nothing; the log remembers it.
"""

from datetime import datetime
from typing import Any

from handlers.core import lifecycle
from handlers.core.case import By, Case, CaseChange, change, record
from handlers.core.chain import Detail
from handlers.core.protection import protected_route
from handlers.core.rules import Action, Actor
from schemas.event import Event
from schemas.events.handlers import (
    CaseClosed,
    CaseReopened,
    CaseSigned,
    ExtensionDecided,
    ReplyPublished,
    ReplySentBack,
    ReturnRefused,
)
from schemas.events.intake import CaseWithdrawn, CitizenObjected, CitizenRated
from schemas.events.routing import CaseDeclined, CaseMerged, CaseRouted, CaseUnmerged, ReviewDecided
from schemas.events.sla import BreachWithdrawn, CaseUrged, DeadlineMissed, DeadlineSet
from schemas.masking import for_department, for_public
from schemas.words import CaseState, Clock, ReviewKind


def reroute(case: Case, routed: CaseRouted, now: datetime) -> CaseChange | None:
    """Assign a returned or withheld case anew; the citizen's deadline stays. None for a route that was followed before.

    Raises:
        DataRefused: it leads to somebody whom the case accuses.
    """
    if routed.version <= case.routed_version:
        return None
    routed = protected_route(routed, case.accused, protected=case.protected)
    by = By(name=routed.decided_by, role=Actor.DISPATCHER, now=now)
    state = _next(case, Action.ROUTE, by)
    if state is None:
        return _ignored(case, routed, by)
    detail: Detail = {"lead": routed.lead, "supporting": list(routed.supporting)}
    after, entry = record(
        case, by, Action.ROUTE, detail,
        state=state, state_before_review=None, version=max(case.version, routed.version) + 1, assigned_at=now,
        routed_version=routed.version, accused=routed.accused, protected=routed.protected, withheld=False,
        kind=routed.kind, urgency=routed.urgency, category=routed.category, region=routed.region,
        lead=routed.lead, supporting=routed.supporting, sign_due_at=None,
        return_count=case.return_count + (not case.withheld), return_barred=False,
        **({"note": None, "response": None} if case.withheld else {}),
    )  # fmt: skip
    part = (routed.lead, *routed.supporting)
    left = tuple(code for code in case.readers if code not in part)
    return CaseChange(
        after=after, entry=entry, what="return.accepted", is_assignment=True, joined=part, left=left
    )


def decide_review(case: Case, review: ReviewDecided, now: datetime) -> CaseChange | None:
    """Apply a decision on a return, an extension or a reply. None for what comes as a new route, or not from here."""
    by = By(name=review.decided_by, role=Actor.DISPATCHER, now=now)
    if (review.kind, review.accepted) not in _REVIEWS:
        return None
    action, decide = _REVIEWS[review.kind, review.accepted]
    state = _next(case, action, by)
    if state is None or review.version < case.version:
        return _ignored(case, review, by)
    return decide(case, review, by, state)


def _head(case: Case, event: Event, by: By) -> dict[str, Any]:
    return {"case_id": case.case_id, "version": max(case.version, event.version) + 1, "at": by.now}


def _refuse_return(case: Case, review: ReviewDecided, by: By, state: CaseState) -> CaseChange:
    remarks = for_department(review.remarks, official=True)
    event = ReturnRefused(**_head(case, review, by), department=case.lead, state=state, remarks=remarks)
    return change(
        case, by, Action.REFUSE_RETURN, {"remarks": remarks}, (event,), text=remarks,
        state=state, version=event.version, return_barred=True, state_before_review=None,
    )  # fmt: skip


def _decide_extension(case: Case, review: ReviewDecided, by: By, state: CaseState) -> CaseChange:
    action = Action.GRANT_EXTENSION if review.accepted else Action.REFUSE_EXTENSION
    count, days = case.extension_count + review.accepted, case.extension_days or 0
    remarks = for_department(review.remarks, official=True)
    event = ExtensionDecided(
        **_head(case, review, by), granted=review.accepted, working_days=days, decided_by=by.name,
        extension_count=count,
    )  # fmt: skip
    return change(
        case, by, action, {"working_days": days, "remarks": remarks}, (event,), text=remarks,
        state=state, version=event.version, extension_count=count, extension_days=None,
    )  # fmt: skip


def _approve(case: Case, review: ReviewDecided, by: By, state: CaseState) -> CaseChange:
    head, response = _head(case, review, by), for_public(case.response or "", official=True)
    publishable = not case.confidential and not case.protected
    public = case.publish and publishable
    published = ReplyPublished(
        **head, response=response, department=case.lead, category=case.category, region=case.region,
        public=public, publishable=publishable,
    )  # fmt: skip
    closed = CaseClosed(**head, outcome="answered", state=state)
    return change(
        case, by, Action.APPROVE, {"public": public, "response": response}, (published, closed), text=response,
        state=state, version=closed.version, response=response, closed_at=by.now,
    )  # fmt: skip


def _send_back(case: Case, review: ReviewDecided, by: By, state: CaseState) -> CaseChange:
    remarks = for_department(review.remarks, official=True)
    event = ReplySentBack(**_head(case, review, by), department=case.lead, remarks=remarks)
    return change(
        case, by, Action.SEND_BACK, {"remarks": remarks}, (event,), text=remarks,
        state=state, version=event.version,
    )  # fmt: skip


_REVIEWS = {
    (ReviewKind.RETURN, False): (Action.REFUSE_RETURN, _refuse_return),
    (ReviewKind.EXTENSION, True): (Action.GRANT_EXTENSION, _decide_extension),
    (ReviewKind.EXTENSION, False): (Action.REFUSE_EXTENSION, _decide_extension),
    (ReviewKind.REPLY, True): (Action.APPROVE, _approve),
    (ReviewKind.REPLY, False): (Action.SEND_BACK, _send_back),
}


def decline(case: Case, declined: CaseDeclined, now: datetime) -> CaseChange:
    """End the case as declined: the city does not handle it (不予受理)."""
    by = By(name=declined.decided_by, role=Actor.DISPATCHER, now=now)
    state = _next(case, Action.DECLINE, by)
    if state is None or declined.version <= case.routed_version:
        return _ignored(case, declined, by)
    detail: Detail = {"legal_route": declined.legal_route}
    event = CaseClosed(**_head(case, declined, by), outcome="declined", state=state)
    return _end(case, by, Action.DECLINE, detail, event, declined.legal_route)


def merge(case: Case, merged: CaseMerged, now: datetime) -> CaseChange:
    """End the case as merged: it is handled together with another (并单)."""
    by = By(name=merged.decided_by, role=Actor.DISPATCHER, now=now)
    state = _next(case, Action.MERGE, by)
    if state is None or merged.version <= case.routed_version:
        return _ignored(case, merged, by)
    event = CaseClosed(**_head(case, merged, by), outcome="merged", state=state)
    return _end(case, by, Action.MERGE, {"into": merged.into}, event, "")


def unmerge(case: Case, unmerged: CaseUnmerged, now: datetime) -> CaseChange:
    """A dispatcher decides on a merged case alone (解除并单); no department has it until then. routing has told it."""
    role = Actor.DISPATCHER if unmerged.decided_by else Actor.SYSTEM
    by = By(name=unmerged.decided_by, role=role, now=now)
    state = _next(case, Action.UNMERGE, by)
    if state is None or unmerged.version <= case.version:
        return _ignored(case, unmerged, by)
    return _remember_as(
        case, Action.UNMERGE, by, {"reason": unmerged.why}, state=state, version=unmerged.version, withheld=True,
        closed_at=None, state_before_review=None,
    )  # fmt: skip


def withdraw(case: Case, withdrawn: CaseWithdrawn, now: datetime) -> CaseChange:
    """End the case as withdrawn by its citizen (撤回), as long as no answer was submitted."""
    by = By(name="", role=Actor.CITIZEN, now=now)
    state = _next(case, Action.WITHDRAW, by)
    if state is None:
        return _ignored(case, withdrawn, by)
    event = CaseClosed(**_head(case, withdrawn, by), outcome="withdrawn", state=state)
    return _end(case, by, Action.WITHDRAW, {"reason": withdrawn.reason}, event, withdrawn.reason)


def _end(case: Case, by: By, action: Action, detail: Detail, event: CaseClosed, text: str) -> CaseChange:
    return change(
        case, by, action, detail, (event,), text=text,
        state=event.state, version=event.version, closed_at=by.now, extension_days=None,
        state_before_review=None,
    )  # fmt: skip


def reopen(case: Case, objected: CitizenObjected, now: datetime) -> CaseChange:
    """Reopen the case after an objection (重办): the same department handles it again and may not return it."""
    by = By(name="", role=Actor.CITIZEN, now=now)
    state = _next(case, Action.OBJECT, by)
    if state is None:
        return _ignored(case, objected, by)
    event = CaseReopened(**_head(case, objected, by), reason=objected.reason, lead=case.lead)
    return change(
        case, by, Action.OBJECT, {"reason": objected.reason}, (event,), text=objected.reason,
        state=state, version=event.version, closed_at=None, return_barred=True,
        reopened_count=case.reopened_count + 1,
    )  # fmt: skip


def rate(case: Case, rated: CitizenRated, now: datetime) -> CaseChange:
    """Record the citizen's rating in the log (好差评)."""
    by = By(name="", role=Actor.CITIZEN, now=now)
    return _remember(case, rated, by, {"score": rated.score, "comment": rated.comment})


def urge(case: Case, urged: CaseUrged, now: datetime) -> CaseChange:
    """Count an urging (催办), or mark the case as supervised (督办)."""
    by = By(name=urged.by, role=Actor.SUPERVISOR, now=now)
    detail: Detail = {"text": for_department(urged.note, official=True), "supervised": urged.supervised}
    counted = {"supervised": True} if urged.supervised else {"urged_count": case.urged_count + 1}
    return _remember(case, urged, by, detail, **counted)


def miss(case: Case, missed: DeadlineMissed, now: datetime) -> CaseChange | None:
    """Record a missed deadline: of the reply, the case is overdue for good; of signing, it counts as signed (视同签收)."""
    by = By(name="", role=Actor.SYSTEM, now=now)
    if missed.clock == Clock.REPLY:
        return _remember(case, missed, by, {"due_at": missed.due_at.isoformat()}, overdue=True)
    # A clock of an assignment before this one (returned, assigned anew) was due before this one began.
    is_of_this_assignment = missed.clock == Clock.SIGN and missed.due_at >= case.assigned_at
    state = _next(case, Action.DEEM_SIGNED, by)
    if state is None or not is_of_this_assignment:
        return None
    event = CaseSigned(**_head(case, missed, by), department=case.lead, signed_by="", deemed=True)
    return change(case, by, Action.DEEM_SIGNED, {}, (event,), state=state, version=event.version)


def withdraw_breach(case: Case, withdrawn: BreachWithdrawn, now: datetime) -> CaseChange | None:
    """Record that a breach was none: of the reply, the case is no longer overdue, unless another breach stands."""
    by = By(name="", role=Actor.SYSTEM, now=now)
    if withdrawn.clock != Clock.REPLY:
        return None
    detail: Detail = {"due_at": withdrawn.due_at.isoformat(), "reason": withdrawn.why}
    return _remember(case, withdrawn, by, detail, overdue=withdrawn.stands)


def move_deadline(case: Case, deadline: DeadlineSet, now: datetime) -> CaseChange:
    """Record in the log that a deadline moved, and why; the step has stored the deadline itself."""
    by = By(name=deadline.rule, role=Actor.SYSTEM, now=now)
    return _remember(case, deadline, by, {"due_at": deadline.due_at.isoformat(), "cause": deadline.cause})


def _next(case: Case, action: Action, by: By) -> CaseState | None:
    facts = case.facts(by.now)
    return lifecycle.next_state(case.state, action, by.role, facts, before=case.state_before_review)


def _remember(case: Case, event: Event, by: By, detail: Detail, **changed: Any) -> CaseChange:
    return _remember_as(case, event.name, by, detail, **changed)


def _remember_as(case: Case, action: str, by: By, detail: Detail, **changed: Any) -> CaseChange:
    after, entry = record(case, by, action, detail, **changed)
    return CaseChange(after=after, entry=entry)


def _ignored(case: Case, event: Event, by: By) -> CaseChange:
    return _remember(case, event, by, {"ignored": True, "seen_version": event.version})
