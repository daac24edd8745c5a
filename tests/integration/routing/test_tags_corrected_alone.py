"""A dispatcher corrects the tags of a case that a department has, and nothing else of it."""

from typing import Any

import pytest

from routing.core.chosen_tags import CorrectTags
from routing.steps.correct_tags import correct_tags
from routing.steps.undo import hear_recalled
from routing.steps.undo_in_hand import hear_moves_undone
from routing.store import cases
from routing.web import pages
from schemas.errors import BadInput, NotFound
from schemas.events.tags import TagsCorrected
from schemas.events.undone import MoveUndone
from schemas.http import Page, Redirect
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
from tests.integration.routing.test_queue import _call as call_of
from tests.integration.routing.test_queue import _html as html_of


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

    await hear_recalled(unit, [_recalled(case_id, undone.version + 1)])

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

    await hear_moves_undone(unit, [given])

    assert ("winter",) == await _tags(unit, case_id)


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
    assert f"/review/{case_id}?had=night%2Celderly" == answer.to
    assert ("hazard",) == await _tags(unit, case_id)
    query = pages.CaseQuery(had="night,elderly")
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
