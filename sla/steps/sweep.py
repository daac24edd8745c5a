"""The sweeper: warnings, breaches and escalations, each said exactly once, whether or not anybody looks."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from schemas.event import Event
from schemas.events.sla import CaseEscalated, DeadlineMissed, DeadlineNear, PauseEnded
from schemas.ids import CaseId
from schemas.ports import Unit
from schemas.words import AlertLevel, Clock
from sla.core.clocks import ClockState, alert_after, alert_to_raise
from sla.core.kinds import owner_of
from sla.store import sweeping
from sla.store.clocks import ENDED
from sla.store.moving import Loaded
from sla.store.sweeping import Raised

_EVENTS: dict[AlertLevel, type[DeadlineNear | DeadlineMissed | CaseEscalated]] = {
    AlertLevel.NEAR: DeadlineNear,
    AlertLevel.MISSED: DeadlineMissed,
    AlertLevel.ESCALATED: CaseEscalated,
}


async def sweep(unit: Unit, *, until: datetime | None = None, limit: int = 1000) -> int:
    """Raise what was due by `until`, at most `limit` clocks at once; returns how many it handled.

    `until`: every event of before that moment was heard (None: up to `unit.now`). A breach is judged by when things
    happened, so nothing is said of a moment of which some may still be on their way. Fewer than `limit` means that
    nothing more is due. Any number of processes may sweep at once.
    """
    until = unit.now if until is None else min(until, unit.now)
    rows = await sweeping.take_due(unit.db, until, limit)
    await _end(unit, [row for row in rows if row["next_level"] == ENDED])
    await _raise(unit, [_raised(row, until) for row in rows if row["next_level"] != ENDED])
    return len(rows)


async def _end(unit: Unit, rows: Sequence[Any]) -> None:
    """Pauses and questions that came to their end: what they waited for goes on, and nobody was late."""
    if not rows:
        return
    await sweeping.end(unit.db, [(CaseId(str(row["case_id"])), Clock(row["clock"])) for row in rows])
    for row in rows:
        unit.emit(
            PauseEnded(
                case_id=CaseId(str(row["case_id"])),
                version=row["case_version"],
                at=unit.now,
                clock=Clock(row["clock"]),
                due_at=row["due_at"],
            )
        )


async def tell_breaches(unit: Unit, late: Sequence[Loaded], *, to_departments: bool = True) -> None:
    """Say now that these were missed, before their deadlines move. `to_departments`: on their own topics, too."""
    await _raise(
        unit,
        [
            Raised(
                case_id=clock.case_id,
                clock=clock.clock,
                department=clock.department,
                owner=clock.owner,
                due_at=clock.due_at,
                deadline_version=clock.deadline_version,
                case_version=clock.case_version,
                level=AlertLevel.MISSED,
                next_level=None,
                next_at=None,
            )
            for clock in late
        ],
        to_departments=to_departments,
    )


def _raised(row: Any, until: datetime) -> Raised:
    level = alert_to_raise(AlertLevel(row["next_level"]), row["due_at"], until)
    is_running = row["state"] == ClockState.RUNNING
    next_level, next_at = (
        alert_after(level, row["due_at"], row["escalate_at"]) if is_running else (None, None)
    )
    return Raised(
        case_id=CaseId(str(row["case_id"])),
        clock=Clock(row["clock"]),
        department=row["department"],
        owner=row["owner"],
        due_at=row["due_at"],
        deadline_version=row["deadline_version"],
        case_version=row["case_version"],
        level=level,
        next_level=next_level,
        next_at=next_at,
    )


async def _raise(unit: Unit, raised: Sequence[Raised], *, to_departments: bool = True) -> None:
    if not raised:
        return
    fresh = await sweeping.raise_alerts(unit.db, raised, unit.now)
    await sweeping.plan_next(unit.db, raised)
    for alert in raised:
        if (alert.case_id, alert.clock) in fresh:
            _say(unit, alert, to_departments=to_departments)


def _say(unit: Unit, alert: Raised, *, to_departments: bool) -> None:
    event: Event = _EVENTS[alert.level](
        case_id=alert.case_id,
        version=alert.case_version,
        at=unit.now,
        clock=alert.clock,
        due_at=alert.due_at,
        department=alert.department,
        deadline_version=alert.deadline_version,
        owner=owner_of(alert.owner, alert.department),
    )
    unit.emit(event)
    if to_departments and alert.department is not None and alert.level is not AlertLevel.ESCALATED:
        unit.emit(event, to=alert.department)
