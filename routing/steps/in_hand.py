"""A dispatcher moves a case that a department has in hand, or asks for it to be merged; handlers has the last word."""

from collections.abc import Sequence

from msgspec.structs import replace

from routing.core.decisions.before_move import BeforeMove
from routing.core.decisions.in_hand import check_ends, move_of, newest_of
from routing.core.decisions.outcome import Dispatch, check_is_meant, merge_of
from routing.core.decisions.review import Decision, Item, RoutingCase
from routing.steps import announcements, merging
from routing.store import cases, items
from schemas.city import City
from schemas.events.handlers import CaseClosed, RequestDropped
from schemas.events.routing import MergeRequested
from schemas.ids import CaseId
from schemas.ports import Unit


async def move(
    unit: Unit,
    city: City,
    case: RoutingCase,
    every: Sequence[Item],
    decision: Decision,
    by: str,
) -> RoutingCase:
    """Give the case to another department (改派); what waited about it, as far as is known, waits no more.

    Raises:
        BadInput: see `move_of` and `check_ends`.
    """
    outcome = move_of(city, case, decision)
    check_ends(every, decision.ends)
    newest = max(decision.version, newest_of(case, every))
    after = _moved(unit, case, newest + 1, outcome, by)
    await cases.save(unit.db, after)
    await items.supersede(unit.db, {case.case_id: after.version}, unit.now)
    unit.emit(
        announcements.routed(
            unit, after, by, moved_because=decision.remarks, corrects_tags=outcome.corrects_tags
        )
    )
    return after


def _moved(unit: Unit, case: RoutingCase, version: int, outcome: Dispatch, by: str) -> RoutingCase:
    before = BeforeMove(
        at=unit.now,
        version=version,
        category=case.category,
        item=case.item,
        tags=case.tags,
        lead=case.lead,
        supporting=case.supporting,
        parts=case.parts,
        probability=case.probability,
        decided_by=case.decided_by,
    )
    return replace(
        case,
        version=version,
        before_move=before,
        decided_by=by,
        category=outcome.category,
        item=outcome.item,
        tags=outcome.tags,
        lead=outcome.lead,
        supporting=outcome.supporting,
        parts=outcome.parts,
        probability=1.0,
    )


async def ask_to_merge(
    unit: Unit,
    case: RoutingCase,
    every: Sequence[Item],
    target: RoutingCase | None,
    decision: Decision,
    by: str,
) -> RoutingCase:
    """Ask handlers to end the case as merged; lock both before.

    Raises:
        BadInput: there is no such case to merge into, or it may not be; or see `check_is_meant` and `check_ends`.
    """
    into = merge_of(case, target).into
    check_is_meant(case, None, decision)
    check_ends(every, decision.ends)
    after = replace(case, version=decision.version + 1, merged_into=into, decided_by=by)
    await cases.save(unit.db, after)
    unit.emit(
        MergeRequested(case_id=case.case_id, version=after.version, at=unit.now, into=into, decided_by=by)
    )
    return after


async def confirm_merges(unit: Unit, events: Sequence[CaseClosed]) -> None:
    """Mark these cases as merged, now that handlers has ended them, and pass on the other case's answer if it has one."""
    told = {event.case_id: event for event in events if event.outcome == "merged"}
    asked = await cases.lock_cases(unit.db, list(told))
    for case in asked.values():
        if case.state == "routed" and case.merged_into is not None:
            await _confirm(
                unit, replace(case, state="merged", version=told[case.case_id].version), case.merged_into
            )


async def _confirm(unit: Unit, case: RoutingCase, into: CaseId) -> None:
    await cases.save(unit.db, case)
    unit.emit(announcements.merged(unit, case, into, case.decided_by or ""))
    target = (await cases.lock_cases(unit.db, [into]))[into]
    # One of the two may have become private since the dispatcher asked.
    is_private = case.is_private or target.is_private
    if is_private or target.state not in ("open", "routed"):
        await merging.bring_back_one(unit, case, target)
    elif target.response is not None:
        await merging.give_answer(unit, case, target)


async def forget_merges(unit: Unit, events: Sequence[RequestDropped]) -> None:
    """It was not done: these cases go on alone, unless somebody has asked to merge them since."""
    told = {event.case_id: event for event in events}
    for case in (await cases.lock_cases(unit.db, list(told))).values():
        is_waited_for = case.state == "routed" and case.merged_into is not None
        dropped = told[case.case_id]
        if is_waited_for and case.version <= dropped.asked_version:
            version = min(case.version, dropped.version)
            await cases.save(unit.db, replace(case, merged_into=None, version=version))
