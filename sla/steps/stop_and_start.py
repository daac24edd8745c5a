"""The clocks that a moment of a case stops and starts, whoever's they are, as clocks.toml and the city's rules say."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from schemas.days import end_of_day
from schemas.event import Event
from schemas.ids import CaseId, DepartmentCode
from schemas.ports import Unit
from schemas.words import Clock
from sla.core.calendar import Calendar
from sla.core.calendars import kept_by
from sla.core.clocks import ClockState, Term, deadline_of
from sla.core.kinds import AFTER_THE_END, Moment, Owner
from sla.core.rules import ClockTerm, DeadlineRules
from sla.steps.move import tell_untold
from sla.steps.withdraw import halt
from sla.store import cases, clocks
from sla.store.cases import RuledCase
from sla.store.clocks import Start

#: What begins although the case has ended.
_AFTER_THE_END = AFTER_THE_END | {Moment.REFUSAL_OBJECTED}


async def stop_and_start(
    unit: Unit, moment: Moment, events: Sequence[Event], *, rules: DeadlineRules, calendar: Calendar
) -> Mapping[CaseId, RuledCase]:
    """Stop and start the clocks that follow this moment; returns what is known of these cases."""
    if not events:
        return {}
    ids, ats = [event.case_id for event in events], [event.at for event in events]
    known = await cases.note_and_know(unit.db, ids, [event.version for event in events])
    over = rules.clocks.stopped_by(moment)
    await halt(unit, ids, ats, over, ClockState.STOPPED, why=moment)
    starts = [
        start
        for event in events
        if (case := known.get(event.case_id)) and (moment in _AFTER_THE_END or not case.has_ended)
        for start in started(event, moment, case, rules, calendar)
    ]
    await _restart(unit, starts)
    return known


async def _restart(unit: Unit, starts: Sequence[Start]) -> None:
    """Begin these, once more where they ran before: what was late by then and not told yet is told first."""
    await tell_untold(
        unit, {start.case_id: start.started_at for start in starts}, list({start.clock for start in starts})
    )
    await clocks.start(unit.db, starts, restart=True)


def started(
    event: Event, moment: Moment, case: RuledCase, rules: DeadlineRules, calendar: Calendar
) -> Iterator[Start]:
    """The clocks that this event starts for such a case."""
    for line in rules.terms_at(moment, case.traits):
        term, department = _term(event, line, calendar), _holder(event, line.owner, case)
        own = calendar.of(department)
        clock = line.clock
        if line.owner is Owner.SUPPORTING:
            clock = Clock(f"{clock.kind}.{department}")
        yield Start(
            event.case_id,
            clock,
            department,
            event.at,
            deadline_of(event.at, term, own),
            line.id,
            term,
            line.owner,
            line.ends,
            kept_by(calendar, own),
        )


def _term(event: Event, line: ClockTerm, calendar: Calendar) -> Term:
    """What the rule allows, or the moment that the event itself names."""
    named = None if line.due is None else getattr(event, line.due, None)
    if named is None:
        return line.term
    moment = named if isinstance(named, datetime) else end_of_day(named, calendar.zone)
    return Term(allow=moment, near=line.term.near, escalate_after=line.term.escalate_after)


def _holder(event: Event, owner: Owner, case: RuledCase) -> DepartmentCode | None:
    if owner is Owner.SUPPORTING:
        department: DepartmentCode = event.department  # type: ignore[attr-defined]  # what asks for a part names whose
        return department
    return DepartmentCode(case.traits.department) if owner is Owner.LEAD and case.traits.department else None
