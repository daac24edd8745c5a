"""A case begins, and a department gets it: the busiest steps, a fixed number of statements each."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from schemas.events.handlers import CaseAssigned, CaseReopened
from schemas.events.intake import CaseRegistered
from schemas.events.sla import DeadlineSet
from schemas.ids import CaseId
from schemas.ports import Unit
from schemas.words import Clock, ReviewKind
from sla.core.calendar import Calendar
from sla.core.calendars import kept_by
from sla.core.clocks import ClockState, deadline_of
from sla.core.kinds import Clocks, Moment
from sla.core.lives import Happened
from sla.core.rules import CaseTraits, DeadlineRules
from sla.steps.hurry import hurry_known
from sla.steps.move import Handed, hand_on, holder, tell_untold
from sla.steps.run_on import citizens, run_on
from sla.steps.withdraw import halt
from sla.store import cases, clocks, deeds, leads, moving, undoing
from sla.store.cases import KnownRegistration
from sla.store.clocks import Start
from sla.store.deeds import Noted
from sla.store.leads import Assigned


async def start_registered(
    unit: Unit, events: Sequence[CaseRegistered], *, rules: DeadlineRules, calendar: Calendar
) -> None:
    """From registration on, somebody must choose a department in time."""
    told = sorted(events, key=_by_case)
    kept = await cases.insert_cases(unit.db, told)
    until_dispatched = _until_dispatched(rules.clocks)
    starts = [
        start
        for event in told
        for start in _at_registration(event, kept[event.case_id], rules, calendar, until_dispatched)
    ]
    await clocks.start(unit.db, starts)
    await _stop_what_is_over(unit, list(kept.values()), rules.clocks)
    if objected := [event for event in told if event.waits_for is ReviewKind.OBJECTION]:
        await _wait_for_objections(unit, objected, rules, calendar)


def _until_dispatched(known: Clocks) -> Sequence[Clock]:
    """The clocks that run from registration until a department has the case."""
    return [each for each in known.started_by(Moment.REGISTERED) if each in known.stopped_by(Moment.ASSIGNED)]


async def _wait_for_objections(
    unit: Unit, events: Sequence[CaseRegistered], rules: DeadlineRules, calendar: Calendar
) -> None:
    """Said again of cases that were dispatched in time once: a dispatcher decides on the citizen's objection."""
    over = _until_dispatched(rules.clocks)
    ids, ats = [event.case_id for event in events], [_began(event) for event in events]
    await halt(unit, ids, ats, over, ClockState.STOPPED, why=Moment.REFUSAL_OBJECTED)
    starts = [
        Start(
            event.case_id, term.clock, None, _began(event), deadline_of(_began(event), term.term, calendar), term.id,
            term.term, term.owner,
        )
        for event in events
        for term in rules.terms_at(Moment.REFUSAL_OBJECTED, CaseTraits(kind=event.kind, channel=event.channel))
    ]  # fmt: skip
    await clocks.start(unit.db, starts)


def _began(event: CaseRegistered) -> datetime:
    """The moment since which a dispatcher has the case: when it was received, or when it came back to one."""
    return event.waits_since or event.received_at


def _by_case(event: CaseRegistered | CaseAssigned) -> str:
    return event.case_id


def _at_registration(
    event: CaseRegistered,
    known: KnownRegistration,
    rules: DeadlineRules,
    calendar: Calendar,
    until_dispatched: Sequence[Clock],
) -> Iterator[Start]:
    """Under the terms of any case; for dispatching, those of a pressing one where the rules took it for that already."""
    traits = CaseTraits(kind=event.kind, channel=event.channel)
    urgency = None if known.assigned_at else known.urgency
    starts = _registered(event, traits, rules, calendar, until_dispatched)
    if urgency is None:
        yield from starts
        return
    hurried = _registered(event, traits._replace(urgency=urgency), rules, calendar, until_dispatched)
    pressing = {each.clock: each for each in hurried}
    for start in starts:
        is_hurried = start.clock == Clock.DISPATCH and start.clock in pressing
        yield min(start, pressing[start.clock], key=_due) if is_hurried else start


def _registered(
    event: CaseRegistered,
    traits: CaseTraits,
    rules: DeadlineRules,
    calendar: Calendar,
    until_dispatched: Sequence[Clock],
) -> Iterator[Start]:
    for term in rules.terms_at(Moment.REGISTERED, traits):
        since = _began(event) if term.clock in until_dispatched else event.received_at
        deadline = deadline_of(since, term.term, calendar)
        yield Start(event.case_id, term.clock, None, since, deadline, term.id, term.term, term.owner)


def _due(start: Start) -> datetime:
    return start.deadline.due_at


def at_dispatch(
    case_id: CaseId, traits: CaseTraits, since: datetime, rules: DeadlineRules, calendar: Calendar
) -> Iterator[Start]:
    """The clocks that run until a department has the case, from the moment when a dispatcher has it again."""
    over = rules.clocks.stopped_by(Moment.ASSIGNED)
    for term in rules.terms_at(Moment.REGISTERED, traits):
        if term.clock in over:
            deadline = deadline_of(since, term.term, calendar)
            yield Start(case_id, term.clock, None, since, deadline, term.id, term.term, term.owner)


async def _stop_what_is_over(unit: Unit, kept: Sequence[KnownRegistration], known: Clocks) -> None:
    """The registration was heard late: what a department, or the end of the case, has stopped since, stays so."""
    assigned = {case.case_id: case.assigned_at for case in kept if case.assigned_at}
    closed = {case.case_id: case.closed_at for case in kept if case.closed_at}
    began, over = known.started_by(Moment.REGISTERED), _until_dispatched(known)
    await halt(unit, list(assigned), list(assigned.values()), over, ClockState.STOPPED, why=Moment.ASSIGNED)
    await halt(unit, list(closed), list(closed.values()), began, ClockState.STOPPED, why="case.closed")


async def start_assigned(
    unit: Unit, events: Sequence[CaseAssigned], *, rules: DeadlineRules, calendar: Calendar
) -> None:
    """The department must sign and reply in time.

    A new assignment after a return starts the signing anew; the citizen's deadline stays what it was, unless the new
    department would have less than the least that the rules leave to it.
    """
    told = sorted(events, key=_by_case)
    assigned = await leads.assign_cases(unit.db, told)
    over = rules.clocks.stopped_by(Moment.ASSIGNED)
    new = [event for event in told if not assigned[event.case_id].is_old]
    await halt(
        unit,
        [each.case_id for each in new],
        [each.at for each in new],
        over,
        ClockState.STOPPED,
        why=Moment.ASSIGNED,
    )
    again = {each.case_id: each for each in new if not assigned[each.case_id].is_first}
    await deeds.note(
        unit.db, Happened.ASSIGNED, [Noted(each.case_id, each.at, each.lead) for each in again.values()]
    )
    anew = rules.clocks.begun_anew_by(Moment.ASSIGNED)
    given = {case_id: event.at for case_id, event in again.items()}
    await deeds.keep_signed(unit.db, given, str(calendar.zone))
    await tell_untold(unit, given, anew)
    if moved := [(event.case_id, event.at) for event in again.values() if event.moved_because]:
        await undoing.keep(unit.db, moved, anew)
    starts = [
        start
        for event in new
        for start in at_department(event, Moment.ASSIGNED, _traits(event), rules, calendar)
        if event.case_id not in again or start.clock in anew
    ]
    await clocks.start(unit.db, starts, restart=True)
    sign_due = {start.case_id: start.deadline.due_at for start in starts if start.clock == Clock.SIGN}
    announce(unit, {event.case_id: event for event in told}, starts, sign_due)
    await _let_run(unit, given, assigned, rules, calendar)
    handed = {
        event.case_id: Handed(event.at, event.lead, rules.least(_traits(event))) for event in again.values()
    }
    await hand_on(unit, handed, rules.clocks.handed_on, what="reassigned", calendar=calendar)
    if again:
        traits = {case_id: _traits(event) for case_id, event in again.items()}
        await hurry_known(unit, list(again.values()), traits, rules=rules, calendar=calendar)
    old = {each.case_id: assigned[each.case_id].ended_at for each in told if assigned[each.case_id].is_old}
    await _start_the_citizens(unit, [each for each in told if each.case_id in old], rules, calendar)
    ended = {case_id: at for case_id, at in old.items() if at is not None}
    # But what follows the end: the wait of who was merged, and what is owed to who was not content.
    await halt(
        unit,
        list(ended),
        list(ended.values()),
        None,
        ClockState.STOPPED,
        why="case.closed",
        but_later=rules.clocks.after_the_end,
        but=(Clock.MERGED,),
    )


async def _let_run(
    unit: Unit,
    again: Mapping[CaseId, datetime],
    assigned: Mapping[CaseId, Assigned],
    rules: DeadlineRules,
    calendar: Calendar,
) -> None:
    """Whom a case is given anew waits for nothing that its former department waited for, and the case has not ended."""
    if not again:
        return
    loaded = await moving.load(unit.db, list(again), rules.clocks.handed_on)
    going = [
        clock
        for clock in citizens(loaded, rules.clocks)
        if clock.state is ClockState.PAUSED or assigned[clock.case_id].ended_at is not None
    ]
    await run_on(unit, again, going, "case.closed", calendar)


async def _start_the_citizens(
    unit: Unit, events: Sequence[CaseAssigned], rules: DeadlineRules, calendar: Calendar
) -> None:
    """A dispatcher has had these since, which was heard first: the citizen's deadline runs, and is no department's."""
    starts = [
        start._replace(department=None)
        for event in events
        for start in at_department(event, Moment.ASSIGNED, _traits(event), rules, calendar)
        if start.clock in rules.clocks.handed_on
    ]
    await clocks.start(unit.db, starts)


def _traits(event: CaseAssigned) -> CaseTraits:
    return CaseTraits(
        urgency=event.urgency,
        department=event.lead,
        category=event.category,
        kind=event.kind,
        channel=event.channel,
    )


def at_department(
    event: CaseAssigned | CaseReopened,
    moment: Moment,
    traits: CaseTraits,
    rules: DeadlineRules,
    calendar: Calendar,
) -> Iterator[Start]:
    """The clocks that start because a department has the case."""
    for term in rules.terms_at(moment, traits):
        department = holder(term.owner, event.lead)
        own = calendar.of(department)
        yield Start(
            event.case_id,
            term.clock,
            department,
            event.at,
            deadline_of(event.at, term.term, own),
            term.id,
            term.term,
            term.owner,
            calendar=kept_by(calendar, own),
        )


def announce(
    unit: Unit,
    events: Mapping[CaseId, CaseAssigned] | Mapping[CaseId, CaseReopened],
    starts: Sequence[Start],
    sign_due: Mapping[CaseId, datetime],
    *,
    cause: str = "assigned",
) -> None:
    """Say by when the departments must reply, and sign: what `deadline.set` promises of clocks that just started."""
    for start in starts:
        if start.clock != Clock.REPLY:
            continue
        event = events[start.case_id]
        unit.emit(
            DeadlineSet(
                case_id=event.case_id,
                version=event.version,
                at=event.at,
                due_at=start.deadline.due_at,
                sign_due_at=sign_due.get(event.case_id),
                department=event.lead,
                deadline_version=1,
                rule=start.rule,
                provisional=start.deadline.provisional,
                cause=cause,
            )
        )
