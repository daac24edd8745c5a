"""`huiyin forget`: of whoever wrote nothing is left in any table or folder, and the masked case stays as it was."""

import asyncio
import json
from collections.abc import AsyncIterator, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from deploy import composition
from deploy.commands import forget as commands
from deploy.composition.forgetting import Forgetting, forget
from deploy.database import pool
from deploy.database.metadata import SCHEMAS
from deploy.database.pool import connect
from deploy.files.store import Files
from deploy.local.embedded.postgres import EmbeddedPostgres
from intake.core.sealing import phone_index
from intake.steps.handle_events import handle_merged_answers, handle_replies
from intake.steps.mask_for_watchers import mask_for_watchers
from intake.steps.reveal import SealedContacts
from intake.store import reachable
from routing.core.decisions.undo import UNDO_WITHIN
from routing.store import topics
from schemas.events.handlers import ReplyPublished
from schemas.events.routing import MergedAnswered
from schemas.ids import CaseId
from schemas.notices import NoticeChannel
from tests.conftest import RecordingUnit
from tests.integration.deploy.web.city_of_files import JSON, FileCity, file_city
from tests.integration.deploy.web.test_attachments import PDF
from tests.integration.intake.test_handle_events import said
from tests.integration.routing.cases import route
from tests.stack import fresh_database

PHONE = "13812345678"
SHOWN_TO = "s***@example.com"
AUTHOR = b"a keyed hash of who wrote"
NAMED = "欧阳珩璟您好：路灯已修复，欧阳珩璟表示满意。"
ORDER = Forgetting(by="operator", reason="asked for", keeps_files=False)
NOW = datetime.now(UTC)
DAYS_AGO = timedelta(days=40)


@pytest.fixture
async def city(postgres_server: EmbeddedPostgres, migrated: str, tmp_path: Path) -> AsyncIterator[FileCity]:
    """One for each test."""
    url = await fresh_database(postgres_server.url, like=migrated)
    async with file_city(url, tmp_path) as city:
        yield city


async def _message(
    city: FileCity, n: int = 0, *, is_withdrawn: bool = False, **view: object
) -> tuple[CaseId, JSON]:
    """A case with everything that is personal, as it stands; its citizen's codes. `is_withdrawn`: routing knows it."""
    _, file = await city.upload(PDF + bytes([n]), "合同.pdf")
    contact = {"name": "欧阳珩璟", "phone": PHONE, "email": "someone@example.com"}
    _, codes = await city.submit(
        file["attachment_id"], contact=contact, text=f"{n}号楼的灯坏了，请打{PHONE}。"
    )
    case = await city.registered()
    case_id = case.case_id
    async with city.pool.acquire() as db:
        await topics.keep(db, [(case_id, 1, NOW, AUTHOR)])
        if is_withdrawn:
            await route(RecordingUnit(db, NOW), [case])
            await db.execute("UPDATE routing.case SET state = 'withdrawn' WHERE case_id = $1::uuid", case_id)
        await db.execute(
            """INSERT INTO deploy.notice (id, occasion, audience, channel, at, send_after, state, attempts, case_id,
                department, facts, reason, shown_to)
            VALUES (gen_random_uuid(), 'answered', 'citizen', 'email', $1, $1, 'sent', 1, $2::uuid, '', '{}', '', $3)""",
            NOW, case_id, SHOWN_TO,
        )  # fmt: skip
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


def _told(at: datetime, *events: str) -> str:
    return json.dumps([{"at": at.isoformat(), "event": event} for event in events or ("closed",)])


async def test_nothing_is_left_of_whoever_wrote(city: FileCity) -> None:
    """Neither sealed, nor as a hash of their number, nor as a file; its citizen reads the case as before."""
    case_id, codes = await _message(city)
    index = phone_index(composition.intake_keys(city.settings), PHONE).hex()
    sealed = (await city.pool.fetchval("SELECT sealed FROM intake.sealed")).hex()
    personal = (index, sealed, b"sealed words of theirs".hex(), AUTHOR.hex(), "合同.pdf", SHOWN_TO)
    before = await _everything(city)
    assert all(each in before for each in personal)

    assert [case_id] == await _forget(city, codes["tracking_code"])

    after = await _everything(city)
    assert [] == [each for each in (*personal, PHONE) if each in after]
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


async def test_nobody_is_forgotten_while_a_dispatcher_may_undo_what_ended_their_case(city: FileCity) -> None:
    """It would be open again, and nobody could reach its citizen; ten minutes later it is as any other."""
    case_id, _ = await _message(city, is_withdrawn=True, state="withdrawn")
    decided = "UPDATE routing.review_item SET state = 'decided', decided_by = 'li', decided_at = now() - $1::interval"
    async with city.pool.acquire() as db:
        await db.execute(decided, timedelta())
        with pytest.raises(commands.CaseIsOpen):
            await _forget(city, case_id)
        await db.execute(decided, UNDO_WITHIN)

    assert [case_id] == await _forget(city, case_id)


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
    forget_blobs = Files.forget

    async def forget_and_die(files: Files, blobs: Sequence[str]) -> None:
        await forget_blobs(files, blobs)
        raise ConnectionError

    with monkeypatch.context() as patched:
        patched.setattr(Files, "forget", forget_and_die)
        with pytest.raises(ConnectionError):
            await _forget(city, case_id)
    assert ([], 1) == (city.blobs, await city.pool.fetchval("SELECT count(*) FROM intake.attachment"))

    assert [case_id] == await _forget(city, case_id)
    assert 0 == await city.pool.fetchval("SELECT count(*) FROM intake.attachment")
    assert codes["tracking_code"] in await _everything(city)


async def test_silent_callers_are_forgotten_with_their_term(city: FileCity) -> None:
    """That somebody called stays: it is counted."""
    for started_at in (NOW, NOW - DAYS_AGO):
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
    """A process of ours that was taken over cannot; and whoever tries as it has touched nothing, files least of all."""
    case_id, _ = await _message(city)
    before, blobs = await _everything(city), city.blobs
    database = city.settings.database_url.rpartition("/")[2]
    application = postgres_server.application_url.rpartition("/")[0] + "/" + database
    settings = city.settings.model_copy(update={"database_url": application})

    with pytest.raises(commands.NotTheTablesOwner):
        await commands._run(settings, [case_id], None, ORDER, dry_run=False)
    async with connect(settings) as db:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with db.transaction():
                await forget(settings, db, [case_id], ORDER)

    assert len(blobs) == 1
    assert (before, blobs) == (await _everything(city), city.blobs)


async def test_a_merged_case_is_over_with_the_one_that_answers_for_it(city: FileCity) -> None:
    """Something happened there since, or its citizen may still object."""
    day = NOW - timedelta(days=30)
    old = _told(day - timedelta(days=2))
    mains: list[dict[str, Any]] = [
        {"timeline": _told(NOW)},
        {"timeline": old, "objection_until": NOW + timedelta(days=1)},
    ]
    for n, main_case in enumerate(mains):
        main, _ = await _message(city, 2 * n, **main_case)
        await _message(city, 2 * n + 1, state="merged", merged_into=main, timeline=old)

    assert [] == await _forget(city, day=day.replace(tzinfo=None))


async def test_who_objects_between_the_look_and_the_deed_is_not_forgotten(
    city: FileCity, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was true when the cases were looked for is asked again, with their rows held."""
    case_id, _ = await _message(city, timeline=_told(NOW - DAYS_AGO))

    async def object_meanwhile(*_: object) -> None:
        await city.pool.execute("UPDATE intake.view SET timeline = timeline || $1", _told(NOW, "objected"))

    monkeypatch.setattr(composition.forgetting, "forget_addresses", object_meanwhile)

    assert [] == await _forget(city, day=(NOW - timedelta(days=30)).replace(tzinfo=None))
    assert case_id == str(await city.pool.fetchval("SELECT case_id FROM intake.sealed"))


async def test_whoever_was_forgotten_is_called_by_name_nowhere(city: FileCity) -> None:
    """Nobody knows any more what to mask: watchers read no answer, and no new one is published; one of before stays."""
    case_id, codes = await _message(city, may_publish=True)
    other, _ = await _message(city, 1, state="merged", merged_into=case_id)
    keys = composition.intake_keys(city.settings)

    async def answer(version: int) -> str:
        facts: dict[str, Any] = {"case_id": case_id, "at": NOW, "response": NAMED, "department": "housing"}
        reply = said(ReplyPublished, version, **facts)
        async with city.pool.acquire() as db:
            unit = RecordingUnit(db, NOW)
            await handle_replies(unit, [reply], keys=keys)
            await handle_merged_answers(
                unit, [said(MergedAnswered, version, **facts | {"case_id": other}, into=case_id)], keys=keys
            )
            shown = await mask_for_watchers(unit, keys, case_id, [NAMED])
        return "\n".join(shown)

    assert "路灯已修复" in await answer(5)
    shown = """SELECT response, replied_at FROM intake.published
        UNION SELECT response, response_at FROM intake.view WHERE case_id = $1::uuid"""
    before = await city.pool.fetch(shown, other)
    assert "珩璟" not in repr(before)
    await city.pool.execute("UPDATE intake.view SET state = 'closed' WHERE case_id = $1::uuid", case_id)
    await _forget(city, codes["tracking_code"])

    assert "" == await answer(9)
    assert before == await city.pool.fetch(shown, other)


async def test_a_forgotten_file_comes_back_by_no_upload(city: FileCity) -> None:
    """The same bytes under the same key have the same id: they wait like any other, and the case's stays missing."""
    key = {"Idempotency-Key": "one and the same key"}
    _, file = await city.upload(PDF, "合同.pdf", **key)
    _, codes = await city.submit(file["attachment_id"])
    case_id = (await city.registered()).case_id
    await city.pool.execute(
        "INSERT INTO intake.view (case_id, state, timeline) VALUES ($1::uuid, 'closed', '[]')", case_id
    )
    await _forget(city, codes["tracking_code"])

    _, again = await city.upload(PDF, "合同.pdf", **key)

    assert file["attachment_id"] == again["attachment_id"]
    assert [True] == [each["missing"] for each in (await city.follow(codes))["attachments"]]


async def test_a_dry_run_says_that_it_forgot_nobody(
    city: FileCity, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """For programs, too; who called and said nothing is counted."""
    case_id, _ = await _message(city, timeline=_told(NOW - DAYS_AGO))
    await city.pool.execute(
        "INSERT INTO intake.silent_call VALUES (gen_random_uuid(), 'a', 'b', $1, $1, 'sealed')",
        NOW - DAYS_AGO,
    )
    before = await _everything(city)
    monkeypatch.setattr(commands, "settings_here", lambda: city.settings)
    day = (NOW - timedelta(days=30)).replace(tzinfo=None)

    await asyncio.to_thread(
        commands.forget_citizens, "why", None, day, keep_files=False, dry_run=True, as_json=True
    )

    assert {"would_forget": [case_id], "silent_calls": 1} == json.loads(capsys.readouterr().out)
    assert before == await _everything(city)


async def test_a_slow_bucket_ends_no_run(city: FileCity, monkeypatch: pytest.MonkeyPatch) -> None:
    """While files are forgotten the transaction stands still for as long as that takes; notices are looked through once."""
    for n in range(2):
        await _message(city, n, timeline=_told(NOW - DAYS_AGO))
    scans: list[object] = []

    async def take_long(*_: object) -> None:
        await asyncio.sleep(0.5)

    async def count(*arguments: object) -> None:
        scans.append(arguments)

    monkeypatch.setitem(pool._SERVER_SETTINGS, "idle_in_transaction_session_timeout", "200ms")
    monkeypatch.setattr(pool, "_ALIVE_SECONDS", 0.02)
    monkeypatch.setattr(Files, "forget", take_long)
    monkeypatch.setattr(composition.forgetting, "forget_addresses", count)
    monkeypatch.setattr(composition.forgetting, "_AT_ONCE", 1)

    assert 2 == len(await _forget(city, day=(NOW - timedelta(days=30)).replace(tzinfo=None)))
    assert 1 == len(scans)


async def test_a_run_that_freezes_lets_go_of_its_cases(
    city: FileCity, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-Z while files are forgotten: who writes to the case waits a moment, and not until somebody finds the terminal."""
    case_id, _ = await _message(city)
    write = "UPDATE intake.view SET state = state WHERE case_id = $1::uuid"

    def freeze(*_: object) -> Coroutine[Any, Any, None]:
        # In a thread: our loop stands still meanwhile, as all of a process does.
        with ThreadPoolExecutor(1) as threads:
            threads.submit(asyncio.run, write_once()).result(20)
        return asyncio.sleep(0)

    async def write_once() -> None:
        db = await asyncpg.connect(city.settings.database_url)
        await db.execute(write, case_id)
        await db.close()

    monkeypatch.setitem(pool._SERVER_SETTINGS, "idle_in_transaction_session_timeout", "200ms")
    with monkeypatch.context() as patched:
        patched.setattr(Files, "forget", freeze)
        with pytest.raises(pool.TRANSIENT):
            await _forget(city, case_id)

    assert 1 == await city.pool.fetchval("SELECT count(*) FROM intake.attachment"), "it is done again"
    assert [case_id] == await _forget(city, case_id)
