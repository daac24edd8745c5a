"""Deadlines that become later by no decision on the case are counted, and said where the clock is shown."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest

from schemas.ids import CaseId
from schemas.words import Clock
from sla.core.calendar import DayOverride, china_calendar
from sla.core.drilled import FigureCell
from sla.core.measures import Measure
from sla.core.rules import parse_rules
from sla.steps import watch
from sla.steps.drill import list_counted
from sla.steps.move import recompute_for_calendar
from sla.steps.present_rules import move_to_present_rules
from sla.steps.read_clocks import KeptClocks
from tests.integration.sla.events import Sla, assigned, china, registered, signed
from tests.integration.sla.test_present_rules import LATER_RULES
from tests.unit.handlers.making import HOUSING, fresh_case

_OFF = date(2026, 11, 26)


async def _apply_rules(sla: Sla, case: CaseId) -> None:
    rules = parse_rules(LATER_RULES, sla.city)
    await move_to_present_rules(
        sla.unit, case, by="sun", reason="新规定施行", rules=rules, calendar=sla.calendar
    )


async def _declare_off(sla: Sla, case: CaseId) -> None:
    off = DayOverride(day=_OFF, is_workday=False, announces_year=False)
    await recompute_for_calendar(sla.unit, calendar=china_calendar(overrides=[off]), days=(_OFF, _OFF))


async def _counted(sla: Sla) -> dict[str, int]:
    counted = await watch.count_cases(sla.unit, by="department", first=None, last=None, calendar=sla.calendar)
    (of_housing,) = (sums for key, sums in counted.groups if key == HOUSING)
    measures = (Measure.LATER_BY_RULES, Measure.LATER_BY_CALENDAR)
    assert {counted.total.n(each) for each in measures} == {of_housing.n(each) for each in measures}
    return {each.value: counted.total.n(each) for each in measures}


@pytest.mark.parametrize(
    ("move", "why"), [(_apply_rules, "later_by_rules"), (_declare_off, "later_by_calendar")]
)
async def test_a_later_deadline_is_counted_by_what_made_it_so(
    sla: Sla, move: Callable[[Sla, CaseId], Awaitable[None]], why: str
) -> None:
    """Its number leads to the case, and whoever sees the clock reads why; another case is not counted."""
    case, other = fresh_case(), fresh_case()
    await sla.hear(registered(case), assigned(case), signed(case))
    before = await sla.facts(case, "due_at")
    # Its last day is over before the day off, and no supervisor moves it.
    early = china("2026-11-17 10:00")
    await sla.hear(
        registered(other, early), assigned(other, early), signed(other, early + timedelta(hours=1))
    )
    sla.unit.now = china("2026-11-24 10:00")
    await move(sla, case)
    today = sla.calendar.local_day(sla.unit.now)
    cell = FigureCell(Measure(why), today - timedelta(days=30), today, "department", HOUSING)
    _, behind, _ = await list_counted(
        sla.unit, cell, first=cell.first, last=cell.last, calendar=sla.calendar, cursor=None, limit=5
    )
    clocks = await KeptClocks(sla.rules, sla.calendar).of(sla.unit, case)
    shown = await watch.read_case(sla.unit, case)

    assert before < await sla.facts(case, "due_at")
    assert {"later_by_rules": 0, "later_by_calendar": 0} | {why: 1} == await _counted(sla)
    assert [case] == [each.case_id for each in behind]
    assert {Clock.REPLY: (why,)} == {each.clock: each.later for each in clocks if each.later}
    assert [(why,)] == [each.later for each in shown.clocks if each.clock is Clock.REPLY]


async def test_an_earlier_deadline_is_not_counted_and_what_was_later_stays(sla: Sla) -> None:
    """The notice is amended: the date is what it was, and that it was another one is still counted, once."""
    case = fresh_case()
    await sla.hear(registered(case), assigned(case), signed(case))
    days = (_OFF, _OFF)
    worked = replace(
        sla, calendar=china_calendar(overrides=[DayOverride(day=date(2026, 11, 28), is_workday=True)])
    )
    await recompute_for_calendar(sla.unit, calendar=worked.calendar, days=(date(2026, 11, 28),) * 2)
    assert {"later_by_rules": 0, "later_by_calendar": 0} == await _counted(sla)
    await recompute_for_calendar(sla.unit, calendar=sla.calendar, days=(date(2026, 11, 28),) * 2)
    await _declare_off(sla, case)
    await recompute_for_calendar(sla.unit, calendar=sla.calendar, days=days)

    assert {"later_by_rules": 0, "later_by_calendar": 1} == await _counted(sla)
