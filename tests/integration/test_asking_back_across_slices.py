"""The department asks its citizen back, and a withdrawal that comes too late is told: from slice to slice, on Postgres."""

import msgspec
import pytest

from handlers.core.actions.ask import Ask
from handlers.core.actions.reply import Reply
from handlers.core.actions.sign import Sign
from handlers.core.rules import Action
from handlers.steps import act_on_case, assign, handle_events
from intake.core.following.view import View, allowed_actions, pending_actions
from intake.core.following.view_changes import FOLLOWED
from intake.steps.act_on_case import Addition, answer, supplement, withdraw
from intake.steps.handle_events import update_views
from intake.store.view import find_view
from schemas.city import load_city
from schemas.errors import ActionNotAllowed
from schemas.event import Event
from schemas.events.intake import CaseSupplemented, CaseWithdrawn
from schemas.events.routing import SupplementJudged, WithdrawalJudged
from schemas.events.sla import PauseEnded
from schemas.http import Principal
from schemas.words import CaseState, Clock, Role
from tests.conftest import RecordingUnit
from tests.integration.intake.calls import register
from tests.unit.handlers.making import HOUSING, MONDAY, routed
from tests.unit.intake.messages import KEYS, message

CITY = load_city()
WANG = Principal(role=Role.DEPARTMENT, name="wang", department=HOUSING)
CASE = message().codes


async def _carry(unit: RecordingUnit) -> list[str]:
    """Carry what was said to the other slice, until nobody says anything more; what it was."""
    names: list[str] = []
    while unit.emitted:
        said = tuple(unit.emitted)
        unit.emitted.clear()
        names += [event.name for event in said]
        for event in said:
            await _hear(unit, event)
    return names


async def _hear(unit: RecordingUnit, event: Event) -> None:
    if isinstance(event, CaseSupplemented):
        judged = SupplementJudged(
            case_id=event.case_id, version=event.version, at=event.at, text=event.text, supplemented_at=event.at,
            answers=event.answers,
        )  # fmt: skip
        await handle_events.supplement_cases(unit, [judged])
    elif isinstance(event, CaseWithdrawn):
        withdrawn = WithdrawalJudged(
            case_id=event.case_id,
            version=event.version,
            at=event.at,
            reason=event.reason,
            withdrawn_at=event.at,
        )
        await handle_events.withdraw_cases(unit, [withdrawn])
    elif isinstance(event, FOLLOWED):
        await update_views(unit, [event])


async def _view(unit: RecordingUnit) -> View:
    found = await find_view(unit.db, CASE.tracking_code)
    assert found is not None
    return found


async def _asked(unit: RecordingUnit) -> View:
    """A case whose department asks where it is."""
    await register(unit, message())
    await assign.open_cases(unit, [routed(case_id=CASE.case_id)])
    await _carry(unit)
    await act_on_case.act(unit, WANG, CASE.case_id, Action.SIGN, Sign(version=3), CITY)
    asking = Ask(version=4, text="在几号楼？", until="2026-11-27")
    await act_on_case.act(unit, WANG, CASE.case_id, Action.ASK, asking, CITY)
    await _carry(unit)
    return await _view(unit)


async def test_the_citizen_reads_the_question_and_answers_it(unit: RecordingUnit) -> None:
    """Once; also with words that were said before, and an addition does not count as the answer."""
    view = await _asked(unit)
    assert view.question is not None
    assert ("在几号楼？", True) == (view.question.text, "answer" in allowed_actions(view, unit.now))
    await supplement(unit, KEYS, view, Addition(text="3号楼"))
    await _carry(unit)

    await answer(unit, KEYS, await _view(unit), Addition(text="3号楼"))
    with pytest.raises(ActionNotAllowed):
        await answer(unit, KEYS, await _view(unit), Addition(text="3号楼"))
    names = await _carry(unit)

    assert ["case.supplemented", "question.answered"] == names
    view = await _view(unit)
    assert (False, CaseState.IN_PROGRESS) == ("answer" in allowed_actions(view, unit.now), view.state)
    assert ["asked", "supplemented", "answered_question", "question_answered"] == [
        line.event for line in view.timeline
    ][-4:]


async def test_without_an_answer_the_case_goes_on(unit: RecordingUnit) -> None:
    """The question lapses, and is not offered any more."""
    view = await _asked(unit)
    assert view.question is not None
    until = view.question.until
    over = PauseEnded(
        case_id=CASE.case_id, version=view.version, at=until, clock=Clock.QUESTION, due_at=until
    )
    await handle_events.end_pauses(unit, [over])

    assert ["question.lapsed"] == await _carry(unit)
    assert "answer" not in allowed_actions(await _view(unit), unit.now)


async def test_a_withdrawal_that_came_too_late_is_told(unit: RecordingUnit) -> None:
    """It was accepted, it is pending, and then its citizen reads that it was not done."""
    view = await _asked(unit)
    await withdraw(unit, KEYS, view, reason="")
    (asked,) = unit.emitted
    unit.emitted.clear()
    assert ["withdrawal"] == pending_actions(await _view(unit))
    reply = Reply(version=view.version, note="已查", response="已修复")
    await act_on_case.act(unit, WANG, CASE.case_id, Action.REPLY, reply, CITY)
    await _carry(unit)
    unit.emit(msgspec.structs.replace(asked, at=MONDAY))

    assert ["case.withdrawn", "request.dropped"] == await _carry(unit)
    view = await _view(unit)
    assert (CaseState.REPLIED, "withdrawal_dropped", []) == (
        view.state, view.timeline[-1].event, pending_actions(view)
    )  # fmt: skip
