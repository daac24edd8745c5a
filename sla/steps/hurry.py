"""Shortens the clocks of a case that became more urgent."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from schemas.event import Event
from schemas.events.pressing import UrgencyRaised
from schemas.events.routing import ReviewRequested
from schemas.events.undone import MoveUndone, VerdictUndone
from schemas.ids import CaseId
from schemas.ports import Unit
from schemas.words import Clock, ReviewKind, Urgency
from sla.core.calendar import Calendar
from sla.core.clocks import ClockState, deadline_of
from sla.core.kinds import Moment
from sla.core.rules import CaseTraits, DeadlineRules, RuleTerm
from sla.steps.move import begin_anew, save
from sla.store import cases, moving, undoing
from sla.store.cases import RuledCase
from sla.store.moving import Loaded, Move

#: The lines of a clock's history by which somebody gave it time.
_GIVEN = ("extended", "promised")


async def hurry_dispatch(
    unit: Unit, events: Sequence[ReviewRequested], *, rules: DeadlineRules, calendar: Calendar
) -> None:
    """Give the dispatcher the shorter time of an urgent case, by the rules for urgent cases."""
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
        # Nobody is late for what was not said yet.
        since = max(clock.started_at, event.pressing_since or clock.started_at)
        moves += _hurried(clock, term, since, max(since, event.at), calendar)
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
    await _hurry(unit, events, known, rules, calendar)


async def hurry_again(
    unit: Unit,
    events: Sequence[Event],
    known: Mapping[CaseId, RuledCase],
    *,
    rules: DeadlineRules,
    calendar: Calendar,
) -> None:
    """What runs again, or anew, since these events may have begun before its case was an emergency: it has its time now.

    `known`: of these cases, as `stop_and_start` has found.
    """
    await hurry_known(unit, events, _traits_of(known), rules=rules, calendar=calendar)


async def hurry_known(
    unit: Unit,
    events: Sequence[Event],
    known: Mapping[CaseId, CaseTraits],
    *,
    rules: DeadlineRules,
    calendar: Calendar,
) -> None:
    """The same of cases of which no more than this is known: another has them since, or a dispatcher.

    What a decision hurries is as it was where that is undone.
    """
    moves = await _moves(unit, events, known, rules, calendar)
    for move in moves:
        await undoing.keep(unit.db, [(move.loaded.case_id, move.at)], [move.loaded.clock])
    await save(unit, moves)


async def hurry_undone(
    unit: Unit,
    events: Sequence[MoveUndone] | Sequence[VerdictUndone],
    *,
    rules: DeadlineRules,
    calendar: Calendar,
    but: Sequence[Clock] = (),
) -> None:
    """The same where a decision was undone. What somebody gave a clock stays: it may have been given in the emergency.

    `but`: the clocks that stay as the undone decision leaves them.
    """
    ids, versions = [event.case_id for event in events], [event.version for event in events]
    traits = _traits_of(await cases.note_and_know(unit.db, ids, versions))
    await _hurry(unit, events, traits, rules, calendar, lambda clock: clock.clock in but or _was_given(clock))


def _traits_of(known: Mapping[CaseId, RuledCase]) -> Mapping[CaseId, CaseTraits]:
    return {case_id: case.traits for case_id, case in known.items()}


def _was_given(clock: Loaded) -> bool:
    return any(entry.what in _GIVEN for entry in clock.entries)


async def _hurry(
    unit: Unit,
    events: Sequence[Event],
    known: Mapping[CaseId, CaseTraits],
    rules: DeadlineRules,
    calendar: Calendar,
    stays: Callable[[Loaded], bool] = lambda _: False,
) -> None:
    """Of emergencies, from these events on."""
    await save(unit, await _moves(unit, events, known, rules, calendar, stays))


async def _moves(
    unit: Unit,
    events: Sequence[Event],
    known: Mapping[CaseId, CaseTraits],
    rules: DeadlineRules,
    calendar: Calendar,
    stays: Callable[[Loaded], bool] = lambda _: False,
) -> Sequence[Move]:
    moves: list[Move] = []
    for event in sorted(events, key=_case):
        traits = known.get(event.case_id)
        if traits is None or traits.urgency != Urgency.EMERGENCY:
            continue
        for clock in await moving.load_going(unit.db, event.case_id):
            if not stays(clock):
                term = rules.present_term(clock.clock, clock.rule, traits)
                moves += _hurried(clock, term, event.at, event.at, calendar)
    return moves


def _hurried(
    clock: Loaded, term: RuleTerm | None, since: datetime, at: datetime, calendar: Calendar
) -> Sequence[Move]:
    """Nothing where it would not be due sooner, does not run, was missed before, or where an event named its date.

    Nor where it runs under that rule already, of whichever version: what it was given since is its own.
    """
    was_missed = clock.due_at < at
    if term is None or clock.state is not ClockState.RUNNING or was_missed or _is_dated(clock):
        return ()
    if clock.rule.partition("@")[0] == term.id.partition("@")[0]:
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
