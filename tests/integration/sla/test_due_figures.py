"""Figures of what is due: on which day it counts, and what is an answer."""

from datetime import date

import pytest

from schemas.events.handlers import CaseReturned, PromiseDecided
from schemas.events.routing import CaseAnswered
from schemas.ids import CategoryCode, EntryId
from schemas.words import CaseState
from sla.core.measures import Measure, Sums
from sla.steps import watch
from sla.steps.tally import tally
from tests.integration.sla.events import Sla, assigned, china, closed, registered, replied, signed
from tests.unit.handlers.making import HOUSING, fresh_case


async def _counted(sla: Sla, first: date, last: date) -> Sums:
    found = await watch.count_cases(sla.unit, by="department", first=first, last=last, calendar=sla.calendar)
    return found.total


@pytest.mark.parametrize("is_counted", [False, True])
async def test_what_is_due_by_the_end_of_a_day_is_due_on_that_day(sla: Sla, *, is_counted: bool) -> None:
    """Promised for the last day of a month: due with the midnight that ends it, and in no figure of the next month."""
    case = fresh_case()
    granted = PromiseDecided(
        case_id=case, version=5, at=china("2026-11-24 10:00"), granted=True, date=date(2026, 12, 31), decided_by="d"
    )  # fmt: skip
    await sla.hear(registered(case), assigned(case), signed(case), granted)
    await sla.hear(replied(case, china("2026-12-20 10:00"), 6), closed(case, china("2026-12-20 11:00"), 7))
    await sla.sweep_at(china("2027-02-01 10:00"))
    if is_counted:
        await tally(sla.unit, calendar=sla.calendar, limit=10)
    december = await _counted(sla, date(2026, 12, 1), date(2026, 12, 31))
    january = await _counted(sla, date(2027, 1, 1), date(2027, 1, 31))

    assert (1, 0) == (december.n(Measure.DUE), january.n(Measure.DUE))


async def test_what_was_returned_and_answered_directly_was_answered(sla: Sla) -> None:
    """In time, and so answered at all; closed with an answer, and so replied to."""
    case = fresh_case()
    returned = CaseReturned(
        case_id=case, version=4, at=china("2026-11-23 15:00"), state=CaseState.IN_REVIEW, department=HOUSING,
        reason="r", basis="b", return_count=1,
    )  # fmt: skip
    answer = CaseAnswered(
        case_id=case, version=5, at=china("2026-11-23 16:00"), state=CaseState.CLOSED, response="请到街道办理。",
        entry_id=EntryId("e"), department=HOUSING, category=CategoryCode("urban"), decided_by="d", public=False,
    )  # fmt: skip
    await sla.hear(registered(case), assigned(case), returned, answer)
    await sla.sweep_at(china("2026-12-20 10:00"))
    sums = await _counted(sla, date(2026, 11, 1), date(2026, 12, 19))
    asked = (Measure.DUE, Measure.DUE_ON_TIME, Measure.DUE_ANSWERED, Measure.CLOSED, Measure.REPLIED)

    assert (1, 1, 1, 1, 1) == tuple(sums.n(each) for each in asked)
