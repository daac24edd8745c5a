"""What others decide about a case: dispatchers, citizens, supervisors and the clock, each one pure function.

What comes too late, or does not fit the state, changes nothing; the log remembers it, and whoever asked is told.
"""

from datetime import datetime
from typing import Any

import msgspec

from handlers.core import reviews
from handlers.core.asks import AskedOrder, lapsed
from handlers.core.case import By, Case, CaseChange, change, record
from handlers.core.chain import Detail
from handlers.core.hearing import dropped, end, head_of, ignored, next_state, remember, remember_as
from handlers.core.protection import TAGS, protected_route, route_detail
from handlers.core.rules import IN_HAND, Action, Actor
from handlers.core.undoing import undoable, without, without_former_tags
from schemas.city import City
from schemas.events.call_backs import CallBackDone
from schemas.events.exclusions import ExclusionMoved
from schemas.events.facts import tags_said
from schemas.events.handlers import CaseClosed, CaseReopened, CaseResumed, CaseSigned
from schemas.events.intake import CaseWithdrawn, CitizenObjected, CitizenRated
from schemas.events.routing import (
    CaseDeclined,
    CaseMerged,
    CaseRouted,
    CaseUnmerged,
    MergeRequested,
    ReviewDecided,
    WithdrawalJudged,
)
from schemas.events.sla import BreachWithdrawn, CaseUrged, DeadlineMissed, DeadlineSet, PauseEnded
from schemas.events.supervision import OrderAccepted
from schemas.events.tags import TagsChanged, TagsCorrected
from schemas.masking import for_department
from schemas.words import CaseState, Clock

#: The log's word for a promised date that has passed without an answer.
PROMISE_BROKEN = "promise.broken"
#: What its citizen asked for, as the log and whoever asked know it.


def reroute(case: Case, routed: CaseRouted, now: datetime) -> CaseChange | None:
    """Assign a returned or withheld case anew, or one in hand that a dispatcher moves (改派); the citizen's deadline stays.

    None for a route that was followed before.

    Raises:
        DataRefused: it leads to somebody whom the case accuses.
    """
    if routed.version <= case.routed_version:
        return None
    routed = protected_route(routed, case.accused, protected=case.protected)
    by = By(name=routed.decided_by, role=Actor.DISPATCHER, now=now)
    state = next_state(case, Action.ROUTE, by)
    if state is None or (case.state in IN_HAND and not routed.moved_because):
        return dropped(case, routed, by)
    because = for_department(routed.moved_because, official=True)
    detail = route_detail(routed)
    detail |= {"reason": because} if because else {}
    after, entry = record(
        case, by, Action.ROUTE, detail,
        state=state, state_before_review=None, version=max(case.version, routed.version) + 1, assigned_at=now,
        routed_version=routed.version, accused=routed.accused, protected=routed.protected, withheld=False,
        kind=routed.kind, urgency=routed.urgency, category=routed.category, item=routed.item,
        tags=tags_said(routed.tags, case.tags), region=routed.region, lead=routed.lead, supporting=routed.supporting,
        sign_due_at=None, return_barred=False, **lapsed(case.asks, parts=()),
        # Whoever had it before may be the one that it accuses.
        **({"note": None, "response": None} if case.withheld or routed.protected else {}),
    )  # fmt: skip
    part = (routed.lead, *routed.supporting)
    made = CaseChange(
        after=after,
        entry=entry,
        what="case.moved" if because else "return.accepted",
        text=because,
        is_assignment=True,
        moved_because=because,
        joined=part,
        left=without(case.readers, part),
    )
    return undoable(case, made, by) if case.state in IN_HAND else made


def decide_review(case: Case, review: ReviewDecided, now: datetime, *, city: City) -> CaseChange | None:
    """Apply a decision on what was asked of a dispatcher. None for what comes as a new route, or not from here."""
    return reviews.decide(case, review, By(name=review.decided_by, role=Actor.DISPATCHER, now=now), city)


def decline(case: Case, declined: CaseDeclined, now: datetime) -> CaseChange:
    """End the case as declined: the city does not handle it (不予受理)."""
    by = By(name=declined.decided_by, role=Actor.DISPATCHER, now=now)
    state = next_state(case, Action.DECLINE, by)
    if case.state is CaseState.DECLINED or declined.version <= case.routed_version:
        return ignored(case, declined, by)
    if state is None:
        return dropped(case, declined, by)
    detail: Detail = {"legal_route": declined.legal_route}
    event = CaseClosed(
        **head_of(case, declined, by),
        outcome="declined",
        state=state,
        objection_until=declined.objection_until,
    )
    case = msgspec.structs.replace(
        case, asks=msgspec.structs.replace(case.asks, refusal_until=declined.objection_until, promised=None)
    )
    return end(case, by, Action.DECLINE, detail, event, declined.legal_route)


def merge(case: Case, merged: CaseMerged | MergeRequested, now: datetime) -> CaseChange | None:
    """End the case as merged: it is handled together with another (并单). None where it is already."""
    by = By(name=merged.decided_by, role=Actor.DISPATCHER, now=now)
    state = next_state(case, Action.MERGE, by)
    if case.state is CaseState.MERGED:
        return None
    if merged.version <= case.routed_version:
        return ignored(case, merged, by)
    if state is None:
        return dropped(case, merged, by)
    event = CaseClosed(**head_of(case, merged, by), outcome="merged", state=state)
    return end(case, by, Action.MERGE, {"into": merged.into}, event, "")


def unmerge(case: Case, unmerged: CaseUnmerged, now: datetime) -> CaseChange:
    """A dispatcher decides on a merged case alone (解除并单); no department has it until then. routing has told it."""
    role = Actor.DISPATCHER if unmerged.decided_by else Actor.SYSTEM
    by = By(name=unmerged.decided_by, role=role, now=now)
    state = next_state(case, Action.UNMERGE, by)
    if state is None or unmerged.version <= case.version:
        return ignored(case, unmerged, by)
    return remember_as(
        case, Action.UNMERGE, by, {"reason": unmerged.why}, state=state, version=unmerged.version, withheld=True,
        closed_at=None, state_before_review=None,
    )  # fmt: skip


def withdraw(case: Case, withdrawn: WithdrawalJudged, now: datetime) -> CaseChange:
    """End the case as withdrawn by its citizen (撤回), as long as no answer was submitted.

    Whom its words accuse was judged: one that accuses somebody never comes here. Why stays in the log.
    """
    by = By(name="", role=Actor.CITIZEN, now=now)
    state = next_state(case, Action.WITHDRAW, by)
    if case.state is CaseState.WITHDRAWN:
        return ignored(case, withdrawn, by, name=CaseWithdrawn.name)
    if state is None:
        return dropped(case, withdrawn, by, name=CaseWithdrawn.name)
    event = CaseClosed(**head_of(case, withdrawn, by), outcome="withdrawn", state=state)
    return end(case, by, Action.WITHDRAW, {"reason": withdrawn.reason}, event, "")


def reopen(case: Case, objected: CitizenObjected, now: datetime) -> CaseChange:
    """Reopen the case after an objection (重办): the same department handles it again and may not return it.

    Its words reach the department once routing has judged whom they accuse; the log's row shows none.
    """
    by = By(name="", role=Actor.CITIZEN, now=now)
    # In time is judged by when the citizen objected, not by when it is heard.
    state = next_state(case, Action.OBJECT, msgspec.structs.replace(by, now=min(now, objected.at)))
    if case.state is CaseState.MERGED:
        # The other case's answer does not settle this one: routing takes it out of there.
        return ignored(case, objected, by)
    if state is None:
        return dropped(case, objected, by, reason=objected.reason)
    event = CaseReopened(**head_of(case, objected, by), reason=objected.reason, lead=case.lead)
    return change(
        case, by, Action.OBJECT, {"reason": objected.reason}, (event,),
        state=state, version=event.version, closed_at=None, return_barred=True,
        reopened_count=case.reopened_count + 1,
        asks=msgspec.structs.replace(case.asks, question_count=0, promised=None, objection_until=None),
    )  # fmt: skip


def record_call_back(case: Case, done: CallBackDone, now: datetime) -> CaseChange:
    """Record what came of a call-back (回访); what is not settled is done once more, by the same department.

    It counts as no objection: that is the citizen's own. What they said reaches the department once routing has judged
    whom it accuses; the log's row shows none.
    """
    by = By(name=done.by, role=Actor.DISPATCHER if done.by else Actor.SYSTEM, now=now)
    detail: Detail = {
        "reached": done.reached, "contacted": done.contacted, "solved": done.solved, "satisfied": done.satisfied,
    }  # fmt: skip
    if not done.redo:
        return remember(case, done, by, detail)
    state = next_state(case, Action.REDO, by)
    if state is None:
        return ignored(case, done, by)
    event = CaseReopened(**head_of(case, done, by), reason=done.note, lead=case.lead)
    return change(
        case, by, Action.REDO, detail, (event,),
        state=state, version=event.version, closed_at=None, return_barred=True,
        asks=msgspec.structs.replace(case.asks, question_count=0, promised=None, objection_until=None),
    )  # fmt: skip


def record_exclusion(case: Case, moved: ExclusionMoved, now: datetime) -> CaseChange:
    """Record a step of a request to leave the case out of figures (不纳入考核): nobody changes one beside the log unseen.

    Its words stay with those who ask and decide.
    """
    is_asked = moved.what in ("asked", "appealed", "withdrawn")
    by = By(name=moved.by, role=Actor.LEAD if is_asked else Actor.SUPERVISOR, now=now)
    detail: Detail = {
        "number": moved.number, "step": moved.step, "what": moved.what, "department": moved.department,
        "figures": list(moved.figures), "why": moved.reason, "sealed": moved.sealed,
    }  # fmt: skip
    return remember_as(case, f"exclusion.{moved.what}", by, detail)


def rate(case: Case, rated: CitizenRated, now: datetime) -> CaseChange:
    """Record the citizen's rating in the log (好差评)."""
    by = By(name="", role=Actor.CITIZEN, now=now)
    return remember(case, rated, by, {"score": rated.score, "comment": rated.comment})


def correct_tags(case: Case, corrected: TagsCorrected, now: datetime) -> CaseChange | None:
    """Give the case the tags that a dispatcher corrected (改标签), in any state; a later undo leaves them.

    None where that was done before. One that is protected by now has none, and what is late (a route or another correction
    came meanwhile) changes none; the log says that somebody tried.
    """
    by = By(name=corrected.decided_by, role=Actor.DISPATCHER, now=now)
    if corrected.at == case.tags_corrected_at:
        return None
    if case.protected or _is_overtaken(case, corrected):
        return ignored(case, corrected, by)
    made = remember(
        case, corrected, by, {TAGS: list(corrected.tags)},
        tags=corrected.tags, tags_corrected_at=corrected.at, asks=without_former_tags(case.asks),
    )  # fmt: skip
    # Where it has them, nobody counts it anew; what is older than this is late all the same.
    return made if case.tags == corrected.tags else _telling_tags(made, by)


def _is_overtaken(case: Case, corrected: TagsCorrected) -> bool:
    """Whether what is known here is newer: routing says the tags with each route, and corrects them one after the other."""
    before = case.tags_corrected_at
    return corrected.version < case.routed_version or (before is not None and corrected.at < before)


def _telling_tags(made: CaseChange, by: By) -> CaseChange:
    case = made.after
    told = TagsChanged(
        case_id=case.case_id, version=case.version, at=by.now, tags=case.tags, decided_by=by.name
    )
    return msgspec.structs.replace(made, events=(told,), what=told.name)


def end_pause(case: Case, ended: PauseEnded, now: datetime) -> CaseChange | None:
    """The pause has come to its end: the department goes on. None where it did already, or has another pause since."""
    by = By(name="", role=Actor.SYSTEM, now=now)
    is_this_one = case.asks.paused_until is not None and ended.due_at >= case.asks.paused_until
    state = next_state(case, Action.RESUME, by)
    if ended.clock != Clock.PAUSE or state is None or not is_this_one:
        return None
    event = CaseResumed(**head_of(case, ended, by), cause="ended")
    return change(
        case, by, Action.RESUME, {"until": ended.due_at.isoformat()}, (event,),
        state=state, version=event.version, **lapsed(case.asks),
    )  # fmt: skip


def urge(case: Case, urged: CaseUrged, now: datetime) -> CaseChange:
    """Count an urging (催办), or mark the case as supervised (督办)."""
    by = By(name=urged.by, role=Actor.SUPERVISOR, now=now)
    detail: Detail = {"text": for_department(urged.note, official=True), "supervised": urged.supervised}
    counted: dict[str, Any] = {"urged_count": case.urged_count + 1}
    if urged.supervised:
        counted = {"supervised": True}
    # What was ordered before the end was heard has ended with the case.
    if urged.order and case.closed_at is None:
        if urged.until:
            detail["until"] = urged.until.isoformat()
        asked = AskedOrder(number=urged.order, text=str(detail["text"]), by=urged.by, until=urged.until)
        counted["asks"] = msgspec.structs.replace(case.asks, order=_newer(case.asks.order, asked))
    return remember(case, urged, by, detail, **counted)


def _newer(known: AskedOrder | None, asked: AskedOrder) -> AskedOrder:
    return known if known is not None and known.number >= asked.number else asked


def accept_report(case: Case, accepted: OrderAccepted, now: datetime) -> CaseChange:
    """Record that the supervisor accepted the report on an order; another that followed it waits all the same."""
    by, order = By(name=accepted.by, role=Actor.SUPERVISOR, now=now), case.asks.order
    detail: Detail = {"text": for_department(accepted.note, official=True)} if accepted.note else {}
    if order is None or order.number != accepted.order:
        return remember(case, accepted, by, detail)
    settled = msgspec.structs.replace(order, accepted_at=accepted.at)
    return remember(case, accepted, by, detail, asks=msgspec.structs.replace(case.asks, order=settled))


def miss(case: Case, missed: DeadlineMissed, now: datetime) -> CaseChange | None:
    """Record a missed deadline: of the reply, the case is overdue for good; of a promised date, the promise is broken.

    Of signing, it counts as signed (视同签收).
    """
    by = By(name="", role=Actor.SYSTEM, now=now)
    if missed.clock == Clock.REPLY:
        return remember(case, missed, by, {"due_at": missed.due_at.isoformat()}, overdue=True)
    if missed.clock == Clock.PROMISE:
        return remember_as(case, PROMISE_BROKEN, by, {"due_at": missed.due_at.isoformat()})
    # A clock of an assignment before this one (returned, assigned anew) was due before this one began.
    is_of_this_assignment = missed.clock == Clock.SIGN and missed.due_at >= case.assigned_at
    state = next_state(case, Action.DEEM_SIGNED, by)
    if state is None or not is_of_this_assignment:
        return None
    event = CaseSigned(**head_of(case, missed, by), department=case.lead, signed_by="", deemed=True)
    return change(case, by, Action.DEEM_SIGNED, {}, (event,), state=state, version=event.version)


def withdraw_breach(case: Case, withdrawn: BreachWithdrawn, now: datetime) -> CaseChange | None:
    """Record that a breach was none: of the reply, the case is no longer overdue, unless another breach stands."""
    by = By(name="", role=Actor.SYSTEM, now=now)
    detail: Detail = {"due_at": withdrawn.due_at.isoformat(), "reason": withdrawn.why}
    if withdrawn.clock == Clock.PROMISE:
        return remember(case, withdrawn, by, detail)
    if withdrawn.clock != Clock.REPLY:
        return None
    return remember(case, withdrawn, by, detail, overdue=withdrawn.stands)


def move_deadline(case: Case, deadline: DeadlineSet, now: datetime) -> CaseChange:
    """Record in the log that a deadline moved, and why; the step has stored the deadline itself."""
    by = By(name=deadline.rule, role=Actor.SYSTEM, now=now)
    return remember(case, deadline, by, {"due_at": deadline.due_at.isoformat(), "cause": deadline.cause})
