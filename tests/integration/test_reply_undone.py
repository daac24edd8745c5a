"""A reply that was sent back (退回重写), and that taken back within minutes: all slices stand as before, on Postgres."""

from datetime import datetime, timedelta

import pytest

from handlers.core.case import By
from handlers.core.files import added
from handlers.core.rules import Action, Actor
from handlers.steps.apply import apply
from handlers.store import cases as held_cases
from routing.steps.read_queue import read_dropped
from routing.steps.undo import find_chance, undo
from routing.store import items
from schemas.errors import ActionNotAllowed, BadInput
from schemas.events.undone import VerdictUndone
from schemas.ids import AttachmentId
from schemas.values import Attachment
from schemas.words import CaseState, FileAudience, ReviewKind
from tests.conftest import RecordingUnit
from tests.integration.slices import Slices
from tests.integration.test_undo_in_hand import (
    CASE,
    CITY,
    FIVE_MINUTES,
    PROMISE,
    REPLY,
    SENT,
    TRANSPORT,
    WATER,
    ZHAO,
    acted,
    decided,
    dispatched,
    same,
    standing,
    taken_back,
    view_of,
)

PHOTO = Attachment(attachment_id=AttachmentId("a" * 32), name="现场.jpg", type="image/jpeg")


@pytest.fixture
def slices(unit: RecordingUnit) -> Slices:
    """All four."""
    return Slices(unit, CITY)


async def _promised(slices: Slices) -> None:
    """A date is promised, and the reply to it is given when little time is left; its review takes longer."""
    await dispatched(slices)
    await acted(slices, PROMISE[0], **PROMISE[1])
    await decided(slices, ReviewKind.PROMISE, accept=True)
    slices.unit.now = datetime(2027, 2, 1, 9, tzinfo=CITY.zone)
    await acted(slices, REPLY[0], **REPLY[1])
    slices.unit.now += timedelta(hours=3)


async def test_a_reply_that_is_not_sent_back_after_all_was_in_time(slices: Slices) -> None:
    """Judged by when it was given, the promise too; the time that the department got for another one is none."""
    await _promised(slices)
    before = await standing(slices)
    promised = "SELECT replied_at, ended_at FROM intake.promise WHERE case_id = $1"
    kept = await slices.unit.db.fetchrow(promised, CASE)
    assert kept["replied_at"] is not None
    await decided(slices, ReviewKind.REPLY, accept=False, remarks="请说明依据")
    assert before["clocks"] != (await standing(slices))["clocks"]
    slices.unit.now += FIVE_MINUTES
    await acted(slices, Action.NOTE, text="正在核对")

    await taken_back(slices)

    slices.unit.now -= FIVE_MINUTES
    same(before, await standing(slices))
    assert kept == await slices.unit.db.fetchrow(promised, CASE)
    slices.unit.now += FIVE_MINUTES
    await decided(slices, ReviewKind.REPLY, accept=False, remarks="请说明依据")
    await acted(slices, REPLY[0], **REPLY[1])
    await decided(slices, ReviewKind.REPLY, accept=True)
    assert CaseState.CLOSED is (await view_of(slices)).state


async def test_who_has_written_again_is_read_instead(slices: Slices) -> None:
    """The page says so; where that was on its way, whoever asked reads that nothing was taken back."""
    await dispatched(slices)
    await acted(slices, REPLY[0], **REPLY[1])
    await decided(slices, ReviewKind.REPLY, accept=False, remarks="请说明依据")
    chance = await find_chance(slices.unit, SENT.codes.tracking_code, "li")
    assert chance is not None
    await undo(slices.unit, CASE, chance.version, "li")
    await acted(slices, REPLY[0], **REPLY[1])

    (dropped,) = await read_dropped(slices.unit, "li")
    assert (ReviewKind.REPLY, False) == (dropped.review, dropped.accepted)
    (waiting,) = await items.waiting(slices.unit.db, CASE)
    with pytest.raises(BadInput) as refused:
        await undo(slices.unit, CASE, waiting.version, "li")
    assert "单位已经再次提交答复" in refused.value.errors[0].zh


async def test_no_file_goes_out_with_a_reply_unread(slices: Slices) -> None:
    """What its department let the citizen see since was not there when the reply was reviewed."""
    await dispatched(slices)
    await acted(slices, REPLY[0], **REPLY[1])
    await decided(slices, ReviewKind.REPLY, accept=False, remarks="请附照片")
    (held,) = (await held_cases.lock_cases(slices.unit.db, [CASE])).values()
    by = By(name="wang", role=Actor.LEAD, now=slices.unit.now, department=TRANSPORT)
    shown = added(held, by, TRANSPORT, (PHOTO,), FileAudience.CITIZEN)
    assert shown is not None
    await apply(slices.unit, [shown])

    await taken_back(slices)

    assert [] == await items.waiting(slices.unit.db, CASE)
    assert 1 == len(await read_dropped(slices.unit, "li"))


async def test_no_part_waits_under_review(slices: Slices) -> None:
    """Its department has asked another one since, who could not do it while the reply is read, and would be late."""
    await dispatched(slices)
    await acted(slices, Action.CO_HANDLE, departments=[WATER], reason="共同办理")
    await acted(slices, REPLY[0], **REPLY[1])
    await decided(slices, ReviewKind.REPLY, accept=False, remarks="请说明依据")
    await acted(slices, Action.ASK_PART, departments=[WATER], text="请核实管线")

    await taken_back(slices)

    assert CaseState.IN_PROGRESS is (await view_of(slices)).state
    assert 1 == len(await read_dropped(slices.unit, "li"))
    await acted(slices, Action.PART, ZHAO, text="已核实")


async def test_the_citizen_reads_that_a_reply_was_not_sent_back_after_all(slices: Slices) -> None:
    """Both lines, and the state; its department has nothing more to write."""
    await dispatched(slices)
    await acted(slices, REPLY[0], **REPLY[1])
    await decided(slices, ReviewKind.REPLY, accept=False, remarks="请说明依据")
    said = await taken_back(slices)

    view = await view_of(slices)
    assert (CaseState.REPLIED, ["sent_back", "verdict_undone"]) == (
        view.state, [line.event for line in view.timeline][-2:],
    )  # fmt: skip
    told = [event for event in said if isinstance(event, VerdictUndone)]
    assert [(ReviewKind.REPLY, False)] == [(event.review, event.accepted) for event in told]
    with pytest.raises(ActionNotAllowed):
        await acted(slices, REPLY[0], **REPLY[1])
