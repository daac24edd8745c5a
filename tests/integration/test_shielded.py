"""Cases in which somebody is accused while no department has them: they stand in no number from then on."""

import pytest

from schemas.events.call_backs import CallBackDone
from schemas.events.intake import CitizenObjected
from tests.conftest import RecordingUnit
from tests.integration.centre import CASE, Centre

_ACCUSES = "办事处主任收了红包才肯办"


@pytest.fixture
async def centre(unit: RecordingUnit) -> Centre:
    """An enquiry that waits for a dispatcher."""
    centre = Centre(unit)
    await centre.begin()
    return centre


async def _is_private(centre: Centre) -> bool:
    found: bool = await centre.unit.db.fetchval('SELECT private FROM sla."case" WHERE case_id = $1', CASE)
    return found


async def test_while_a_dispatcher_has_it(centre: Centre) -> None:
    """Whatever becomes of it: one that is declined next is never assigned."""
    assert not await _is_private(centre)
    await centre.do("supplement", text=_ACCUSES)

    assert await _is_private(centre)


async def test_in_a_call_back_about_a_dispatchers_answer(centre: Centre) -> None:
    """No department ever hears of it, and the figures forget it all the same; a rating that accuses nobody is counted."""
    await centre.answer()
    await centre.do("rating", score=2)
    assert not await _is_private(centre)
    centre.unit.emit(
        CallBackDone(
            case_id=CASE, version=3, at=centre.unit.now, number=1, reached=True, solved="partly", satisfied=False,
            note=_ACCUSES,
        )
    )  # fmt: skip
    await centre.slices.carry()

    assert await _is_private(centre)


async def test_in_the_objection_of_a_merged_case(centre: Centre) -> None:
    """It is taken out of the other one, and of every number."""
    await centre.answer()
    await centre.unit.db.execute("UPDATE routing.case SET state = 'merged', response = NULL")
    centre.unit.emit(CitizenObjected(case_id=CASE, version=3, at=centre.unit.now, reason=_ACCUSES))
    await centre.slices.carry()

    assert await _is_private(centre)
