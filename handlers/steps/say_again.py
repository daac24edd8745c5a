"""Emits once more who has a case, what was done and what was answered, for a slice that lost the events."""

from collections.abc import Sequence

from handlers.core.case import for_everyone, tell_state
from handlers.core.retelling import ending, retold
from handlers.core.reviews import answer_of
from handlers.store import cases as store
from handlers.store import reconciling
from schemas.events.handlers import CaseAssigned
from schemas.ids import CaseId
from schemas.ports import Unit
from schemas.words import CaseState


async def say_closed_again(unit: Unit, case_ids: Sequence[CaseId]) -> None:
    """Emit once more, for each ended case, who had it, what happened and how it ended, to a slice that lost its clocks.

    Without that the clocks of its registration, said again, would never stop.
    """
    held = await store.lock_cases(unit.db, case_ids)
    ended = {case_id: case for case_id, case in held.items() if case.closed_at is not None}
    await say_assigned_again(unit, list(ended))
    logs = await reconciling.logs(unit.db, list(ended))
    for case_id, case in ended.items():
        for event in ending(case, logs[case_id]):
            unit.emit(tell_state(event, case, unit.now))


async def say_assigned_again(unit: Unit, case_ids: Sequence[CaseId]) -> None:
    """The assignment of each of these cases with its state of now, and what happened and still counts.

    Said to everyone, not to departments: they have the case before them.
    """
    held = await store.lock_cases(unit.db, case_ids)
    assignments = await store.assignments(unit.db, list(held))
    logs = await reconciling.logs(unit.db, list(held))
    for case in held.values():
        for event in retold(case, assignments[case.case_id], logs[case.case_id]):
            told = tell_state(event, case, unit.now)
            unit.emit(for_everyone(told) if isinstance(told, CaseAssigned) else told)


async def say_to_citizen_again(unit: Unit, case_ids: Sequence[CaseId]) -> None:
    """Of each open case its assignment and state, of each answered one the answer: its citizen was never told."""
    held = await store.lock_cases(unit.db, case_ids)
    await say_assigned_again(unit, [case.case_id for case in held.values() if case.closed_at is None])
    for case in held.values():
        if case.state is CaseState.CLOSED and case.closed_at is not None and case.response is not None:
            head = {"case_id": case.case_id, "version": case.version, "at": case.closed_at}
            for event in answer_of(case, head, case.state):
                unit.emit(tell_state(event, case, unit.now))
