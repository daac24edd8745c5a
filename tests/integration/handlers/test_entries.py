"""Knowledge entries as departments, dispatchers and citizens use them: written, reviewed, read, ended."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any
from uuid import uuid4

import msgspec
import pytest

from deploy.web.site.render import renderer_of
from handlers.steps import entries as steps
from schemas.errors import NotFound
from schemas.events.knowledge import EntryPublished
from schemas.http import DRAFT_FIELD, Principal
from schemas.ids import EntryId
from schemas.words import EntryState, Language
from tests.conftest import RecordingUnit
from tests.integration.handlers.entry_desk import (
    CITY,
    FIELDS,
    Staff,
    acted,
    is_open,
    public,
    published,
    site_of,
    written,
)
from tests.integration.slices import Slices


async def test_from_the_draft_to_everybody(unit: RecordingUnit, wang: Staff, li: Staff) -> None:
    """A department writes and proposes, a dispatcher approves, everybody finds it by a whole question."""
    entry_id = await written(wang)

    assert [] == await public(unit)
    assert "提交审核" in wang.html
    assert "居住证怎么办理" not in await li.open("/review/entries")
    assert "已提交审核" in await acted(wang, entry_id, "propose")
    assert "居住证怎么办理" in await li.open("/review/entries?state=proposed")
    assert "已公开" in await acted(li, entry_id, "approve")
    await Slices(unit, CITY).carry()
    assert ["居住证怎么办理"] == await public(unit, q="请问居住证怎么办理，要带什么材料？")
    assert [] == await public(unit, q="公交车几点末班")
    assert await is_open(unit, entry_id)
    history = (await wang.read(entry_id)).history
    assert [("approve", "li"), ("propose", "wang"), ("save", "wang")] == [
        (h.action, h.actor) for h in history
    ]


async def test_a_new_text_waits_for_its_review(unit: RecordingUnit, wang: Staff, li: Staff) -> None:
    """The old one stays public meanwhile; every text stays in the log."""
    entry_id = await published(wang, li)
    html = await wang.open(f"/desk/entries/{entry_id}/edit")
    assert FIELDS["answer"] in html
    edited = {**FIELDS, "version": "3", "answer": "7个工作日内办好。"}
    await wang.send(f"/desk/entries/{entry_id}/edit", **edited)

    assert "现在公开的是另一版本" in wang.html
    assert ["居住证怎么办理"] == await public(unit, q="居住证")
    await acted(wang, entry_id, "propose")
    await acted(li, entry_id, "send_back", remarks="请写依据")
    assert "请写依据" in await wang.open(f"/desk/entries/{entry_id}")
    assert await is_open(unit, entry_id)
    texts = {row.content.answer for row in (await wang.read(entry_id)).history}
    assert {FIELDS["answer"], "7个工作日内办好。"} == texts


@pytest.mark.parametrize("by", ["wang", "li"])
async def test_a_withdrawn_entry_is_nobodys_to_read(
    unit: RecordingUnit, wang: Staff, li: Staff, by: str
) -> None:
    """At once, whoever of the two takes it back; and its publication heard again changes nothing."""
    entry_id = await published(wang, li)
    said = [event for event in await _replayed(unit, entry_id) if isinstance(event, EntryPublished)]
    await acted({"wang": wang, "li": li}[by], entry_id, "withdraw", remarks="规定已修改")
    slices = Slices(unit, CITY)
    await slices.carry()
    unit.emitted += said
    await slices.carry()

    assert not await is_open(unit, entry_id)
    assert [] == await public(unit, q="居住证") == await public(unit)


async def _replayed(unit: RecordingUnit, entry_id: EntryId) -> list[Any]:
    """What was said of the entry, from the outbox."""
    rows = await unit.db.fetch(
        "SELECT type, body FROM deploy.outbox WHERE case_id = $1 ORDER BY id", entry_id
    )
    if not rows:
        await unit.flush()
        rows = await unit.db.fetch("SELECT type, body FROM deploy.outbox WHERE case_id = $1", entry_id)
    kinds = {"entry.published.v1": EntryPublished}
    return [msgspec.json.decode(row["body"], type=kinds[row["type"]]) for row in rows if row["type"] in kinds]


async def test_time_hides_it_before_anybody_sweeps(unit: RecordingUnit, wang: Staff, li: Staff) -> None:
    """After its last day nobody reads it; the sweep says so, once, and its department sees it among the expired."""
    entry_id = await published(wang, li)
    unit.now = datetime(2027, 6, 30, 15, 59, tzinfo=UTC)
    assert await is_open(unit, entry_id)
    assert "1 条即将到期" in await wang.open("/desk")
    assert "居住证怎么办理" in await wang.open("/desk/entries?state=expiring")
    unit.now = datetime(2027, 6, 30, 16, 0, tzinfo=UTC)

    assert not await is_open(unit, entry_id)
    assert [] == await public(unit, q="居住证") == await public(unit)
    assert (1, 0) == (await steps.expire(unit), await steps.expire(unit))
    assert ["entry.expired"] == [event.name for event in await Slices(unit, CITY).carry()]
    assert EntryState.EXPIRED is (await wang.read(entry_id)).state
    assert "居住证怎么办理" in await wang.open("/desk/entries?state=expired")


async def test_an_entry_begins_on_its_first_day(unit: RecordingUnit, wang: Staff, li: Staff) -> None:
    """Approved before, it is read from then on."""
    entry_id = await published(wang, li, valid_from="2026-12-01")
    before = await is_open(unit, entry_id)
    unit.now = datetime(2026, 11, 30, 16, 0, tzinfo=UTC)

    assert (False, True) == (before, await is_open(unit, entry_id))


async def test_another_departments_draft_is_not_there(wang: Staff, zhao: Staff, li: Staff) -> None:
    """Neither to read nor to change, in no list; nor is a draft for dispatchers."""
    entry_id = await written(wang)
    for staff in (zhao, li):
        with pytest.raises(NotFound):
            await staff.read(entry_id)
    for action in ("propose", "withdraw"):
        with pytest.raises(NotFound):
            await zhao.send(f"/desk/entries/{entry_id}/act", version="1", action=action, remarks="不要了")
    with pytest.raises(NotFound):
        await zhao.send(f"/desk/entries/{entry_id}/edit", **FIELDS, version="1")

    assert "居住证" not in await zhao.open("/desk/entries")


async def test_another_department_sees_only_what_is_public(wang: Staff, zhao: Staff, li: Staff) -> None:
    """Among the nearest: the title that everybody reads, and never the draft of a new one."""
    entry_id = await published(wang, li)
    await wang.send(
        f"/desk/entries/{entry_id}/edit",
        **{**FIELDS, "version": "3", "questions": "居住证怎么办理（内部修改稿）"},
    )
    mine = await written(zhao, questions="居住证如何办理")
    html = await zhao.open(f"/desk/entries/{mine}")

    assert f"/knowledge/{entry_id}" in html
    assert "内部修改稿" not in html
    (other,) = (await zhao.read(mine)).nearest
    told = (await wang.read(entry_id)).history[1]
    assert (EntryState.LIVE, "approve") == (other.state, told.action)
    assert (told.version, told.at) == (other.version, other.changed_at)
    # No word of the draft finds it.
    assert () == await steps.nearest_to(zhao.unit, ["内部修改稿"], zhao.who.own_department)


async def test_a_draft_that_nobody_proposed_is_no_dispatchers(wang: Staff, li: Staff) -> None:
    """Nor among the nearest."""
    await written(wang, questions="居住证如何办理")
    entry_id = await published(wang, li)

    assert () == (await li.read(entry_id)).nearest
    assert 1 == len((await wang.read(entry_id)).nearest)


async def test_a_text_that_begins_later_takes_nothing_away(
    unit: RecordingUnit, wang: Staff, li: Staff
) -> None:
    """Its department is told as it proposes what to do, in its language; what holds stays."""
    entry_id = await published(wang, li)
    await wang.send(
        f"/desk/entries/{entry_id}/edit", **{**FIELDS, "version": "3", "valid_from": "2027-01-01"}
    )
    for language, told in ((Language.ZH, "请到生效当天再提交"), (Language.EN, "on its first day")):
        wang.language = language
        assert told in await acted(wang, entry_id, "propose")

    assert EntryState.DRAFT is (await wang.read(entry_id)).state
    assert await is_open(unit, entry_id)


async def test_an_empty_form_names_all_that_is_missing(wang: Staff) -> None:
    """At once, not one thing after the other."""
    await wang.open("/desk/entries/new")

    html = await wang.send("/desk/entries/new", **{**FIELDS, "questions": " \n", "answer": ""})

    assert 422 == wang.status
    assert ["questions", "answer"] == re.findall(r'<li><a href="#(\w+)">', html)


@pytest.mark.parametrize("action", ["propose", "withdraw"])
async def test_a_form_sent_twice_is_done_once(wang: Staff, action: str) -> None:
    """The second send finds it done; a moment later it is stale."""
    entry_id = await written(wang)
    fields = {"version": "1", "action": action, "remarks": "不要了"}
    for _ in range(2):
        await wang.send(f"/desk/entries/{entry_id}/act", **fields)
        assert 200 == wang.status
    wang.unit.now += timedelta(seconds=6)
    await wang.send(f"/desk/entries/{entry_id}/act", **fields)

    assert 409 == wang.status
    assert 2 == len((await wang.read(entry_id)).history)


async def test_two_presses_write_one_entry(wang: Staff) -> None:
    """The same form, twice; with another text under the same number the form is that entry's, with what was typed."""
    entry_id = await written(wang)
    await wang.send("/desk/entries/new", **FIELDS, entry_id=entry_id)
    assert 200 == wang.status
    await wang.send("/desk/entries/new", **{**FIELDS, "answer": "另一个答案"}, entry_id=entry_id)

    assert 409 == wang.status
    assert "另一个答案" in wang.html
    assert FIELDS["answer"] in wang.html
    assert 1 == len((await wang.read(entry_id)).history)
    assert f'action="/desk/entries/{entry_id}/edit"' in wang.html
    hidden = dict(re.findall(r'type="hidden" name="(version|entry_id)" value="([^"]*)"', wang.html))
    await wang.send(f"/desk/entries/{entry_id}/edit", **{**FIELDS, "answer": "另一个答案"}, **hidden)
    assert (200, "另一个答案") == (wang.status, (await wang.read(entry_id)).content.answer)


async def test_what_was_typed_stays(wang: Staff) -> None:
    """Refused, or typed before signing in again: each field as it was, and a sentence at what is wrong."""
    for more in ({"valid_until": "2020-01-01"}, {DRAFT_FIELD: "yes"}):
        await wang.send("/desk/entries/new", **{**FIELDS, **more})
        assert FIELDS["answer"] in wang.html
        assert (422 if "valid_until" in more else 200) == wang.status
    assert "居住证" not in await wang.open("/desk/entries")


async def test_a_stale_edit_changes_nothing(wang: Staff) -> None:
    """Somebody else saved meanwhile: what was typed stays, under the newer version's number."""
    entry_id = await written(wang)
    await wang.send(f"/desk/entries/{entry_id}/edit", **FIELDS, version="1")
    await wang.send(f"/desk/entries/{entry_id}/edit", **{**FIELDS, "answer": "第二稿"}, version="1")

    assert (409, True) == (wang.status, "第二稿" in wang.html)
    assert f'<p class="message" lang="zh">{FIELDS["answer"]}</p>' in wang.html
    assert "这条知识点已有更新" in wang.html
    assert "该件" not in wang.html
    assert FIELDS["answer"] == (await wang.read(entry_id)).content.answer
    version = re.findall(r'name="version" value="(\d+)"', wang.html)[-1]
    await wang.send(f"/desk/entries/{entry_id}/edit", **{**FIELDS, "answer": "第二稿"}, version=version)
    assert (200, "第二稿") == (wang.status, (await wang.read(entry_id)).content.answer)


async def test_what_is_wrong_with_a_text_keeps_the_version_that_was_read(wang: Staff) -> None:
    """Corrected, it still finds that somebody else saved meanwhile."""
    entry_id = await written(wang)
    await wang.send(f"/desk/entries/{entry_id}/edit", **FIELDS, version="1")
    await wang.send(f"/desk/entries/{entry_id}/edit", **{**FIELDS, "answer": " "}, version="1")

    assert 422 == wang.status
    assert "1" == re.findall(r'name="version" value="(\d+)"', wang.html)[-1]


async def test_a_script_in_an_answer_is_text(unit: RecordingUnit, wang: Staff, li: Staff) -> None:
    """On every page that shows it, of staff and for everybody."""
    entry_id = await published(
        wang, li, answer="<script>alert(1)</script> 请到社区", questions="<b>居住证</b>"
    )
    site = site_of(unit)
    page: Any = await site.call(unit, "GET", "/knowledge/{entry_id}", at={"entry_id": entry_id})
    pages = [
        await wang.open(f"/desk/entries/{entry_id}"),
        await li.open(f"/review/entries/{entry_id}"),
        renderer_of(CITY).render(
            page, language=Language.ZH, principal=Principal(), csrf_token="t", path="/knowledge"
        ),
    ]

    assert [] == [html for html in pages if "<script>alert" in html or "<b>居住证" in html]
    assert all("alert(1)" in unescape(html) for html in pages)


async def test_whoever_follows_a_link_to_what_was_withdrawn_is_told(
    unit: RecordingUnit, wang: Staff, li: Staff
) -> None:
    """By the page, with the search beside it, and without a word of the entry; what never was is not found."""
    entry_id, site = await published(wang, li), site_of(unit)
    await acted(li, entry_id, "withdraw", remarks="规定已修改")
    await Slices(unit, CITY).carry()

    page: Any = await site.call(unit, "GET", "/knowledge/{entry_id}", at={"entry_id": entry_id})
    html = renderer_of(CITY).render(
        page, language=Language.ZH, principal=Principal(), csrf_token="t", path="/knowledge"
    )

    assert 410 == page.status
    assert "已撤回或已过有效期" in html
    assert 'type="search"' in html
    assert FIELDS["answer"] not in html
    with pytest.raises(NotFound):
        await site.call(unit, "GET", "/knowledge/{entry_id}", at={"entry_id": str(uuid4())})


@pytest.mark.parametrize("language", Language)
async def test_the_pages_speak_both_languages(wang: Staff, li: Staff, language: Language) -> None:
    """List, form, entry, contradictions."""
    entry_id = await published(wang, li)
    expected = {Language.ZH: "知识点", Language.EN: "nowledge entr"}[language]
    for staff, addresses in (
        (wang, ("/desk/entries", "/desk/entries/new", f"/desk/entries/{entry_id}")),
        (li, ("/review/entries", f"/review/entries/{entry_id}", "/review/entries/contradictions")),
    ):
        staff.language = language
        for address in addresses:
            assert expected in await staff.open(address)
