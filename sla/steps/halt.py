"""Clocks that halt: signed, returned, suspended, replied to, ended.

A reply under review holds the reply clock: whether it was in time is judged by when the department gave it,
so a slow review is no breach of the department's. A reply that is sent back was none: the clock runs on under
the same deadline.
"""

from collections.abc import Sequence

from schemas.events.handlers import (
    CaseClosed,
    CaseReplied,
    CaseReturned,
    CaseSigned,
    CaseSuspended,
    ReplySentBack,
)
from schemas.events.intake import CaseWithdrawn
from schemas.events.routing import CaseDeclined, CaseMerged
from schemas.ports import Unit
from schemas.words import Clock
from sla.core.calendar import Calendar
from sla.core.clocks import ClockState
from sla.store import cases, clocks


async def stop_signing(unit: Unit, events: Sequence[CaseSigned] | Sequence[CaseReturned]) -> None:
    """Signed for, or returned: either way the department has looked at it."""
    await cases.note_versions(unit.db, [e.case_id for e in events], [e.version for e in events])
    await _halt(unit, events, [Clock.SIGN], ClockState.STOPPED)


async def pause(unit: Unit, events: Sequence[CaseSuspended]) -> None:
    """Waiting for something outside: the reply clock stands still."""
    await cases.note_versions(unit.db, [e.case_id for e in events], [e.version for e in events])
    await _halt(unit, events, [Clock.REPLY], ClockState.PAUSED)
    rows = [(e.case_id, e.at, clocks.Detail(reason=e.reason)) for e in events]
    await clocks.write_history(unit.db, Clock.REPLY, "paused", rows)


async def hold(unit: Unit, events: Sequence[CaseReplied], *, calendar: Calendar) -> None:
    """The department replied: judged by this moment, if the review agrees."""
    assigned = await cases.assigned_times(unit.db, sorted(e.case_id for e in events))
    workdays = [
        calendar.workdays_between(since, e.at) if (since := assigned.get(e.case_id)) else None for e in events
    ]
    await cases.note_replies(unit.db, events, workdays)
    await _halt(unit, events, [Clock.SIGN], ClockState.STOPPED)
    await _halt(unit, events, [Clock.REPLY], ClockState.ANSWERED)


async def run_on(unit: Unit, events: Sequence[ReplySentBack]) -> None:
    """The review sent the reply back: the clock runs on as if there had been none."""
    await cases.take_back_replies(unit.db, events)
    await clocks.rearm(unit.db, [e.case_id for e in events], unit.now)


async def end(unit: Unit, events: Sequence[CaseClosed]) -> None:
    """Nothing runs for a case that has ended."""
    await _end(unit, events, [e.outcome for e in events])


async def end_declined(unit: Unit, events: Sequence[CaseDeclined]) -> None:
    """As `end`."""
    await _end(unit, events, ["declined"] * len(events))


async def end_merged(unit: Unit, events: Sequence[CaseMerged]) -> None:
    """As `end`."""
    await _end(unit, events, ["merged"] * len(events))


async def stop_dispatch(unit: Unit, events: Sequence[CaseWithdrawn]) -> None:
    """Withdrawn before it reached a department: nobody need dispatch it. Later, handlers decides."""
    waiting = await cases.unassigned(unit.db, sorted(e.case_id for e in events))
    withdrawn = [e for e in events if e.case_id in waiting]
    await _halt(unit, withdrawn, [Clock.DISPATCH], ClockState.STOPPED)


_Ending = Sequence[CaseClosed] | Sequence[CaseDeclined] | Sequence[CaseMerged]


async def _end(unit: Unit, events: _Ending, outcomes: Sequence[str]) -> None:
    told = sorted(zip(events, outcomes, strict=True), key=lambda pair: pair[0].case_id)
    await cases.close_cases(
        unit.db,
        [e.case_id for e, _ in told],
        [e.at for e, _ in told],
        [outcome for _, outcome in told],
        [e.version for e, _ in told],
    )
    await _halt(unit, events, list(Clock), ClockState.STOPPED)


_Halting = (
    _Ending
    | Sequence[CaseSigned]
    | Sequence[CaseReturned]
    | Sequence[CaseSuspended]
    | Sequence[CaseReplied]
    | Sequence[CaseWithdrawn]
)


async def _halt(unit: Unit, events: _Halting, which: Sequence[Clock], state: ClockState) -> None:
    await clocks.halt(unit.db, [e.case_id for e in events], [e.at for e in events], which, state)
