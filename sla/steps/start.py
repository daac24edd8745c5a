"""A case begins, and a department gets it: the busiest steps, a fixed number of statements each."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from schemas.events.handlers import CaseAssigned
from schemas.events.intake import CaseRegistered
from schemas.events.sla import DeadlineSet
from schemas.ids import CaseId
from schemas.ports import Unit
from schemas.words import Clock
from sla.core.calendar import Calendar
from sla.core.clocks import ClockState, deadline_of
from sla.core.rules import DeadlineRules, Rule
from sla.steps.move import move_to_department, tell_missed_signing
from sla.store import cases, clocks
from sla.store.clocks import Start


async def start_dispatch_clocks(
    unit: Unit, events: Sequence[CaseRegistered], *, rules: DeadlineRules, calendar: Calendar
) -> None:
    """From registration on, somebody must choose a department in time."""
    told = sorted(events, key=_by_case)
    moved_on = await cases.insert_cases(unit.db, told)
    await clocks.start(unit.db, [_dispatch_start(event, rules, calendar) for event in told])
    if moved_on:
        await clocks.halt(
            unit.db, list(moved_on), list(moved_on.values()), [Clock.DISPATCH], ClockState.STOPPED
        )


def _by_case(event: CaseRegistered | CaseAssigned) -> str:
    return event.case_id


def _dispatch_start(event: CaseRegistered, rules: DeadlineRules, calendar: Calendar) -> Start:
    rule = rules.dispatch_for(event.channel)
    deadline = deadline_of(event.received_at, rule.term, calendar)
    return Start(event.case_id, Clock.DISPATCH, None, event.received_at, deadline, rule.id, rule.term)


async def start_department_clocks(
    unit: Unit, events: Sequence[CaseAssigned], *, rules: DeadlineRules, calendar: Calendar
) -> None:
    """The department must sign and reply in time.

    A new assignment after a return starts the signing anew; the citizen's deadline stays what it was.
    """
    told = sorted(events, key=_by_case)
    firsts = await cases.assign_cases(unit.db, told)
    await clocks.halt(
        unit.db, [e.case_id for e in told], [e.at for e in told], [Clock.DISPATCH], ClockState.STOPPED
    )
    going = [event for event in told if event.case_id in firsts]
    first = [event for event in going if firsts[event.case_id]]
    again = [event for event in going if not firsts[event.case_id]]
    if again:
        await tell_missed_signing(unit, again)
    signs = [_start(event, Clock.SIGN, rules, calendar) for event in going]
    replies = [_start(event, Clock.REPLY, rules, calendar) for event in first]
    await clocks.start(unit.db, signs + replies, restart=True)
    sign_due = {sign.case_id: sign.deadline.due_at for sign in signs}
    for event, reply in zip(first, replies, strict=True):
        unit.emit(_deadline_set(event, reply, sign_due))
    if again:
        await move_to_department(unit, again, sign_due, calendar=calendar)


def _rule_for(event: CaseAssigned, rules: DeadlineRules) -> Rule:
    return rules.rule_for(
        kind=event.kind, urgency=event.urgency, category=event.category, department=event.lead
    )


def _start(event: CaseAssigned, clock: Clock, rules: DeadlineRules, calendar: Calendar) -> Start:
    rule = _rule_for(event, rules)
    term = rule.sign if clock is Clock.SIGN else rule.reply
    deadline = deadline_of(event.at, term, calendar)
    return Start(event.case_id, clock, event.lead, event.at, deadline, rule.id, term)


def _deadline_set(event: CaseAssigned, reply: Start, sign_due: Mapping[CaseId, datetime]) -> DeadlineSet:
    return DeadlineSet(
        case_id=event.case_id,
        version=event.version,
        at=event.at,
        due_at=reply.deadline.due_at,
        sign_due_at=sign_due[event.case_id],
        department=event.lead,
        deadline_version=1,
        rule=reply.rule,
        provisional=reply.deadline.provisional,
    )
