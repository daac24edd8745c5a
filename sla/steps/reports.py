"""Departments report back on orders of supervisors (督办回报)."""

from collections.abc import Sequence

from schemas.events.supervision import OrderReported
from schemas.ids import CaseId
from schemas.ports import Unit
from schemas.words import Clock
from sla.core.calendar import Calendar
from sla.core.kinds import Moment
from sla.core.notices import report_notice
from sla.core.rules import DeadlineRules
from sla.steps.stop_and_start import stop_and_start
from sla.store import clocks, supervision


async def handle_reports(
    unit: Unit, events: Sequence[OrderReported], *, rules: DeadlineRules, calendar: Calendar
) -> None:
    """The department has reported back: its clock stops, and the supervisor has a time to read it."""
    waited = await supervision.note_reports(unit.db, events)
    answered = [event for event in events if event.case_id in waited]
    for event in answered:
        unit.notify(report_notice(event.case_id, event.order, unit.now))
    await stop_and_start(unit, Moment.REPORTED_BACK, answered, rules=rules, calendar=calendar)
    entries = [
        clocks.ClockHistoryLine(
            event.case_id,
            Clock.REPORT_BACK,
            event.at,
            clocks.Detail(department=event.department, note=event.text),
        )
        for event in events
    ]
    await clocks.write_history(unit.db, "reported back", entries, once=True)


async def waits_for_word(unit: Unit, case_id: CaseId, number: int) -> bool:
    """Whether that order was reported on, and no supervisor has said anything to it."""
    orders = await supervision.orders_of(unit.db, case_id)
    return any(order.number == number and order.state == "reported" for order in orders)
