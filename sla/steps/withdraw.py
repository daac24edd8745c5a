"""Withdraws breaches that were none: an event heard late had happened in time."""

from collections.abc import Sequence
from datetime import datetime

from schemas.events.sla import BreachWithdrawn
from schemas.ids import CaseId
from schemas.ports import Unit
from schemas.words import Clock
from sla.core.clocks import ClockState
from sla.store import clocks
from sla.store.clocks import DoubtedBreach


async def halt(
    unit: Unit,
    case_ids: Sequence[CaseId],
    ats: Sequence[datetime],
    which: Sequence[Clock] | None,
    state: ClockState,
    *,
    why: str,
    to_departments: bool = True,
    but_later: Sequence[Clock] = (),
    but: Sequence[Clock] = (),
) -> None:
    """Pause, hold or stop these clocks, or (None) all; `why`: the event that does so.

    `but_later`: of these only what began before. `but`: these go on.
    """
    found = await clocks.halt(unit.db, case_ids, ats, which, state, but_later, but)
    await withdraw(unit, found, why=why, to_departments=to_departments)


async def withdraw(
    unit: Unit, breaches: Sequence[DoubtedBreach], *, why: str, to_departments: bool = True
) -> None:
    """Take back what was declared too soon, and tell everybody who was told."""
    if not breaches:
        return
    standing = await clocks.withdraw(unit.db, breaches, why, unit.now)
    for breach in breaches:
        event = BreachWithdrawn(
            case_id=breach.case_id,
            version=breach.case_version,
            at=unit.now,
            clock=breach.clock,
            due_at=breach.due_at,
            department=breach.department,
            deadline_version=breach.deadline_version,
            why=why,
            happened_at=breach.happened_at,
            stands=(breach.case_id, breach.clock) in standing,
        )
        unit.emit(event)
        if to_departments and breach.department is not None:
            unit.emit(event, to=breach.department)
