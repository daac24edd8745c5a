"""Which call-back of a case an event is of: told when it is drawn or moved, and told again with the answer."""

from typing import Any

import pytest

from intake.steps import act_on_case as citizen
from schemas.events.call_backs import CallBackAnswered, CallBackDue
from schemas.values import Contact
from schemas.words import Clock
from sla.steps.call_backs import handle_answers
from tests.conftest import RecordingUnit
from tests.integration.sla.calling import KNOW, calls, closed_case, draw_day, seen
from tests.integration.sla.ordering import LEAD, clock_of
from tests.unit.intake.messages import KEYS


@pytest.mark.parametrize(("number", "state"), [(0, "done"), (1, "done"), (2, "open")])
async def test_an_answer_is_of_the_call_back_it_was_asked_in(
    unit: RecordingUnit, number: int, state: str
) -> None:
    """One of another, heard late, settles nothing; one that names none, as before, is of the one that is open."""
    slices, case_id = await closed_case(unit, Contact(email="wang@example.org"))
    await draw_day(slices)
    said = CallBackAnswered(
        case_id=case_id, version=1, at=unit.now, contacted=True, solved="yes", satisfied=True, number=number
    )
    await handle_answers(unit, [said], **KNOW)

    assert [(1, state)] == [(each.number, each.state) for each in await calls(slices)]


async def test_the_citizen_answers_the_one_that_asked(unit: RecordingUnit) -> None:
    """Moved to their page or drawn so, it is told with its number in one shape, and comes back with it."""
    slices, case_id = await closed_case(unit)
    await draw_day(slices)
    await unit.db.execute("UPDATE sla.call_back SET number = 3 WHERE case_id = $1", case_id)
    await unit.db.execute('UPDATE sla."case" SET private = true WHERE case_id = $1', case_id)
    [moved] = [event for event in await draw_day(slices) if isinstance(event, CallBackDue)]
    said: dict[str, Any] = {"contacted": True, "solved": "yes", "satisfied": True, "comment": ""}
    await citizen.answer_call_back(slices.unit, KEYS, await seen(slices), **said)
    [answered] = [event for event in await slices.carry() if isinstance(event, CallBackAnswered)]

    assert (3, "sample", LEAD) == (moved.number, moved.why, moved.department)
    assert moved.until is not None
    assert 3 == answered.number
    assert "stopped" == (await clock_of(slices, Clock.CALL_BACK))["state"]
