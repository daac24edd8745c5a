"""Owners hear before their entries end, and entries that everybody lost come back."""

from datetime import timedelta

import pytest

from deploy.notices import endpoints
from deploy.reconcile.gaps import find_gaps
from handlers.steps import entries as steps
from handlers.steps.entry_ends import say_entries_again, warn_of_ends
from schemas.ids import CaseId, DepartmentCode, EntryId
from schemas.notices import Audience, NoticeChannel
from schemas.words import Language
from tests.conftest import RecordingUnit
from tests.integration.handlers.entry_desk import CITY, FIELDS, Staff, acted, is_open, public, published
from tests.integration.slices import Slices


async def _told(unit: RecordingUnit) -> list[tuple[str, str]]:
    await unit.flush()
    rows = await unit.db.fetch("SELECT occasion, department FROM deploy.notice ORDER BY at")
    return [(row["occasion"], row["department"]) for row in rows]


async def test_the_owner_hears_before_it_ends(unit: RecordingUnit, wang: Staff, li: Staff) -> None:
    """Two weeks and three days before, once each, whoever looks how often; of one that was taken back nothing."""
    for department in map(DepartmentCode, ("housing", "transport")):
        await endpoints.add(
            unit.db, audience=Audience.DEPARTMENT, department=department, channel=NoticeChannel.EMAIL,
            address=f"{department}@city.example", language=Language.ZH, now=unit.now, by="admin",
        )  # fmt: skip
    entry_id = await published(wang, li)
    gone = await published(wang, li, questions="身份证怎么办理")
    await acted(wang, gone, "withdraw", remarks="过时")
    end = (await wang.read(entry_id)).holds_until
    assert end is not None
    seen = []
    for days in (15, 14, 13, 3, 2, 0):
        unit.now = end - timedelta(days=days)
        await warn_of_ends(unit)
        await warn_of_ends(unit)
        seen.append(len(await _told(unit)))

    assert [0, 1, 1, 2, 2, 2] == seen
    assert {("entry_ends", "housing")} == set(await _told(unit))


async def _missing(unit: RecordingUnit) -> set[str]:
    return set((await find_gaps(unit.db, unit.now + timedelta(minutes=1))).entries)


async def _said_again(unit: RecordingUnit) -> None:
    unit.emitted.clear()
    await say_entries_again(unit, [CaseId(each) for each in await _missing(unit)], zone=CITY.zone)
    await Slices(unit, CITY).carry()


async def test_entries_that_everybody_lost_come_back(unit: RecordingUnit, wang: Staff, li: Staff) -> None:
    """As they were last published, while another text is being written; what is known is not said again."""
    entry_id = await published(wang, li)
    await wang.open(f"/desk/entries/{entry_id}/edit")
    await wang.send(f"/desk/entries/{entry_id}/edit", **{**FIELDS, "version": "3", "answer": "别的答案。"})
    assert set() == await _missing(unit)
    await unit.db.execute("DELETE FROM intake.entry")

    assert {entry_id} == await _missing(unit)
    await _said_again(unit)

    assert await is_open(unit, entry_id)
    assert ["居住证怎么办理"] == await public(unit, q="居住证")
    assert "别的答案" not in str(await unit.db.fetchval("SELECT content FROM intake.entry"))
    assert set() == await _missing(unit)
    await say_entries_again(unit, [CaseId(entry_id)], zone=CITY.zone)
    await Slices(unit, CITY).carry()
    assert ["居住证怎么办理"] == await public(unit, q="居住证")


@pytest.mark.parametrize("how", ["withdrawn", "expired"])
async def test_what_ended_and_is_still_read_ends(
    unit: RecordingUnit, wang: Staff, li: Staff, how: str
) -> None:
    """Its end was lost: it is said again."""
    entry_id = await published(wang, li)
    row = await unit.db.fetchrow("SELECT * FROM intake.entry")
    if how == "withdrawn":
        await acted(wang, entry_id, "withdraw", remarks="过时")
    else:
        unit.now = (await wang.read(entry_id)).holds_until  # type: ignore[assignment]  # it is published
        await steps.expire(unit)
    unit.emitted.clear()
    assert row["is_live"]

    assert {entry_id} == await _missing(unit)
    await _said_again(unit)

    assert not await unit.db.fetchval("SELECT is_live FROM intake.entry")
    assert set() == await _missing(unit)


async def test_what_nobody_was_told_is_not_missing(unit: RecordingUnit, wang: Staff) -> None:
    """A proposal that was taken back before anybody read it."""
    await wang.open("/desk/entries/new")
    entry_id = EntryId("0198b2c4-0000-7000-8000-00000000000f")
    await wang.send("/desk/entries/new", **{**FIELDS, "entry_id": entry_id})
    await acted(wang, entry_id, "propose")
    await acted(wang, entry_id, "withdraw", remarks="写错了")
    unit.emitted.clear()

    assert set() == await _missing(unit)
