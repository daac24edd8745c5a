"""Cases that go back to a dispatcher: accusing their department since, or not merged any more."""

from collections.abc import Sequence
from dataclasses import replace

from schemas.events.handlers import CaseProtected
from schemas.events.routing import CaseUnmerged
from schemas.ports import Unit
from schemas.words import CaseState, Clock
from sla.core.calendar import Calendar
from sla.core.clocks import ClockEvent, ClockState
from sla.core.kinds import Moment
from sla.core.rules import DeadlineRules
from sla.steps.move import recompute, save
from sla.steps.start import at_dispatch
from sla.steps.sweep import tell_breaches
from sla.steps.withdraw import halt
from sla.store import cases, clocks, moving
from sla.store.clocks import Detail, Entry
from sla.store.moving import Loaded, Move


async def take_back(
    unit: Unit,
    events: Sequence[CaseProtected] | Sequence[CaseUnmerged],
    *,
    rules: DeadlineRules,
    calendar: Calendar,
) -> None:
    """The dispatcher's time starts anew, the citizen's goes on, and no department hears of either.

    A department that was late before is late for good; it is not told, since it may be the one that is accused.
    """
    told = {event.case_id: event for event in events if event.state is CaseState.IN_REVIEW}
    taken = await cases.take_back_cases(unit.db, list(told), [event.version for event in told.values()])
    anew = rules.clocks.begun_anew_by(Moment.ASSIGNED)
    loaded = await moving.load(unit.db, list(taken), [*anew, *rules.clocks.handed_on])
    late = [clock for clock in loaded if clock.has_untold_breach(told[clock.case_id].at)]
    await tell_breaches(unit, late, to_departments=False)
    ats = [told[each].at for each in taken]
    why = next((event.name for event in events), "")
    # Nobody supports the case meanwhile, either.
    over = [*anew, Clock.PART]
    await halt(unit, list(taken), ats, over, ClockState.STOPPED, why=why, to_departments=False)
    await clocks.forget_departments(unit.db, list(taken))
    why = "case.merged" if isinstance(next(iter(events), None), CaseUnmerged) else "case.closed"
    await clocks.write_history(unit.db, "paused", _stood_since(loaded, anew, why))
    await save(
        unit,
        [_run_on(clock, told[clock.case_id], calendar) for clock in loaded if _goes_on(clock, loaded, anew)],
        to_departments=False,
    )
    starts = [
        start
        for case_id, case in taken.items()
        for start in at_dispatch(case_id, case, told[case_id].at, rules, calendar)
    ]
    await clocks.start(unit.db, starts, restart=True)


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


def _run_on(clock: Loaded, event: CaseProtected | CaseUnmerged, calendar: Calendar) -> Move:
    """Under the deadline that the citizen was told, later by what a pause took, or by how long the case had ended."""
    if clock.stopped_at is not None:
        clock = replace(clock, entries=(*clock.entries, ClockEvent(clock.stopped_at, "paused")))
    stood = clock.state is ClockState.PAUSED or clock.stopped_at is not None
    what = "resumed" if stood else "taken back"
    move = recompute(clock, calendar, what=what, at=event.at, state=ClockState.RUNNING)
    return move._replace(department=None)
