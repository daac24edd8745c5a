"""Files: sent before their message, kept whole, and fetched by whoever may see the case at that moment."""

import hashlib
import io
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from html import unescape

import aiohttp
import pytest
from PIL import Image

from deploy import composition
from deploy.local.embedded.postgres import EmbeddedPostgres
from intake.steps.say_again import say_registered_again
from schemas.event import Event
from schemas.events.handlers import CaseAssigned
from schemas.events.intake import CaseRegistered
from schemas.ids import is_uuid
from tests.conftest import RecordingUnit
from tests.integration.deploy.web.city_of_files import HOUSING, JSON, WATER, FileCity, file_city
from tests.stack import fresh_database
from tests.unit.intake.core.files.test_pictures import SECRET, bomb, with_secrets

PDF = b"%PDF-1.7\n" + bytes(range(256)) * 40


@pytest.fixture(scope="module")
async def city(
    postgres_server: EmbeddedPostgres, migrated: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[FileCity]:
    """One for the file."""
    folder = tmp_path_factory.mktemp("files")
    url = await fresh_database(postgres_server.url, like=migrated)
    async with file_city(url, folder, attachment_max_bytes=2_000_000, attachments_per_message=3) as city:
        yield city


async def test_a_file_is_kept_and_told(city: FileCity) -> None:
    """201 with what is stored: a document as it is, byte by byte."""
    status, told = await city.upload(PDF, "合同.pdf")

    assert 201 == status
    assert is_uuid(told["attachment_id"])
    assert ("合同.pdf", "application/pdf", len(PDF)) == (told["name"], told["type"], told["size"])
    assert hashlib.sha256(PDF).hexdigest() == told["sha256"]


async def test_its_content_decides_what_it_is(city: FileCity) -> None:
    """Whatever its name and its sender say."""
    status, told = await city.upload(PDF, "x.html", **{"Content-Type": "text/html"})

    assert (201, "application/pdf", "x.pdf") == (status, told["type"], told["name"])


@pytest.mark.parametrize(
    ("content", "name", "status"),
    [
        (b"<svg onload='alert(1)'/>", "a.svg", 415),
        (b"<html><script>alert(1)</script>", "a.jpg", 415),
        (b"MZ\x90", "a.pdf", 415),
        (b"", "a.pdf", 422),
        (bomb(8000, 8000), "a.png", 422),
        (b"\x89PNG\r\n\x1a\n" + b"x" * 100, "a.png", 422),
        (PDF, "", 422),
        (PDF, "n" * 300, 422),
        (b"%PDF-" + bytes(2_000_000), "a.pdf", 413),
    ],
    ids=["svg", "html", "program", "empty", "bomb", "noise", "no name", "long name", "too large"],
)
async def test_what_is_not_taken_leaves_nothing(
    city: FileCity, content: bytes, name: str, status: int
) -> None:
    """Refused with the reason, in words; neither a row nor a byte of it stays."""
    before = city.blobs, await city.pool.fetchval("SELECT count(*) FROM intake.attachment")
    answered, told = await city.upload(content, name)

    assert status == answered
    assert told["title"]
    assert before == (city.blobs, await city.pool.fetchval("SELECT count(*) FROM intake.attachment"))


async def test_no_memory_to_unpack_a_picture_is_no_fault_of_it(
    city: FileCity, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever sends it is told to come again, not that it is damaged; nothing stays."""

    def paste(*_: object) -> None:
        raise MemoryError

    before, sent = city.blobs, with_secrets("PNG")
    monkeypatch.setattr(Image.Image, "paste", paste)
    status, told = await city.upload(sent, "a.png")

    assert (503, "unavailable") == (status, told["code"])
    assert before == city.blobs


async def test_a_file_whose_size_nobody_says_is_cut_off(city: FileCity) -> None:
    """Reading stops at the limit, and nothing stays."""
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        yield b"%PDF-"
        while True:
            sent += 100_000
            yield bytes(100_000)

    before = city.blobs
    try:
        async with city.http.post("/api/v1/attachments?name=a.pdf", data=endless()) as answer:
            assert 413 == answer.status
    except OSError:
        pass  # The server hung up in the middle of a body that it will not read.
    assert sent < 20_000_000
    assert before == city.blobs


async def test_a_retry_is_the_same_file(city: FileCity) -> None:
    """With an idempotency key: one id, one blob, however often it comes; another sender's is another."""
    _, first = await city.upload(PDF, "a.pdf", **{"Idempotency-Key": "form-1"})
    before = city.blobs
    _, again = await city.upload(PDF, "a.pdf", **{"Idempotency-Key": "form-1"})
    _, other = await city.upload(PDF, "a.pdf", **{"Idempotency-Key": "form-2"})
    _, keyless = await city.upload(PDF, "a.pdf")

    assert first == again
    assert 3 == len({each["attachment_id"] for each in (first, other, keyless)})
    assert len(before) + 2 == len(city.blobs)


async def test_a_picture_goes_all_the_way(city: FileCity) -> None:
    """From its sender to the desk and back: the same facts everywhere, and nothing but the picture."""
    _, told = await city.upload(with_secrets("JPEG"), "现场 13912345678.JPG")
    status, codes = await city.submit(told["attachment_id"])
    assert 202 == status
    case = await city.registered()
    said = await city.to(case)
    (file,) = case.attachments
    _, desk = await city.desk(case.case_id)
    (shown,) = desk["attachments"]
    (mine,) = (await city.follow(codes))["attachments"]

    facts = {name: told[name] for name in ("attachment_id", "name", "type", "size", "sha256")}
    assert facts == {name: shown[name] for name in facts} == {name: mine[name] for name in facts}
    assert facts == {name: getattr(file, name) for name in facts}
    assert "13912345678" not in told["name"]
    for where, who in ((shown, "housing"), (mine, codes)):
        status, body, headers = await city.fetch(where["url"], who)
        assert 200 == status
        assert told["sha256"] == hashlib.sha256(body).hexdigest()
        assert SECRET not in body
        assert headers["content-disposition"].startswith("attachment;")
        assert "nosniff" == headers["x-content-type-options"]
        assert "default-src 'none'; sandbox" == headers["content-security-policy"]
        _, small, _ = await city.fetch(where["thumbnail_url"], who)
        assert max(Image.open(io.BytesIO(small)).size) == 320
    assert _told_on_topics(said) == [(), (file,)]


def _told_on_topics(said: list[Event]) -> list[object]:
    """The files in what everybody hears, then in what the department alone does."""
    return [event.attachments for event in said if isinstance(event, CaseAssigned)]


async def test_a_case_that_is_said_again_has_its_files(city: FileCity) -> None:
    """Whoever lost the event hears of the same files, in their order, and of those that are missing."""
    ids = [(await city.upload(PDF, name))[1]["attachment_id"] for name in ("一.pdf", "二.pdf", "三.pdf")]
    await city.submit(*ids)
    await city.pool.execute("DELETE FROM intake.attachment WHERE attachment_id = $1", ids[1])
    case = await city.registered()
    async with city.pool.acquire() as db, db.transaction():
        unit = RecordingUnit(db, datetime.now(UTC))
        await say_registered_again(unit, [case.case_id], keys=composition.intake_keys(city.settings))
    (again,) = unit.emitted

    assert isinstance(again, CaseRegistered)
    assert (False, True, False) == tuple(file.missing for file in again.attachments)
    assert case.attachments == again.attachments


async def test_a_file_follows_the_rights_of_its_case(city: FileCity) -> None:
    """An address that was good is 404 once the department has the case no more; another's case gives none."""
    _, told = await city.upload(PDF)
    await city.submit(told["attachment_id"])
    case = await city.registered()
    await city.to(case)
    _, desk = await city.desk(case.case_id)
    url = desk["attachments"][0]["url"]

    assert 200 == (await city.fetch(url, "housing"))[0]
    assert 404 == (await city.desk(case.case_id, "water"))[0]
    for change in (
        "withheld = true",
        f"withheld = false, accused = '{{{HOUSING}}}'",
        f"accused = '{{}}', lead = '{WATER}', supporting = '{{}}'",
    ):
        await city.pool.execute(
            f"UPDATE handlers.case SET {change} WHERE case_id = $1",  # noqa: S608  our own words
            case.case_id,
        )
        assert 404 == (await city.fetch(url, "housing"))[0], change


async def test_no_address_is_guessed_or_made_from_another(city: FileCity) -> None:
    """Without its ticket, with another file's, or with a changed one there is nothing."""
    ids = [(await city.upload(PDF))[1]["attachment_id"] for _ in range(2)]
    _, codes = await city.submit(*ids)
    await city.registered()
    one, two = [file["url"] for file in (await city.follow(codes))["attachments"]]
    path, _, ticket = one.partition("?ticket=")

    assert 200 == (await city.fetch(one, codes))[0]
    wrong = (
        path,
        f"{path}?ticket=",
        f"{path}?ticket={ticket[:-2]}AA",
        f"{two.partition('?')[0]}?ticket={ticket}",
    )
    assert [404] * 4 == [(await city.fetch(each, codes))[0] for each in wrong]


async def test_an_address_is_good_for_nobody_else(city: FileCity) -> None:
    """Stolen from a log or passed on: 404 without the token, with another's, and with another case's code."""
    _, told = await city.upload(PDF)
    _, codes = await city.submit(told["attachment_id"], text="走廊的灯也坏了，请来修。")
    case = await city.registered()
    await city.to(case)
    _, others = await city.submit(text="电梯停了三天，请来看。")
    (desk,) = (await city.desk(case.case_id))[1]["attachments"]
    (mine,) = (await city.follow(codes))["attachments"]

    assert [404] * 4 == [
        (await city.fetch(desk["url"], who))[0] for who in ("", "water", "dispatcher", codes)
    ]
    assert [404] * 3 == [(await city.fetch(mine["url"], who))[0] for who in ("", "housing", others)]
    assert [200, 200] == [
        (await city.fetch(*pair))[0] for pair in ((desk["url"], "housing"), (mine["url"], codes))
    ]


async def test_a_citizens_page_shows_its_pictures_in_that_browser_alone(city: FileCity) -> None:
    """The browser that opened the page has the cookie of its form; another one that has the address does not."""
    _, told = await city.upload(with_secrets("JPEG"), "灯.jpg")
    _, codes = await city.submit(told["attachment_id"], text="门口的灯坏了，请来修。")
    await city.registered()
    async with city.browser() as http, city.browser() as other:
        page = await _followed(http, codes)
        pictures = [unescape(found) for found in re.findall(r'<img src="([^"]+)"', page)]
        assert pictures
        for url in pictures:
            for browser, right in ((http, 200), (other, 404)):
                async with browser.get(url) as answer:
                    assert right == answer.status
        await _followed(other, codes)
        async with other.get(pictures[0]) as answer:
            assert 404 == answer.status


async def _followed(http: aiohttp.ClientSession, codes: JSON) -> str:
    async with http.get("/follow") as form:
        token = (await form.text()).partition('name="csrf" value="')[2].partition('"')[0]
    fields = {"tracking_code": codes["tracking_code"], "access_code": codes["access_code"], "csrf": token}
    async with http.post("/follow", data=fields) as answer:
        assert 200 == answer.status
        return await answer.text()


async def test_every_look_at_a_file_leaves_a_row(city: FileCity) -> None:
    """Of staff, whose it was; a look that was refused is none."""
    _, told = await city.upload(PDF)
    _, codes = await city.submit(told["attachment_id"])
    case = await city.registered()
    await city.to(case)
    _, desk = await city.desk(case.case_id)
    await city.fetch(desk["attachments"][0]["url"], "housing")
    await city.fetch(desk["attachments"][0]["url"], "water")
    await city.fetch((await city.follow(codes))["attachments"][0]["url"], codes)
    rows = await city.pool.fetch(
        "SELECT who, role, unit, route, fields FROM deploy.case_view WHERE case_id = $1 ORDER BY id",
        case.case_id,
    )

    assert [("housing", "department", "housing")] * 2 == [
        (row["who"], row["role"], row["unit"]) for row in rows
    ]
    assert "attachments" in rows[0]["fields"]
    assert ("GET /api/v1/attachments/{attachment_id}", ["attachments"]) == (
        rows[1]["route"],
        rows[1]["fields"],
    )


async def test_a_message_that_names_no_file_of_ours_is_refused(city: FileCity) -> None:
    """An unknown one, one that is no id, and more than a message may have: each with its reason."""
    _, told = await city.upload(PDF)
    known = told["attachment_id"]
    other = "0198b2c4-0000-7000-8000-00000000000a"
    four = [(await city.upload(PDF))[1]["attachment_id"] for _ in range(4)]

    for ids in ((known, other), ("x",), four):
        status, answer = await city.submit(*ids)
        assert (422, "attachments") == (status, answer["errors"][0]["field"])


async def test_a_message_says_which_of_its_files_is_missing(city: FileCity) -> None:
    """Accepted while nobody could be asked: its citizen and its department read that the file never came."""
    _, told = await city.upload(PDF)
    _, codes = await city.submit(told["attachment_id"])
    await city.pool.execute("DELETE FROM intake.attachment WHERE attachment_id = $1", told["attachment_id"])
    case = await city.registered()
    await city.to(case)
    _, desk = await city.desk(case.case_id)

    for (file,) in (desk["attachments"], (await city.follow(codes))["attachments"]):
        assert (True, None) == (file["missing"], file["url"])


async def test_a_file_of_another_case_is_nobodys_to_name(city: FileCity) -> None:
    """Whoever reads its id at a desk gets it with no message of their own; also where nobody could be asked in time."""
    _, told = await city.upload(PDF)
    attachment = told["attachment_id"]
    await city.submit(attachment)
    await city.registered()

    status, _ = await city.submit(attachment, text="另一件事，另一个人，请给我这个文件。")
    assert 422 == status

    await city.pool.execute(
        "UPDATE intake.attachment SET attached_at = NULL WHERE attachment_id = $1", attachment
    )
    _, codes = await city.submit(attachment, text="又一件事，又一个人，请给我这个文件。")
    await city.pool.execute(
        "UPDATE intake.attachment SET attached_at = now() WHERE attachment_id = $1", attachment
    )
    await city.registered()
    [file] = (await city.follow(codes))["attachments"]
    assert (True, None) == (file["missing"], file["url"])


async def test_an_old_id_gives_nobody_the_file(city: FileCity) -> None:
    """Whoever finds an id days later cannot attach another's file to a message of their own."""
    _, told = await city.upload(PDF)
    await city.submit(told["attachment_id"])
    await city.registered()
    await city.pool.execute(
        "UPDATE intake.attachment SET uploaded_at = now() - interval '2 days' WHERE attachment_id = $1",
        told["attachment_id"],
    )
    status, _ = await city.submit(told["attachment_id"], text="另一件事，另一个人，请给我这个文件。")

    assert 422 == status


async def test_a_dispatcher_sees_the_files(city: FileCity) -> None:
    """In the queue, beside what the citizen wrote, with an address of their own."""
    _, told = await city.upload(PDF, "材料.pdf")
    await city.submit(told["attachment_id"], title="一件小事", text="请看一下，谢谢。")
    await city.to(await city.registered())
    headers = {"authorization": f"Bearer {city.tokens['dispatcher']}"}
    async with city.http.get("/api/v1/review/cases?limit=100", headers=headers) as answer:
        items = (await answer.json())["items"]
    (file,) = [file for item in items for file in item["attachments"] if file["name"] == "材料.pdf"]

    assert (200, PDF) == (await city.fetch(file["url"], "dispatcher"))[:2]
