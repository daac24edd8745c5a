"""Knowledge entries made from cases, those that contradict each other, and what other systems do by API."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import asyncpg
import msgspec
import pytest

import handlers.web.api
import handlers.web.pages
from handlers.steps import assign
from handlers.steps import entries as steps
from handlers.steps.held_entries import find_revealing, stop_revealing
from handlers.store import entries as store
from schemas.errors import NotFound, Refused
from schemas.http import Call
from schemas.ids import CaseId, DepartmentCode
from schemas.notices import Notice, Occasion
from schemas.ports import PublicAnswers, Unit
from schemas.values import KeptFromAll
from schemas.words import CaseField, EntryState, Language
from tests.conftest import RecordingUnit
from tests.integration.clocks import NoClocks
from tests.integration.handlers.entry_desk import (
    CITY,
    FIELDS,
    Nobody,
    Staff,
    acted,
    is_open,
    published,
    written,
)
from tests.integration.slices import Slices
from tests.unit.handlers.making import HOUSING, TRANSPORT, routed


async def _closed(unit: RecordingUnit, **fields: Any) -> CaseId:
    """An enquiry that housing answered, and that its citizen lets everybody read."""
    event = routed(kind="consultation", title="李四问居住证怎么办", **{"publish": True, **fields})
    await assign.open_cases(unit, [event])
    await unit.db.execute(
        """UPDATE handlers.case SET state = 'closed', closed_at = now(), response = '李四先生，请带身份证，电话13812345678。'
        WHERE case_id = $1""",
        event.case_id,
    )
    return event.case_id


async def test_an_entry_is_made_from_a_closed_enquiry(unit: RecordingUnit, wang: Staff, li: Staff) -> None:
    """Its answer is filled in, masked; of the citizen's words none; old entries stand first; the look is a row."""
    old = await published(wang, li)
    case_id = await _closed(unit)
    html = await wang.open(f"/desk/entries/new?case_id={case_id}")

    assert [CaseField.TITLE, CaseField.RESPONSE] == list(wang.shown[case_id])
    assert "13812345678" not in html
    assert "请带身份证" in html
    assert html.index(f"/knowledge/{old}") < html.index('name="questions"')
    (questions,) = re.findall(r'name="questions"[^>]*>\s*([^<]*)</textarea>', html)
    assert "" == questions
    entry_id = await written(wang, made_from=case_id)
    assert (case_id,) == (await wang.read(entry_id)).made_from
    await acted(wang, entry_id, "propose")
    assert () == (await li.read(entry_id)).made_from


async def test_a_form_that_comes_back_still_says_what_it_is_made_from(
    unit: RecordingUnit, wang: Staff
) -> None:
    """Refused or sent for another language; of a case that is kept from others meanwhile nothing stands there."""
    case_id = await _closed(unit)
    wrong = {**FIELDS, "questions": "", "made_from": case_id}
    html = await wang.send("/desk/entries/new", **wrong)

    assert 422 == wang.status
    assert f'href="/desk/{case_id}"' in html
    assert "问居住证怎么办" in html
    assert CaseField.TITLE in wang.shown[case_id]

    await unit.db.execute("UPDATE handlers.case SET withheld = true WHERE case_id = $1", case_id)
    html = await wang.send("/desk/entries/new", **wrong)
    assert 422 == wang.status
    assert f'href="/desk/{case_id}"' not in html


@pytest.mark.parametrize(
    ("fields", "change"),
    [
        ({"confidential": True}, "true"),
        ({"publish": False}, "true"),
        ({"protected": True}, "true"),
        ({"accused": (HOUSING,), "lead": TRANSPORT}, "lead = 'housing'"),
        ({}, "withheld = true"),
        ({}, "state = 'merged'"),
        ({}, "state = 'reopened'"),
        ({}, "kind = 'report'"),
        ({"lead": TRANSPORT}, "true"),
    ],
)
async def test_no_entry_is_made_from_what_nobody_may_read(
    unit: RecordingUnit, wang: Staff, fields: dict[str, Any], change: str
) -> None:
    """Confidential, without consent, accusing, withheld, merged, reopened, a report, another department's."""
    case_id = await _closed(unit, **fields)
    if change != "true":
        await unit.db.execute(f"UPDATE handlers.case SET {change} WHERE case_id = $1", case_id)  # noqa: S608  our own words
    with pytest.raises(NotFound):
        await wang.open(f"/desk/entries/new?case_id={case_id}")
    await wang.send("/desk/entries/new", **FIELDS, made_from=case_id)

    assert 422 == wang.status
    assert "no" == await steps.may_make(unit, HOUSING, case_id)


class Said(PublicAnswers):
    """One answer as everybody reads it, or none."""

    def __init__(self, response: str | None) -> None:
        self._response = response

    async def response(self, unit: Unit, case_id: CaseId) -> str | None:
        """It, whichever case is asked for."""
        return self._response

    async def hidden(self, unit: Unit, case_ids: Sequence[CaseId]) -> Sequence[str]:
        """Of whichever cases."""
        return ["春燕"]

    async def limits(self, unit: Unit, case_ids: Sequence[CaseId]) -> Mapping[CaseId, KeptFromAll]:
        """The same of each."""
        return dict.fromkeys(case_ids, KeptFromAll(words=("春燕",), withheld_since=None))

    async def message(self, unit: Unit, case_id: CaseId) -> tuple[str, str] | None:
        """Nobody asks."""
        raise AssertionError


async def test_what_says_a_hidden_word_since_before_entries_were_held_back_is_found_and_held(
    unit: RecordingUnit, wang: Staff, li: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where the word is hidden now: nobody reads it, it waits for a dispatcher; once. What says none stays."""
    answer = {"answer": "请找春燕办理。"}
    says = await published(wang, li, made_from=await _closed(unit), **answer)
    silent = await published(wang, li, made_from=await _closed(unit))
    of_no_case = await published(wang, li, **answer)
    assert [says] == await find_revealing(unit, Said(None))
    told: list[Notice] = []
    monkeypatch.setattr(unit, "notify", told.append)
    for _ in range(2):
        await stop_revealing(unit, Said(None), [says, silent])
        await Slices(unit, CITY).carry()

    assert [] == await find_revealing(unit, Said(None))
    assert [False, True, True] == [await is_open(unit, each) for each in (says, silent, of_no_case)]
    assert EntryState.PROPOSED is (await li.read(says)).state
    assert [Occasion.ENTRY_HELD] == [notice.occasion for notice in told]


async def test_an_entry_is_made_from_no_more_than_everybody_reads(unit: RecordingUnit, wang: Staff) -> None:
    """What staff hid is not filled in; of what they or its citizen keep from everybody since, nothing is made."""
    case_id = await _closed(unit)
    wang.answers = Said("**先生，请带身份证，窗口在***。")
    html = await wang.open(f"/desk/entries/new?case_id={case_id}")
    assert "窗口在***" in html
    assert "李四先生" not in html

    assert f"/desk/entries/new?case_id={case_id}" in await wang.open(f"/desk/{case_id}")
    wang.answers = Said(None)
    assert 'id="no-entry"' in await wang.open(f"/desk/{case_id}")
    assert "/desk/entries/new" not in wang.html
    with pytest.raises(steps.KeptFromOthers):
        await wang.open(f"/desk/entries/new?case_id={case_id}")
    # The form may have been open since before.
    await wang.send("/desk/entries/new", **FIELDS, made_from=case_id)
    assert 422 == wang.status
    assert steps.KeptFromOthers.zh in wang.html


async def test_answers_that_contradict_each_other_wait_for_a_dispatcher(
    unit: RecordingUnit, wang: Staff, zhao: Staff, li: Staff
) -> None:
    """Once for each pair; found to be right, or gone with one of the two, they wait no more."""
    one = await published(wang, li)
    await published(zhao, li, questions="居住证如何办理", answer="十个工作日内办好。")
    assert "1 对答案互相矛盾" in await li.open("/review/entries")
    html = await li.open("/review/entries/contradictions")
    assert FIELDS["answer"] in html
    assert "十个工作日" in html
    ids = dict(re.findall(r'name="((?:entry|other)_id)" value="([^"]+)"', html))
    await li.send("/review/entries/contradictions", **ids, remarks="……")
    assert 422 == li.status
    assert 'href="#remarks"' in li.html
    assert re.search(r'id="remarks"[^>]* aria-describedby="remarks-error">\n……</textarea>', li.html)
    await li.send("/review/entries/contradictions", **ids | {"other_id": ids["entry_id"]}, remarks="…… 。")
    assert (422, True) == (li.status, '<p class="govuk-body written" lang="zh">…… 。</p>' in li.html)
    for said in ("…… 。", " "):
        await li.send("/review/entries/contradictions", **ids | {"other_id": ids["entry_id"]}, remarks=said)
        leads_to = re.findall(r'<li><a href="#([\w-]+)">', li.html)
        assert leads_to
        assert all(f'id="{each}"' in li.html for each in leads_to)
    await li.send("/review/entries/contradictions", **ids, remarks="一个是新办，一个是补办")
    assert "没有互相矛盾的答案" in li.html
    await li.send("/review/entries/contradictions", **ids, remarks="另一个理由")
    assert (404, True) == (li.status, '<a href="#findings">这两条并不互相矛盾' in li.html)
    assert '<p class="govuk-body written" lang="zh">另一个理由</p>' in li.html

    third = await published(zhao, li, questions="怎么办理居住证", answer="8个工作日。")
    assert 2 == len(await steps.list_contradictions(unit))
    await acted(zhao, third, "withdraw", remarks="重复")
    assert [] == await steps.list_contradictions(unit)
    assert await is_open(unit, one)


async def test_a_draft_hides_no_contradiction(
    unit: RecordingUnit, wang: Staff, zhao: Staff, li: Staff
) -> None:
    """What everybody reads is compared, whatever its department writes meanwhile."""
    one = await published(wang, li)
    await wang.send(f"/desk/entries/{one}/edit", **{**FIELDS, "version": "3", "questions": "公交卡在哪里退"})
    other = await published(zhao, li, questions="居住证如何办理", answer="十个工作日内办好。")

    (found,) = await steps.list_contradictions(unit)
    assert {one, other} == {found.entry_id, found.other_id}


async def test_of_two_published_at_once_the_second_finds_the_first(
    unit: RecordingUnit, schema: str, wang: Staff, li: Staff
) -> None:
    """Whoever approves waits until the one before is kept: each would find the other nowhere."""
    await published(wang, li)
    another = await asyncpg.connect(schema)
    try:
        await another.execute("SET lock_timeout = '50ms'")
        with pytest.raises(asyncpg.LockNotAvailableError):
            await store.lock_publishing(another)
    finally:
        await another.close()


async def test_what_was_logged_stays(unit: RecordingUnit, wang: Staff) -> None:
    """Postgres itself refuses to change or delete it."""
    await written(wang)
    point = unit.db.transaction()
    await point.start()
    with pytest.raises(asyncpg.RaiseError, match="append-only"):
        await unit.db.execute("UPDATE handlers.entry_log SET actor = 'x'")
    await point.rollback()


async def _api(staff: Staff, method: str, path: str, body: Any = None, **at: str) -> Any:
    routes = handlers.web.api.routes(city=CITY, contacts=Nobody(), clocks=NoClocks())
    (route,) = [r for r in routes if (r.method, r.path) == (method, path)]
    assert staff.who.role in route.who
    call = Call(
        principal=staff.who, language=Language.ZH, path=at, headers={}, address="10.0.0.1", unit_or_none=staff.unit,
        body=msgspec.convert(body, route.body) if route.body else None, query=route.query() if route.query else None,
    )  # fmt: skip
    return await route.answer(call)


async def test_other_systems_do_the_same(unit: RecordingUnit, wang: Staff, li: Staff) -> None:
    """By API: write, propose, approve, list, read, withdraw; a repeated write is one entry."""
    desk, review = "/api/v1/desk/entries", "/api/v1/review/entries"
    body = {**FIELDS, "questions": ["居住证怎么办理"], "entry_id": "0198b2c4-0000-7000-8000-00000000ee01"}
    done = await _api(wang, "POST", desk, body)
    assert done == await _api(wang, "POST", desk, body)
    at = {"entry_id": done.entry_id}
    done = await _api(wang, "POST", f"{desk}/{{entry_id}}/actions/propose", {"version": 1}, **at)
    decision = {"version": done.version, "decision": "approve"}
    done = await _api(li, "POST", f"{review}/{{entry_id}}/decision", decision, **at)
    with pytest.raises(Refused):
        await _api(li, "POST", f"{review}/{{entry_id}}/decision", decision, **at)

    assert (EntryState.LIVE, 3) == (done.state, done.version)
    assert [[done.entry_id]] * 2 == [
        [line.entry_id for line in (await _api(staff, "GET", path)).items]
        for staff, path in ((wang, desk), (li, review))
    ]
    assert "居住证怎么办理" == (await _api(li, "GET", f"{review}/{{entry_id}}", **at)).content.title
    done = await _api(
        wang, "POST", f"{desk}/{{entry_id}}/actions/withdraw", {"version": 3, "remarks": "过时"}, **at
    )
    assert EntryState.WITHDRAWN is done.state
    assert DepartmentCode("housing") == (await wang.read(done.entry_id)).owner
