"""Deadlines that move: resumed, extended, reopened, with another department, in an announced year.

A deadline is always recomputed from the clock's start and its whole history; a breach that nobody was told of
yet is told first, under the deadline that was missed.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from schemas.events.handlers import CaseAssigned, CaseReopened, CaseResumed, ExtensionDecided, ReturnRefused
from schemas.events.sla import DeadlineSet
from schemas.ids import CaseId, DepartmentCode
from schemas.ports import Unit
from schemas.words import CaseState, Clock
from sla.core.calendar import Calendar
from sla.core.clocks import ClockState, deadline_of, history_of
from sla.core.rules import DeadlineRules
from sla.steps.sweep import tell_breaches
from sla.store import cases, moving
from sla.store.moving import Loaded, Move

#: What `deadline.set` gives as its cause, where the history's word is another one.
_CAUSES = {"reassigned": "assigned"}


async def resume(unit: Unit, events: Sequence[CaseResumed], *, calendar: Calendar) -> None:
    """The reply clock runs again, later by what the pause took."""
    loaded = await _load_replies(unit, events)
    moves = []
    for event in events:
        clock = loaded.get(event.case_id)
        if clock is None:
            continue
        state = ClockState.RUNNING if clock.state is ClockState.PAUSED else clock.state
        moves.append(_recompute(clock, calendar, what="resumed", at=event.at, state=state))
    await _save(unit, moves)


async def extend(unit: Unit, events: Sequence[ExtensionDecided], *, calendar: Calendar) -> None:
    """What was granted is added to what the rule allows."""
    granted = [event for event in events if event.granted]
    loaded = await _load_replies(unit, granted)
    moves = [
        _recompute(clock, calendar, what="extended", at=event.at, working_days=event.working_days)
        for event in granted
        if (clock := loaded.get(event.case_id)) is not None
    ]
    await _save(unit, moves)


async def reopen(
    unit: Unit, events: Sequence[CaseReopened], *, rules: DeadlineRules, calendar: Calendar
) -> None:
    """A fresh reply clock, for as long as the rule allows a reopened case."""
    told = {event.case_id: event for event in events}
    known = await cases.reopen_cases(unit.db, list(told), [event.version for event in events])
    loaded = await moving.load(unit.db, list(known), Clock.REPLY)
    moves = []
    for case_id, clock in loaded.items():
        event, case = told[case_id], known[case_id]
        rule = rules.rule_for(
            kind=case["kind"], urgency=case["urgency"], category=case["category"], department=event.lead
        )
        moves.append(
            Move(
                loaded=clock,
                deadline=deadline_of(event.at, rule.reopened, calendar),
                state=ClockState.RUNNING,
                department=event.lead,
                started_at=event.at,
                rule=rule.reopened_id,
                term=rule.reopened,
                what="reopened",
                at=event.at,
            )
        )
    await _save(unit, moves)


async def move_to_department(
    unit: Unit, events: Sequence[CaseAssigned], sign_due: Mapping[CaseId, datetime], *, calendar: Calendar
) -> None:
    """Another department answers for the same deadline; it is warned anew, under the next version."""
    told = {event.case_id: event for event in events}
    loaded = await moving.load(unit.db, list(told), Clock.REPLY)
    moves = [
        _recompute(
            clock,
            calendar,
            what="reassigned",
            at=told[case_id].at,
            department=told[case_id].lead,
            state=ClockState.RUNNING if clock.state is ClockState.ANSWERED else clock.state,
        )
        for case_id, clock in loaded.items()
    ]
    await _save(unit, moves, sign_due)


async def tell_missed_signing(unit: Unit, events: Sequence[CaseAssigned]) -> None:
    """Whoever had the case before and did not sign in time is told, before signing starts anew."""
    told = {event.case_id: event for event in events}
    loaded = await moving.load(unit.db, list(told), Clock.SIGN)
    late = [clock for case_id, clock in loaded.items() if clock.has_untold_breach(told[case_id].at)]
    await tell_breaches(unit, late)


async def sign_again(unit: Unit, events: Sequence[ReturnRefused], *, calendar: Calendar) -> None:
    """The department keeps what it returned; if it had not signed, its time to do so starts anew."""
    await _note(unit, events)
    told = {event.case_id: event for event in events if event.state is CaseState.ASSIGNED}
    loaded = await moving.load(unit.db, list(told), Clock.SIGN)
    moves = [
        Move(
            loaded=clock,
            deadline=deadline_of(told[case_id].at, clock.term, calendar),
            state=ClockState.RUNNING,
            department=clock.department,
            started_at=told[case_id].at,
            rule=clock.rule,
            term=clock.term,
            what="return refused",
            at=told[case_id].at,
        )
        for case_id, clock in loaded.items()
    ]
    await _save(unit, moves)


async def recompute_for_calendar(
    unit: Unit, *, calendar: Calendar, after: CaseId | None = None, limit: int = 1000
) -> CaseId | None:
    """Recompute the provisional clocks of the next `limit` cases; returns where to go on, None at the end."""
    loaded = await moving.load_provisional(unit.db, after=after, limit=limit)
    moves = [_recompute(clock, calendar, what="calendar", at=unit.now) for clock in loaded]
    await _save(unit, [move for move in moves if _changes(move)])
    return loaded[-1].case_id if loaded else None


def _changes(move: Move) -> bool:
    return move.deadline.due_at != move.loaded.due_at or not move.deadline.provisional


async def _note(unit: Unit, events: Sequence[CaseResumed | ExtensionDecided | ReturnRefused]) -> None:
    await cases.note_versions(unit.db, [e.case_id for e in events], [e.version for e in events])


async def _load_replies(
    unit: Unit, events: Sequence[CaseResumed] | Sequence[ExtensionDecided]
) -> dict[CaseId, Loaded]:
    await _note(unit, events)
    return await moving.load(unit.db, [event.case_id for event in events], Clock.REPLY)


def _recompute(
    clock: Loaded,
    calendar: Calendar,
    *,
    what: str,
    at: datetime,
    working_days: int = 0,
    state: ClockState | None = None,
    department: DepartmentCode | None = None,
) -> Move:
    history = history_of((*clock.entries, (at, what, working_days)))
    return Move(
        loaded=clock,
        deadline=deadline_of(clock.started_at, clock.term, calendar, history),
        state=state or clock.state,
        department=department or clock.department,
        started_at=clock.started_at,
        rule=clock.rule,
        term=clock.term,
        what=what,
        at=at,
        working_days=working_days,
    )


async def _save(unit: Unit, moves: Sequence[Move], sign_due: Mapping[CaseId, datetime] | None = None) -> None:
    await tell_breaches(unit, [m.loaded for m in moves if m.loaded.has_untold_breach(m.at)])
    await moving.move(unit.db, moves)
    for event in _told(moves, sign_due or {}):
        unit.emit(event)


def _told(moves: Iterable[Move], sign_due: Mapping[CaseId, datetime]) -> Iterable[DeadlineSet]:
    for move in moves:
        if move.loaded.clock is not Clock.REPLY or move.department is None:
            continue
        yield DeadlineSet(
            case_id=move.loaded.case_id,
            version=move.loaded.case_version,
            at=move.at,
            due_at=move.deadline.due_at,
            sign_due_at=sign_due.get(move.loaded.case_id),
            department=move.department,
            deadline_version=move.deadline_version,
            rule=move.rule,
            provisional=move.deadline.provisional,
            cause=_CAUSES.get(move.what, move.what),
        )
