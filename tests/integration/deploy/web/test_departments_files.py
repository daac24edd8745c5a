"""Departments' files, and pictures beside published answers: who may see each is said of each, and of nothing else."""

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from typing import Any

import aiohttp
import pytest

from deploy import composition
from deploy.accounts import sessions
from deploy.audit.verification import Verified, verify_chains
from deploy.database.pool import connect
from deploy.local.embedded.postgres import EmbeddedPostgres
from deploy.web.site import csrf
from deploy.web.site.cookies import SESSION
from schemas.events.handlers import CaseUpdated
from schemas.ids import CaseId
from tests.integration.deploy.web.carrying import carry, lamp_case
from tests.integration.deploy.web.city_of_files import FileCity, file_city
from tests.integration.deploy.web.test_attachments import PDF
from tests.stack import fresh_database
from tests.unit.intake.core.files.test_pictures import SECRET, with_secrets

REPLY = {"note": "已派人更换。", "response": "您好，楼道灯已经修好，照片见附件。"}


@pytest.fixture(scope="module")
async def city(
    postgres_server: EmbeddedPostgres, migrated: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[FileCity]:
    """One for the file."""
    folder = tmp_path_factory.mktemp("files")
    url = await fresh_database(postgres_server.url, like=migrated)
    async with file_city(url, folder) as city:
        yield city


async def _file(city: FileCity, name: str = "材料.pdf", content: bytes = PDF) -> str:
    _, told = await city.upload(content, name)
    return str(told["attachment_id"])


async def _picture(city: FileCity, name: str) -> str:
    return await _file(city, name, with_secrets("JPEG"))


async def _post(city: FileCity, who: str, path: str, body: Mapping[str, object]) -> tuple[int, Any]:
    headers = {"authorization": f"Bearer {city.tokens[who]}"}
    async with city.http.post(path, json=body, headers=headers) as answer:
        return answer.status, await answer.json()


async def _act(city: FileCity, case_id: CaseId, action: str, **body: object) -> None:
    _, case = await city.desk(case_id)
    path = f"/api/v1/desk/cases/{case_id}/actions/{action}"
    status, answer = await _post(city, "housing", path, {"version": case["version"], **body})
    assert 200 == status, answer
    await carry(city)


async def _add(
    city: FileCity, case_id: CaseId, *ids: str, who: str = "housing", audience: str = "departments"
) -> int:
    """The status that adding these files answers."""
    _, case = await city.desk(case_id, who)
    body = {"version": case.get("version", 1), "attachments": list(ids), "audience": audience}
    return (await _post(city, who, f"/api/v1/desk/cases/{case_id}/attachments", body))[0]


async def _share(
    city: FileCity, case_id: CaseId, attachment_id: str, audience: str, who: str = "housing"
) -> int:
    _, case = await city.desk(case_id, who)
    body = {"version": case["version"], "attachment_id": attachment_id, "audience": audience}
    return (await _post(city, who, f"/api/v1/desk/cases/{case_id}/attachments/audience", body))[0]


async def _approve(city: FileCity, case_id: CaseId) -> None:
    _, case = await city.desk(case_id)
    body = {"version": case["version"], "decision": "approve"}
    status, answer = await _post(city, "dispatcher", f"/api/v1/review/replies/{case_id}", body)
    assert 200 == status, answer
    await carry(city)


async def _answered(city: FileCity, case_id: CaseId) -> None:
    await _act(city, case_id, "reply", **REPLY)
    await _approve(city, case_id)


async def _published(city: FileCity, codes: Any) -> tuple[int, Any]:
    async with city.http.get(f"/api/v1/published/{codes['tracking_code']}") as answer:
        return answer.status, await answer.json()


async def _allow(city: FileCity, codes: Any, *ids: str) -> Any:
    async with city.http.post(
        f"/api/v1/submissions/{codes['tracking_code']}/pictures",
        json={"pictures": list(ids)},
        headers={"Access-Code": codes["access_code"]},
    ) as answer:
        assert 200 == answer.status, await answer.text()
        return await answer.json()


async def _verified(city: FileCity, case_id: CaseId) -> Verified:
    async with connect(city.settings) as db, db.transaction():
        return await verify_chains(db, composition.audit_keys(city.settings), case_id)


async def test_internal_evidence_stays_inside(city: FileCity) -> None:
    """The departments of the case see it, are told of it, and nobody else is, whatever is answered."""
    codes, case_id = await lamp_case(city, publish=True)
    await _act(city, case_id, "sign")
    await _act(city, case_id, "co-handle", departments=["water"], reason="请查水管")
    mine, theirs = await _file(city, "勘查.pdf"), await _picture(city, "水管.jpg")
    assert [200, 200, 200] == [
        await _add(city, case_id, mine),
        await _add(city, case_id, mine),
        await _add(city, case_id, theirs, who="water"),
    ]
    heard = [event for event in await carry(city) if isinstance(event, CaseUpdated)]
    await _answered(city, case_id)

    assert {"case.files-added"} == {event.what for event in heard}
    assert 2 * 2 == len(heard)
    assert {mine, theirs} == {file.attachment_id for event in heard for file in event.attachments}
    for who in ("housing", "water"):
        _, case = await city.desk(case_id, who)
        assert [(mine, "housing", "departments"), (theirs, "water", "departments")] == [
            (file["attachment_id"], file["department"], file["audience"]) for file in case["files"]
        ]
        assert (200, PDF) == (await city.fetch(case["files"][0]["url"], who))[:2]
    assert [] == (await city.follow(codes))["attachments"]
    assert [] == (await _published(city, codes))[1]["pictures"]
    assert () == (await _verified(city, case_id)).broken


async def test_files_go_with_the_answer(city: FileCity) -> None:
    """The reviewer sees which; the citizen gets them once it is approved, and everybody the picture that is to be public."""
    codes, case_id = await lamp_case(city, publish=True)
    await _act(city, case_id, "sign")
    letter, before, after = (
        await _file(city, "说明.pdf"),
        await _picture(city, "修前.jpg"),
        await _picture(city, "修后.jpg"),
    )
    await _add(city, case_id, letter, before, audience="citizen")
    await _add(city, case_id, after, audience="public")
    await _act(city, case_id, "reply", **REPLY)
    headers = {"authorization": f"Bearer {city.tokens['dispatcher']}"}
    async with city.http.get("/api/v1/review/cases?kind=reply&limit=100", headers=headers) as answer:
        (item,) = [each for each in (await answer.json())["items"] if each["case_id"] == case_id]
    early = (await city.follow(codes))["attachments"]
    await _approve(city, case_id)
    mine = (await city.follow(codes))["attachments"]
    _, shown = await _published(city, codes)

    assert [(letter, "citizen"), (before, "citizen"), (after, "public")] == [
        (file["attachment_id"], file["audience"]) for file in item["reply_attachments"]
    ]
    assert 200 == (await city.fetch(item["reply_attachments"][0]["url"], "dispatcher"))[0]
    assert [] == early
    assert [letter, before, after] == [file["attachment_id"] for file in mine]
    assert {"housing"} == {file["department"] for file in mine}
    (picture,) = shown["pictures"]
    assert after in picture["url"]
    for url in picture.values():
        status, body, _ = await city.fetch(url)
        assert (200, False) == (status, SECRET in body)


async def test_what_was_shown_is_taken_back(city: FileCity) -> None:
    """At any time, also by an address that was handed out before; it is not shown again without a new answer."""
    codes, case_id = await lamp_case(city, publish=True)
    await _act(city, case_id, "sign")
    picture = await _picture(city, "修后.jpg")
    await _add(city, case_id, picture, audience="public")
    await _answered(city, case_id)
    (mine,) = (await city.follow(codes))["attachments"]
    (public,) = (await _published(city, codes))[1]["pictures"]

    assert 200 == await _share(city, case_id, picture, "citizen")
    assert [] == (await _published(city, codes))[1]["pictures"]
    assert [404, 200] == [(await city.fetch(url, codes))[0] for url in (public["url"], mine["url"])]
    assert 200 == await _share(city, case_id, picture, "departments")
    assert 404 == (await city.fetch(mine["url"], codes))[0]
    assert [] == (await city.follow(codes))["attachments"]
    assert 409 == await _share(city, case_id, picture, "public")


async def _merge(city: FileCity, case_id: CaseId, into: CaseId) -> None:
    version = (await city.desk(case_id))[1]["version"]
    body = {"version": version, "merge_into": into, "remarks": "同一盏灯"}
    status, answer = await _post(city, "dispatcher", f"/api/v1/review/cases/{case_id}/decision", body)
    assert 200 == status, answer
    await carry(city)


async def _names(city: FileCity, codes: Any) -> list[str]:
    return [file["attachment_id"] for file in (await city.follow(codes))["attachments"]]


async def test_the_citizen_of_a_merged_case_gets_the_answers_files(city: FileCity) -> None:
    """Of one merged before the answer and of one after it, and of nothing that is for departments; taken back from all."""
    own = await _picture(city, "我家.jpg")
    codes, early = await lamp_case(city, own)
    others, target = await lamp_case(city, text="光明小区三号楼的楼道灯坏了一个多月，请住建局处理。")
    await _merge(city, early, target)
    await _act(city, target, "sign")
    paper, inside = await _file(city, "说明.pdf"), await _file(city, "勘查.pdf")
    await _add(city, target, paper, audience="citizen")
    await _add(city, target, inside)
    assert [own] == await _names(city, codes)
    await _answered(city, target)
    late_codes, late = await lamp_case(city, text="光明小区三号楼楼道灯不亮，请住建局处理。")
    await _merge(city, late, target)

    assert [[paper], [own, paper], [paper]] == [
        await _names(city, each) for each in (others, codes, late_codes)
    ]
    url = (await city.follow(codes))["attachments"][1]["url"]
    assert (200, PDF) == (await city.fetch(url, codes))[:2]
    assert 404 == (await city.fetch(url, late_codes))[0]
    assert 200 == await _share(city, target, paper, "departments")
    assert 404 == (await city.fetch(url, codes))[0]
    assert [[], [own], []] == [await _names(city, each) for each in (others, codes, late_codes)]


async def test_who_objects_loses_what_was_anothers(city: FileCity) -> None:
    """The case is decided on alone: the answer is not theirs any more, nor are its files."""
    codes, case_id = await lamp_case(city)
    _, target = await lamp_case(city, text="光明小区三号楼的楼道灯坏了一个多月，请住建局处理。")
    await _merge(city, case_id, target)
    await _act(city, target, "sign")
    paper = await _file(city, "说明.pdf")
    await _add(city, target, paper, audience="citizen")
    await _answered(city, target)
    assert [paper] == await _names(city, codes)
    async with city.http.post(
        f"/api/v1/submissions/{codes['tracking_code']}/objection",
        json={"reason": "我家门口的灯还是不亮。"},
        headers={"Access-Code": codes["access_code"]},
    ) as answer:
        assert answer.status < 300, await answer.text()
    await carry(city)

    assert [] == await _names(city, codes)


async def test_nobody_shows_more_than_they_may(city: FileCity) -> None:
    """Another unit, a supporting one, a paper that would be published, another case's file, an answer under review."""
    _, other = await lamp_case(city)
    taken = await _file(city)
    await _act(city, other, "sign")
    await _add(city, other, taken)
    _, case_id = await lamp_case(city)
    await _act(city, case_id, "sign")

    assert 404 == await _add(city, case_id, await _file(city), who="water")
    assert 422 == await _add(city, case_id, taken)
    assert 422 == await _add(city, case_id, "x")
    assert 422 == await _add(city, case_id, await _file(city), audience="public")
    await _act(city, case_id, "co-handle", departments=["water"], reason="请查水管")
    theirs = await _file(city)
    assert 403 == await _add(city, case_id, theirs, who="water", audience="citizen")
    assert 200 == await _add(city, case_id, theirs, who="water")
    assert 409 == await _share(city, case_id, theirs, "citizen", who="water")
    assert 200 == await _share(city, case_id, theirs, "citizen")
    await _act(city, case_id, "reply", **REPLY)
    assert 409 == await _add(city, case_id, await _file(city), audience="citizen")
    assert 200 == await _add(city, case_id, await _file(city))
    body = {"version": 1, "attachments": [await _file(city)], "audience": "departments"}
    assert 409 == (await _post(city, "housing", f"/api/v1/desk/cases/{case_id}/attachments", body))[0]


async def test_a_file_that_is_exchanged_is_found(city: FileCity) -> None:
    """Whoever changes beside the log what a department added, or who may see it, breaks the case's seal."""
    _, case_id = await lamp_case(city)
    await _act(city, case_id, "sign")
    await _add(city, case_id, await _file(city))

    assert () == (await _verified(city, case_id)).broken
    for change in ("""jsonb_set(files, '{0,audience}', '"public"')""", "'[]'"):
        await city.pool.execute(
            f"UPDATE handlers.case SET files = {change} WHERE case_id = $1",  # noqa: S608  our own words
            case_id,
        )
        assert (await _verified(city, case_id)).broken


async def test_a_picture_is_published_by_a_yes_to_that_very_picture(city: FileCity) -> None:
    """Said with the message or later, taken back at any time; nothing else that the citizen sent is ever seen."""
    yes, no, paper = (
        await _picture(city, "老周家门口.jpg"),
        await _picture(city, "不可以.jpg"),
        await _file(city, "合同.pdf"),
    )
    codes, case_id = await lamp_case(city, yes, no, paper, publish=True, publish_attachments=[yes, paper])
    await _act(city, case_id, "sign")
    assert [True, False, None] == [file["publish"] for file in (await city.follow(codes))["attachments"]]
    assert 404 == (await city.fetch(f"/api/v1/published/{codes['tracking_code']}/pictures/{yes}"))[0]
    await _answered(city, case_id)

    (picture,) = (await _published(city, codes))[1]["pictures"]
    assert yes in picture["url"]
    status, body, headers = await city.fetch(picture["url"])
    assert (200, False) == (status, SECRET in body)
    assert headers["content-disposition"].endswith(f"{codes['tracking_code']}.jpg")
    path = picture["url"].removesuffix(yes)
    assert [404, 404] == [(await city.fetch(path + each))[0] for each in (no, paper)]
    async with city.http.get(f"/published/{codes['tracking_code']}") as page:
        assert [True, False] == [each in await page.text() for each in (yes, no)]
    await _allow(city, codes, no, paper)
    assert [404, 200, 404] == [(await city.fetch(path + each))[0] for each in (yes, no, paper)]
    await _allow(city, codes)
    assert [404, 404] == [(await city.fetch(path + each))[0] for each in (yes, no)]
    assert [] == (await _published(city, codes))[1]["pictures"]


async def test_staff_keep_pictures_from_everybody_whatever_their_citizen_allows(city: FileCity) -> None:
    """All or single ones, not another case's; the citizen keeps theirs, and says yes in vain until staff let them go."""
    plate, lamp, other = [await _picture(city, name) for name in ("车牌.jpg", "路灯.jpg", "别处.jpg")]
    codes, case_id = await lamp_case(city, plate, lamp, publish=True, publish_attachments=[plate, lamp])
    await _act(city, case_id, "sign")
    await _answered(city, case_id)
    url = f"/api/v1/review/cases/{case_id}/publication"
    path = f"/api/v1/published/{codes['tracking_code']}/pictures/"
    for version, (without, single) in enumerate(((True, []), (False, []), (False, [plate]), (False, []))):
        limit = {"version": version, "withhold": False, "without_pictures": without, "reason": "车牌"}
        assert 422 == (await _post(city, "dispatcher", url, limit | {"hide_pictures": [other]}))[0]
        status, shown = await _post(city, "dispatcher", url, limit | {"hide_pictures": single})
        assert (200, without) == (status, shown["without_pictures"])
        assert [plate in single, False] == [each["hidden"] for each in shown["pictures"]]
        await _allow(city, codes, plate, lamp)
        seen = [] if without else [each for each in (plate, lamp) if each not in single]
        public = (await _published(city, codes))[1]["pictures"]
        assert seen == [each["url"].removeprefix(path) for each in public]
        fetched = [(await city.fetch(path + each))[0] for each in (plate, lamp)]
        assert fetched == [200 if each in seen else 404 for each in (plate, lamp)]
    assert [True, True] == [file["publish"] for file in (await city.follow(codes))["attachments"]]


async def test_no_answer_no_picture(city: FileCity) -> None:
    """Where the answer is not public, a yes to a picture shows it to nobody; and nobody says yes for another."""
    yes = await _picture(city, "可以.jpg")
    codes, case_id = await lamp_case(city, yes, publish_attachments=[yes])
    stranger, _ = await lamp_case(city)
    await _act(city, case_id, "sign")
    await _answered(city, case_id)
    url = f"/api/v1/published/{codes['tracking_code']}/pictures/{yes}"

    assert 404 == (await city.fetch(url))[0]
    await _allow(city, codes)
    await _allow(city, stranger, yes)
    assert [False] == [file["publish"] for file in (await city.follow(codes))["attachments"]]


async def test_a_clerk_adds_files_by_form(city: FileCity) -> None:
    """Without a script, too; what is wrong comes back with the form, and who may see a file is changed by a button."""
    _, case_id = await lamp_case(city)
    await _act(city, case_id, "sign")
    async with city.pool.acquire() as db:
        await db.execute(
            """INSERT INTO deploy.account (username, password_hash, role, department)
            VALUES ('clerk', '', 'department', 'housing')"""
        )
        cookie = await sessions.open_session(
            db, composition.sign_in_keys(city.settings), "clerk", datetime.now(UTC)
        )
    headers = {"sec-fetch-site": "same-origin", "cookie": f"{SESSION}={cookie}"}
    _, case = await city.desk(case_id)

    async def send(path: str, file: tuple[str, bytes] | None = None, **fields: str) -> tuple[int, str]:
        form = aiohttp.FormData(
            {csrf.FIELD: csrf.issue(city.settings.derived("forms"), cookie), **fields}, quote_fields=False
        )
        if file is not None:
            form.add_field("files", file[1], filename=file[0], content_type="application/octet-stream")
        async with city.http.post(
            f"/desk/{case_id}/{path}", data=form, headers=headers, allow_redirects=False
        ) as page:
            return page.status, await page.text()

    version = str(case["version"])
    wrong, page = await send("files", ("b.exe", b"MZ"), version=version, audience="departments")
    nothing, _ = await send("files", version=version, audience="departments")
    right, _ = await send("files", ("修后.pdf", PDF), version=version, audience="citizen")
    (file,) = (await city.desk(case_id))[1]["files"]
    shared, _ = await send(
        "share", version=version, attachment_id=file["attachment_id"], audience="departments"
    )
    (after,) = (await city.desk(case_id))[1]["files"]
    async with city.http.get(f"/desk/{case_id}", headers=headers) as shown:
        assert "修后.pdf" in await shown.text()

    assert (422, 422, 303, 303) == (wrong, nothing, right, shared)
    assert "b.exe：" in page
    assert ["citizen", "departments"] == [file["audience"], after["audience"]]
