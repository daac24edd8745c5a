"""A dispatcher's decision, once: on a new case, a return, an extension or a reply."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from msgspec.structs import replace

from routing.core.decisions import in_hand
from routing.core.decisions.chosen_tags import TAGS_BEFORE
from routing.core.decisions.chosen_urgency import URGENCY_BEFORE
from routing.core.decisions.open_items import find_item, granted_pause
from routing.core.decisions.outcome import (
    Decline,
    Dispatch,
    Merge,
    Outcome,
    Verdict,
    check_corrects_with_a_dispatch,
    check_words,
    outcome_of,
)
from routing.core.decisions.refusals import check_is_another, objection_to_refusal_until
from routing.core.decisions.review import Decision, Item, RoutingCase
from routing.core.decisions.undo import just_ended
from routing.core.rules import RoutingRules
from routing.steps import announcements, direct, merging, rulings
from routing.steps import in_hand as in_hand_steps
from routing.steps.danger_since import look_at_danger
from routing.steps.decided import Decided, stands
from routing.store import cases, items, told
from routing.store.items import Closed
from schemas.city import City
from schemas.errors import BadInput, FieldError, NotFound, Refused
from schemas.events.routing import CaseDeclined
from schemas.ids import CaseId, is_uuid
from schemas.ports import LiveEntries, Unit
from schemas.words import CaseState, ReviewKind

#: Two sends of one form, by a finger that pressed twice or a browser that tried again (project choice: a person needs longer
#: to come back to a page and decide otherwise).
_SENT_TWICE = timedelta(seconds=5)


#: Where a case of a department stands after a yes or a no.
_AFTER: Mapping[tuple[ReviewKind, bool], CaseState] = {
    (ReviewKind.RETURN, False): CaseState.ASSIGNED,
    (ReviewKind.EXTENSION, True): CaseState.IN_PROGRESS,
    (ReviewKind.EXTENSION, False): CaseState.IN_PROGRESS,
    (ReviewKind.SUSPENSION, True): CaseState.SUSPENDED,
    (ReviewKind.SUSPENSION, False): CaseState.IN_PROGRESS,
    (ReviewKind.PROMISE, True): CaseState.IN_PROGRESS,
    (ReviewKind.PROMISE, False): CaseState.IN_PROGRESS,
    (ReviewKind.REPLY, True): CaseState.CLOSED,
    (ReviewKind.REPLY, False): CaseState.IN_PROGRESS,
}


async def decide(
    unit: Unit,
    city: City,
    case_id: CaseId,
    decision: Decision,
    by: str,
    entries: LiveEntries | None = None,
    *,
    is_person: bool = True,
    sample_key: bytes | None = None,
    rules: RoutingRules | None = None,
) -> Decided:
    """Take one decision. The case is locked first: of two dispatchers at once, exactly one decides.

    `is_person`: whether `by` is somebody's account, and no system that does not say for whom it asks.
    `sample_key`: decides which direct answers are read again; without it all of them are.
    `rules`: whose special lines a ruling may name; None: the example city's.

    Raises:
        NotFound: nothing was asked about such a case.
        StaleVersion: it changed since the dispatcher saw it.
        ActionNotAllowed: decided already, or withdrawn.
        BadInput: the decision does not fit, or names what does not exist.
    """
    check_corrects_with_a_dispatch(decision)
    target = await _target(unit, decision)
    locked = await _lock(unit, [case_id, *([target] if target else [])])
    held = locked.cases.get(case_id)
    if held is not None and held.danger_unseen_since and decision.dangers_seen is not None:
        await look_at_danger(unit, case_id, decision.dangers_seen, by)
    if held is not None and in_hand.is_meant(held, locked.items[case_id], decision):
        rulings.check_has_none(decision)
        in_hand.check_is_unanswered(held)
        into = locked.cases.get(target or "")
        return await _decide_in_hand(unit, city, held, locked.items[case_id], into, decision, by)
    case, item = locked.find(case_id, decision.version, decision.kind)
    check_is_another(item, by, is_person=is_person)
    if decision.answer is not None:
        rulings.check_has_none(decision)
        every = locked.items[case_id]
        return await direct.answer(unit, city, case, every, item, decision, by, entries, sample_key)
    outcome = outcome_of(city, case, item, decision, locked.cases.get(target or ""))
    if isinstance(outcome, Merge):
        in_hand.check_ends(_others(locked.items[case_id], item), decision.ends)
        await _check_is_no_target(unit, case)
    await rulings.write(unit, city, rules, case, item, outcome, decision, by)
    is_upheld = item.kind is ReviewKind.OBJECTION and isinstance(outcome, Decline)
    accepted = outcome.accepted if isinstance(outcome, Verdict) else not is_upheld
    await items.close_items(unit.db, [Closed(item=item, by=by, accepted=accepted)], unit.now)
    if not isinstance(outcome, Verdict):
        # The case goes elsewhere, or ends: whatever else was asked about it is nobody's question any more.
        await items.supersede_these(unit.db, _others(locked.items[case_id], item), unit.now)
    until = objection_to_refusal_until(locked.items[case_id], unit.now, city.zone)
    decided = await _carry_out(unit, case, item, outcome, decision.remarks, by, until)
    if isinstance(outcome, Decline):
        await merging.bring_back(unit, [case_id], "declined")
    if isinstance(outcome, Merge) and locked.cases[outcome.into].response is not None:
        await merging.give_answer(unit, _after(case, item, outcome, by), locked.cases[outcome.into])
    return decided


async def _decide_in_hand(
    unit: Unit,
    city: City,
    case: RoutingCase,
    every: Sequence[Item],
    target: RoutingCase | None,
    decision: Decision,
    by: str,
) -> Decided:
    """A department has it: handlers follows, unless the case has moved on."""
    if decision.merge_into is None:
        after = await in_hand_steps.move(unit, city, case, every, decision, by)
        state = CaseState.ASSIGNED
    else:
        await _check_is_no_target(unit, case)
        after = await in_hand_steps.ask_to_merge(unit, case, every, target, decision, by)
        state = CaseState.MERGED
    return replace(stands(after, after.version), state=state, done=False)


class Reviewed(msgspec.Struct, frozen=True, kw_only=True):
    """Whether somebody thinks that the citizen may read a reply."""

    case_id: CaseId
    version: int
    accepted: bool
    remarks: str
    by: str


async def decide_replies(unit: Unit, reviews: Sequence[Reviewed]) -> Sequence[Decided | Refused]:
    """Every decision on a reply, or why it is refused: a refusal holds up no other. At most one for a case.

    Refused with NotFound, StaleVersion, ActionNotAllowed or BadInput: see `decide`.
    """
    locked = await _lock(unit, [review.case_id for review in reviews])
    found = [_reply_of(locked, review) for review in reviews]
    about = [
        (review, pair[1]) for review, pair in zip(reviews, found, strict=True) if isinstance(pair, tuple)
    ]
    closed = [Closed(item=item, by=review.by, accepted=review.accepted) for review, item in about]
    await items.close_items(unit.db, closed, unit.now)
    for review, item in about:
        unit.emit(announcements.reviewed(unit, item, review.by, review.remarks, accepted=review.accepted))
    return [
        pair if isinstance(pair, Refused) else _answered(*pair, accepted=review.accepted)
        for review, pair in zip(reviews, found, strict=True)
    ]


async def end_pause(unit: Unit, case_id: CaseId, remarks: str, by: str) -> Decided:
    """End a pause that was granted, before its end date; once, where the same person ends it twice within a moment.

    Raises:
        NotFound: no pause was granted to such a case.
        BadInput: the remarks say nothing.
    """
    check_words("remarks", remarks)
    locked = await _lock(unit, [case_id])
    if ended := just_ended(locked.items[case_id], by, unit.now - _SENT_TWICE):
        return _answered(locked.cases[case_id], ended, accepted=False)
    pause = granted_pause(locked.items[case_id])
    if case_id not in locked.cases or pause is None:
        raise NotFound
    await items.note_done(unit.db, pause, by, unit.now)
    unit.emit(announcements.reviewed(unit, pause, by, remarks, accepted=False))
    return _answered(locked.cases[case_id], pause, accepted=False)


class _Locked(msgspec.Struct, frozen=True, kw_only=True):
    """Cases that nobody else decides on meanwhile, and every item that they ever had."""

    cases: Mapping[str, RoutingCase]
    items: Mapping[CaseId, Sequence[Item]]

    def find(self, case_id: CaseId, version: int, kind: ReviewKind | None) -> tuple[RoutingCase, Item]:
        """A case, and its open item that a decision is about.

        Raises:
            NotFound, StaleVersion, ActionNotAllowed, BadInput: see `decide`.
        """
        case = self.cases.get(case_id)
        if case is None:
            raise NotFound
        return case, find_item(case, self.items[case_id], version, kind)


async def _lock(unit: Unit, case_ids: Sequence[CaseId]) -> _Locked:
    locked = await cases.lock_cases(unit.db, case_ids)
    return _Locked(cases=locked, items=await items.lock_items(unit.db, case_ids))


def _reply_of(locked: _Locked, review: Reviewed) -> tuple[RoutingCase, Item] | Refused:
    try:
        check_words("remarks", review.remarks)
        return locked.find(review.case_id, review.version, ReviewKind.REPLY)
    except Refused as refusal:
        return refusal


def _others(of_case: Sequence[Item], decided: Item) -> Sequence[Item]:
    return [item for item in of_case if item.state == "open" and item is not decided]


async def was_just_decided(unit: Unit, case_id: CaseId, decision: Decision, by: str) -> bool:
    """Whether `by` decided this very item a moment ago, and no otherwise: the same form, sent twice."""
    since = unit.now - _SENT_TWICE
    asked = (decision.kind, decision.version, by, since)
    return await items.decided_since(unit.db, case_id, *asked, accepted=decision.accept)


async def _target(unit: Unit, decision: Decision) -> CaseId | None:
    named = (decision.merge_into or "").strip()
    if is_uuid(named.lower()):
        return CaseId(named.lower())
    return await cases.find_by_code(unit.db, named.upper()) if named else None


async def _check_is_no_target(unit: Unit, case: RoutingCase) -> None:
    """Those merged into it wait for its answer, which it would then never have."""
    if await cases.has_merged(unit.db, case.case_id):
        raise BadInput(
            [FieldError("merge_into", "已有其他件并入本件。", "Other cases were merged into this one.")]
        )


async def _carry_out(
    unit: Unit,
    case: RoutingCase,
    item: Item,
    outcome: Outcome,
    remarks: str,
    by: str,
    objection_until: datetime | None,
) -> Decided:
    if isinstance(outcome, Verdict):
        if item.kind is ReviewKind.PROMISE and outcome.accepted:
            day = outcome.date.isoformat() if outcome.date else item.detail.get("date", "")
            await items.note_day(unit.db, item, day)
        unit.emit(
            announcements.reviewed(unit, item, by, remarks, accepted=outcome.accepted, day=outcome.date)
        )
        return _answered(case, item, accepted=outcome.accepted)
    after = _after(case, item, outcome, by)
    await cases.save(unit.db, after)
    if isinstance(outcome, Dispatch):
        await items.note_before(unit.db, item, _changed(case, after))
        # Before the route, in the order of their versions: readers pass over what is older than they know.
        unit.emit(announcements.reviewed(unit, item, by, remarks, accepted=True))
    elif item.kind is ReviewKind.OBJECTION:
        unit.emit(announcements.reviewed(unit, item, by, remarks, accepted=not isinstance(outcome, Decline)))
    event = announcements.outcome(unit, after, outcome, by, objection_until)
    unit.emit(event)
    if isinstance(event, CaseDeclined):
        await told.keep(unit, announcements.told_in(event))
    return stands(after, after.version)


def _changed(case: RoutingCase, after: RoutingCase) -> Mapping[str, Any]:
    """What a dispatch corrected of the case, as it was: who takes it back has it again."""
    before = {TAGS_BEFORE: case.tags, URGENCY_BEFORE: case.urgency}
    now = {TAGS_BEFORE: after.tags, URGENCY_BEFORE: after.urgency}
    return {name: was for name, was in before.items() if was != now[name]}


def _answered(case: RoutingCase, item: Item, *, accepted: bool) -> Decided:
    """The answer to a department: its case follows."""
    return Decided(
        case_id=case.case_id,
        tracking_code=case.tracking_code,
        state=_AFTER[item.kind, accepted],
        version=item.version,
        accepted=accepted,
        done=False,
    )


def _after(case: RoutingCase, item: Item, outcome: Dispatch | Decline | Merge, by: str) -> RoutingCase:
    head = {"version": item.version + 1, "decided_by": by}
    match outcome:
        case Dispatch(
            category=category,
            item=named,
            tags=tags,
            urgency=urgency,
            lead=lead,
            supporting=supporting,
            parts=parts,
        ):
            change = {
                "state": "routed",
                "category": category,
                "item": named,
                "tags": tags,
                "urgency": urgency or case.urgency,
                "lead": lead,
                "supporting": supporting,
                "parts": parts,
                "probability": 1.0,
            }
        case Decline():
            change = {"state": "declined"}
        case Merge(into=into):
            change = {"state": "merged", "merged_into": into}
    return msgspec.structs.replace(case, **head, **change)
