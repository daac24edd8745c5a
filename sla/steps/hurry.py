"""A case is more pressing than its clocks began with: whoever has something to do has less time from then on."""

from collections.abc import Sequence
from datetime import datetime

from schemas.event import Event
from schemas.events.pressing import UrgencyRaised
from schemas.events.routing import ReviewRequested
from schemas.ids import CaseId
from schemas.ports import Unit
from schemas.words import Clock, ReviewKind, Urgency
from sla.core.calendar import Calendar
from sla.core.clocks import ClockState, deadline_of
from sla.core.kinds import Moment
from sla.core.rules import CaseTraits, DeadlineRules, RuleTerm
from sla.steps.move import begin_anew, save
from sla.store import cases, moving
from sla.store.moving import Loaded, Move


async def hurry_dispatch(
    unit: Unit, events: Sequence[ReviewRequested], *, rules: DeadlineRules, calendar: Calendar
) -> None:
    """Give whoever must choose a department the shorter time of a pressing case: the rules take it for one now."""
    if private := [event for event in events if cases.is_private(event)]:
        await cases.note_private(
            unit.db, [each.case_id for each in private], [each.version for each in private]
        )
    pressing = [event for event in events if event.kind is ReviewKind.DISPATCH and event.urgency is not None]
    told = {each.case_id: each for each in sorted(pressing, key=_case)}
    known = await cases.note_urgency(unit.db, list(told.values()))
    loaded = await moving.load(unit.db, list(known), [Clock.DISPATCH]) if known else []
    moves: list[Move] = []
    for clock in loaded:
        event, traits = told[clock.case_id], known[clock.case_id]
        term = _term_of_dispatch(rules, traits._replace(urgency=event.urgency))
        moves += _hurried(clock, term, clock.started_at, event.at, calendar)
    await save(unit, moves)


def _case(event: Event) -> CaseId:
    return event.case_id


def _term_of_dispatch(rules: DeadlineRules, traits: CaseTraits) -> RuleTerm | None:
    started = rules.terms_at(Moment.REGISTERED, traits)
    return next((RuleTerm(each.term, each.id) for each in started if each.clock == Clock.DISPATCH), None)


async def hurry_raised(
    unit: Unit, events: Sequence[UrgencyRaised], *, rules: DeadlineRules, calendar: Calendar
) -> None:
    """A case that a department has counts as what it is now; an emergency has an emergency's time, from that moment on.

    What only sounds like danger leaves the deadlines: nobody has looked.
    """
    known = await cases.raise_urgency(unit.db, events)
    moves: list[Move] = []
    for event in sorted(events, key=_case):
        if event.case_id in known and event.urgency is Urgency.EMERGENCY:
            for clock in await moving.load_going(unit.db, event.case_id):
                term = rules.present_term(clock.clock, clock.rule, known[event.case_id])
                moves += _hurried(clock, term, event.at, event.at, calendar)
    await save(unit, moves)


def _hurried(
    clock: Loaded, term: RuleTerm | None, since: datetime, at: datetime, calendar: Calendar
) -> Sequence[Move]:
    """Nothing where it would not be due sooner, does not run, was missed before, or where an event named its date."""
    was_missed = clock.due_at < at
    if term is None or clock.state is not ClockState.RUNNING or was_missed or _is_dated(clock):
        return ()
    if deadline_of(since, term.term, calendar.of(clock.department)).due_at >= clock.due_at:
        return ()
    move = begin_anew(
        clock,
        calendar,
        what="urgency",
        at=since,
        department=clock.department,
        term=term.term,
        rule=term.id,
    )
    return (move._replace(at=at),)


def _is_dated(clock: Loaded) -> bool:
    return isinstance(clock.term.allow, datetime)
