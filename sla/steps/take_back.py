"""Cases that go back to a dispatcher: accusing their department since, not merged any more, or refused and objected to."""

from collections.abc import Sequence

from schemas.events.handlers import CaseProtected
from schemas.events.intake import RefusalObjected
from schemas.events.routing import AnswerRecalled, CaseUnmerged
from schemas.ports import Unit
from schemas.words import Clock
from sla.core.calendar import Calendar
from sla.core.clocks import ClockState
from sla.core.kinds import Moment
from sla.core.lives import Happened
from sla.core.rules import DeadlineRules
from sla.steps.newer import takes_back
from sla.steps.run_on import citizens, run_on
from sla.steps.start import at_dispatch
from sla.steps.sweep import tell_breaches
from sla.steps.withdraw import halt
from sla.store import clocks, deeds, endings, moving
from sla.store.deeds import Noted

_Back = CaseProtected | CaseUnmerged | RefusalObjected | AnswerRecalled


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
    told = {event.case_id: event for event in events if takes_back(event)}
    await _note(unit, list(told.values()))
    taken = await endings.take_back_cases(unit.db, list(told), [event.version for event in told.values()])
    since = "case.merged" if isinstance(next(iter(events), None), CaseUnmerged) else "case.closed"
    # Nobody supports the case meanwhile, either.
    over = [*rules.clocks.begun_anew_by(Moment.ASSIGNED), Clock.PART]
    await _leave_departments(unit, [told[each] for each in taken], over, since, rules, calendar)
    starts = [
        start
        for case_id, case in taken.items()
        for start in at_dispatch(case_id, case, told[case_id].at, rules, calendar)
    ]
    await clocks.start(unit.db, starts, restart=True)


async def give_to_centre(
    unit: Unit,
    events: Sequence[RefusalObjected] | Sequence[AnswerRecalled],
    *,
    rules: DeadlineRules,
    calendar: Calendar,
) -> None:
    """The outcome is none: the citizen's time goes on, and nothing else that ran before it, whichever is heard first."""
    await _note(unit, events)
    await endings.take_back_cases(unit.db, [e.case_id for e in events], [e.version for e in events])
    over = [clock for clock in rules.clocks.kinds if clock not in rules.clocks.handed_on]
    await _leave_departments(unit, events, over, Moment.DECLINED, rules, calendar)


async def _note(unit: Unit, events: Sequence[_Back]) -> None:
    await deeds.keep_past(unit.db, [event.case_id for event in events])
    await deeds.note(unit.db, Happened.TAKEN_BACK, [Noted(event.case_id, event.at) for event in events])


async def _leave_departments(
    unit: Unit,
    events: Sequence[_Back],
    over: Sequence[Clock],
    since: str,
    rules: DeadlineRules,
    calendar: Calendar,
) -> None:
    """These clocks end, the citizen's go on, and are no department's. `since`: what they stood still for until now."""
    told = {event.case_id: event for event in events}
    anew = rules.clocks.begun_anew_by(Moment.ASSIGNED)
    loaded = await moving.load(unit.db, list(told), [*anew, *rules.clocks.handed_on])
    late = [clock for clock in loaded if clock.has_untold_breach(told[clock.case_id].at)]
    await tell_breaches(unit, late, to_departments=False)
    ats, why = [event.at for event in events], next((event.name for event in events), "")
    await halt(unit, list(told), ats, over, ClockState.STOPPED, why=why, to_departments=False)
    await clocks.forget_departments(unit.db, list(told))
    going = citizens(loaded, rules.clocks)
    await run_on(unit, {each: event.at for each, event in told.items()}, going, since, calendar)
