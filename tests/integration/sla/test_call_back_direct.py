"""A direct answer that settled nothing, as its citizen says when asked back, goes to another dispatcher."""

from datetime import timedelta
from typing import Any

import pytest

from deploy.composition.callees import KnownCallees
from schemas.errors import BadInput
from schemas.words import CaseState
from sla.core.calendar import named_calendar
from sla.core.rules import load_rules
from sla.steps.call_backs import draw_call_backs
from sla.store import call_backs
from tests.conftest import RecordingUnit
from tests.integration.centre import ASKED, CASE, Centre
from tests.unit.intake.messages import KEYS


async def test_a_direct_answer_that_settled_nothing(unit: RecordingUnit) -> None:
    """It is open again, with a time of its own; who answered decides nothing; readers know that another one is to come."""
    centre = Centre(unit)
    await centre.begin()
    await centre.answer()
    centre.unit.now += timedelta(days=1)
    await draw_call_backs(
        centre.unit, callees=KnownCallees(KEYS), lot_key=b"k", rules=load_rules(), calendar=named_calendar("china"),
        reached=centre.unit.now,
    )  # fmt: skip
    await centre.slices.carry()
    [drawn] = await call_backs.of_case(centre.unit.db, CASE)
    assert (None, "li") == (
        drawn.department, await centre.unit.db.fetchval("SELECT answered_by FROM sla.call_back WHERE case_id = $1", CASE)
    )  # fmt: skip
    await centre.do("call-back", contacted=False, solved="no", satisfied=False, comment="没说要不要照片")
    seen, found = await centre.seen(), await _published(centre)

    assert (CaseState.IN_REVIEW, "no") == (seen.state, seen.solved)
    assert {"review_objection:dispatcher"} == {each for each in await centre.running() if "review" in each}
    assert [True] == found
    with pytest.raises(BadInput):
        await centre.answer("li", answer=None, lead="housing")
    await centre.answer("sun", answer=None, lead="housing")
    assert CaseState.ASSIGNED is (await centre.seen()).state


async def _published(centre: Centre) -> list[bool]:
    found: Any = await centre.site.call(centre.unit, "GET", "/api/v1/published")
    return [item.objected for item in found.items if item.tracking_code == ASKED.codes.tracking_code]
