"""A dispatcher corrects the tags of a case that a department has, and nothing else of it."""

import re
from typing import Any

import pytest

from routing.core.decisions.chosen_tags import CorrectTags
from routing.steps.correct_tags import correct_tags
from routing.steps.handle_events import review_returns
from routing.steps.undo import handle_recalled
from routing.steps.undo_in_hand import handle_moves_undone
from routing.store import cases
from routing.web import pages, queries
from schemas.errors import BadInput, NotFound
from schemas.events.handlers import CaseReturned
from schemas.events.tags import TagsCorrected
from schemas.events.undone import MoveUndone
from schemas.http import DRAFT_FIELD, Page, Redirect
from schemas.ids import CaseId, DepartmentCode, TagCode
from schemas.words import CaseState, Language
from tests.integration.routing.cases import AT
from tests.integration.routing.test_corrected_tags import (
    CITY,
    FOUND,
    LI,
    OUTING,
    WATER,
    _decide,
    _moved,
    _recalled,
    _tags,
    _undo,
    _waiting,
)
from tests.integration.routing.test_queue import call_of, html_of


async def _correct(unit: Any, case_id: CaseId, *tags: str, seen: tuple[str, ...] | None = None) -> None:
    unit.emitted.clear()
    await correct_tags(unit, CITY, case_id, CorrectTags(tags=tags, seen=seen), LI)


async def test_a_routed_case_gets_other_tags_and_stays_where_it_is(unit: Any) -> None:
    """In the city's order; its version stays, and the same once more says nothing."""
    case_id = await _waiting(unit)
    sent = await _decide(unit, case_id, lead="transport")

    await _correct(unit, case_id, "hazard", "night", seen=FOUND)

    told = TagsCorrected(
        case_id=case_id,
        version=sent.version,
        at=unit.now,
        tags=(TagCode("night"), TagCode("hazard")),
        decided_by=LI,
    )
    assert [told] == unit.emitted
    after = await cases.find(unit.db, case_id)
    assert after is not None
    assert (("night", "hazard"), "transport", sent.version) == (after.tags, after.lead, after.version)
    await _correct(unit, case_id, "night", "hazard", seen=FOUND)
    assert [] == unit.emitted


@pytest.mark.parametrize(
    ("words", "is_sent", "tags", "seen", "why"),
    [
        (OUTING, False, ("hazard",), None, "待派单的件请在派单时改"),
        (OUTING, True, ("nowhere",), None, "有的标签本市没有"),
        (OUTING, True, ("hazard",), ("night",), "标签刚才已被改过"),
        (("举报", "我要举报城管局执法人员夜里收受贿赂。"), True, ("night",), None, "受保护的件没有标签"),
    ],
)
async def test_what_cannot_be_corrected_says_why(
    unit: Any,
    words: tuple[str, str],
    is_sent: bool,
    tags: tuple[str, ...],
    seen: tuple[str, ...] | None,
    why: str,
) -> None:
    """And changes nothing."""
    case_id = await _waiting(unit, words)
    if is_sent:
        await _decide(unit, case_id, lead="public-security")
    before = await _tags(unit, case_id)

    with pytest.raises(BadInput) as refused:
        await _correct(unit, case_id, *tags, seen=seen)

    (error,) = refused.value.errors
    assert ("tags", True) == (error.field, why in error.zh)
    assert (before, []) == (await _tags(unit, case_id), unit.emitted)


async def test_there_are_no_tags_of_no_case(unit: Any) -> None:
    """Whoever names one that is not there reads so."""
    with pytest.raises(NotFound):
        await _correct(unit, CaseId("0198b2c4-0000-7000-8000-0000000000aa"), "night")


async def test_an_undone_dispatch_leaves_what_was_corrected_since(unit: Any) -> None:
    """Not those that the dispatch itself had changed."""
    case_id = await _waiting(unit)
    await _decide(unit, case_id, lead="transport", tags=("hazard",))
    await _correct(unit, case_id, "winter")
    undone = await _undo(unit, case_id)

    await handle_recalled(unit, [_recalled(case_id, undone.version + 1)])

    assert ("winter",) == await _tags(unit, case_id)


async def test_an_undone_move_leaves_what_was_corrected_since(unit: Any) -> None:
    """The department that had the case has it again, with the tags of now."""
    case_id, _ = await _moved(unit)
    await _correct(unit, case_id, "winter")
    asked = await _undo(unit, case_id)
    given = MoveUndone(
        case_id=case_id, version=asked.version + 1, at=AT, state=CaseState.IN_PROGRESS, lead=DepartmentCode("transport"),
        category=CITY.categories[0].code, moved_to=WATER, moved_at=AT, decided_by=LI,
    )  # fmt: skip

    await handle_moves_undone(unit, [given])

    assert ("winter",) == await _tags(unit, case_id)


@pytest.mark.parametrize("is_since", [False, True])
async def test_whoever_undoes_a_move_is_told_the_tags(unit: Any, is_since: bool) -> None:
    """The desk may not have heard of a correction, before the move or since."""
    case_id, _ = await _moved(unit)
    if is_since:
        await _correct(unit, case_id, "winter")
    await _undo(unit, case_id)

    (asked,) = unit.emitted
    assert (("winter",) if is_since else FOUND) == asked.tags


@pytest.mark.parametrize("language", [Language.ZH, Language.EN])
async def test_the_page_corrects_them_and_offers_those_of_before(unit: Any, language: Language) -> None:
    """One press gives them back; a protected case, or one that waits for its dispatch, has no such form."""
    case_id = await _waiting(unit)
    form = 'id="retag-heading"'
    page = await pages.show_case(call_of(unit, case_id, {}, language=language), city=CITY)
    assert form not in html_of(page, language)
    await _decide(unit, case_id, lead="transport")
    page = await pages.show_case(call_of(unit, case_id, {}, language=language), city=CITY)
    assert form in html_of(page, language)
    sent = {"action": "tags", "seen": ",".join(FOUND), "tags": ",hazard"}

    answer = await pages.decide_on_page(call_of(unit, case_id, sent, language=language), city=CITY)

    assert isinstance(answer, Redirect)
    assert f"/review/{case_id}?had=night,elderly&got=hazard" == answer.to
    assert ("hazard",) == await _tags(unit, case_id)
    query = queries.CaseQuery(had="night,elderly", got="hazard")
    html = html_of(
        await pages.show_case(call_of(unit, case_id, {}, query=query, language=language), city=CITY), language
    )
    assert '<input type="hidden" name="tags" value="night,elderly">' in html
    assert {Language.ZH: "标签已改", Language.EN: "The tags were corrected"}[language] in html
    back = {"action": "tags", "seen": "hazard", "tags": "night,elderly"}
    await pages.decide_on_page(call_of(unit, case_id, back, language=language), city=CITY)
    assert FOUND == await _tags(unit, case_id)
    page = await pages.show_case(call_of(unit, case_id, {}, query=query, language=language), city=CITY)
    assert {Language.ZH: "标签已改", Language.EN: "The tags were corrected"}[language] not in html_of(
        page, language
    )


async def test_the_page_says_that_somebody_else_was_first(unit: Any) -> None:
    """Beside the boxes, which stay as they were ticked."""
    case_id = await _waiting(unit)
    await _decide(unit, case_id, lead="transport")
    sent = {"action": "tags", "seen": "winter", "tags": ",hazard"}

    page = await pages.decide_on_page(call_of(unit, case_id, sent), city=CITY)

    assert isinstance(page, Page)
    html = html_of(page, Language.ZH)
    assert (422, True) == (page.status, 'href="#retag-tags"' in html)
    assert "标签刚才已被改过" in html
    assert "标签已改" not in html
    assert 'id="retag-tag-hazard" checked>' in html


async def test_nothing_is_given_back_that_somebody_corrected_since(unit: Any) -> None:
    """Loaded again, the page neither says that the tags were just corrected nor offers those of before."""
    case_id = await _waiting(unit)
    await _decide(unit, case_id, lead="transport")
    await _correct(unit, case_id, "hazard")
    await _correct(unit, case_id, "winter")
    query = queries.CaseQuery(had="night,elderly", got="hazard")

    html = html_of(await pages.show_case(call_of(unit, case_id, {}, query=query), city=CITY), Language.ZH)

    assert ("标签已改" in html, "恢复改前的标签" in html) == (False, False)


@pytest.mark.parametrize(
    ("sent", "is_draft", "seen"),
    [
        ({"tags": ",nowhere", "seen": "night"}, False, "night"),
        ({"tags": ",hazard", "seen": "night"}, True, "night"),
        ({"tags": ",hazard", "seen": "night"}, False, ",".join(FOUND)),
    ],
)
async def test_a_form_shown_again_has_seen_what_its_reader_has(
    unit: Any, sent: dict[str, str], is_draft: bool, seen: str
) -> None:
    """Not what others saved meanwhile, of which it says nothing; unless that is why it was refused."""
    case_id = await _waiting(unit)
    await _decide(unit, case_id, lead="transport")
    read = ("night",) if "nowhere" in sent["tags"] else FOUND
    await _correct(unit, case_id, *read)

    form = {"action": "tags"} | sent | ({DRAFT_FIELD: "1"} if is_draft else {})
    html = html_of(await _shown_again(unit, case_id, form), Language.ZH)

    (retag,) = re.findall(r'id="retag-heading">(.*?)</form>', html, re.DOTALL)
    assert re.findall(r'name="seen" value="([^"]*)"', retag) == [seen]


async def _shown_again(unit: Any, case_id: CaseId, form: dict[str, str]) -> Page:
    page = await pages.decide_on_page(call_of(unit, case_id, form), city=CITY)
    assert isinstance(page, Page)
    return page


_MOVE = {"action": "move", "lead": WATER, "remarks": "职责在该单位"}


@pytest.mark.parametrize(
    ("ticked", "is_done", "tags"),
    [("night,elderly", True, ("winter",)), ("night,elderly,hazard", False, ("winter",))],
)
async def test_a_move_takes_no_correction_back_unseen(
    unit: Any, ticked: str, is_done: bool, tags: tuple[str, ...]
) -> None:
    """From a page of before it: boxes that nobody touched leave the tags, and who touched them is told."""
    case_id = await _waiting(unit)
    sent = await _decide(unit, case_id, lead="transport")
    page = html_of(await pages.show_case(call_of(unit, case_id, {}), city=CITY), Language.ZH)
    (move,) = re.findall(r'id="move".*?</form>', page, re.DOTALL)
    (seen,) = re.findall(r'name="seen" value="([^"]*)"', move)
    await _correct(unit, case_id, "winter")
    form = _MOVE | {"version": str(sent.version), "seen": seen, "tags": f",{ticked}"}

    answer = await pages.decide_on_page(call_of(unit, case_id, form), city=CITY)

    assert (is_done, tags) == (isinstance(answer, Redirect), await _tags(unit, case_id))
    if isinstance(answer, Page):
        html = html_of(answer, Language.ZH)
        assert ('href="#in-hand-tags"' in html, "标签刚才已被改过" in html) == (True, True)


async def test_a_new_department_after_a_return_takes_no_correction_back_unseen(unit: Any) -> None:
    """Nor by HTTP, where whoever decides says what they read; the page has the form of tags as long as they are taken."""
    case_id = await _returned(unit)
    await _correct(unit, case_id, "winter")
    wanted = {"accept": True, "lead": "housing", "tags": ("hazard",)}

    with pytest.raises(BadInput) as refused:
        await _decide(unit, case_id, **wanted, tags_seen=FOUND)

    assert ["tags"] == [error.field for error in refused.value.errors]
    sent = {"action": "tags", "seen": "night", "tags": ",hazard"}
    html = html_of(await _shown_again(unit, case_id, sent), Language.ZH)
    assert ('href="#retag-tags"' in html, 'id="retag-tags"' in html) == (True, True)
    await _decide(unit, case_id, **wanted, tags_seen=("winter",))
    assert ("hazard",) == await _tags(unit, case_id)


async def _returned(unit: Any) -> CaseId:
    case_id = await _waiting(unit)
    sent = await _decide(unit, case_id, lead="transport")
    returned = CaseReturned(
        case_id=case_id, version=sent.version + 1, at=AT, department=DepartmentCode("transport"), return_count=1,
        reason="不属本单位", basis="三定方案",
    )  # fmt: skip
    await review_returns(unit, [returned])
    return case_id
