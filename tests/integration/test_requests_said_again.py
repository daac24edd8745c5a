"""What departments ask of dispatchers, and what those decide, comes back where Kafka lost it before anybody read it."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pytest

from deploy.reconcile.gaps import Gaps, find_gaps
from handlers.core.rules import Action
from handlers.steps.say_again import say_assigned_again
from routing.steps.say_again import say_decided_again, say_routed_again
from schemas.event import Event
from schemas.words import ReviewKind
from tests.conftest import RecordingUnit
from tests.integration.slices import Slices
from tests.integration.test_promise_across_slices import CASE, CITY, MESSAGE, PLAN, act, decided


class Losing(Slices):
    """What is said is carried, or lost with the topic that it lay on."""

    is_losing = False

    async def carry(self) -> list[Event]:
        """As ever, or nothing."""
        if self.is_losing:
            self.unit.emitted.clear()
        return await super().carry()


@pytest.fixture
def slices(unit: RecordingUnit) -> Losing:
    """All four."""
    return Losing(unit, CITY)


async def _gaps(slices: Losing) -> Gaps:
    slices.unit.now += timedelta(minutes=5)
    return await find_gaps(slices.unit.db, slices.unit.now)


async def _row(slices: Losing, query: str) -> Any:
    return await slices.unit.db.fetchval(query, CASE)


_OPEN = "SELECT count(*) FROM routing.review_item WHERE case_id = $1 AND state = 'open'"
_WORDS = "SELECT detail->>'response' FROM routing.review_item WHERE case_id = $1 AND state = 'open'"
_STATE = "SELECT state FROM handlers.case WHERE case_id = $1"
_LEAD = "SELECT lead FROM handlers.case WHERE case_id = $1"
_REPLY = {"note": "已办", "response": "班次已调整。"}
_RETURN = {"reason": "不是本单位的事", "basis": "三定方案"}
_EXTEND = {"working_days": 5, "reason": "等管线核实"}
_SUSPEND = {"reason": "等鉴定", "basis": "鉴定合同", "until": "2026-12-05"}
_PROMISE: dict[str, Any] = {"date": "2027-02-01", "plan": PLAN, "reason": "需要调整", "basis": "线网规划"}
_REQUESTS: Sequence[tuple[Action, dict[str, Any]]] = [
    (Action.REPLY, _REPLY), (Action.RETURN, _RETURN), (Action.EXTEND, _EXTEND), (Action.SUSPEND, _SUSPEND),
    (Action.PROMISE, _PROMISE),
]  # fmt: skip
#: The request, the question that it is, whether it is granted, and how the desk stands then.
_DECISIONS: Sequence[tuple[Action, dict[str, Any], ReviewKind, bool, str]] = [
    (Action.REPLY, _REPLY, ReviewKind.REPLY, True, "closed"),
    (Action.REPLY, _REPLY, ReviewKind.REPLY, False, "in_progress"),
    (Action.RETURN, _RETURN, ReviewKind.RETURN, False, "assigned"),
    (Action.EXTEND, _EXTEND, ReviewKind.EXTENSION, True, "in_progress"),
    (Action.SUSPEND, _SUSPEND, ReviewKind.SUSPENSION, True, "suspended"),
    (Action.PROMISE, _PROMISE, ReviewKind.PROMISE, False, "in_progress"),
    (Action.PROMISE, _PROMISE, ReviewKind.PROMISE, True, "in_progress"),
]


async def _begun(slices: Losing, before: Action) -> None:
    """The case is at its desk: signed for, as all but a return needs."""
    await slices.submit(MESSAGE)
    if before is not Action.RETURN:
        await act(slices, Action.SIGN)


@pytest.mark.parametrize(("action", "fields"), _REQUESTS)
async def test_what_a_department_asks_comes_before_a_dispatcher_after_all(
    slices: Losing, action: Action, fields: dict[str, Any]
) -> None:
    """Once, in the department's words."""
    await _begun(slices, action)
    slices.is_losing = True
    await act(slices, action, **fields)
    slices.is_losing = False
    lost = await _gaps(slices)
    await say_assigned_again(slices.unit, list(lost.unasked))
    await slices.carry()

    assert {CASE} == lost.unasked == lost.cases
    assert 1 == await _row(slices, _OPEN)
    assert fields.get("response") == await _row(slices, _WORDS)
    assert not (await _gaps(slices)).cases


@pytest.mark.parametrize(("action", "fields", "kind", "accept", "state"), _DECISIONS)
async def test_what_a_dispatcher_decided_comes_to_the_department_that_waits(
    slices: Losing, action: Action, fields: dict[str, Any], kind: ReviewKind, accept: bool, state: str
) -> None:
    """A yes as a no, whose words were lost."""
    await _begun(slices, action)
    await act(slices, action, **fields)
    slices.is_losing = True
    await decided(slices, kind, accept=accept)
    slices.is_losing = False
    lost = await _gaps(slices)
    await say_decided_again(slices.unit, list(lost.undecided))
    await slices.carry()

    assert {CASE} == lost.undecided == lost.cases
    assert state == await _row(slices, _STATE)
    assert not (await _gaps(slices)).cases


async def test_the_day_that_a_dispatcher_promised_instead_is_promised_after_all(slices: Losing) -> None:
    """Not the one that was asked for; of a release that kept none nothing is said, and nobody is told of it as missing."""
    await _begun(slices, Action.PROMISE)
    await act(slices, Action.PROMISE, **_PROMISE)
    slices.is_losing = True
    await decided(slices, ReviewKind.PROMISE, accept=True, date=date(2027, 1, 20))
    slices.is_losing = False
    keep = "UPDATE routing.review_item SET detail = detail {} WHERE case_id = $1 AND kind = 'promise' RETURNING 1"
    assert await _row(slices, keep.format("- 'promised_day'"))
    assert not (await _gaps(slices)).cases
    assert await _row(slices, keep.format("""|| '{"promised_day": "2027-01-20"}'"""))
    lost = await _gaps(slices)
    await say_decided_again(slices.unit, list(lost.undecided))
    await slices.carry()

    assert {CASE} == lost.undecided == lost.cases
    assert "2027-01-20" in str(
        await _row(slices, "SELECT asks->'promised' FROM handlers.case WHERE case_id = $1")
    )
    assert not (await _gaps(slices)).cases


async def test_a_case_that_was_given_to_another_gets_there(slices: Losing) -> None:
    """Its former desk has it until then, and knows of nothing."""
    await slices.submit(MESSAGE)
    await act(slices, Action.RETURN, reason="不是本单位的事", basis="三定方案")
    slices.is_losing = True
    await decided(slices, ReviewKind.RETURN, lead="water")
    slices.is_losing = False
    lost = await _gaps(slices)
    await say_routed_again(slices.unit, list(lost.cases))
    await slices.carry()

    assert {CASE} == lost.undecided | lost.off_desk
    assert "water" == await _row(slices, _LEAD)
    assert not (await _gaps(slices)).cases


@pytest.mark.parametrize(
    ("before", "lost", "fields"), [((), Action.SIGN, {}), ((Action.SIGN,), Action.REPLY, _REPLY)]
)
async def test_what_a_desk_did_comes_to_its_citizen_and_stops_its_clocks(
    slices: Losing, before: Sequence[Action], lost: Action, fields: dict[str, Any]
) -> None:
    """As if nothing had been lost: no clock runs on to a breach that there is not."""
    await slices.submit(MESSAGE)
    for action in before:
        await act(slices, action)
    slices.is_losing = True
    await act(slices, lost, **fields)
    slices.is_losing = False
    found = await _gaps(slices)
    await say_assigned_again(slices.unit, [CASE])
    await slices.carry()

    assert {CASE} == found.unclocked == found.untold
    assert not (await _gaps(slices)).cases
