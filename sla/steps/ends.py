"""Ends a case's clocks, but those that begin after the end, and the wait of who was merged into another case.

A case that a department had, and that a dispatcher merges, has no answer yet: its citizen was told a date. Whoever merged it
answers for that date, until the other case's answer is theirs, too.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from schemas.event import E
from schemas.events.handlers import CaseClosed
from schemas.events.routing import CaseAnswered, CaseDeclined, CaseMerged, MergedAnswered, WithdrawalConfirmed
from schemas.ports import Unit
from schemas.words import Clock
from sla.core.calendar import Calendar
from sla.core.calendars import along
from sla.core.clocks import ClockEvent, ClockState, Term, deadline_of, history_of, stands_still
from sla.core.kinds import Clocks, Moment, Owner
from sla.core.rules import CaseTraits, DeadlineRules
from sla.steps.withdraw import halt
from sla.store import cases, clocks, endings, moving
from sla.store.clocks import Start
from sla.store.moving import Loaded
from sla.store.replies import note_merged_answers

_MERGED = "merged"
#: What goes on of a case that is merged.
_WAITS = (Clock.MERGED,)
#: By which a department got more time, told to the citizen.
_GIVEN = ("extended", "promised")


async def end_closed(
    unit: Unit, events: Sequence[CaseClosed], *, rules: DeadlineRules, calendar: Calendar
) -> None:
    """Nothing runs for a case that has ended, but what began after its end."""
    closed = await _end(unit, events, [event.outcome for event in events], rules.clocks)
    await _wait_for_answers(unit, [event for event in closed if event.outcome == _MERGED], rules, calendar)


async def end_declined(unit: Unit, events: Sequence[CaseDeclined], *, known: Clocks) -> None:
    """Stop the case's clocks, as `end_closed` does."""
    await _end(unit, events, ["declined"] * len(events), known)


async def end_answered(unit: Unit, events: Sequence[CaseAnswered], *, known: Clocks) -> None:
    """Stop the case's clocks, as `end_closed` does: the time until then was the centre's."""
    await _end(unit, events, ["answered"] * len(events), known)


async def end_merged(
    unit: Unit, events: Sequence[CaseMerged], *, rules: DeadlineRules, calendar: Calendar
) -> None:
    """Stop the case's clocks, as `end_closed` does; whoever was told a date waits for the other case's answer."""
    merged = await _end(unit, events, [_MERGED] * len(events), rules.clocks)
    await _wait_for_answers(unit, merged, rules, calendar)


async def end_withdrawn(unit: Unit, events: Sequence[WithdrawalConfirmed], *, known: Clocks) -> None:
    """Stop the case's clocks, as `end_closed` does. Of a case that a department has, handlers says so."""
    await _end(unit, events, ["withdrawn"] * len(events), known)


async def end_wait(unit: Unit, events: Sequence[MergedAnswered]) -> None:
    """Cases that were merged have their answer: judged by when their citizens had it."""
    answered = await note_merged_answers(unit.db, events)
    told = [event for event in events if event.case_id in answered]
    ids, ats = [event.case_id for event in told], [event.at for event in told]
    await halt(unit, ids, ats, _WAITS, ClockState.STOPPED, why=Moment.MERGED_ANSWERED)


async def _end(unit: Unit, events: Sequence[E], outcomes: Sequence[str], known: Clocks) -> Sequence[E]:
    """Those of the events that are news: their cases have ended."""
    told = sorted(zip(events, outcomes, strict=True), key=lambda pair: pair[0].case_id)
    ended = await endings.close_cases(
        unit.db,
        [each.case_id for each, _ in told],
        [each.at for each, _ in told],
        [outcome for _, outcome in told],
        [each.version for each, _ in told],
    )
    news = [(each, outcome) for each, outcome in told if each.case_id in ended]
    for is_merged in (False, True):
        group = [each for each, outcome in news if (outcome == _MERGED) is is_merged]
        await halt(
            unit,
            [each.case_id for each in group],
            [each.at for each in group],
            None,
            ClockState.STOPPED,
            why=next((each.name for each in group), ""),
            but_later=known.after_the_end,
            but=_WAITS if is_merged else (),
        )
    return [each for each, _ in news]


async def _wait_for_answers(
    unit: Unit, events: Sequence[CaseClosed] | Sequence[CaseMerged], rules: DeadlineRules, calendar: Calendar
) -> None:
    """Start the wait of those that had a date and have no answer: two topics tell of one merger, and it begins once.

    One topic may tell of two mergers before another tells what was between them: it waits since the last.
    """
    if not events:
        return
    told = {event.case_id: event.at for event in events}
    loaded = await moving.load(unit.db, list(told), [Clock.REPLY, *_WAITS])
    before = {clock.case_id: clock for clock in loaded if clock.clock == Clock.MERGED}
    begun = {each for each, clock in before.items() if _is_begun(clock, told[each])}
    replies = {clock.case_id: clock for clock in loaded if clock.clock == Clock.REPLY}
    known = await cases.unanswered(unit.db, {each: told[each] for each in replies if each not in begun})
    starts = [
        _started(replies[each], before.get(each), told[each], traits, rules, calendar)
        for each, traits in known.items()
    ]
    await clocks.start(unit.db, starts, restart=True)
    await endings.wait_since_the_end(unit.db, sorted(begun))


def _is_begun(clock: Loaded, at: datetime) -> bool:
    """Whether it waits since that moment, or waited until after it; not where the other topic told it of a later one."""
    return clock.stopped_at >= at if clock.stopped_at is not None else clock.started_at <= at


def _started(
    reply: Loaded,
    before: Loaded | None,
    at: datetime,
    traits: CaseTraits,
    rules: DeadlineRules,
    calendar: Calendar,
) -> Start:
    """With the warning and the step of the chain that the rules state for it, where they do."""
    found = next((each for each in rules.terms_at(Moment.MERGED, traits) if each.clock == Clock.MERGED), None)
    term = Term(
        allow=_due_at(reply, before, at, found.term if found else rules.least(traits), calendar),
        near=found.term.near if found else None,
        escalate_after=found.term.escalate_after if found else None,
    )
    return Start(
        reply.case_id,
        Clock.MERGED,
        None,
        at,
        deadline_of(at, term, calendar),
        found.id if found else f"{Clock.MERGED}@{rules.version}",
        term,
        Owner.DISPATCHER,
    )


def _due_at(
    reply: Loaded, before: Loaded | None, at: datetime, least: Term | None, calendar: Calendar
) -> datetime:
    """When the reply was due, with what it stood still for; and the least that is left to who gets a case late.

    Where it waited `before`, the date is what it was then: who merges it and takes it out, to and fro, buries none.
    """
    if before is not None and max(_given(reply)) <= before.started_at < at:
        return before.due_at
    promised = reply.due_at
    if stands_still(reply.entries):
        history = history_of((*reply.entries, ClockEvent(at, "resumed")))
        own = along(calendar, reply.calendar)
        promised = deadline_of(reply.started_at, reply.term, own, history).due_at
    return promised if least is None else max(promised, deadline_of(at, least, calendar).due_at)


def _given(reply: Loaded) -> Iterator[datetime]:
    """The moments since which more time was told; the clock's start at the least."""
    yield reply.started_at
    yield from (entry.at for entry in reply.entries if entry.what in _GIVEN)
