"""A refusal is taken back while its citizen objects to it: one clock runs, whichever is heard first, on Postgres."""

import pytest

from intake.steps import act_on_case as citizen
from intake.store.view import find_view
from routing.core.decisions.review import Decision
from routing.steps.decide import decide
from routing.steps.undo import undo
from routing.store import cases, items
from schemas.city import load_city
from schemas.words import CaseState
from tests.conftest import RecordingUnit
from tests.integration.slices import Slices
from tests.unit.intake.messages import KEYS, draft, message

CITY = load_city()
UNSURE = message(draft("一件小事", "请看一下，谢谢。"))
CASE = UNSURE.codes.case_id


async def _running(slices: Slices) -> list[str]:
    rows = await slices.unit.db.fetch(
        "SELECT clock FROM sla.clock WHERE case_id = $1 AND state = 'running' ORDER BY clock", CASE
    )
    return [row["clock"] for row in rows]


async def _waiting(slices: Slices) -> int:
    (item,) = await items.waiting(slices.unit.db, CASE)
    return item.version


@pytest.mark.parametrize("first", ["undone", "objected"])
async def test_one_clock_runs(unit: RecordingUnit, first: str) -> None:
    """The dispatcher's, as before the refusal; and none is left when the case is dispatched."""
    slices = Slices(unit, CITY)
    await slices.submit(UNSURE)
    before = await _running(slices)
    await decide(unit, CITY, CASE, Decision(version=await _waiting(slices), decline=True), "li")
    await slices.carry()
    seen = await find_view(unit.db, UNSURE.codes.tracking_code)
    assert seen is not None
    await citizen.object_to_outcome(unit, KEYS, seen, reason="应当由市里管")
    objected = list(unit.emitted)
    unit.emitted.clear()
    case = await cases.find(unit.db, CASE)
    assert case is not None
    await undo(unit, CASE, case.version, "li")
    undone = list(unit.emitted)
    unit.emitted[:] = [*undone, *objected] if first == "undone" else [*objected, *undone]
    await slices.carry()

    assert before == await _running(slices)
    now = await find_view(unit.db, UNSURE.codes.tracking_code)
    assert now is not None
    assert CaseState.IN_REVIEW == now.state
    await decide(unit, CITY, CASE, Decision(version=await _waiting(slices), lead="transport"), "li")
    await slices.carry()
    assert "dispatch" not in await _running(slices)
    assert "review_objection" not in await _running(slices)
