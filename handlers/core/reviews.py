"""How a dispatcher's decision, yes or no, changes a case: one function for each kind of review."""

from collections.abc import Callable, Mapping
from typing import Any

from msgspec.structs import replace

from handlers.core.asks import AskedPause, AskedPromise, lapsed
from handlers.core.case import By, Case, CaseChange, change, files_with_answer
from handlers.core.citizens import MAX_REOPENINGS
from handlers.core.hearing import dropped, head_of, next_state
from handlers.core.rules import Action
from handlers.core.undoing import undoable
from schemas.city import City
from schemas.days import day_of, end_of_day
from schemas.events.handlers import (
    CaseClosed,
    CaseResumed,
    CaseSuspended,
    ExtensionDecided,
    PromiseDecided,
    ReplyPublished,
    ReplySentBack,
    ReturnRefused,
    SuspensionDecided,
)
from schemas.events.routing import ReviewDecided
from schemas.masking import for_department, for_public
from schemas.objections import objection_until
from schemas.words import CaseState, ReviewKind

Decide = Callable[[Case, ReviewDecided, By, CaseState, City], CaseChange]


def decide(case: Case, review: ReviewDecided, by: By, city: City) -> CaseChange | None:
    """Apply a decision. None for what comes as a new route, or not from here."""
    if (review.kind, review.accepted) not in _DECISIONS:
        return None
    action, apply = _DECISIONS[review.kind, review.accepted]
    if _ends_pause(case, review):
        return _end_pause(case, review, by)
    state = next_state(case, action, by)
    if state is None or review.version < case.version:
        return dropped(case, review, by, review=review.kind, accepted=review.accepted)
    made = apply(case, review, by, state, city)
    return undoable(case, made, by, review) if _may_be_undone(case, review) else made


def _may_be_undone(case: Case, review: ReviewDecided) -> bool:
    """An answer has left the house; of a reply from before its time was kept, nobody knows by when to judge it."""
    is_sent_back = not review.accepted and case.asks.replied_at is not None
    return review.kind is not ReviewKind.REPLY or is_sent_back


def _refuse_return(case: Case, review: ReviewDecided, by: By, state: CaseState, _city: City) -> CaseChange:
    remarks = for_department(review.remarks, official=True)
    event = ReturnRefused(
        **head_of(case, review, by), department=case.lead, state=state, remarks=remarks,
        return_count=case.return_count,
    )  # fmt: skip
    return change(
        case, by, Action.REFUSE_RETURN, {"remarks": remarks}, (event,), text=remarks,
        state=state, version=event.version, return_barred=True, state_before_review=None,
    )  # fmt: skip


def _decide_extension(case: Case, review: ReviewDecided, by: By, state: CaseState, _city: City) -> CaseChange:
    action = Action.GRANT_EXTENSION if review.accepted else Action.REFUSE_EXTENSION
    count, days = case.extension_count + review.accepted, case.extension_days or 0
    remarks = for_department(review.remarks, official=True)
    event = ExtensionDecided(
        **head_of(case, review, by), granted=review.accepted, working_days=days, decided_by=by.name,
        extension_count=count, requested_at=case.asks.extension_at,
    )  # fmt: skip
    return change(
        case, by, action, {"working_days": days, "remarks": remarks}, (event,), text=remarks,
        state=state, version=event.version, extension_count=count, **lapsed(case.asks),
    )  # fmt: skip


def _decide_pause(case: Case, review: ReviewDecided, by: By, state: CaseState, _city: City) -> CaseChange:
    """Granted after its own end has passed, it would stop nothing: then it counts as refused."""
    asked = case.asks.pause or AskedPause(until=by.now, reason="")
    is_granted = review.accepted and asked.until > by.now
    remarks, count = for_department(review.remarks, official=True), case.asks.suspension_count + is_granted
    head = head_of(case, review, by)
    decided = SuspensionDecided(
        **head, granted=is_granted, until=asked.until, decided_by=by.name, suspension_count=count, remarks=remarks
    )  # fmt: skip
    suspended = CaseSuspended(**head, reason=asked.reason, until=asked.until, suspension_count=count)
    paused_until = asked.until if is_granted else None
    return change(
        case, by, Action.GRANT_SUSPENSION if is_granted else Action.REFUSE_SUSPENSION,
        {"remarks": remarks, "until": asked.until.isoformat()},
        (decided, suspended) if is_granted else (decided,), text=remarks,
        state=state if is_granted else case.state, version=decided.version,
        **lapsed(case.asks, suspension_count=count, paused_until=paused_until),
    )  # fmt: skip


def _decide_promise(case: Case, review: ReviewDecided, by: By, state: CaseState, city: City) -> CaseChange:
    """Granted when its day is over, or that of the promise before, it would promise nothing: then it counts as refused."""
    asked = case.asks.promise or AskedPromise(date=day_of(by.now, city.zone), plan="", asked_at=by.now)
    day = review.date or asked.date
    promised = replace(asked, date=day, ends_at=end_of_day(day, city.zone))
    earlier = case.asks.promised
    is_in_time = promised.until > by.now and (earlier is None or earlier.until > by.now)
    is_granted, remarks = review.accepted and is_in_time, for_department(review.remarks, official=True)
    count = case.asks.promise_count + is_granted
    event = PromiseDecided(
        **head_of(case, review, by), granted=is_granted, date=promised.date, decided_by=by.name,
        remarks=remarks, department=case.lead, until=promised.until, plan=promised.plan,
        requested_at=asked.asked_at, promise_count=count,
        publishable=not case.confidential and not case.protected,
    )  # fmt: skip
    settled = lapsed(case.asks, promised=promised if is_granted else earlier, promise_count=count)
    return change(
        case, by, Action.GRANT_PROMISE if is_granted else Action.REFUSE_PROMISE,
        {"remarks": remarks, "date": promised.date.isoformat(), "plan": promised.plan}, (event,), text=remarks,
        state=state, version=event.version, **settled,
    )  # fmt: skip


def _ends_pause(case: Case, review: ReviewDecided) -> bool:
    """A pause that was granted is taken back: its dispatcher has seen the request for it, and no later version."""
    return (
        case.state is CaseState.SUSPENDED
        and review.kind is ReviewKind.SUSPENSION
        and not review.accepted
        and review.version >= case.version - 1
    )


def _end_pause(case: Case, review: ReviewDecided, by: By) -> CaseChange:
    remarks = for_department(review.remarks, official=True)
    event = CaseResumed(**head_of(case, review, by), cause="dispatcher")
    return change(
        case, by, Action.RESUME, {"remarks": remarks}, (event,), text=remarks,
        state=CaseState.IN_PROGRESS, version=event.version, **lapsed(case.asks),
    )  # fmt: skip


def _approve(case: Case, review: ReviewDecided, by: By, state: CaseState, city: City) -> CaseChange:
    response = for_public(case.response or "", official=True)
    until = objection_until(by.now, city.zone) if case.reopened_count < MAX_REOPENINGS else None
    answered = replace(case, response=response, asks=replace(case.asks, objection_until=until, order=None))
    published, closed = answer_of(answered, head_of(case, review, by), state)
    return change(
        case, by, Action.APPROVE, {"public": published.public, "response": response}, (published, closed), text=response,
        state=state, version=closed.version, response=response, closed_at=by.now,
        asks=answered.asks,
    )  # fmt: skip


def answer_of(case: Case, head: Mapping[str, Any], state: CaseState) -> tuple[ReplyPublished, CaseClosed]:
    """What is said of an approved answer. `head`: case, version and moment of both."""
    publishable = not case.confidential and not case.protected
    published = ReplyPublished(
        **head, response=case.response or "", department=case.lead, category=case.category, region=case.region,
        public=case.publish and publishable, publishable=publishable, **files_with_answer(case),
    )  # fmt: skip
    until = case.facts(head["at"]).objection_until if case.reopened_count < MAX_REOPENINGS else None
    return published, CaseClosed(**head, outcome="answered", state=state, objection_until=until)


def _send_back(case: Case, review: ReviewDecided, by: By, state: CaseState, _city: City) -> CaseChange:
    remarks = for_department(review.remarks, official=True)
    event = ReplySentBack(**head_of(case, review, by), department=case.lead, remarks=remarks)
    return change(
        case, by, Action.SEND_BACK, {"remarks": remarks}, (event,), text=remarks,
        state=state, version=event.version,
    )  # fmt: skip


_DECISIONS: Mapping[tuple[ReviewKind, bool], tuple[Action, Decide]] = {
    (ReviewKind.RETURN, False): (Action.REFUSE_RETURN, _refuse_return),
    (ReviewKind.EXTENSION, True): (Action.GRANT_EXTENSION, _decide_extension),
    (ReviewKind.EXTENSION, False): (Action.REFUSE_EXTENSION, _decide_extension),
    (ReviewKind.SUSPENSION, True): (Action.GRANT_SUSPENSION, _decide_pause),
    (ReviewKind.SUSPENSION, False): (Action.REFUSE_SUSPENSION, _decide_pause),
    (ReviewKind.PROMISE, True): (Action.GRANT_PROMISE, _decide_promise),
    (ReviewKind.PROMISE, False): (Action.REFUSE_PROMISE, _decide_promise),
    (ReviewKind.REPLY, True): (Action.APPROVE, _approve),
    (ReviewKind.REPLY, False): (Action.SEND_BACK, _send_back),
}
