"""A dispatcher takes a decision back within ten minutes; where a department has the case, handlers has the last word."""

from collections.abc import Sequence

from msgspec.structs import replace

from routing.core.decisions.review import Item, RoutingCase
from routing.core.decisions.undo import (
    ASKED_BACK,
    Chance,
    as_before,
    asked_again,
    chance_of,
    check_undo,
    is_asked_back,
    is_undone,
    is_verdict,
    last_decision,
    last_move,
    was_decided,
)
from routing.steps import merging, rulings, undo_in_hand
from routing.steps.decided import Decided, stands
from routing.steps.merging import BEFORE_DISPATCH
from routing.store import cases, items, readings, told
from schemas.errors import NotFound
from schemas.events.handlers import RequestDropped
from schemas.events.routing import DecisionUndone, RecallRequested
from schemas.events.undone import CaseRecalled
from schemas.ids import CaseId
from schemas.ports import Unit
from schemas.versions import PAST_HANDLERS
from schemas.words import CaseState, ReviewKind


async def undo(unit: Unit, case_id: CaseId, version: int, by: str) -> Decided:
    """Take back what `by` decided on the case, seen as of `version`; sent twice, done once.

    Raises:
        NotFound: no such case.
        BadInput: it cannot be taken back; says why.
        StaleVersion: another decision of theirs has come since.
    """
    case = (await cases.lock_cases(unit.db, [case_id])).get(case_id)
    if case is None:
        raise NotFound
    every = (await items.lock_items(unit.db, [case_id]))[case_id]
    if is_undone(every, by):
        return stands(case, case.version)
    if last_move(case, every) is not None:
        return await undo_in_hand.undo_move(unit, case, every, version, by)
    last = last_decision(every)
    if last is not None and is_verdict(last):
        return await undo_in_hand.undo_verdict(unit, case, every, last, version, by)
    if last is not None and last.decided_by == by and is_asked_back(case, last):
        return _asked_back(case)
    check_undo(case, every, version, by, unit.now)
    return await _undo(unit, case, every, last, by) if last else stands(case, case.version)


async def _undo(unit: Unit, case: RoutingCase, every: Sequence[Item], item: Item, by: str) -> Decided:
    await rulings.end_of(unit, item, by)
    if case.state == "routed":
        return await _ask_back(unit, case, item, by)
    if case.state == "merged":
        return await _take_out(unit, case, by)
    return await _open_again(unit, case, every, item, by)


async def _ask_back(unit: Unit, case: RoutingCase, item: Item, by: str) -> Decided:
    after = replace(case, version=case.version + 1)
    await cases.save(unit.db, after)
    await items.note_version(unit.db, item, ASKED_BACK, after.version)
    unit.emit(RecallRequested(case_id=case.case_id, version=after.version, at=unit.now, decided_by=by))
    return _asked_back(after)


def _asked_back(case: RoutingCase) -> Decided:
    return replace(stands(case, case.version), state=CaseState.IN_REVIEW, done=False)


async def _take_out(unit: Unit, case: RoutingCase, by: str) -> Decided:
    after = await merging.undo_merge(unit, case, by)
    return stands(after, after.version)


async def _open_again(unit: Unit, case: RoutingCase, every: Sequence[Item], item: Item, by: str) -> Decided:
    # Newer than an objection to it that is on its way: there is nothing any more to object to.
    after = as_before(case, item, case.version + PAST_HANDLERS + 1)
    await cases.save(unit.db, after)
    words = told.DispatcherSaid(
        case_id=case.case_id, version=after.version, what="undone", at=unit.now, by=by, words=""
    )
    await told.keep(unit, words)
    if case.state == "answered":
        await cases.keep_responses(unit.db, {case.case_id: None}, {})
        await readings.end(unit.db, case.case_id, unit.now)
    had_department = any(each.kind not in (ReviewKind.DISPATCH, ReviewKind.OBJECTION) for each in every)
    asked = asked_again(item, after.version, by, had_department=had_department)
    await items.open_items(unit.db, [asked], unit.now)
    unit.emit(
        DecisionUndone(
            case_id=case.case_id, version=after.version, at=unit.now, state=CaseState.IN_REVIEW,
            citizen_may=BEFORE_DISPATCH, decided_by=by,
        )
    )  # fmt: skip
    return stands(after, after.version)


async def handle_recalled(unit: Unit, events: Sequence[CaseRecalled]) -> None:
    """No department has these any more: each waits for a dispatcher, as it did before it was dispatched."""
    told = {event.case_id: event for event in events}
    locked = await cases.lock_cases(unit.db, list(told))
    every = await items.lock_items(unit.db, list(told))
    for case in locked.values():
        item = _latest(every[case.case_id])
        # Whoever moved the case since has chosen again: handlers follows that route next.
        if item is not None and is_asked_back(case, item):
            await _open_recalled(unit, case, every[case.case_id], item, told[case.case_id])


async def _open_recalled(
    unit: Unit, case: RoutingCase, every: Sequence[Item], item: Item, event: CaseRecalled
) -> None:
    after = as_before(case, item, max(case.version, event.version))
    await cases.save(unit.db, after)
    # Who was accused meanwhile brought it here already.
    if not any(each.state == "open" and each.kind is ReviewKind.DISPATCH for each in every):
        asked = asked_again(item, after.version, event.decided_by, had_department=True)
        await items.open_items(unit.db, [asked], unit.now)


def _latest(every: Sequence[Item]) -> Item | None:
    decided = [item for item in every if item.state == "decided"]
    return max(decided, key=lambda item: item.version, default=None)


async def forget_recalls(unit: Unit, events: Sequence[RequestDropped]) -> None:
    """Drop these recalls, because a department has acted on the cases; the dispatchers who asked are told."""
    told = {event.case_id: event for event in events}
    locked = await cases.lock_cases(unit.db, list(told))
    for case in locked.values():
        dropped = told[case.case_id]
        if case.state == "routed" and case.version == dropped.asked_version:
            await cases.save(unit.db, replace(case, version=dropped.asked_version - 1))
            await items.forget_version(unit.db, case.case_id, ASKED_BACK)


async def find_chance(unit: Unit, tracking_code: str, by: str) -> Chance | None:
    """What `by` may take back of the case with that tracking code, in this minute; None where nothing."""
    case = await _find(unit, tracking_code)
    if case is None:
        return None
    chance = chance_of(case, await items.of_case(unit.db, case.case_id), by, unit.now)
    return chance if chance.until else None


async def find_decided(unit: Unit, tracking_code: str, by: str) -> str | None:
    """The tracking code, while `by` has decided about its case (`was_decided`) and not taken that back."""
    case = await _find(unit, tracking_code)
    if case is None:
        return None
    every = await items.of_case(unit.db, case.case_id)
    return tracking_code if was_decided(case, every, by, unit.now) else None


async def _find(unit: Unit, tracking_code: str) -> RoutingCase | None:
    case_id = await cases.find_by_code(unit.db, tracking_code)
    return await cases.find(unit.db, case_id) if case_id else None


def chance_on_case(unit: Unit, case: RoutingCase, every: Sequence[Item], by: str) -> Chance | None:
    """The same of a case that was read: also why not, of what `by` decided; None where they decided nothing."""
    last = last_decision(every)
    whose = case.decided_by if last_move(case, every) is not None else last and last.decided_by
    return chance_of(case, every, by, unit.now) if whose == by else None
