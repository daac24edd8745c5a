"""`huiyin forget`: of whoever wrote nothing is left in any table or folder, and the masked case stays as it was."""

import json
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import pytest

from deploy import composition
from deploy.commands import forget as commands
from deploy.composition.forgetting import Forgetting, forget
from deploy.database.metadata import SCHEMAS
from deploy.database.pool import connect
from deploy.local.embedded.postgres import EmbeddedPostgres
from intake.core.sealing import phone_index
from intake.steps.reveal import SealedContacts
from intake.store import forgetting, reachable
from schemas.ids import CaseId
from schemas.notices import NoticeChannel
from tests.conftest import RecordingUnit
from tests.integration.deploy.web.city_of_files import JSON, FileCity, file_city
from tests.integration.deploy.web.test_attachments import PDF
from tests.stack import fresh_database

PHONE = "13812345678"
ORDER = Forgetting(by="operator", reason="asked for", keeps_files=False)
NOW = datetime.now(UTC)


@pytest.fixture
async def city(postgres_server: EmbeddedPostgres, migrated: str, tmp_path: Path) -> AsyncIterator[FileCity]:
    """One for each test."""
    url = await fresh_database(postgres_server.url, like=migrated)
    async with file_city(url, tmp_path) as city:
        yield city


async def _message(city: FileCity, n: int = 0, **view: object) -> tuple[CaseId, JSON]:
    """A case with everything that is personal, as it stands; its citizen's codes."""
    _, file = await city.upload(PDF + bytes([n]), "合同.pdf")
    contact = {"name": "欧阳珩璟", "phone": PHONE, "email": "someone@example.com"}
    _, codes = await city.submit(
        file["attachment_id"], contact=contact, text=f"{n}号楼的灯坏了，请打{PHONE}。"
    )
    case_id = (await city.registered()).case_id
    async with city.pool.acquire() as db:
        await reachable.keep(db, [(case_id, NoticeChannel.EMAIL)])
        await db.execute(
            """INSERT INTO intake.supplement (case_id, content_hash, at, text, sealed)
            VALUES ($1::uuid, $2, $3, '138****5678', $4)""",
            case_id, bytes([n]) * 32, NOW, b"sealed words of theirs",
        )  # fmt: skip
        columns = {"state": "closed", "timeline": "[]", **view}
        names, places = ", ".join(columns), ", ".join(f"${2 + n}" for n in range(len(columns)))
        await db.execute(
            f"INSERT INTO intake.view (case_id, {names}) VALUES ($1::uuid, {places})",  # noqa: S608  our own names
            case_id,
            *columns.values(),
        )
    return case_id, codes


async def _everything(city: FileCity) -> str:
    """Every row of every table, as text; bytes in hexadecimal digits."""
    tables = await city.pool.fetch(
        "SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname = ANY($1)",
        list(SCHEMAS),
    )
    rows = [await city.pool.fetch(f"SELECT t::text AS row FROM {table['name']} AS t") for table in tables]  # noqa: S608  Postgres's own names
    return "\n".join(row["row"] for table in rows for row in table)


async def _forget(city: FileCity, *named: str, day: datetime | None = None) -> Sequence[CaseId]:
    return (await commands._run(city.settings, named, day, ORDER, dry_run=False)).cases


def _told(at: datetime) -> str:
    return json.dumps([{"at": at.isoformat(), "event": "closed"}])


async def test_nothing_is_left_of_whoever_wrote(city: FileCity) -> None:
    """Neither sealed, nor as a hash of their number, nor as a file; its citizen reads the case as before."""
    case_id, codes = await _message(city)
    index = phone_index(composition.intake_keys(city.settings), PHONE).hex()
    sealed = (await city.pool.fetchval("SELECT sealed FROM intake.sealed")).hex()
    before = await _everything(city)
    assert all(each in before for each in (index, sealed, b"sealed words of theirs".hex(), "合同.pdf"))

    assert [case_id] == await _forget(city, codes["tracking_code"])

    after = await _everything(city)
    assert [] == [
        each for each in (index, sealed, b"sealed words of theirs".hex(), "合同.pdf", PHONE) if each in after
    ]
    assert [] == city.blobs
    followed = await city.follow(codes)
    assert ("closed", "138****5678" in followed["text"]) == (followed["state"], True)
    assert [True] == [file["missing"] for file in followed["attachments"]]
    async with city.pool.acquire() as db:
        contacts = SealedContacts(keys=composition.intake_keys(city.settings))
        assert await contacts.reveal(RecordingUnit(db, NOW), case_id) is None
        kept = await db.fetch("SELECT case_id::text, by, reason, keeps_files FROM intake.forgotten")
    assert [(case_id, "operator", "asked for", False)] == [tuple(row) for row in kept]


@pytest.mark.parametrize("state", ["in_progress", "reopened", "merged"])
async def test_nobody_is_forgotten_whom_somebody_has_to_reach(city: FileCity, state: str) -> None:
    """A case under way, or merged into one, is refused in a sentence, and so are the others named with it."""
    main, _ = await _message(city, 1, state="in_progress")
    _, ended = await _message(city, 2)
    _, codes = await _message(city, 3, state=state, merged_into=main if state == "merged" else None)

    with pytest.raises(commands.CaseIsOpen):
        await _forget(city, ended["tracking_code"], codes["tracking_code"])
    with pytest.raises(commands.CaseUnknown):
        await _forget(city, ended["tracking_code"], "AAAA-BBBB-CCCC-DDDD")

    assert 3 == await city.pool.fetchval("SELECT count(*) FROM intake.sealed")


async def test_a_term_forgets_what_ended_before_it(city: FileCity) -> None:
    """Not what ended since, is under way, or may still be objected to; a second run finds nothing more."""
    day = NOW - timedelta(days=30)
    old, _ = await _message(city, 1, timeline=_told(day - timedelta(days=2)))
    await _message(city, 2, timeline=_told(NOW))
    await _message(city, 3, state="suspended", timeline=_told(day - timedelta(days=2)))
    objected = NOW + timedelta(days=1)
    await _message(city, 4, timeline=_told(day - timedelta(days=2)), objection_until=objected)

    assert [old] == await _forget(city, day=day.replace(tzinfo=None))
    assert [] == await _forget(city, day=day.replace(tzinfo=None))

    assert (3, 3) == (await city.pool.fetchval("SELECT count(*) FROM intake.sealed"), len(city.blobs))


async def test_a_day_to_come_forgets_nobody(city: FileCity) -> None:
    """A year that is mistyped would mean everybody."""
    await _message(city)

    with pytest.raises(commands.DayToCome):
        await _forget(city, day=(NOW + timedelta(days=2)).replace(tzinfo=None))

    assert 1 == await city.pool.fetchval("SELECT count(*) FROM intake.sealed")


async def test_what_was_killed_halfway_is_done_again(city: FileCity, monkeypatch: pytest.MonkeyPatch) -> None:
    """The files are gone and their rows are not: the next run finds them by the rows, and leaves neither."""
    case_id, codes = await _message(city)

    async def die(*_: object, **__: object) -> None:
        raise ConnectionError

    with monkeypatch.context() as patched:
        patched.setattr(forgetting, "forget_citizens", die)
        with pytest.raises(ConnectionError):
            await _forget(city, case_id)
    assert ([], 1) == (city.blobs, await city.pool.fetchval("SELECT count(*) FROM intake.attachment"))

    assert [case_id] == await _forget(city, case_id)
    assert 0 == await city.pool.fetchval("SELECT count(*) FROM intake.attachment")
    assert codes["tracking_code"] in await _everything(city)


async def test_silent_callers_are_forgotten_with_their_term(city: FileCity) -> None:
    """That somebody called stays: it is counted."""
    for started_at in (NOW, NOW - timedelta(days=40)):
        await city.pool.execute(
            "INSERT INTO intake.silent_call VALUES (gen_random_uuid(), 'a', 'b', $1, $1, 'sealed')",
            started_at,
        )

    await _forget(city, day=(NOW - timedelta(days=30)).replace(tzinfo=None))

    assert [b"", b"sealed"] == [
        row["sealed"]
        for row in await city.pool.fetch("SELECT sealed FROM intake.silent_call ORDER BY started_at")
    ]


async def test_only_the_owner_forgets(
    postgres_server: EmbeddedPostgres, migrated: str, city: FileCity
) -> None:
    """A process of ours that was taken over cannot."""
    case_id, _ = await _message(city)
    database = city.settings.database_url.rpartition("/")[2]
    application = postgres_server.application_url.rpartition("/")[0] + "/" + database
    settings = city.settings.model_copy(update={"database_url": application})

    async with connect(settings) as db:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await forget(settings, db, [case_id], ORDER)
