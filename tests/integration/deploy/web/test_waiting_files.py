"""Files whose message has not come: how much of them is kept, for how long, and for whom there is room."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import aiohttp
import pytest

from deploy import composition
from deploy.accounts import sessions
from deploy.composition import acceptance
from deploy.local.embedded.postgres import EmbeddedPostgres
from deploy.observability.disk import Room, no_room
from deploy.web import large_bodies
from deploy.web.site import csrf
from deploy.web.site.cookies import SESSION, VISITOR
from schemas.http import DRAFT_FIELD
from tests.integration.deploy.web.city_of_files import FileCity, file_city
from tests.integration.deploy.web.test_attachments import PDF
from tests.stack import fresh_database
from tests.unit.deploy.records import case

#: So much room for waiting files that one address has its share of five.
_ROOM = {"attachments_waiting_bytes": 1024**2, "attachment_max_bytes": 12_000, "attachments_per_message": 1}


@pytest.fixture(scope="module")
async def city(
    postgres_server: EmbeddedPostgres, migrated: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[FileCity]:
    """One for the file."""
    url = await fresh_database(postgres_server.url, like=migrated)
    async with file_city(url, tmp_path_factory.mktemp("files")) as city:
        yield city


async def test_what_nobody_asks_for_is_swept(city: FileCity) -> None:
    """Files whose message never came, after a message could have waited for days; and what a killed process left."""
    _, waiting = await city.upload(PDF)
    _, kept = await city.upload(PDF)
    await city.submit(kept["attachment_id"])
    await city.registered()
    _, fresh = await city.upload(PDF)
    await city.pool.execute(
        "UPDATE intake.attachment SET uploaded_at = now() - interval '10 days' WHERE attachment_id = ANY($1)",
        [waiting["attachment_id"], kept["attachment_id"]],
    )
    orphan = city.settings.attachment_folder / _days_ago(3) / "left"
    orphan.parent.mkdir()
    orphan.write_bytes(PDF)
    young = city.settings.attachment_folder / _days_ago(0) / "young"
    young.write_bytes(PDF)
    before = len(city.blobs)
    swept = await acceptance.FileSweeper(city.settings, city.pool).sweep()
    there = await city.pool.fetchval("SELECT array_agg(attachment_id::text) FROM intake.attachment")

    assert 2 == swept == before - len(city.blobs)
    assert young.is_file()
    assert not orphan.exists()
    assert waiting["attachment_id"] not in there
    assert {kept["attachment_id"], fresh["attachment_id"]} <= set(there)


def _days_ago(days: int) -> str:
    return f"{datetime.now(UTC) - timedelta(days=days):%Y-%m-%d}"


async def test_a_disk_full_of_waiting_files_takes_no_more(
    postgres_server: EmbeddedPostgres, migrated: str, tmp_path: Path
) -> None:
    """503 with when to come again: strangers cannot fill the disk."""
    url = await fresh_database(postgres_server.url, like=migrated)
    async with file_city(url, tmp_path, attachments_waiting_bytes=10_000) as city:
        await city.pool.execute(
            """INSERT INTO intake.attachment VALUES (gen_random_uuid(), 'b', false, 'a.pdf', 'application/pdf', 10001,
            '', now(), NULL)"""
        )
        status, told = await city.upload(PDF)

    assert (503, "unavailable") == (status, told["code"])
    assert "暂存空间" in told["detail"]
    assert not city.blobs


async def test_who_is_led_here_by_another_site_has_no_more_room_than_a_stranger(
    postgres_server: EmbeddedPostgres, migrated: str, tmp_path: Path
) -> None:
    """A site beside ours has the browsers of staff send files with their cookie: they are taken for nobody's."""
    url = await fresh_database(postgres_server.url, like=migrated)
    async with file_city(url, tmp_path, **_ROOM) as city:
        async with city.pool.acquire() as db:
            await db.execute(
                "INSERT INTO deploy.account (username, password_hash, role) VALUES ('li', '', 'dispatcher')"
            )
            keys = composition.sign_in_keys(city.settings)
            cookie = await sessions.open_session(db, keys, "li", datetime.now(UTC))
        staff = {"cookie": f"{SESSION}={cookie}"}
        taken = [
            await city.upload_from("203.0.113.9", PDF, **staff, **{"sec-fetch-site": site})
            for site in ("same-site",) * 6 + ("cross-site", "same-origin")
        ]

    assert [201] * 5 + [429, 429, 201] == taken


async def test_nobody_fills_the_room_alone(
    postgres_server: EmbeddedPostgres, migrated: str, tmp_path: Path
) -> None:
    """What waits of one address (an IPv6 network is one) has its share; what a case has does not count any more."""
    url = await fresh_database(postgres_server.url, like=migrated)
    async with file_city(url, tmp_path, **_ROOM) as city:
        clerk = {"authorization": f"Bearer {city.tokens['housing']}"}
        theirs = [await city.upload_from(f"2001:db8::{number}", PDF) for number in range(6)]
        others = await city.upload_from("203.0.113.9", PDF)
        staff = await city.upload_from("2001:db8::9", PDF, **clerk)
        named = await city.pool.fetchval(
            "SELECT attachment_id::text FROM intake.attachment WHERE uploader IS NOT NULL ORDER BY uploaded_at"
        )
        await city.submit(named)
        await city.registered()
        again = await city.upload_from("2001:db8::9", PDF)
        kept = await city.pool.fetchval(
            "SELECT uploader FROM intake.attachment WHERE attached_at IS NOT NULL"
        )

    assert [201, 201, 201, 201, 201, 429] == theirs
    assert (201, 201, 201) == (others, staff, again)
    assert kept is None


async def test_nobody_holds_the_places_of_all_who_send_files(
    city: FileCity, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Files and forms that come slowly, from one address: it waits for its own, and nobody else does."""
    monkeypatch.setattr(large_bodies, "MOST_OF_ONE", 2)
    places, end = asyncio.Semaphore(0), asyncio.Event()

    async def slow(begin: bytes) -> AsyncIterator[bytes]:
        places.release()
        yield begin
        await end.wait()

    url, form = "/api/v1/attachments?name=a.pdf", {"Content-Type": "multipart/form-data; boundary=b"}
    slowly = {"X-Forwarded-For": "203.0.113.7"}
    held = [
        asyncio.create_task(_status(city, url, slow(PDF), slowly)),
        asyncio.create_task(_status(city, "/submit/done", slow(b"--b\r\n"), slowly | form)),
    ]
    # Nothing of a body is sent before the server reads it: both have their places.
    for _ in held:
        await places.acquire()
    refused, others = [await city.upload_from(address, PDF) for address in ("203.0.113.7", "203.0.113.8")]
    end.set()

    assert (429, 201) == (refused, others)
    # A form without a field is none of ours.
    assert [201, 403] == await asyncio.gather(*held)
    assert 201 == await city.upload_from("203.0.113.7", PDF)


async def test_a_form_of_too_many_comes_back_with_its_words(
    city: FileCity, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Behind a button that sends it again: many share an address. Words alone need no place."""
    monkeypatch.setattr(large_bodies, "MOST_OF_ONE", 0)
    before = len(city.blobs)
    status, page = await _submit(city, _TYPED, file=PDF)
    sent = {csrf.FIELD: csrf.issue(city.settings.derived("forms"), "somebody"), **_TYPED}
    headers = {"cookie": f"{VISITOR}=somebody", "X-Forwarded-For": "203.0.113.7"}
    async with city.http.post("/submit/done", data=sent, headers=headers) as answer:
        plain = answer.status

    assert (429, 200) == (status, plain)
    assert _TYPED["text"] in page
    assert "再次提交" in page
    assert before == len(city.blobs)


async def test_words_that_are_far_too_long_come_back_whole(city: FileCity) -> None:
    """However the browser encodes them: eight times the longest text of all."""
    typed = {**_TYPED, "text": "很长" * 40_000}
    headers = {"sec-fetch-site": "same-origin", "cookie": f"{VISITOR}=somebody"}
    token = csrf.issue(city.settings.derived("forms"), "somebody")
    async with city.http.post("/submit/done", data={csrf.FIELD: token, **typed}, headers=headers) as answer:
        encoded, page = answer.status, await answer.text()
    with_files, same = await _submit(city, typed)

    assert (422, 422) == (encoded, with_files)
    assert (True, True) == (typed["text"] in page, typed["text"] in same)


async def test_who_may_not_see_a_page_sends_it_no_files(
    city: FileCity, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their words are kept, as far as a form without files holds them; behind it nothing is read, nor without a place."""
    end = asyncio.Event()
    token = csrf.issue(city.settings.derived("forms"), "somebody")
    parts = [(csrf.FIELD, token), ("text", _TYPED["text"])]
    fields = [
        f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{said}\r\n' for name, said in parts
    ]
    file = '--b\r\nContent-Disposition: form-data; name="files"; filename="a.pdf"\r\n\r\n'

    async def endless() -> AsyncIterator[bytes]:
        yield "".join([*fields, file]).encode()
        for _ in range(20):
            yield bytes(100_000)
        await end.wait()

    headers = {
        "sec-fetch-site": "same-origin", "cookie": f"{VISITOR}=somebody", "X-Forwarded-For": "203.0.113.7",
        "Content-Type": "multipart/form-data; boundary=b",
    }  # fmt: skip
    url = f"/desk/{UUID(int=1)}/files"
    async with city.http.post(url, data=endless(), headers=headers) as answer:
        status, page = answer.status, await answer.text()
    monkeypatch.setattr(large_bodies, "MOST_OF_ONE", 0)
    refused = await _status(city, url, endless(), headers)
    end.set()

    assert (401, 429) == (status, refused)
    assert _TYPED["text"] in page


async def test_a_form_that_has_come_holds_no_place(city: FileCity, monkeypatch: pytest.MonkeyPatch) -> None:
    """Kafka may keep it waiting: others of its address come in."""
    monkeypatch.setattr(large_bodies, "MOST_OF_ONE", 1)
    published, end, publish = asyncio.Semaphore(0), asyncio.Event(), city.kafka.publish

    async def stall(event: Any) -> None:
        published.release()
        await end.wait()
        await publish(event)

    monkeypatch.setattr(city.kafka, "publish", stall)
    first = asyncio.create_task(_submit(city, _TYPED | {"title": "一"}, file=PDF))
    await published.acquire()
    second = asyncio.create_task(_submit(city, _TYPED | {"title": "二"}, file=PDF))
    comes_in = asyncio.create_task(published.acquire())
    await asyncio.wait([second, comes_in], return_when=asyncio.FIRST_COMPLETED)
    end.set()
    comes_in.cancel()

    assert [200, 200] == [status for status, _ in await asyncio.gather(first, second)]


@pytest.mark.parametrize("file", [None, PDF], ids=["words alone", "a small file"])
async def test_a_form_keeps_its_words_while_the_disk_has_no_room(
    city: FileCity, file: bytes | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page itself says that there is none, with all that was typed: nobody writes it twice."""
    monkeypatch.setattr(Room, "is_short", lambda _: True)

    async def refuse(_: Any) -> None:
        raise no_room()

    monkeypatch.setattr(city.kafka, "publish", refuse)
    status, page = await _submit(city, _TYPED | {"title": "停水三天"}, file=file)

    assert (422 if file else 503) == status
    assert _TYPED["text"] in page
    assert "存储空间已满" in page
    assert '<form method="post" action="/submit/done"' in page


async def test_whoever_sends_files_after_their_session_ended_signs_in_and_keeps_the_words(
    city: FileCity,
) -> None:
    """The files are chosen anew; what was typed beside them goes along."""
    status, page = await _submit(city, {"note": "这是维修记录"}, file=PDF, to=f"/desk/{case(1)}/files")

    assert 401 == status
    assert 'name="draft.note" value="这是维修记录"' in page


async def test_a_form_of_a_visitor_who_is_no_more_names_the_files_that_were_not_taken(city: FileCity) -> None:
    """All that was typed stays; what is gone is said."""
    status, page = await _submit(city, {**_TYPED, DRAFT_FIELD: "yes"}, file=b"MZ")

    assert (403, True) == (status, _TYPED["text"] in page)
    assert "a.pdf：不接受这种文件" in page


#: Of a form for a message.
_TYPED = {"kind": "complaint", "title": "路灯不亮", "text": "人民路的路灯坏了三天，晚上看不见。"}


async def _submit(
    city: FileCity, fields: Mapping[str, str], *, file: bytes | None = None, to: str = "/submit/done"
) -> tuple[int, str]:
    """What a browser without a script gets, whose form has a field for files; without `file`: an empty one."""
    token = csrf.issue(city.settings.derived("forms"), "somebody")
    form = aiohttp.FormData({csrf.FIELD: token, **fields}, quote_fields=False)
    form.add_field("files", file or b"", filename="a.pdf" if file else "", content_type="application/pdf")
    headers = {
        "sec-fetch-site": "same-origin", "cookie": f"{VISITOR}=somebody", "X-Forwarded-For": "203.0.113.7",
    }  # fmt: skip
    async with city.http.post(to, data=form, headers=headers) as answer:
        return answer.status, await answer.text()


async def _status(city: FileCity, url: str, sent: AsyncIterator[bytes], headers: dict[str, str]) -> int:
    async with city.http.post(url, data=sent, headers=headers, expect100=True) as answer:
        return answer.status


async def test_strangers_leave_room_for_departments(
    postgres_server: EmbeddedPostgres, migrated: str, tmp_path: Path
) -> None:
    """However many they are: a quarter of what may wait is for those who have a right of their own."""
    url = await fresh_database(postgres_server.url, like=migrated)
    async with file_city(url, tmp_path, attachments_waiting_bytes=100_000) as city:
        await city.pool.execute(
            """INSERT INTO intake.attachment VALUES (gen_random_uuid(), 'b', false, 'a.pdf', 'application/pdf', 70000,
            '', now(), NULL)"""
        )
        status, _ = await city.upload(PDF)
        clerk = {"authorization": f"Bearer {city.tokens['housing']}"}
        staff, _ = await city.upload(PDF, **clerk)

    assert (503, 201) == (status, staff)


@pytest.mark.parametrize(("hours_behind", "swept"), [(0, 1), (2, 0), (None, 0)])
async def test_what_no_message_names_waits_a_day(
    postgres_server: EmbeddedPostgres, migrated: str, tmp_path: Path, hours_behind: int | None, swept: int
) -> None:
    """Once all messages of that day are registered; while one that was accepted names it, or may, it waits for that."""
    url = await fresh_database(postgres_server.url, like=migrated)
    async with file_city(url, tmp_path) as city:
        ids = [told["attachment_id"] for _, told in [await city.upload(PDF) for _ in range(2)]]
        await city.submit(ids[0])
        await city.pool.execute("UPDATE intake.attachment SET uploaded_at = now() - interval '26 hours'")
        if hours_behind is not None:
            await city.pool.execute(
                "INSERT INTO deploy.progress VALUES ('intake', 't', 0, now() - make_interval(hours => $1))",
                hours_behind,
            )
        assert swept == await acceptance.FileSweeper(city.settings, city.pool).sweep()
        there = await city.pool.fetchval("SELECT array_agg(attachment_id::text) FROM intake.attachment")

    assert ids[0] in there
    assert 2 - swept == len(there)


async def test_after_a_restore_nothing_is_swept_that_kafka_may_name(
    postgres_server: EmbeddedPostgres, migrated: str, tmp_path: Path
) -> None:
    """Neither what no row speaks of nor what a message named that the copy does not know; once Kafka forgot, it goes."""
    url = await fresh_database(postgres_server.url, like=migrated)
    async with file_city(url, tmp_path) as city:
        await city.upload(PDF)
        await city.pool.execute("UPDATE intake.attachment SET uploaded_at = now() - interval '3 days'")
        await city.pool.execute("INSERT INTO deploy.progress VALUES ('intake', 't', 0, now())")
        orphan = city.settings.attachment_folder / _days_ago(3) / "of a lost message"
        orphan.parent.mkdir()
        orphan.write_bytes(PDF)
        now = datetime.now(UTC)
        held = await acceptance.FileSweeper(city.settings, city.pool).sweep(now - timedelta(days=1))
        swept = await acceptance.FileSweeper(city.settings, city.pool).sweep(now - timedelta(days=10))

    assert (0, 2) == (held, swept)


async def test_halves_of_files_that_a_killed_process_left_go_after_a_day(
    postgres_server: EmbeddedPostgres, migrated: str, tmp_path: Path
) -> None:
    """What a citizen sent lies in them, and nobody would ever find them: today's may be under way, and a blob is none."""
    url = await fresh_database(postgres_server.url, like=migrated)
    async with file_city(url, tmp_path) as city:
        folder = city.settings.attachment_folder
        places = [
            folder / _days_ago(days) / name for days in (0, 3) for name in ("half#1", "other#12", "whole#")
        ]
        for place in places:
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(PDF)
        swept = await acceptance.FileSweeper(city.settings, city.pool).sweep(datetime.now(UTC))

    assert 2 == swept
    assert places[:3] + places[5:] == [place for place in places if place.exists()]
