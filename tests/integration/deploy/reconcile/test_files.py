"""An older copy of Postgres knows nothing of files that came after it: they are found again where they lie."""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from deploy.local.embedded.postgres import EmbeddedPostgres
from deploy.reconcile.deeds import LostDeed
from deploy.reconcile.fates import EventFate
from deploy.reconcile.files import FoundFile, LostFile, find_files, keep_again
from deploy.reconcile.submissions import Missing
from intake.steps.take_up import take_up
from schemas.event import Event
from schemas.events.commands import AttachFiles
from schemas.events.intake import CaseSupplemented, SubmissionAccepted
from schemas.ids import AttachmentId, CaseId, DepartmentCode, EventId
from schemas.values import Attachment
from tests.conftest import RecordingUnit
from tests.integration.deploy.web.city_of_files import FileCity, file_city
from tests.integration.deploy.web.test_attachments import PDF
from tests.stack import fresh_database
from tests.unit.intake.core.files.test_pictures import picture
from tests.unit.intake.messages import KEYS


@pytest.fixture
async def city(postgres_server: EmbeddedPostgres, migrated: str, tmp_path: Path) -> AsyncIterator[FileCity]:
    """One for each test."""
    url = await fresh_database(postgres_server.url, like=migrated)
    async with file_city(url, tmp_path) as city:
        yield city


def _deed(event: Event) -> LostDeed:
    return LostDeed(event_id=EventId("e"), event=event, record=None, fate=EventFate.AGAIN)


async def _forget(city: FileCity, *ids: str) -> None:
    """As a copy of before they came."""
    await city.pool.execute("DELETE FROM intake.attachment WHERE attachment_id = ANY ($1)", list(ids))


async def _find(city: FileCity, *deeds: LostDeed) -> tuple[Sequence[FoundFile], Sequence[LostFile]]:
    accepted = [event for event in city.kafka.events if isinstance(event, SubmissionAccepted)]
    missing = [
        Missing(case_id=each.case_id, record=None, at=each.at, files=each.attachments) for each in accepted
    ]
    return await find_files(city.settings, city.pool, missing, deeds)


async def test_the_files_of_a_lost_message_come_with_it(city: FileCity) -> None:
    """A picture with its small one, and a paper: the case has them, and its citizen reads them."""
    ids = [
        (await city.upload(content, name))[1]["attachment_id"]
        for content, name in ((picture(), "现场.jpg"), (PDF, "合同.pdf"))
    ]
    _, codes = await city.submit(*ids)
    await _forget(city, *ids)

    found, gone = await _find(city)
    await keep_again(city.settings, city.pool, found)
    case = await city.registered()
    shown = (await city.follow(codes))["attachments"]

    assert not gone
    assert [(ids[0], "现场.jpg", False), (ids[1], "合同.pdf", False)] == [
        (file.attachment_id, file.name, file.missing) for file in case.attachments
    ]
    assert [200, 200, 200] == [
        (await city.fetch(url, codes))[0]
        for url in (shown[0]["url"], shown[0]["thumbnail_url"], shown[1]["url"])
    ]
    assert not any(await _find(city))


async def test_two_files_of_one_content_are_two(city: FileCity) -> None:
    """Each gets bytes of its own: one that is taken back takes nothing from the other."""
    ids = [(await city.upload(PDF))[1]["attachment_id"] for _ in range(2)]
    await city.submit(*ids)
    await _forget(city, *ids)

    found, gone = await _find(city)
    await keep_again(city.settings, city.pool, found)
    there = await city.pool.fetchval("SELECT count(DISTINCT blob) FROM intake.attachment")

    assert (2, 2, 0) == (there, len(found), len(gone))


async def test_what_lies_nowhere_is_named(city: FileCity) -> None:
    """Other bytes under the same name are another file; what a row speaks of is another case's."""
    _, told = await city.upload(PDF)
    _, other = await city.upload(PDF)
    await city.submit(told["attachment_id"])
    blob = await city.pool.fetchval(
        "DELETE FROM intake.attachment WHERE attachment_id = $1 RETURNING blob", told["attachment_id"]
    )
    (city.settings.attachment_folder / blob).write_bytes(PDF + b"changed")

    found, [gone] = await _find(city)
    case = await city.registered()

    assert not found
    assert (told["attachment_id"], case.case_id) == (gone.file.attachment_id, gone.case_id)
    assert case.attachments[0].missing
    assert other["attachment_id"] != told["attachment_id"]


async def test_the_files_of_a_lost_addition_come_with_it(city: FileCity) -> None:
    """Those that are found, under the masked name that departments were told; the others are named as missing."""
    _, codes = await city.submit()
    case = await city.registered()
    ids = [
        (await city.upload(PDF + name.encode(), name))[1]["attachment_id"] for name in ("一.pdf", "二.pdf")
    ]
    files = await city.pool.fetch("SELECT * FROM intake.attachment ORDER BY name")
    event = CaseSupplemented(
        case_id=case.case_id, version=1, at=case.at, text="补充材料",
        attachments=tuple(_facts(row) for row in files),
    )  # fmt: skip
    await _forget(city, *ids)
    blob = next(row["blob"] for row in files if str(row["attachment_id"]) == ids[1])
    (city.settings.attachment_folder / blob).unlink()

    found, gone = await _find(city, _deed(event))
    await keep_again(city.settings, city.pool, found)
    async with city.pool.acquire() as db, db.transaction():
        unit = RecordingUnit(db, case.at)
        assert await take_up(unit, KEYS, event)
    shown = (await city.follow(codes))["attachments"]

    assert [ids[0]] == [each.lost.file.attachment_id for each in found]
    assert [ids[1]] == [each.file.attachment_id for each in gone]
    assert [(ids[0], "一.pdf", False), (ids[1], "", True)] == [
        (each["attachment_id"], each["name"], each["missing"]) for each in shown
    ]
    [said] = unit.emitted
    assert isinstance(said, CaseSupplemented)
    assert [False, True] == [file.missing for file in said.attachments]


def _facts(row: Any) -> Attachment:
    return Attachment(
        attachment_id=AttachmentId(str(row["attachment_id"])), name=row["name"], type=row["type"],
        size=row["size"], sha256=row["sha256"].hex(),
    )  # fmt: skip


async def test_the_file_of_a_lost_command_is_there_for_it(city: FileCity) -> None:
    """Kafka has its hash alone: what it is its content says, and it has a name that says nothing."""
    _, told = await city.upload(picture(), "整改后.jpg")
    attachment_id = AttachmentId(told["attachment_id"])
    await _forget(city, attachment_id)
    command = AttachFiles(
        case_id=CaseId("0198b2c4-0000-7000-8000-000000000001"), version=1, at=datetime.now(UTC),
        command_id="c1", department=DepartmentCode("housing"),
        signature="", files={attachment_id: told["sha256"].upper()},
    )  # fmt: skip

    found, gone = await _find(city, _deed(command))
    await keep_again(city.settings, city.pool, found)
    row = await city.pool.fetchrow("SELECT * FROM intake.attachment WHERE attachment_id = $1", attachment_id)

    assert not gone
    assert row is not None
    assert ("附件.jpg", "image/jpeg", told["size"], True) == (
        row["name"], row["type"], row["size"], row["has_thumbnail"],
    )  # fmt: skip


async def test_what_goes_while_it_is_found_stands_in_no_row(city: FileCity) -> None:
    """A row never speaks of what is not there: the message registers it as missing."""
    _, told = await city.upload(PDF)
    await city.submit(told["attachment_id"])
    await _forget(city, told["attachment_id"])
    [found], _ = await _find(city)
    (city.settings.attachment_folder / found.blob).unlink()

    await keep_again(city.settings, city.pool, [found])

    assert (await city.registered()).attachments[0].missing
