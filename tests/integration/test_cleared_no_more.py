"""A dispatcher takes back that a report does not accuse a unit which only supports the case."""

import pytest

from routing.core.decisions.clearing import Clear
from routing.core.decisions.review import Decision
from routing.steps.clear import clear, take_back
from routing.steps.decide import decide
from schemas.errors import NotFound
from schemas.http import Principal
from schemas.words import Role
from tests.conftest import RecordingUnit
from tests.integration.slices import Slices
from tests.integration.test_protection_matrix import (
    ACCUSED,
    CASE_ID,
    CITY,
    NAMING,
    OTHER,
    WHY_CLEARED,
    _ask,
    _desk_routes,
)


@pytest.fixture
def slices(unit: RecordingUnit) -> Slices:
    """All four."""
    return Slices(unit, CITY)


async def test_a_supporting_unit_that_is_cleared_no_more_is_told_nothing_of_what_follows(
    slices: Slices,
) -> None:
    """The lead has the case once more when a dispatcher says so, and alone hears of it; the other one has no such case."""
    await slices.submit(NAMING)
    found = Clear(version=2, departments=(ACCUSED,), reason=WHY_CLEARED)
    li = Principal(role=Role.DISPATCHER, name="li")
    await clear(slices.unit, CASE_ID, found, li)
    both = Decision(version=2, category="other", lead=OTHER, supporting=(ACCUSED,))
    await decide(slices.unit, CITY, CASE_ID, both, "zhao")
    await slices.carry()
    assert {OTHER, ACCUSED} == {department for department, _ in slices.unit.emitted_to}
    slices.unit.emitted_to.clear()
    await take_back(slices.unit, CASE_ID, Clear(version=3, departments=(ACCUSED,), reason="车就是它的"), li)
    await slices.carry()
    assert [] == slices.unit.emitted_to
    version = await slices.unit.db.fetchval(
        "SELECT max(version) FROM routing.review_item WHERE case_id = $1 AND state = 'open'", CASE_ID
    )
    await decide(slices.unit, CITY, CASE_ID, Decision(version=version, category="other", lead=OTHER), "zhao")
    await slices.carry()
    assert {OTHER} == {department for department, _ in slices.unit.emitted_to}
    for route in _desk_routes():
        if "{case_id}" in route.path:
            assert await _ask(slices.unit, route, ACCUSED) is NotFound, route.path
