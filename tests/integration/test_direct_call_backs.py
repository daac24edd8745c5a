"""A direct answer that settled nothing, as its citizen said when called back: the centre's own, beside their objection."""

import pytest

from schemas.event import Event
from schemas.events.call_backs import CallBackDone
from schemas.events.routing import ReviewRequested
from schemas.words import ReviewKind
from tests.conftest import RecordingUnit
from tests.integration.centre import CASE, Centre


@pytest.fixture
async def centre(unit: RecordingUnit) -> Centre:
    """An enquiry that a dispatcher has answered."""
    centre = Centre(unit)
    await centre.begin()
    await centre.answer(by="li")
    return centre


async def _called(centre: Centre, solved: str, note: str) -> list[Event]:
    centre.unit.emit(
        CallBackDone(
            case_id=CASE, version=3, at=centre.unit.now, number=1, by="wu", reached=True, contacted=True, solved=solved,
            satisfied=False, note=note, redo=solved == "no",
        )
    )  # fmt: skip
    return await centre.slices.carry()


async def test_the_citizen_keeps_their_objection(centre: Centre) -> None:
    """The answer of the second dispatcher may be objected to, and the objection goes to another one."""
    await _called(centre, "no", "还是没有办成")
    await centre.answer(by="sun")
    said = await centre.do("objection", reason="还是不对")

    assert [ReviewKind.OBJECTION] == [event.kind for event in said if isinstance(event, ReviewRequested)]


async def test_whom_they_accuse_is_heeded_though_nothing_is_done_anew(centre: Centre) -> None:
    """Nobody else reads such a case from then on."""
    await _called(centre, "partly", "办事处主任收了红包才肯办")

    assert await centre.unit.db.fetchval("SELECT protected FROM routing.case WHERE case_id = $1", CASE)
