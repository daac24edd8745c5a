"""The citizen's deadline goes on, whoever has the case: later by how long it had ended, which it has not after all."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from schemas.ids import CaseId
from schemas.ports import Unit
from schemas.words import Clock
from sla.core.calendar import Calendar
from sla.core.clocks import ClockEvent, ClockState
from sla.steps.move import recompute, save
from sla.store import clocks
from sla.store.clocks import Detail, Entry
from sla.store.moving import Loaded, Move


async def run_on(
    unit: Unit,
    ats: Mapping[CaseId, datetime],
    loaded: Sequence[Loaded],
    anew: Sequence[Clock],
    since: str,
    calendar: Calendar,
) -> None:
    """Those of the loaded that are the citizen's run from these moments on, for no department; `anew`: those that are not.

    `since`: what they stood still for until then.
    """
    await clocks.write_history(unit.db, "paused", _stood_since(loaded, anew, since))
    moves = [_moved(clock, ats[clock.case_id], calendar) for clock in loaded if _goes_on(clock, loaded, anew)]
    await save(unit, moves, to_departments=False)


def _goes_on(clock: Loaded, loaded: Sequence[Loaded], anew: Sequence[Clock]) -> bool:
    """Whether it is the citizen's: but for what was promised before the case was reopened, which is over."""
    since = max(
        (c.started_at for c in loaded if (c.case_id, c.clock) == (clock.case_id, Clock.REPLY)), default=None
    )
    is_over = clock.state is ClockState.STOPPED and since is not None and clock.started_at < since
    return clock.clock not in anew and not is_over


def _stood_since(loaded: Sequence[Loaded], anew: Sequence[Clock], why: str) -> Sequence[Entry]:
    """That these stood still since their case had ended, which it has not after all."""
    return [
        Entry(clock.case_id, clock.clock, clock.stopped_at, Detail(reason=why))
        for clock in loaded
        if clock.stopped_at is not None and _goes_on(clock, loaded, anew)
    ]


def _moved(clock: Loaded, at: datetime, calendar: Calendar) -> Move:
    """Under the deadline that the citizen was told, later by what a pause took, or by how long the case had ended."""
    if clock.stopped_at is not None:
        clock = replace(clock, entries=(*clock.entries, ClockEvent(clock.stopped_at, "paused")))
    stood = clock.state is ClockState.PAUSED or clock.stopped_at is not None
    what = "resumed" if stood else "taken back"
    move = recompute(clock, calendar, what=what, at=at, state=ClockState.RUNNING)
    return move._replace(department=None)
