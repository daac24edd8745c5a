"""Files that come after the message: with an addition and with an answer, over the API and by form."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest

from deploy.local.embedded.postgres import EmbeddedPostgres
from deploy.web.site import csrf
from deploy.web.site.cookies import VISITOR
from schemas.events.handlers import CaseUpdated
from schemas.events.intake import CaseSupplemented
from tests.integration.deploy.web.carrying import carry, lamp_case
from tests.integration.deploy.web.city_of_files import WATER, FileCity, file_city
from tests.integration.deploy.web.test_attachments import PDF
from tests.stack import fresh_database


@pytest.fixture(scope="module")
async def city(
    postgres_server: EmbeddedPostgres, migrated: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[FileCity]:
    """One for the file."""
    folder = tmp_path_factory.mktemp("files")
    url = await fresh_database(postgres_server.url, like=migrated)
    async with file_city(url, folder, attachments_per_message=3) as city:
        yield city


async def _file(city: FileCity, name: str = "补充.pdf") -> str:
    _, told = await city.upload(PDF, name)
    return str(told["attachment_id"])


async def _add(city: FileCity, codes: Any, *ids: str, text: str = "这是现场的材料。") -> tuple[int, Any]:
    """What the API answers to an addition with these files."""
    async with city.http.post(
        f"/api/v1/submissions/{codes['tracking_code']}/supplement",
        json={"text": text, "attachments": list(ids)},
        headers={"Access-Code": codes["access_code"]},
    ) as answer:
        return answer.status, await answer.json()


async def _send_form(city: FileCity, codes: Any, action: str, **fields: Any) -> tuple[int, str]:
    """What the page answers to a form that brings a file."""
    form = aiohttp.FormData(
        {csrf.FIELD: csrf.issue(city.settings.derived("forms"), "somebody")}, quote_fields=False
    )
    for name, value in {**codes, **fields}.items():
        if name in ("tracking_code", "access_code", "nonce") or name == action:
            form.add_field(name, value)
    if "file" in fields:
        name, content = fields["file"]
        form.add_field("files", content, filename=name, content_type="application/octet-stream")
    headers = {"sec-fetch-site": "same-origin", "cookie": f"{VISITOR}=somebody"}
    async with city.http.post(f"/follow/{action}", data=form, headers=headers) as answer:
        return answer.status, await answer.text()


async def test_an_addition_brings_its_files_to_both_sides(city: FileCity) -> None:
    """The citizen sees them beside those of the message; the department once the rules have looked at what it says."""
    first, second = await _file(city, "合同.pdf"), await _file(city, "现场 13912345678.pdf")
    codes, case_id = await lamp_case(city, first)
    status, mine = await _add(city, codes, second)
    _, before = await city.desk(case_id)
    said = await carry(city)
    _, after = await city.desk(case_id)

    assert 200 == status
    assert [(first, True), (second, False)] == [
        (file["attachment_id"], file["added_at"] is None) for file in mine["attachments"]
    ]
    assert [] == before["supplements"]
    (shown,) = after["supplements"][0]["attachments"]
    assert (second, PDF) == (shown["attachment_id"], (await city.fetch(shown["url"], "housing"))[1])
    assert "13912345678" not in shown["name"]
    assert [first] == [file["attachment_id"] for file in after["attachments"]]
    (heard,) = [event for event in said if isinstance(event, CaseUpdated)]
    assert [second] == [file.attachment_id for file in heard.attachments]


async def test_the_same_addition_twice_is_one(city: FileCity) -> None:
    """A double click or a retry; the same words with another file are another addition."""
    codes, _ = await lamp_case(city)
    one, two = await _file(city), await _file(city)
    for ids in ((one,), (one,), (two,)):
        assert 200 == (await _add(city, codes, *ids))[0]
    said = [event for event in await carry(city) if isinstance(event, CaseSupplemented)]

    assert [[one], [two]] == [[file.attachment_id for file in event.attachments] for event in said]


async def test_nobody_adds_the_file_of_another_case(city: FileCity) -> None:
    """Whoever reads an id in one case gets nothing by naming it in another; nor by an id that nobody uploaded."""
    theirs = await _file(city)
    await lamp_case(city, theirs)
    codes, _ = await lamp_case(city)
    unknown = "0198b2c4-0000-7000-8000-00000000000a"
    four = [await _file(city) for _ in range(4)]

    for ids in ((theirs,), (unknown,), ("x",), four):
        status, answer = await _add(city, codes, *ids)
        assert (422, "attachments") == (status, answer["errors"][0]["field"]), ids
    assert [] == (await city.follow(codes))["attachments"]
    assert not [event for event in await carry(city) if isinstance(event, CaseSupplemented)]


async def test_a_dispatcher_sees_what_was_added(city: FileCity) -> None:
    """While the case waits for them, beside the files of the message."""
    codes, case_id = await lamp_case(city, title="一件事", text="请看一下。")
    added = await _file(city)
    await _add(city, codes, added)
    await carry(city)
    headers = {"authorization": f"Bearer {city.tokens['dispatcher']}"}
    async with city.http.get("/api/v1/review/cases?limit=100", headers=headers) as answer:
        (item,) = [each for each in (await answer.json())["items"] if each["case_id"] == case_id]

    assert [added] == [file["attachment_id"] for file in item["attachments"]]
    assert (200, PDF) == (await city.fetch(item["attachments"][0]["url"], "dispatcher"))[:2]


async def test_an_accusation_shows_its_file_to_no_accused(city: FileCity) -> None:
    """What is added against those who have the case takes the case away before they could fetch anything."""
    codes, case_id = await lamp_case(city)
    await _add(city, codes, await _file(city), text="住建局的张科长收了物业的红包，我要举报他受贿。")
    await carry(city)

    assert 404 == (await city.desk(case_id))[0]
    assert 404 == (await city.desk(case_id, WATER))[0]


async def test_a_form_brings_files_without_a_script(city: FileCity) -> None:
    """Kept with the addition; a wrong one says why beside its name, and what was typed and sent stays."""
    codes, _ = await lamp_case(city)
    wrong, page = await _send_form(
        city, codes, "supplement", supplement="楼上的材料", nonce="n", file=("b.exe", b"MZ")
    )
    status, _ = await _send_form(
        city, codes, "supplement", supplement="楼上的材料", nonce="n", file=("a.pdf", PDF)
    )
    (event,) = [event for event in await carry(city) if isinstance(event, CaseSupplemented)]

    assert (422, 200) == (wrong, status)
    assert "b.exe：" in page
    assert "楼上的材料" in page
    assert ["a.pdf"] == [file.name for file in event.attachments]


async def test_a_form_with_wrong_codes_leaves_no_file(city: FileCity) -> None:
    """Nobody fills the disk through a case that is not theirs."""
    codes, _ = await lamp_case(city)
    before = city.blobs
    status, _ = await _send_form(
        city, {**codes, "access_code": "00000000"}, "supplement", supplement="a1", file=("a.pdf", PDF)
    )

    assert (404, before) == (status, city.blobs)


async def test_an_answer_to_a_question_brings_files(city: FileCity) -> None:
    """The department that asked gets them with the answer."""
    codes, case_id = await lamp_case(city)
    headers = {"authorization": f"Bearer {city.tokens['housing']}"}
    until = f"{datetime.now(UTC) + timedelta(days=3):%Y-%m-%d}"
    for action, body in (("sign", {}), ("ask", {"text": "请提供房产证照片。", "until": until})):
        _, case = await city.desk(case_id)
        async with city.http.post(
            f"/api/v1/desk/cases/{case_id}/actions/{action}",
            json={"version": case["version"], **body},
            headers=headers,
        ) as answered:
            assert 200 == answered.status, await answered.text()
        await carry(city)
    status, page = await _send_form(city, codes, "answer", answer="房产证在附件里", file=("证.pdf", PDF))
    await carry(city)
    _, case = await city.desk(case_id)

    assert 200 == status, page
    assert ["证.pdf"] == [file["name"] for file in case["supplements"][0]["attachments"]]
