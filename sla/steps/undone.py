"""What a dispatcher takes back within minutes, while a department has the case: clocks run as if it had not been decided.

What the decision had stopped runs on under the deadline that it had, what it had begun is over, and what it had moved is
counted again without it. Nobody gains time by it, and nobody loses any.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from schemas.events.undone import MoveUndone, VerdictUndone
from schemas.ids import CaseId, DepartmentCode
from schemas.ports import Unit
from schemas.words import Clock, ReviewKind
from sla.core.calendar import Calendar
from sla.core.calendars import moved_to
from sla.core.clocks import ClockState, stands_still
from sla.core.kinds import Clocks, Moment, Owner
from sla.core.lives import UNDOES, Happened
from sla.core.rules import DeadlineRules
from sla.steps import hurry, replies, withdraw
from sla.steps.move import recompute, save
from sla.store import clocks, deeds, leads, moving, undoing
from sla.store.deeds import Noted
from sla.store.moving import Loaded, Move
from sla.store.undoing import Undoing

#: What figures counted of it.
_COUNTED: Mapping[tuple[ReviewKind, bool], Happened] = {
    (ReviewKind.RETURN, False): Happened.RETURN_REFUSED,
    (ReviewKind.EXTENSION, True): Happened.EXTENDED,
    (ReviewKind.SUSPENSION, True): Happened.SUSPENDED,
    (ReviewKind.REPLY, False): Happened.SENT_BACK,
}
#: Of clocks that run for another department again; their deadline is told in any case.
_GIVEN_BACK = "move undone"


async def undo_verdicts(
    unit: Unit, events: Sequence[VerdictUndone], *, rules: DeadlineRules, calendar: Calendar
) -> None:
    """What the department asked for waits once more: the centre's time goes on, and the department's as before."""
    for counted in dict.fromkeys(_COUNTED.values()):
        of_it = [event for event in events if _COUNTED.get((event.review, event.accepted)) is counted]
        await _uncount(
            unit, counted, [Noted(each.case_id, each.decided_at, each.department) for each in of_it]
        )
    undone = [Undoing(event.case_id, event.decided_at, event.at) for event in events]
    await undoing.restore(unit.db, undone)
    await _go_on(unit, undone, rules)
    told = {event.case_id: event for event in events}
    loaded = await moving.load(unit.db, list(told), _moved_by_verdicts(rules.clocks))
    moves = [_as_before(clock, told[clock.case_id], calendar) for clock in loaded if _is_moved(clock, told)]
    await save(unit, moves)
    await _reply_again(unit, events, rules.clocks, calendar)
    returned = [event.case_id for event in events if event.review is ReviewKind.RETURN]
    await clocks.forget_departments(unit.db, returned, rules.clocks.handed_on)
    await hurry.hurry_undone(unit, events, rules=rules, calendar=calendar)


async def _reply_again(
    unit: Unit, events: Sequence[VerdictUndone], known: Clocks, calendar: Calendar
) -> None:
    """Replies that were sent back stand, as of when they were given: the clocks that they had held wait for the review."""
    given = [
        (event.case_id, event.replied_at, event.version) for event in events if event.replied_at is not None
    ]
    if not given:
        return
    await replies.note(unit, given, calendar)
    held = known.held_by(Moment.REPLIED)
    # What began while the reply was under review has run on since.
    others = [clock for clock in held if known.kinds[clock].owner is not Owner.LEAD]
    ids, ats = [case_id for case_id, _, _ in given], [at for _, at, _ in given]
    why = next(event.name for event in events)
    await withdraw.halt(unit, ids, ats, held, ClockState.ANSWERED, why=why, but_later=others)


async def undo_moves(
    unit: Unit, events: Sequence[MoveUndone], *, rules: DeadlineRules, calendar: Calendar
) -> None:
    """The department that had the case has it again, with the time that it had, and without what was asked since."""
    moved = [Noted(event.case_id, event.moved_at, event.moved_to) for event in events]
    await _uncount(unit, Happened.ASSIGNED, moved)
    await _uncount(unit, Happened.SIGNED, moved)
    await leads.give_back(unit.db, events)
    moves = [Undoing(event.case_id, event.moved_at, event.at) for event in events]
    await undoing.restore(unit.db, moves)
    await _go_on(unit, moves, rules)
    # Before the deadline is told, which says by when to sign.
    await hurry.hurry_undone(unit, events, rules=rules, calendar=calendar, but=rules.clocks.handed_on)
    told = {event.case_id: event for event in events}
    loaded = await moving.load(unit.db, list(told), rules.clocks.handed_on)
    going = [clock for clock in loaded if clock.state is not ClockState.STOPPED]
    await save(unit, [_given_back(clock, told[clock.case_id], calendar) for clock in going])


async def _uncount(unit: Unit, counted: Happened, noted: Sequence[Noted]) -> None:
    await deeds.note(unit.db, UNDOES[counted], noted)


async def _go_on(unit: Unit, decisions: Sequence[Undoing], rules: DeadlineRules) -> None:
    """What the decision began is over; what it stopped runs on."""
    await undoing.stop_begun(unit.db, decisions)
    ends = [clock for clock, kind in rules.clocks.kinds.items() if kind.ends]
    await undoing.go_on(unit.db, decisions, ends)


def _moved_by_verdicts(known: Clocks) -> Sequence[Clock]:
    moved = (
        *known.extended_by(Moment.EXTENDED), *known.paused_by(Moment.SUSPENDED), *known.handed_on,
        *known.held_by(Moment.REPLIED),
    )  # fmt: skip
    return list(dict.fromkeys(moved))


def _is_moved(clock: Loaded, told: Mapping[CaseId, VerdictUndone]) -> bool:
    """Whether the decision did anything to this clock: a refusal leaves all clocks of the department alone."""
    since = told[clock.case_id].decided_at
    return clock.state is not ClockState.STOPPED and any(entry.at >= since for entry in clock.entries)


def _as_before(clock: Loaded, event: VerdictUndone, calendar: Calendar) -> Move:
    return _without(clock, event.decided_at, event.at, calendar, what="undone", department=clock.department)


def _given_back(clock: Loaded, event: MoveUndone, calendar: Calendar) -> Move:
    """Counted in the former holder's hours, as before."""
    path = moved_to(calendar, clock.calendar, event.lead, calendar.local_day(event.at))
    own = replace(clock, calendar=path)
    move = _without(own, event.moved_at, event.at, calendar, what=_GIVEN_BACK, department=event.lead)
    is_same = move.deadline.due_at == clock.due_at
    return move._replace(loaded=clock, what=_GIVEN_BACK if is_same else "undone")


def _without(
    clock: Loaded,
    since: datetime,
    at: datetime,
    calendar: Calendar,
    *,
    what: str,
    department: DepartmentCode | None,
) -> Move:
    """The clock as what happened before `since` alone makes it."""
    entries = tuple(entry for entry in clock.entries if entry.at < since)
    state = ClockState.PAUSED if stands_still(entries) else ClockState.RUNNING
    before = replace(clock, entries=entries)
    move = recompute(before, calendar, what=what, at=at, state=state, department=department)
    return move._replace(loaded=clock, since=since)
