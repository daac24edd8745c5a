"""Lets the citizen's deadline run on after a case's end is undone: later by as long as it had ended."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from schemas.ids import CaseId
from schemas.ports import Unit
from schemas.words import Clock
from sla.core.calendar import Calendar
from sla.core.clocks import ClockEvent, ClockState, history_of
from sla.core.kinds import Clocks, Moment
from sla.steps.move import recompute, save
from sla.store import clocks
from sla.store.clocks import ClockHistoryLine, Detail
from sla.store.moving import Loaded, Move

#: What a case stood still for that was handled together with another one: what was promised stands.
MERGED = "case.merged"


async def run_on(
    unit: Unit,
    ats: Mapping[CaseId, datetime],
    going: Sequence[Loaded],
    since: str,
    calendar: Calendar,
    *,
    gains: bool = True,
) -> None:
    """These run from these moments on, for no department. `since`: what they stood still for until then.

    `gains`: whether that time is given back; where it is not, they run as if they had not stood still.
    """
    if not gains:
        going = [replace(clock, stopped_at=None) for clock in going]
    stood = [
        ClockHistoryLine(clock.case_id, clock.clock, clock.stopped_at, Detail(reason=since))
        for clock in going
        if clock.stopped_at is not None
    ]
    await clocks.write_history(unit.db, "paused", stood)
    moves = [_moved(clock, ats[clock.case_id], since, calendar) for clock in going]
    await save(unit, moves, to_departments=False)


def without_promises(going: Sequence[Loaded], since: str, known: Clocks) -> Sequence[Loaded]:
    """The same, but what is owed of a promise: an answer has kept it, or a refusal ended it, and neither is taken back."""
    if since == MERGED:
        return going
    of_promises = known.started_by(Moment.PROMISED)
    return [clock for clock in going if clock.stopped_at is None or clock.clock not in of_promises]


def citizens(loaded: Sequence[Loaded], known: Clocks) -> Sequence[Loaded]:
    """Those that go on whoever has the case: none that begins anew, and none that is over."""
    anew = known.begun_anew_by(Moment.ASSIGNED)
    replies = {clock.case_id: clock for clock in loaded if clock.clock == Clock.REPLY}
    return [
        clock
        for clock in loaded
        if clock.clock not in anew and not _is_over(clock, replies.get(clock.case_id), known)
    ]


def _is_over(clock: Loaded, reply: Loaded | None, known: Clocks) -> bool:
    """What was promised before the case was reopened, what was asked for and done, and an order: it ended with the case."""
    if clock.state is not ClockState.STOPPED or reply is None:
        return False
    kind = known.kind_of(clock.clock)
    was_done = kind is not None and bool(kind.stops) and not _ended_with(clock, reply)
    is_order = kind is not None and Moment.ORDERED in kind.starts
    return clock.started_at < reply.started_at or was_done or is_order


def _ended_with(clock: Loaded, reply: Loaded) -> bool:
    """Whether it was the end of the case that stopped it, as it stopped the reply's, and nothing before."""
    if reply.state is not ClockState.STOPPED or clock.stopped_at is None or reply.stopped_at is None:
        return False
    return clock.stopped_at >= reply.stopped_at


def _moved(clock: Loaded, at: datetime, since: str, calendar: Calendar) -> Move:
    """Under the deadline that the citizen was told, later by what a pause took, or by how long the case had ended."""
    least = _later_than_promised(clock, at, since)
    if clock.stopped_at is not None:
        clock = replace(clock, entries=(*clock.entries, ClockEvent(clock.stopped_at, "paused")))
    stood = clock.state is ClockState.PAUSED or clock.stopped_at is not None
    what = "resumed" if stood else "taken back"
    move = recompute(clock, calendar, what=what, at=at, state=ClockState.RUNNING, least=least)
    return move._replace(department=None)


def _later_than_promised(clock: Loaded, at: datetime, since: str) -> str | None:
    """No pause moves a day that was promised: what is due then, and no promise any more, is due later all the same."""
    ended_at, due_at = clock.stopped_at, clock.due_at
    if since == MERGED or ended_at is None or ended_at > due_at:
        return None
    is_promised = any(floor.least == due_at for floor in history_of(clock.entries).floors)
    return (due_at + (at - ended_at)).isoformat() if is_promised else None
