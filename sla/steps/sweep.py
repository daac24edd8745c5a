"""The sweeper: warnings, breaches, reminders and escalations, each said exactly once, whether or not anybody looks."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from schemas.event import Event
from schemas.events.sla import (
    CaseEscalated,
    DeadlineMissed,
    DeadlineNear,
    DeadlineReminded,
    PauseEnded,
    RemindersDigested,
)
from schemas.ids import CaseId
from schemas.ports import Unit
from schemas.values import Reminder
from schemas.words import AlertLevel, Clock
from sla.core.after_breach import AlertToSay, Breach, follow_up
from sla.core.calendar import Calendar
from sla.core.clocks import ClockState, alert_to_raise
from sla.core.kinds import owner_of
from sla.core.notices import RaisedAlert, alert_notice
from sla.core.rules import DeadlineRules
from sla.store import sweeping
from sla.store.clocks import ENDED
from sla.store.moving import Loaded
from sla.store.sweeping import Plan, Raised

#: Of these somebody is told one by one; of reminders once a day.
_ALONE = (DeadlineNear, DeadlineMissed, CaseEscalated)


async def sweep(
    unit: Unit,
    *,
    rules: DeadlineRules,
    calendar: Calendar,
    until: datetime | None = None,
    limit: int = 1000,
) -> int:
    """Raise what was due by `until`, at most `limit` clocks at once; returns how many it handled.

    `until`: every event of before that moment was heard (None: up to `unit.now`). A breach is judged by when things
    happened, so nothing is said of a moment of which some may still be on their way. Fewer than `limit` means that
    nothing more is due. Any number of processes may sweep at once. `rules`: what they say after breaches counts as they
    are now; deadlines keep the terms that they began with.
    """
    until = unit.now if until is None else min(until, unit.now)
    rows = await sweeping.lock_due(unit.db, until, limit)
    await _end(unit, [row for row in rows if row["next_level"] == ENDED])
    lines = [_line(row, until, rules, calendar) for row in rows if row["next_level"] != ENDED]
    await _raise(unit, [each for raised, _ in lines for each in raised], [plan for _, plan in lines], rules)
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
    raised = [
        Raised(
            case_id=clock.case_id,
            clock=clock.clock,
            department=clock.department,
            owner=clock.owner,
            due_at=clock.due_at,
            deadline_version=clock.deadline_version,
            case_version=clock.case_version,
            urgency=None,
            level=AlertLevel.MISSED,
        )
        for clock in late
    ]
    plans = [Plan(clock.case_id, clock.clock, None, None, missed=True) for clock in late]
    await _raise(unit, raised, plans, None, to_departments=to_departments)


def _line(
    row: Any, until: datetime, rules: DeadlineRules, calendar: Calendar
) -> tuple[Sequence[Raised], Plan]:
    """What to say of one clock by that moment, and what it plans."""
    planned = AlertLevel(row["next_level"])
    # Reminders wait for when whoever is late works.
    calendar = calendar.of(row["department"])
    is_running = row["state"] == ClockState.RUNNING
    if planned is AlertLevel.ESCALATED:
        return _after_breach(row, until, rules, calendar) if is_running else ([], _plan(row, None))
    level = alert_to_raise(planned, row["due_at"], until)
    said = [_raised(row, AlertToSay(level, 1, until), rules)]
    if level is AlertLevel.NEAR and is_running:
        return said, _plan(row, AlertToSay(AlertLevel.MISSED, 1, row["due_at"]))
    # What follows a breach is looked at in the next sweep: at once, where it is due already.
    after = follow_up(rules.alerts.of(row["urgency"]), _breach(row), row["due_at"], calendar).next
    return said, _plan(row, after if is_running else None)._replace(missed=level is AlertLevel.MISSED)


def _after_breach(
    row: Any, until: datetime, rules: DeadlineRules, calendar: Calendar
) -> tuple[Sequence[Raised], Plan]:
    found = follow_up(rules.alerts.of(row["urgency"]), _breach(row), until, calendar)
    return [_raised(row, told, rules) for told in found.now], _plan(row, found.next)


def _breach(row: Any) -> Breach:
    return Breach(
        owner=owner_of(row["owner"], row["department"]),
        due_at=row["due_at"],
        escalate_at=row["escalate_at"],
        escalated=row["escalated"],
        reminded=row["reminded"],
    )


def _plan(row: Any, told: AlertToSay | None) -> Plan:
    """Whatever comes after a breach is planned as an escalation: which it is, the sweep finds out."""
    key = CaseId(str(row["case_id"])), Clock(row["clock"])
    if told is None:
        return Plan(*key, None, None)
    level = AlertLevel.ESCALATED if told.level is AlertLevel.REMINDED else told.level
    return Plan(*key, level, told.at)


def _raised(row: Any, told: AlertToSay, rules: DeadlineRules) -> Raised:
    return Raised(
        case_id=CaseId(str(row["case_id"])),
        clock=Clock(row["clock"]),
        department=row["department"],
        owner=row["owner"],
        due_at=row["due_at"],
        deadline_version=row["deadline_version"],
        case_version=row["case_version"],
        urgency=row["urgency"],
        level=told.level,
        number=told.number,
        to_role=told.to,
        to_person=told.to and rules.alerts.people.name_of(told.to, row["department"]),
    )


async def _raise(
    unit: Unit,
    raised: Sequence[Raised],
    plans: Sequence[Plan],
    rules: DeadlineRules | None,
    *,
    to_departments: bool = True,
) -> None:
    if not plans:
        return
    fresh = await sweeping.raise_alerts(unit.db, raised, unit.now)
    await sweeping.plan_next(unit.db, plans)
    new = [alert for alert in raised if alert.key in fresh]
    for alert in new:
        if alert.level is not AlertLevel.REMINDED:
            _say(unit, alert, _event(unit, alert), to_departments=to_departments)
    if rules is not None:
        _remind(unit, [alert for alert in new if alert.level is AlertLevel.REMINDED], rules)


def _recipient(alert: Raised) -> tuple[str, str, str]:
    return alert.department or "", owner_of(alert.owner, alert.department), alert.urgency or ""


def _remind(unit: Unit, reminders: Iterable[Raised], rules: DeadlineRules) -> None:
    """Send reminders one by one, or all in one event where they would flood their recipient."""
    for (_, _, urgency), group in groupby(sorted(reminders, key=_recipient), key=_recipient):
        alerts = sorted(group, key=lambda alert: alert.due_at)
        if len(alerts) > rules.alerts.of(urgency or None).digest_above:
            _say(unit, alerts[0], _digest(unit, alerts))
            continue
        for alert in alerts:
            _say(unit, alert, _event(unit, alert))


def _digest(unit: Unit, alerts: Sequence[Raised]) -> RemindersDigested:
    first = alerts[0]
    return RemindersDigested(
        case_id=first.case_id,
        version=first.case_version,
        at=unit.now,
        department=first.department,
        owner=owner_of(first.owner, first.department),
        reminders=tuple(
            Reminder(
                case_id=alert.case_id,
                clock=alert.clock,
                due_at=alert.due_at,
                deadline_version=alert.deadline_version,
                number=alert.number,
            )
            for alert in alerts
        ),
    )


def _event(unit: Unit, alert: Raised) -> Event:
    head: dict[str, Any] = {
        "case_id": alert.case_id,
        "version": alert.case_version,
        "at": unit.now,
        "clock": alert.clock,
        "due_at": alert.due_at,
        "department": alert.department,
        "deadline_version": alert.deadline_version,
        "owner": owner_of(alert.owner, alert.department),
    }
    match alert.level:
        case AlertLevel.NEAR:
            return DeadlineNear(**head)
        case AlertLevel.MISSED:
            return DeadlineMissed(**head)
        case AlertLevel.REMINDED:
            return DeadlineReminded(**head, number=alert.number)
        case AlertLevel.ESCALATED:
            return CaseEscalated(
                **head,
                step=alert.number,
                to_role=alert.to_role or "",
                to_person=alert.to_person or "",
            )


def _say(unit: Unit, alert: Raised, event: Event, *, to_departments: bool = True) -> None:
    unit.emit(event)
    told = RaisedAlert(
        alert.case_id, alert.level, alert.clock, owner_of(alert.owner, alert.department), alert.department,
        alert.due_at, alert.deadline_version, alert.number,
    )  # fmt: skip
    if isinstance(event, _ALONE) and (notice := alert_notice(told, unit.now)) is not None:
        unit.notify(notice)
    if to_departments and alert.department is not None and alert.level is not AlertLevel.ESCALATED:
        unit.emit(event, to=alert.department)
