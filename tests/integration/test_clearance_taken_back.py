"""A finding that a unit is not accused is taken back: who has the case, and who reads it then, through all four slices."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from handlers.steps import read_cases
from intake.store.view import find_view
from routing.core.decisions.clearing import Clear
from routing.core.decisions.review import Decision
from routing.steps.clear import clear, take_back
from routing.steps.decide import decide
from routing.steps.read_queue import read_case
from routing.store import items
from schemas.city import load_city
from schemas.errors import NotFound
from schemas.http import Principal
from schemas.ids import DepartmentCode
from schemas.words import CaseState, Kind, Role
from sla.steps import watch
from tests.conftest import RecordingUnit
from tests.integration.slices import Slices
from tests.unit.intake.messages import draft, message

MARKET, WATER, TAX = DepartmentCode("market"), DepartmentCode("water"), DepartmentCode("tax")
LI = Principal(role=Role.DISPATCHER, name="li")
REPORT = message(
    draft("举报黑作坊", "黑作坊生产假酒，市场监管局就在对面。税务局科长收受贿赂。", kind=Kind.REPORT)
)
CASE = REPORT.codes.case_id
CITY = load_city()


@pytest.fixture
def slices(unit: RecordingUnit) -> Slices:
    """All four."""
    return Slices(unit, CITY)


async def _readers(slices: Slices) -> Sequence[DepartmentCode]:
    found: list[DepartmentCode] = []
    for code in (MARKET, WATER, TAX):
        try:
            await read_cases.read_case(slices.unit, code, CASE)
        except NotFound:
            continue
        found.append(code)
    return found


async def _running(slices: Slices) -> list[tuple[Any, ...]]:
    shown = await watch.read_case(slices.unit, CASE)
    return [(each.clock, each.department, each.due_at) for each in shown.clocks if each.state == "running"]


@pytest.mark.parametrize("had", [WATER, MARKET])
async def test_only_what_the_finding_gave_is_taken_away(slices: Slices, had: DepartmentCode) -> None:
    """The unit that it gave the case loses it; another that has it keeps it, its deadline and what its citizen sees."""
    await slices.submit(REPORT)
    (item,) = await items.waiting(slices.unit.db, CASE)
    told = Clear(version=item.version, departments=(MARKET,), reason="只是说作坊在它对面")
    await clear(slices.unit, CASE, told, LI)
    sent = Decision(version=item.version, category="other", lead=had)
    version = (await decide(slices.unit, CITY, CASE, sent, "li")).version
    await slices.carry()
    slices.unit.now += timedelta(minutes=30)
    assert [had] == await _readers(slices)
    clocks, seen = await _running(slices), await find_view(slices.unit.db, REPORT.codes.tracking_code)
    back = Clear(version=version, departments=(MARKET,), reason="作坊就是它开的")
    await take_back(slices.unit, CASE, back, LI)
    await slices.carry()

    now = await find_view(slices.unit.db, REPORT.codes.tracking_code)
    waiting = (await read_case(slices.unit, CASE)).waiting
    assert now is not None
    if had is WATER:
        assert ([WATER], clocks, seen, []) == (await _readers(slices), await _running(slices), now, waiting)
    else:
        assert [] == await _readers(slices)
        assert CaseState.IN_REVIEW is now.state
        assert ["dispatch"] == [row.item.kind for row in waiting]
