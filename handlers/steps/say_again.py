"""Say once more who has a case, what they did and what they answered: to whoever lost the events."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from handlers.core.case import Case, tell_state
from handlers.core.reviews import answer_of
from handlers.core.rules import Action
from handlers.store import cases as store
from handlers.store import reconciling
from schemas.event import Event
from schemas.events.handlers import CaseAssigned, CaseReplied, CaseSigned, CaseSuspended, PromiseDecided
from schemas.events.parts import PartAsked
from schemas.ids import CaseId
from schemas.ports import Unit
from schemas.words import CaseState

_Done = Mapping[tuple[CaseId, str], datetime]


async def say_assigned_again(unit: Unit, case_ids: Sequence[CaseId]) -> None:
    """The assignment of each of these open cases with its state of now, and when it was signed, suspended, answered.

    Said to everyone, not to departments: they have the case before them.
    """
    held = await store.lock_cases(unit.db, case_ids)
    assignments = await store.assignments(unit.db, list(held))
    done = await reconciling.last_done(unit.db, list(held))
    for case in held.values():
        assigned = tell_state(assignments[case.case_id], case, unit.now)
        unit.emit(msgspec.structs.replace(assigned, title="", text=""))
        for event in _since(case, assigned, done):
            unit.emit(tell_state(event, case, unit.now))


async def say_to_citizen_again(unit: Unit, case_ids: Sequence[CaseId]) -> None:
    """Of each open case its assignment and state, of each answered one the answer: its citizen was never told."""
    held = await store.lock_cases(unit.db, case_ids)
    await say_assigned_again(unit, [case.case_id for case in held.values() if case.closed_at is None])
    for case in held.values():
        if case.state is CaseState.CLOSED and case.closed_at is not None and case.response is not None:
            head = {"case_id": case.case_id, "version": case.version, "at": case.closed_at}
            for event in answer_of(case, head, case.state):
                unit.emit(tell_state(event, case, unit.now))


def _since(case: Case, assigned: CaseAssigned, done: _Done) -> Iterator[Event]:
    """What happened since the assignment and still holds."""
    head: dict[str, Any] = {"case_id": case.case_id, "version": case.version, "state": case.state}
    signed_at = _at(case, done, Action.SIGN) or _at(case, done, Action.DEEM_SIGNED)
    if case.state is not CaseState.ASSIGNED and signed_at is not None:
        yield CaseSigned(**head, at=signed_at, department=case.lead, signed_by="")
    if promised := case.asks.promised:
        # Whoever had the case when it was promised: it stays promised.
        granted_at = done.get((case.case_id, Action.GRANT_PROMISE.value), assigned.at)
        yield PromiseDecided(
            case_id=case.case_id, version=case.version, at=granted_at, granted=True, date=promised.date,
            decided_by="", department=case.lead, until=promised.until, plan=promised.plan,
            requested_at=promised.asked_at, promise_count=case.asks.promise_count,
            publishable=not case.confidential and not case.protected,
        )  # fmt: skip
    for part in case.asks.parts:
        yield PartAsked(
            case_id=case.case_id, version=case.version, at=part.asked_at, department=part.department, until=part.until
        )  # fmt: skip
    if case.state is CaseState.SUSPENDED:
        yield CaseSuspended(**head, at=_at(case, done, Action.SUSPEND) or assigned.at, reason="")
    if case.state is CaseState.REPLIED:
        yield CaseReplied(
            **head, at=_at(case, done, Action.REPLY) or assigned.at, department=case.lead,
            note=case.note or "", response=case.response or "",
        )  # fmt: skip


def _at(case: Case, done: _Done, action: Action) -> datetime | None:
    at = done.get((case.case_id, action.value))
    return at if at is not None and at >= case.assigned_at else None
