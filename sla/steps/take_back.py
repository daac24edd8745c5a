"""Cases that go back to a dispatcher: accusing their department since, not merged any more, or refused and objected to."""

from collections.abc import Mapping, Sequence, Set
from datetime import datetime

from schemas.events.call_backs import CallBackDone
from schemas.events.handlers import CaseProtected
from schemas.events.intake import RefusalObjected
from schemas.events.routing import AnswerRecalled, CaseShielded, CaseUnmerged, DecisionUndone
from schemas.events.undone import CaseRecalled
from schemas.ids import CaseId
from schemas.ports import Unit
from schemas.words import Clock
from sla.core.calendar import Calendar
from sla.core.clocks import ClockState
from sla.core.kinds import Clocks, Moment, Owner
from sla.core.lives import Happened
from sla.core.rules import CaseTraits, DeadlineRules
from sla.steps.hurry import hurry_known
from sla.steps.move import Handed, given_back, recompute, save
from sla.steps.newer import handle_newer, takes_back
from sla.steps.run_on import MERGED, citizens, run_on, without_promises
from sla.steps.start import at_dispatch
from sla.steps.sweep import tell_breaches
from sla.steps.withdraw import halt
from sla.store import cases, clocks, deeds, endings, leads, moving
from sla.store.deeds import Noted
from sla.store.moving import Loaded, Move

_Taken = CaseProtected | CaseUnmerged | CaseRecalled | DecisionUndone
_Back = _Taken | RefusalObjected | AnswerRecalled | CallBackDone
#: What a dispatcher's clock waits for when the case is to go somewhere.
_ASKS_WHERE = (Moment.REGISTERED, Moment.RETURNED, Moment.REFUSAL_OBJECTED)
#: What a department asks a dispatcher for.
_ASKS = (
    Moment.RETURNED, Moment.EXTENSION_ASKED, Moment.SUSPENSION_ASKED, Moment.PROMISE_ASKED, Moment.REPLIED,
)  # fmt: skip


async def take_back(
    unit: Unit, events: Sequence[_Taken], *, rules: DeadlineRules, calendar: Calendar
) -> None:
    """The dispatcher's time starts anew, the citizen's goes on, and no department hears of either.

    Of a decision that was undone minutes later it goes on as if there had been none: nobody gains time by it.
    A department that was late before is late for good; it is not told, since it may be the one that is accused.
    """
    told = {event.case_id: event for event in events if takes_back(event)}
    await _note(unit, list(told.values()))
    private = [event for event in events if isinstance(event, CaseProtected)]
    await cases.note_private(unit.db, [each.case_id for each in private], [each.version for each in private])
    taken = await endings.take_back_cases(unit.db, list(told), [event.version for event in told.values()])
    since = MERGED if isinstance(next(iter(events), None), CaseUnmerged) else "case.closed"
    # Nobody supports the case meanwhile, nor is anybody asked whether it is settled, or for what a department wanted.
    over = [
        *rules.clocks.begun_anew_by(Moment.ASSIGNED),
        *_asked(rules.clocks),
        Clock.PART,
        Clock.CALL_BACK,
        Clock.MERGED,
    ]
    crossed = await _objected_meanwhile(unit, told, rules)
    undone = crossed | {case_id for case_id in taken if _is_undone(told[case_id])}
    kept = [told[each] for each in taken if each not in undone]
    await _leave_departments(unit, kept, over, since, rules, calendar)
    await _wait_for_no_reply(
        unit, {each.case_id: (each, taken[each.case_id]) for each in kept}, rules, calendar
    )
    back = [event for each, event in told.items() if each in undone]
    objections = list(rules.clocks.started_by(Moment.REFUSAL_OBJECTED))
    await _leave_departments(unit, back, [*over, *objections], since, rules, calendar, gains=False)
    going = await _run_on_as_before(unit, back, rules, calendar, crossed)
    starts = [
        start
        for case_id, case in taken.items()
        if case_id not in going
        for start in at_dispatch(case_id, case, told[case_id].at, rules, calendar)
    ]
    await clocks.start(unit.db, starts, restart=True)
    # What stood still when the danger was told runs on, too.
    await hurry_known(unit, [told[case_id] for case_id in taken], taken, rules=rules, calendar=calendar)


def _asked(known: Clocks) -> Sequence[Clock]:
    """Those of the dispatchers that wait for a decision on what a department asked for: nobody asks any more."""
    kinds = known.kinds.items()
    return [
        clock
        for clock, kind in kinds
        if kind.owner is Owner.DISPATCHER and not kind.starts.keys().isdisjoint(_ASKS)
    ]


async def _wait_for_no_reply(
    unit: Unit, taken: Mapping[CaseId, tuple[_Taken, CaseTraits]], rules: DeadlineRules, calendar: Calendar
) -> None:
    """What a reply under review held runs on: that of a department which has the case no more is none."""
    held = rules.clocks.held_by(Moment.REPLIED)
    loaded = await moving.load(unit.db, list(taken), held) if taken else ()
    told = {case_id: Handed(event.at, None, rules.least(case)) for case_id, (event, case) in taken.items()}
    moves = [given_back(clock, told[clock.case_id], calendar, what="taken back") for clock in loaded]
    await save(unit, [move for move in moves if move is not None], to_departments=False)
    await clocks.rearm(unit.db, list(taken), unit.now)


async def take_back_dispatches(
    unit: Unit, events: Sequence[CaseRecalled], *, rules: DeadlineRules, calendar: Calendar
) -> None:
    """As `take_back`; and figures count the department for none that had the case, whatever else was heard first."""
    await handle_newer(unit, events, then=take_back, rules=rules, calendar=calendar)
    await leads.uncount_dispatches(unit.db, events)


async def _objected_meanwhile(unit: Unit, told: Mapping[CaseId, _Taken], rules: DeadlineRules) -> set[CaseId]:
    """Those whose refusal was taken back while the citizen's objection to it was on its way, and heard first."""
    undone = [case_id for case_id, event in told.items() if isinstance(event, DecisionUndone)]
    objections = list(rules.clocks.started_by(Moment.REFUSAL_OBJECTED))
    found = await moving.load(unit.db, undone, objections) if undone else ()
    return {clock.case_id for clock in found if clock.stopped_at is None}


async def handle_shielded(unit: Unit, events: Sequence[CaseShielded]) -> None:
    """A dispatcher has these, or ended them alone: they leave the figures, and their clocks run as before."""
    await cases.shield(unit.db, [event.case_id for event in events], [event.version for event in events])


def _is_undone(event: _Taken) -> bool:
    """Whether a dispatcher took a decision of minutes ago back."""
    is_unmerged = isinstance(event, CaseUnmerged) and event.why == "undone"
    return is_unmerged or isinstance(event, CaseRecalled | DecisionUndone)


async def _run_on_as_before(
    unit: Unit, events: Sequence[_Taken], rules: DeadlineRules, calendar: Calendar, crossed: Set[CaseId]
) -> set[CaseId]:
    """The dispatchers' clocks that the decision stopped run on from their first start; of which cases there are any.

    `crossed`: those to which the citizen's objection was heard first.
    """
    objections = set(rules.clocks.started_by(Moment.REFUSAL_OBJECTED))
    told = {event.case_id: event for event in events}
    began = {clock for moment in _ASKS_WHERE for clock in rules.clocks.started_by(moment)}
    which = [clock for clock in rules.clocks.stopped_by(Moment.ASSIGNED) if clock in began]
    stopped: dict[CaseId, list[Loaded]] = {}
    for clock in await moving.load(unit.db, list(told), which) if told else ():
        # What waited for the objection was none of the decision's.
        is_objections = clock.case_id in crossed and clock.clock in objections
        if clock.stopped_at is not None and not is_objections:
            stopped.setdefault(clock.case_id, []).append(clock)
    last = [clock for found in stopped.values() for clock in found if clock.stopped_at == _latest(found)]
    moves = [_runs_on(clock, told[clock.case_id], calendar) for clock in last]
    await save(unit, moves, to_departments=False)
    return set(stopped)


def _latest(found: Sequence[Loaded]) -> datetime:
    return max(clock.stopped_at for clock in found if clock.stopped_at is not None)


def _runs_on(clock: Loaded, event: _Taken, calendar: Calendar) -> Move:
    move = recompute(clock, calendar, what="taken back", at=event.at, state=ClockState.RUNNING)
    return move._replace(department=None)


async def give_to_centre(
    unit: Unit,
    events: Sequence[RefusalObjected] | Sequence[AnswerRecalled] | Sequence[CallBackDone],
    *,
    rules: DeadlineRules,
    calendar: Calendar,
) -> None:
    """The outcome is none: the citizen's time goes on, and nothing else that ran before it, whichever is heard first."""
    await _note(unit, events)
    await endings.take_back_cases(
        unit.db, [event.case_id for event in events], [event.version for event in events]
    )
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
    *,
    gains: bool = True,
) -> None:
    """These clocks end, the citizen's go on, and are no department's. `since`: what they stood still for until now.

    `gains`: whether that time is given back.
    """
    if not events:
        return
    told = {event.case_id: event for event in events}
    anew = rules.clocks.begun_anew_by(Moment.ASSIGNED)
    loaded = await moving.load(unit.db, list(told), [*anew, *rules.clocks.handed_on])
    late = [clock for clock in loaded if clock.has_untold_breach(told[clock.case_id].at)]
    await tell_breaches(unit, late, to_departments=False)
    why = next((event.name for event in events), "")
    await halt(
        unit,
        list(told),
        [event.at for event in events],
        over,
        ClockState.STOPPED,
        why=why,
        to_departments=False,
    )
    await clocks.forget_departments(unit.db, list(told))
    going = without_promises(citizens(loaded, rules.clocks), since, rules.clocks)
    ats = {each: event.at for each, event in told.items()}
    await run_on(unit, ats, going, since, calendar, gains=gains)
