"""A dispatcher takes a move back, or a yes or no to a department: handlers does it, unless somebody has acted since."""

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from routing.core.decisions.before_move import BeforeMove
from routing.core.decisions.outcome import VERDICTS
from routing.core.decisions.review import Item, RoutingCase
from routing.core.decisions.undo import ASKED_BACK, check_undo, is_asked, waits_again
from routing.steps import rulings
from routing.steps.decided import Decided, stands
from routing.store import cases, items
from schemas.events.handlers import RequestDropped
from schemas.events.routing import ReviewRequested
from schemas.events.undone import MoveUndone, UndoRequested, VerdictUndone
from schemas.ids import TagCode
from schemas.ports import Unit
from schemas.words import CaseState, ReviewKind

#: Where a case stood before a yes or a no that may be undone, if not in progress.
_BEFORE: Mapping[ReviewKind, CaseState] = {
    ReviewKind.RETURN: CaseState.IN_REVIEW,
    ReviewKind.REPLY: CaseState.REPLIED,
}


async def undo_move(unit: Unit, case: RoutingCase, every: Sequence[Item], version: int, by: str) -> Decided:
    """Ask handlers to give the case back to the departments that had it; a request sent twice counts once.

    Raises:
        BadInput, StaleVersion: see `check_undo`.
    """
    moved = case.before_move
    if moved is None or (moved.asked is not None and case.decided_by == by):
        return replace(stands(case, case.version), done=False)
    check_undo(case, every, version, by, unit.now)
    after = replace(case, version=case.version + 1, before_move=replace(moved, asked=case.version + 1))
    await cases.save(unit.db, after)
    unit.emit(
        UndoRequested(
            case_id=case.case_id,
            version=after.version,
            at=unit.now,
            decided_by=by,
            tags=_tags_without(case, moved),
        )
    )
    return replace(stands(after, after.version), done=False)


async def undo_verdict(
    unit: Unit, case: RoutingCase, every: Sequence[Item], verdict: Item, version: int, by: str
) -> Decided:
    """Ask handlers to let what the department asked for wait once more; sent twice, asked once.

    Raises:
        BadInput, StaleVersion: see `check_undo`.
    """
    if not (is_asked(verdict) and verdict.decided_by == by):
        check_undo(case, every, version, by, unit.now)
        await rulings.end_of(unit, verdict, by)
        await items.note_version(unit.db, verdict, ASKED_BACK, verdict.version)
        unit.emit(
            UndoRequested(
                case_id=case.case_id, version=verdict.version, at=unit.now, decided_by=by,
                review=verdict.kind, accepted=verdict.accepted,
            )
        )  # fmt: skip
    state = _BEFORE.get(verdict.kind, CaseState.IN_PROGRESS)
    return replace(stands(case, verdict.version), state=state, done=False)


async def handle_verdicts_undone(unit: Unit, events: Sequence[VerdictUndone]) -> None:
    """What the departments asked for waits for a dispatcher once more."""
    every = await items.lock_items(unit.db, [event.case_id for event in events])
    for event in events:
        decided = [item for item in every[event.case_id] if item.kind is event.review and is_asked(item)]
        await _wait_again(unit, [waits_again(item, event.version, event.decided_by) for item in decided])


async def handle_moves_undone(unit: Unit, events: Sequence[MoveUndone]) -> None:
    """Who had these cases has them again, and what they had asked for waits again; who moved one since has chosen anew."""
    told = {event.case_id: event for event in events}
    locked = await cases.lock_cases(unit.db, list(told))
    every = await items.lock_items(unit.db, list(told))
    for case in locked.values():
        before, event = case.before_move, told[case.case_id]
        if before is None or case.version != before.asked:
            continue
        await cases.save(unit.db, _given_back(case, before, max(case.version, event.version)))
        ended = [item for item in every[case.case_id] if _ended_with(item, before)]
        await _wait_again(unit, [replace(item, state="open", version=event.version) for item in ended])


def _tags_without(case: RoutingCase, move: BeforeMove) -> tuple[TagCode, ...]:
    """The tags from before the move, unless they were corrected since; a protected case has none."""
    if case.protected:
        return ()
    return case.tags if move.tags is None else move.tags


def _given_back(case: RoutingCase, before: BeforeMove, version: int) -> RoutingCase:
    return replace(
        case,
        version=version,
        category=before.category,
        item=None if case.protected else before.item,
        tags=_tags_without(case, before),
        lead=before.lead,
        supporting=before.supporting,
        parts=before.parts,
        probability=before.probability,
        decided_by=before.decided_by,
        before_move=None,
    )


def _ended_with(item: Item, move: BeforeMove) -> bool:
    """Whether nobody had to decide this any more because of the move."""
    return item.state == "superseded" and item.kind in VERDICTS and item.decided_at == move.at


async def _wait_again(unit: Unit, asked: Sequence[Item]) -> None:
    await items.open_items(unit.db, asked, unit.now)
    for item in asked:
        unit.emit(ReviewRequested(case_id=item.case_id, version=item.version, at=unit.now, kind=item.kind))


async def forget(unit: Unit, events: Sequence[RequestDropped]) -> None:
    """Drop the request, because somebody has acted since: the decision stands, and the dispatcher who asked is told."""
    for event in events:
        await items.forget_version(unit.db, event.case_id, ASKED_BACK)
    told = {event.case_id: event for event in events if event.review is None}
    for case in (await cases.lock_cases(unit.db, list(told))).values():
        asked = told[case.case_id].asked_version
        if case.before_move is not None and case.version == case.before_move.asked == asked:
            await cases.save(unit.db, replace(case, version=asked - 1, before_move=None))
