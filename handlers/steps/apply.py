"""The end of every step: saves changes with their audit log, and emits their events."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import msgspec

from handlers.core.case import Case, CaseChange, for_everyone, seal_case, tell_state
from handlers.core.notices import news
from handlers.store import cases as store
from schemas.event import Event
from schemas.events.handlers import CaseUpdated
from schemas.ids import CaseId
from schemas.ports import Unit

Decide = Callable[[Case, Any, datetime], CaseChange | None]


async def decide_each(unit: Unit, events: Sequence[Event], decide: Decide) -> None:
    """Apply the change that `decide` makes for each event. An event about a case that was never opened here is ignored."""
    cases = await store.lock_cases(unit.db, [event.case_id for event in events])
    decided = [decide(cases[event.case_id], event, unit.now) for event in events if event.case_id in cases]
    await apply(unit, [change for change in decided if change is not None])


async def apply(unit: Unit, changes: Sequence[CaseChange]) -> None:
    """Save the changes with their log rows, and emit their events to everyone and to the departments."""
    if not changes:
        return
    changes = [
        msgspec.structs.replace(change, after=seal_case(change.after, change.entry, unit.seal))
        for change in changes
    ]
    await store.save(unit.db, changes)
    for change in changes:
        if own := change.after.traceparent:
            _continue_trace(unit, change.after.case_id, own)
        _emit(unit, change)
        for notice in news(change, unit.now):
            unit.notify(notice)
    handed_over = [change for change in changes if change.joined]
    if handed_over:
        await _hand_over(unit, handed_over)


def _continue_trace(unit: Unit, case_id: CaseId, own: str) -> None:
    """Make what is emitted about the case part of the trace that began with the citizen's message."""
    # If the current span is in that trace already, it is the better parent.
    if _trace_id(unit.trace_of(case_id) or "") != _trace_id(own):
        unit.continue_trace(case_id, own)


def _trace_id(traceparent: str) -> str:
    """Between its first hyphen and its second (W3C Trace Context §3.2.2); empty where there is none."""
    return traceparent.partition("-")[2].partition("-")[0]


def _emit(unit: Unit, change: CaseChange) -> None:
    for event in change.events:
        unit.emit(event)
    for department, event in change.direct:
        unit.emit(event, to=department)
    if not change.what:
        return
    case = change.after
    news = CaseUpdated(
        case_id=case.case_id, version=case.version, at=unit.now, state=case.state, what=change.what,
        text=change.text, attachments=change.attachments,
    )  # fmt: skip
    for department in (*case.readers, *change.left):
        # Departments that have just joined get the whole case instead.
        if department not in change.joined:
            unit.emit(news, to=department)


async def _hand_over(unit: Unit, changes: Sequence[CaseChange]) -> None:
    """Emit the whole case, texts included, to the departments that have joined it."""
    assignments = await store.assignments(unit.db, [change.after.case_id for change in changes])
    for change in changes:
        known = msgspec.structs.replace(
            assignments[change.after.case_id], at=unit.now, moved_because=change.moved_because
        )
        assigned = tell_state(known, change.after, unit.now)
        if change.is_assignment:
            unit.emit(for_everyone(assigned))
        for department in change.joined:
            unit.emit(msgspec.structs.replace(assigned, accused=()), to=department)
