"""Deadlines that move: recomputed from a clock's start and its whole history, or begun anew.

A breach that nobody was told of yet is told first, under the deadline that was missed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import NamedTuple

from schemas.events.sla import DeadlineSet
from schemas.ids import CaseId, DepartmentCode
from schemas.ports import Unit
from schemas.words import AlertLevel, Clock
from sla.core.calendar import Calendar
from sla.core.calendars import along, kept_by, moved_to
from sla.core.clocks import ClockEvent, ClockState, Term, deadline_of, history_of
from sla.core.figures import span_of
from sla.core.kinds import Owner
from sla.core.lives import Happened
from sla.steps.sweep import tell_breaches
from sla.steps.withdraw import withdraw
from sla.store import deeds, moving
from sla.store.clocks import ClockHistoryLine, Detail, write_history
from sla.store.moving import Loaded, Move

#: So often who gets a case has the least that the rules leave (project choice: it is returned twice, and moved once more).
#: From then on the deadline stands: who hands a case to and fro each day before it is due could bury it.
MOST_HANDED_ON = 3
_HANDED_ON = frozenset({"reassigned", "return refused"})
#: What `deadline.set` gives as its cause, where the history's word is another one.
_CAUSES = {"reassigned": "assigned"}
#: What makes a deadline later and is no decision on the case, with what figures count it as.
_MADE_LATER = {"rules": Happened.LATER_BY_RULES, "calendar": Happened.LATER_BY_CALENDAR}
_HOUR = timedelta(hours=1)
#: After these nobody is told of a deadline that is what it was.
_GIVES_BACK = frozenset({"return refused", "undone"})


def holder(owner: Owner, lead: DepartmentCode | None) -> DepartmentCode | None:
    """The department that a clock belongs to, and that hears of it."""
    return lead if owner is Owner.LEAD else None


class Handed(NamedTuple):
    """Who has a case from when on, and what is left to them at the least (None: no rule says)."""

    at: datetime
    department: DepartmentCode | None
    least: Term | None


async def tell_untold(unit: Unit, cases: Mapping[CaseId, datetime], clocks: Sequence[Clock]) -> None:
    """Tell those who had the case and missed a deadline, before these clocks start anew or change hands."""
    if not cases:
        return
    loaded = await moving.load(unit.db, list(cases), clocks)
    await tell_breaches(unit, [each for each in loaded if each.has_untold_breach(cases[each.case_id])])


async def hand_on(
    unit: Unit,
    handed: Mapping[CaseId, Handed],
    clocks: Sequence[Clock],
    *,
    what: str,
    calendar: Calendar,
) -> None:
    """A department answers for the same deadline from now on; it is warned anew, under the next version.

    A breach is told first, of whoever held the case when it was due: nobody inherits one. Who gets the case has at least
    what the rules leave to them.
    """
    if not handed:
        return
    loaded = [
        clock
        for clock in await moving.load(unit.db, list(handed), clocks)
        if clock.state is not ClockState.STOPPED or what == "reassigned"
    ]
    # What the former holder waited for is over: nobody gets a case that stands still.
    stood = [clock for clock in loaded if clock.state is ClockState.PAUSED]
    ends = [
        ClockHistoryLine(clock.case_id, clock.clock, handed[clock.case_id].at, Detail(reason=what))
        for clock in stood
    ]
    await write_history(unit.db, "resumed", ends)
    moves = [_handed(clock, handed[clock.case_id], what, calendar) for clock in loaded]
    await save(unit, moves)


def _handed(clock: Loaded, to: Handed, what: str, calendar: Calendar) -> Move:
    """Counted in the new holder's hours from that day on; those before stay as they were counted."""
    state = ClockState.STOPPED if clock.state is ClockState.STOPPED else ClockState.RUNNING
    if clock.state is ClockState.PAUSED:
        clock = replace(clock, entries=(*clock.entries, ClockEvent(to.at, "resumed")))
    path = moved_to(calendar, clock.calendar, to.department, calendar.local_day(to.at))
    moved = recompute(
        replace(clock, calendar=path), calendar, what=what, at=to.at, department=to.department, state=state
    )
    least = _least(clock, to, along(calendar, path), moved.deadline.due_at)
    if least is None:
        return moved._replace(loaded=clock)
    given = recompute(moved.loaded, calendar, what=what, at=to.at, least=least)
    return moved._replace(loaded=clock, deadline=given.deadline, least=least)


def _least(clock: Loaded, to: Handed, calendar: Calendar, due_at: datetime) -> str | None:
    """What must be left, where the deadline leaves less; nothing to a clock that is over, or was answered."""
    if clock.state is ClockState.STOPPED:
        return None
    given = sum(entry.what in _HANDED_ON and entry.least is not None for entry in clock.entries)
    if to.least is not None and given < MOST_HANDED_ON:
        return to.least.allowed if deadline_of(to.at, to.least, calendar).due_at > due_at else None
    # Whose hours are longer is not late at once for what others did not work.
    return clock.due_at.isoformat() if due_at <= to.at < clock.due_at else None


def given_back(clock: Loaded, to: Handed, calendar: Calendar, *, what: str = "sent back") -> Move | None:
    """The move of a clock whose reply was sent back, or taken with the case, where too little is left of it.

    Once: who gives reply after reply to be sent back cannot keep the time standing. Nothing once it was missed.
    """
    was_missed = clock.missed_version == clock.deadline_version
    was_given_back = any(entry.what == "sent back" for entry in clock.entries)
    if clock.state is not ClockState.ANSWERED or was_missed or was_given_back:
        return None
    if (least := _least(clock, to, along(calendar, clock.calendar), clock.due_at)) is None:
        return None
    return recompute(clock, calendar, what=what, at=to.at, state=ClockState.RUNNING, least=least)


async def recompute_for_calendar(
    unit: Unit,
    *,
    calendar: Calendar,
    days: tuple[date, date] | None = None,
    reason: str | None = None,
    after: CaseId | None = None,
    said_before: datetime | None = None,
    limit: int = 1000,
) -> CaseId | None:
    """Recompute the clocks of the next `limit` cases that cross these days; returns where to go on, None at the end.

    `days`: what changed, the first and the last; None: whatever is provisional. `said_before`: only of cases that have
    something to be said of by then. Every clock that has not stopped counts,
    so that no later pause moves a deadline for what the calendar did. What is said after a breach is planned anew, too.
    """
    if days is None:
        loaded = await moving.load_provisional(unit.db, after=after, limit=limit)
    else:
        span = span_of(*days, calendar.zone)
        loaded = await moving.load_crossing(
            unit.db, span.since, span.until, after=after, said_before=said_before, limit=limit
        )
    moves = [recompute(clock, calendar, what="calendar", at=unit.now) for clock in loaded]
    await save(unit, [move._replace(reason=reason) for move in moves if _changes(move)])
    await moving.plan_anew(unit.db, [move for move in moves if _was_told(move)], unit.now)
    return loaded[-1].case_id if loaded else None


def _was_told(move: Move) -> bool:
    """Whether it was missed, and that was told, under the deadline that it has: only what is said after that can move."""
    old = move.loaded
    return old.missed_version == old.deadline_version and old.due_at == move.deadline.due_at


def _changes(move: Move) -> bool:
    if _was_told(move):
        return False
    old, new = move.loaded, move.deadline
    moments = (old.due_at, old.escalate_at, old.provisional)
    near_moves = old.near_at != new.near_at and old.next_level is AlertLevel.NEAR
    return near_moves or moments != (new.due_at, new.escalate_at, new.provisional)


def recompute(
    clock: Loaded,
    calendar: Calendar,
    *,
    what: str,
    at: datetime,
    working_days: int = 0,
    least: str | None = None,
    asked_at: datetime | None = None,
    state: ClockState | None = None,
    department: DepartmentCode | None = None,
) -> Move:
    """The deadline that follows from everything that happened to the clock, `what` included."""
    history = history_of((*clock.entries, ClockEvent(at, what, working_days, least)))
    return Move(
        loaded=clock,
        deadline=deadline_of(clock.started_at, clock.term, along(calendar, clock.calendar), history),
        state=state or clock.state,
        department=department or clock.department,
        started_at=clock.started_at,
        rule=clock.rule,
        term=clock.term,
        what=what,
        at=at,
        working_days=working_days,
        least=least,
        asked_at=asked_at,
        calendar=clock.calendar,
    )


def begin_anew(
    clock: Loaded,
    calendar: Calendar,
    *,
    what: str,
    at: datetime,
    department: DepartmentCode | None,
    term: Term,
    rule: str,
) -> Move:
    """A fresh deadline from `at` on; earlier pauses and extensions are forgotten, the first breach is not."""
    own = calendar.of(department)
    return Move(
        loaded=clock,
        deadline=deadline_of(at, term, own),
        state=ClockState.RUNNING,
        department=department,
        started_at=at,
        rule=rule,
        term=term,
        what=what,
        at=at,
        calendar=kept_by(calendar, own),
    )


def _what(move: Move) -> str:
    return move.what


async def save(
    unit: Unit,
    moves: Sequence[Move],
    *,
    to_departments: bool = True,
) -> None:
    """Give clocks their new deadlines, and say so where a department was promised the old one."""
    late = [move.loaded for move in moves if move.loaded.has_untold_breach(move.at)]
    await tell_breaches(unit, late, to_departments=to_departments)
    await moving.move(unit.db, moves)
    await _count_later(unit, moves)
    for why, group in groupby((move for move in moves if move.contradicts_a_breach), key=_what):
        await withdraw(unit, [each.breach for each in group], why=why, to_departments=to_departments)
    told = [(move, move.department) for move in moves if move.department is not None and _is_told(move)]
    sign_due = await moving.sign_due(unit.db, [move.loaded.case_id for move, _ in told])
    for move, department in told:
        unit.emit(_deadline_set(move, department, sign_due.get(move.loaded.case_id)))


async def _count_later(unit: Unit, moves: Sequence[Move]) -> None:
    """Keep for the figures which replies are due later than they were, and by no decision on the case."""
    for what, deed in _MADE_LATER.items():
        later = [
            deeds.Noted(
                move.loaded.case_id,
                move.at,
                move.department,
                (move.deadline.due_at - move.loaded.due_at) // _HOUR,
            )
            for move in moves
            if move.what == what
            and move.loaded.clock == Clock.REPLY
            and move.deadline.due_at > move.loaded.due_at
        ]
        await deeds.note(unit.db, deed, later)


def _is_told(move: Move) -> bool:
    is_as_before = move.what in _GIVES_BACK and move.deadline.due_at == move.loaded.due_at
    return move.loaded.clock == Clock.REPLY and not is_as_before


def _deadline_set(move: Move, department: DepartmentCode, sign_due_at: datetime | None) -> DeadlineSet:
    return DeadlineSet(
        case_id=move.loaded.case_id,
        version=move.loaded.case_version,
        at=move.at,
        due_at=move.deadline.due_at,
        sign_due_at=sign_due_at,
        department=department,
        deadline_version=move.deadline_version,
        rule=move.rule,
        provisional=move.deadline.provisional,
        cause=_CAUSES.get(move.what, move.what),
    )
