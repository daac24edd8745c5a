"""A department takes its reply back while nobody has decided on it (撤回答复): all slices, on Postgres."""

from datetime import timedelta
from typing import Any

import pytest

from handlers.core.rules import Action
from routing.core.decisions.review import Decision
from routing.steps.decide import decide
from routing.steps.read_queue import read_dropped
from routing.store import items
from schemas.errors import ActionNotAllowed, NotFound
from schemas.words import CaseState, ReviewKind
from sla.core.calendar import named_calendar
from sla.core.rules import load_rules
from sla.steps.sweep import sweep
from tests.conftest import RecordingUnit
from tests.integration.slices import Slices
from tests.integration.test_undo_in_hand import (
    CASE,
    CITY,
    REPLY,
    ZHAO,
    acted,
    decided,
    dispatched,
    standing,
    view_of,
)

BACK: dict[str, Any] = {"reason": "漏了附件"}


@pytest.fixture
async def slices(unit: RecordingUnit) -> Slices:
    """All four, with a reply under review."""
    slices = Slices(unit, CITY)
    await dispatched(slices)
    await acted(slices, REPLY[0], **REPLY[1])
    slices.unit.now += timedelta(hours=3)
    return slices


async def test_it_is_as_if_there_had_been_no_reply(slices: Slices) -> None:
    """Nobody reviews it, its citizen reads so, and the department has the time that it had, and no more."""
    db = slices.unit.db
    due_at = await db.fetchval("SELECT due_at FROM handlers.case WHERE case_id = $1", CASE)
    with pytest.raises(NotFound):
        await acted(slices, Action.WITHDRAW_REPLY, ZHAO, **BACK)

    await acted(slices, Action.WITHDRAW_REPLY, **BACK)

    after = await standing(slices)
    assert [] == after["waiting"]
    assert [("reply", "running", due_at)] == [
        (each["clock"], each["state"], each["due_at"]) for each in after["clocks"] if each["clock"] == "reply"
    ]
    assert [] == [each for each in after["clocks"] if each["clock"] == "review_reply"]
    assert "sent_back" not in {measure for _, measure, _ in after["counted"]}
    view = await view_of(slices)
    assert (CaseState.IN_PROGRESS, "reply_withdrawn") == (view.state, view.timeline[-1].event)
    with pytest.raises(ActionNotAllowed):
        await acted(slices, Action.WITHDRAW_REPLY, **BACK)

    await acted(slices, REPLY[0], **REPLY[1])
    await decided(slices, ReviewKind.REPLY, accept=True)
    assert CaseState.CLOSED is (await view_of(slices)).state
    with pytest.raises(ActionNotAllowed):
        await acted(slices, Action.WITHDRAW_REPLY, **BACK)


async def test_nobody_gains_time_by_it(slices: Slices) -> None:
    """What became due while a reply lay there that was none was due."""
    db = slices.unit.db
    slices.unit.now = await db.fetchval("SELECT due_at FROM handlers.case WHERE case_id = $1", CASE)
    slices.unit.now += timedelta(minutes=1)
    await acted(slices, Action.WITHDRAW_REPLY, **BACK)
    await sweep(slices.unit, rules=load_rules(), calendar=named_calendar("china"))
    await slices.carry()

    assert await db.fetchval("SELECT overdue FROM handlers.case WHERE case_id = $1", CASE)


@pytest.mark.parametrize("accept", [True, False])
async def test_a_decision_that_was_on_its_way_is_none(slices: Slices, accept: bool) -> None:
    """The dispatcher is told; the next reply is decided on by itself, and nothing comes out twice."""
    (item,) = await items.waiting(slices.unit.db, CASE)
    said = Decision(version=item.version, kind=ReviewKind.REPLY, accept=accept, remarks="请说明依据")
    await decide(slices.unit, CITY, CASE, said, "li")
    # handlers hears of the decision only after this.
    await acted(slices, Action.WITHDRAW_REPLY, **BACK)

    (dropped,) = await read_dropped(slices.unit, "li")
    assert (ReviewKind.REPLY, accept) == (dropped.review, dropped.accepted)
    assert CaseState.IN_PROGRESS is (await view_of(slices)).state
    await acted(slices, REPLY[0], **REPLY[1])
    (waiting,) = await items.waiting(slices.unit.db, CASE)
    with pytest.raises(ActionNotAllowed):
        await decide(slices.unit, CITY, CASE, said, "li")
    await decided(slices, ReviewKind.REPLY, accept=True)
    assert CaseState.CLOSED is (await view_of(slices)).state
    assert waiting.version == item.version + 2
