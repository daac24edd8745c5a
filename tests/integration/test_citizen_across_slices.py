"""What the citizen may do is decided in one place: handlers says it, intake offers it and hears it used."""

import pytest

from handlers.core import citizens
from handlers.core.actions.reply import Reply
from handlers.core.actions.sign import Sign
from handlers.core.rules import Action
from handlers.steps import act_on_case, assign
from handlers.steps.handle_events import decide_reviews, reopen_cases
from intake.core.following.view import View, allowed_actions
from intake.core.following.view_changes import FOLLOWED
from intake.steps.act_on_case import object_to_outcome
from intake.steps.handle_events import update_views
from intake.store.view import find_view
from schemas.city import load_city
from schemas.errors import ActionNotAllowed
from schemas.event import Event
from schemas.events.handlers import ReplyPublished
from schemas.events.intake import CitizenObjected
from schemas.events.routing import ReviewDecided
from schemas.http import Principal
from schemas.words import CaseState, ReviewKind, Role
from tests.conftest import RecordingUnit
from tests.integration.intake.calls import handle_replies, register
from tests.unit.handlers.making import HOUSING, MONDAY, routed
from tests.unit.intake.messages import KEYS, message

CITY = load_city()
WANG = Principal(role=Role.DEPARTMENT, name="wang", department=HOUSING)
CASE = message().codes


async def _carry(unit: RecordingUnit) -> None:
    """Carry what was said to the other slice, until nobody says anything more."""
    while unit.emitted:
        said = tuple(unit.emitted)
        unit.emitted.clear()
        for event in said:
            await _hear(unit, event)


async def _hear(unit: RecordingUnit, event: Event) -> None:
    if isinstance(event, CitizenObjected):
        await reopen_cases(unit, [event])
    elif isinstance(event, ReplyPublished):
        await handle_replies(unit, [event])
    elif isinstance(event, FOLLOWED):
        await update_views(unit, [event])


async def _view(unit: RecordingUnit) -> View:
    found = await find_view(unit.db, CASE.tracking_code)
    assert found is not None
    return found


async def _answer(unit: RecordingUnit) -> None:
    """The department answers, and a dispatcher approves."""
    view = await _view(unit)
    body = Reply(version=view.version, note="已派人", response="已修复")
    replied = await act_on_case.act(unit, WANG, CASE.case_id, Action.REPLY, body, CITY)
    approved = ReviewDecided(
        case_id=CASE.case_id, version=replied.version, at=MONDAY, kind=ReviewKind.REPLY, accepted=True,
        decided_by="li",
    )  # fmt: skip
    await decide_reviews(unit, [approved], city=CITY)
    await _carry(unit)


async def _closed(unit: RecordingUnit) -> None:
    """A case that was registered, routed, signed for and answered."""
    await register(unit, message())
    await assign.open_cases(unit, [routed(case_id=CASE.case_id)])
    await _carry(unit)
    await act_on_case.act(unit, WANG, CASE.case_id, Action.SIGN, Sign(version=3), CITY)
    await _carry(unit)
    await _answer(unit)


async def _object(unit: RecordingUnit) -> None:
    await object_to_outcome(unit, KEYS, await _view(unit), reason="没有修好")
    await _carry(unit)


async def test_an_answer_is_objected_to_once(unit: RecordingUnit) -> None:
    """From the moment when it is used it is not offered any more, nor after the second answer."""
    await _closed(unit)
    assert ["rating", "objection"] == allowed_actions(await _view(unit), unit.now)

    await object_to_outcome(unit, KEYS, await _view(unit), reason="没有修好")
    assert ["rating"] == allowed_actions(await _view(unit), unit.now)
    await _carry(unit)
    assert CaseState.REOPENED is (await _view(unit)).state
    await _answer(unit)
    view = await _view(unit)

    assert (CaseState.CLOSED, ["rating"]) == (view.state, allowed_actions(view, unit.now))
    with pytest.raises(ActionNotAllowed):
        await _object(unit)


async def test_a_city_that_reopens_twice_changes_one_number(
    unit: RecordingUnit, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The citizen may object twice, and not three times."""
    monkeypatch.setattr(citizens, "MAX_REOPENINGS", 2)
    await _closed(unit)
    for _ in range(2):
        await _object(unit)
        assert CaseState.REOPENED is (await _view(unit)).state
        await _answer(unit)

    assert ["rating"] == allowed_actions(await _view(unit), unit.now)
