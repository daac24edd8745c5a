"""What staff hide, or show again, follows into the cases of whoever said “me too”, and of whoever was merged."""

from typing import Any

import pytest

from intake.core.following.view import TimelineEntry
from intake.core.no_words import SAME
from intake.core.sealing import declared_in
from intake.steps.handle_events import handle_merged_answers, update_views
from intake.store.publication import find_cases
from schemas.events.handlers import ReplyPublished
from schemas.events.intake import PublicationLimited
from schemas.events.routing import CaseMerged, MergedAnswered
from schemas.ids import CaseId
from schemas.words import CaseField
from tests.conftest import RecordingUnit
from tests.integration.intake.calls import Site, handle_replies, register
from tests.integration.intake.test_handle_events import said, view_of
from tests.integration.intake.test_hidden_from_whom import (
    API,
    AT,
    CASE,
    DISPATCHER,
    MERGED,
    PAGE,
    RESPONSE,
    _answered,
    _decide,
)
from tests.unit.intake.messages import KEYS, draft, message

CODE = CASE.codes.tracking_code


@pytest.fixture
def site() -> Site:
    """Intake's web."""
    return Site()


async def _says_same(
    unit: RecordingUnit, who: bytes, title: str = SAME, text: str = SAME, code: Any = CODE
) -> Any:
    """Somebody says “me too”, and is answered alone."""
    same = message(draft(title, text, same_as=code, publish=True), entropy=who * 32)
    await register(unit, same)
    given = {"public": True, "publishable": True, "case_id": same.codes.case_id, "response": "已一并处理。"}
    await handle_replies(unit, [said(ReplyPublished, 6, **given)])  # type: ignore[arg-type]  # fields of the event
    return same


async def _hidden(unit: RecordingUnit, case_id: CaseId) -> tuple[str, ...]:
    case = (await find_cases(unit.db, [case_id]))[case_id]
    return declared_in(KEYS, case_id, case.sealed).hidden


async def test_what_is_shown_again_is_so_wherever_it_was_the_title(site: Site, unit: RecordingUnit) -> None:
    """Also in that of whoever says so of the second case. Where its citizen wrote the word, staff decide there."""
    await register(unit, CASE)
    await _answered(unit)
    first = await _says_same(unit, b"1")
    second = await _says_same(unit, b"2", code=first.codes.tracking_code)
    own = await _says_same(unit, b"3", text="春燕占道，我也看见。")
    await _decide(site, unit, hide=["春燕", "天天"])
    assert [("春燕", "天天")] * 3 == [
        await _hidden(unit, each.codes.case_id) for each in (first, second, own)
    ]
    shown = await _decide(site, unit, 1, hide=["天天"])

    assert [("天天",), ("天天",), ("春燕", "天天")] == [
        await _hidden(unit, each.codes.case_id) for each in (first, second, own)
    ]
    found: Any = await site.call(unit, "GET", "/api/v1/published", query={"q": "一并处理"})
    assert ["**水果店占道", "春燕水果店占道", "春燕水果店占道"] == sorted(one.title for one in found.items)
    assert [(own.codes.tracking_code, ("春燕",))] == [(one.tracking_code, one.hide) for one in shown.kept]
    seen: dict[str, dict[CaseField, None]] = {}
    page: Any = await site.call(unit, "GET", PAGE, at=AT, principal=DISPATCHER, shown=seen)
    assert shown.kept == page.context["shown"].kept
    assert own.codes.case_id in seen
    assert () == tuple((await _decide(site, unit, 2, hide=["春燕", "天天"])).kept)


async def test_whoever_withholds_a_case_reads_who_else_stands_under_its_title(
    site: Site, unit: RecordingUnit
) -> None:
    """Public ones alone, also where a word of it is hidden; what has a title of its own says nothing of the case."""
    await register(unit, CASE)
    await _answered(unit)
    same = await _says_same(unit, b"1")
    await _says_same(unit, b"2", title="桥洞积水", text="积水很深")
    assert () == tuple((await _decide(site, unit, hide=["春燕"])).titled)
    shown = await _decide(site, unit, 1, hide=["春燕"], withhold=True)
    assert [same.codes.tracking_code] == shown.titled

    body = {"version": 1, "withhold": True, "reason": "涉及未成年人"}
    at = {"case_id": same.codes.case_id}
    await site.call(unit, "POST", API, body, at=at, principal=DISPATCHER)
    page: Any = await site.call(unit, "GET", PAGE, at=AT, principal=DISPATCHER)
    assert [] == page.context["shown"].titled


class _Counting:
    """A connection that counts statements."""

    def __init__(self, db: Any) -> None:
        self._db = db
        self.statements = 0

    def __getattr__(self, name: str) -> Any:
        self.statements += 1
        return getattr(self._db, name)


async def test_however_many_say_me_too_it_is_decided_in_as_many_statements(
    site: Site, unit: RecordingUnit
) -> None:
    """Five thousand took five seconds, one by one; each has its decision, and its event."""
    await register(unit, CASE)
    await _answered(unit)
    db, counts, people = unit.db, [], 0
    for number, (who, words) in enumerate(((b"123", ["春燕"]), (b"456789", ["春燕", "水果店"]))):
        for one in who:
            await _says_same(unit, bytes([one]))
        people += len(who)
        unit.emitted.clear()
        unit.db = counting = _Counting(db)
        await _decide(site, unit, number, hide=words)
        unit.db = db
        counts.append(counting.statements)
        told = [event for event in unit.emitted if isinstance(event, PublicationLimited)]
        assert 1 + people == len({event.case_id for event in told}) == len(told)

    assert counts[0] == counts[1]


async def test_no_line_of_another_citizens_page_says_what_is_hidden_since(
    site: Site, unit: RecordingUnit
) -> None:
    """Neither the answer that stands, nor that of before, in words or in the timeline; what they were told alone stays."""
    await register(unit, CASE)
    await register(unit, MERGED)
    other, code = MERGED.codes.case_id, MERGED.codes.tracking_code
    await handle_replies(unit, [said(ReplyPublished, 1, case_id=other, response="春燕已告知。")])
    await update_views(unit, [said(CaseMerged, 2, case_id=other, into=CASE.codes.case_id)])
    for version, answer in ((6, "已约谈春燕。"), (9, RESPONSE)):
        await _answered(unit, version, answer)
        copy = said(MergedAnswered, version + 1, case_id=other, into=CASE.codes.case_id, response=answer)
        await handle_merged_answers(unit, [copy], keys=KEYS)
    await _decide(site, unit, hide=["春燕"])

    def words(lines: tuple[TimelineEntry, ...]) -> list[str]:
        return [line.words for line in lines if line.words]

    hidden = ["春燕已告知。", "已约谈**。", "已请**水果店退回店内经营，明天复查。"]
    assert hidden == words((await view_of(unit, code)).timeline)
    await _decide(site, unit, 1)
    assert [*hidden[:2], RESPONSE] == words((await view_of(unit, code)).timeline)
