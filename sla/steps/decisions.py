"""What is asked for and decided, asked back and answered: whose time it is, and until when."""

from collections.abc import Sequence
from itertools import groupby

from schemas.event import Event
from schemas.events.call_backs import CallBackDone
from schemas.events.handlers import ProgressNoted, PromiseRequested
from schemas.events.intake import CitizenRated, RefusalObjected
from schemas.events.parts import PartDone, PartWithdrawn
from schemas.events.routing import AnswerRecalled
from schemas.ids import DepartmentCode
from schemas.ports import Unit
from schemas.words import Clock
from sla.core.calendar import Calendar
from sla.core.clocks import ClockState
from sla.core.kinds import Moment
from sla.core.lives import Happened
from sla.core.rules import DeadlineRules
from sla.steps.stop_and_start import stop_and_start
from sla.steps.take_back import give_to_centre
from sla.steps.withdraw import halt
from sla.store import clocks, deeds, moving
from sla.store.clocks import ClockHistoryLine, Detail
from sla.store.deeds import Noted

#: A rating that asks for a call-back (project choice: 1 and 2 of 5, as 好差评 calls them bad).
_BAD = 2


async def handle_moment(
    unit: Unit, events: Sequence[Event], *, moment: Moment, rules: DeadlineRules, calendar: Calendar
) -> None:
    """Stop and start the clocks that follow this event; a request, for instance, starts the time of its decision."""
    await stop_and_start(unit, moment, events, rules=rules, calendar=calendar)


async def ask_promise(
    unit: Unit, events: Sequence[PromiseRequested], *, rules: DeadlineRules, calendar: Calendar
) -> None:
    """Start the dispatcher's time to decide on a promised date; who asked for which day, and why, stays with the case."""
    await stop_and_start(unit, Moment.PROMISE_ASKED, events, rules=rules, calendar=calendar)
    asked = [
        ClockHistoryLine(
            event.case_id,
            Clock.PROMISE,
            event.at,
            Detail(department=event.department, reason=event.reason, date=event.date),
        )
        for event in events
    ]
    await clocks.write_history(unit.db, "promise asked", asked, once=True)


async def note_progress(
    unit: Unit, events: Sequence[ProgressNoted], *, rules: DeadlineRules, calendar: Calendar
) -> None:
    """The citizen has word of how far it is: the next is due as long after it, where any is due at all."""
    owed = rules.clocks.started_by(Moment.PROGRESS)
    loaded = await moving.load(unit.db, [event.case_id for event in events], owed)
    running = {clock.case_id for clock in loaded if clock.state is ClockState.RUNNING}
    told = [event for event in events if event.case_id in running]
    await stop_and_start(unit, Moment.PROGRESS, told, rules=rules, calendar=calendar)


async def call_back(
    unit: Unit, events: Sequence[CitizenRated], *, rules: DeadlineRules, calendar: Calendar
) -> None:
    """Keep the citizen's score; where they are not content, start a supervisor's time to call back."""
    rated = [Noted(event.case_id, event.at, value=event.score) for event in events]
    await deeds.note(unit.db, Happened.RATED, rated)
    bad = [event for event in events if event.score <= _BAD]
    await stop_and_start(unit, Moment.RATED_BAD, bad, rules=rules, calendar=calendar)


async def decide_once_more(
    unit: Unit,
    events: Sequence[RefusalObjected] | Sequence[AnswerRecalled] | Sequence[CallBackDone],
    *,
    rules: DeadlineRules,
    calendar: Calendar,
) -> None:
    """A refusal or a direct answer was objected to, recalled, or settles nothing: the case is open, and another's."""
    await give_to_centre(unit, events, rules=rules, calendar=calendar)
    await stop_and_start(unit, Moment.REFUSAL_OBJECTED, events, rules=rules, calendar=calendar)


async def end_parts(
    unit: Unit, events: Sequence[PartDone] | Sequence[PartWithdrawn], *, moment: Moment
) -> None:
    """A supporting department has done its part, or need not any more; the others' clocks go on."""
    for department, group in groupby(sorted(events, key=_department), key=_department):
        done = list(group)
        part = Clock(f"{Clock.PART}.{department}")
        ids, ats = [each.case_id for each in done], [each.at for each in done]
        await halt(unit, ids, ats, [part], ClockState.STOPPED, why=moment)


def _department(event: PartDone | PartWithdrawn) -> DepartmentCode:
    return event.department
