"""A dispatcher corrects the tags of a case with where it goes; what is undone brings back those that were found."""

from typing import Any

import pytest
from msgspec import UNSET
from msgspec.structs import replace

from routing.core.decisions.review import Decision, DirectAnswer
from routing.steps import undo as steps
from routing.steps.decide import decide
from routing.steps.decided import Decided
from routing.steps.handle_events import handle_dropped, review_extensions, review_returns
from routing.steps.take_up import take_up
from routing.steps.undo import handle_recalled
from routing.steps.undo_in_hand import handle_moves_undone
from routing.store import cases, items
from routing.web import api, pages
from schemas.city import load_city
from schemas.errors import BadInput
from schemas.events.handlers import CaseReturned, ExtensionRequested, RequestDropped
from schemas.events.intake import CaseSupplemented
from schemas.events.routing import CaseRouted
from schemas.events.undone import CaseRecalled, MoveUndone, UndoRequested
from schemas.http import Page, Redirect
from schemas.ids import CaseId, DepartmentCode
from schemas.words import CaseState, Language
from tests.integration.routing.cases import AT, registered, route, supplement
from tests.integration.routing.test_queue import call_of, html_of

CITY = load_city()
LI = "li"
#: Leaves open whose it is.
OUTING = ("有个情况想说", "夜里出门的事，老人不方便，请看一下，谢谢。")
FOUND = ("night", "elderly")
WATER = DepartmentCode("water")


async def _waiting(unit: Any, words: tuple[str, str] = OUTING) -> CaseId:
    event = registered(words)
    await route(unit, [event])
    unit.emitted.clear()
    return event.case_id


async def _decide(unit: Any, case_id: CaseId, **said: Any) -> Decided:
    (item,) = await items.waiting(unit.db, case_id)
    return await decide(unit, CITY, case_id, Decision(version=item.version, **said), LI)


async def _tags(unit: Any, case_id: CaseId) -> tuple[str, ...]:
    case = await cases.find(unit.db, case_id)
    assert case is not None
    return case.tags


def _route_of(unit: Any) -> CaseRouted:
    (routed,) = [event for event in unit.emitted if isinstance(event, CaseRouted)]
    unit.emitted.clear()
    return routed


async def _undo(unit: Any, case_id: CaseId) -> Decided:
    case = await cases.find(unit.db, case_id)
    assert case is not None
    unit.emitted.clear()
    return await steps.undo(unit, case_id, case.version, LI)


@pytest.mark.parametrize(
    ("said", "tags", "corrected"),
    [
        (None, FOUND, False),
        (("elderly", "night"), FOUND, False),
        (("night", "hazard"), ("night", "hazard"), True),
        ((), (), True),
    ],
)
async def test_they_go_with_the_route(
    unit: Any, said: tuple[str, ...] | None, tags: tuple[str, ...], corrected: bool
) -> None:
    """Also where the dispatcher only accepts what is suggested; whoever says nothing of them leaves them."""
    case_id = await _waiting(unit)
    assert FOUND == await _tags(unit, case_id)

    await _decide(unit, case_id, accept=True, tags=said)

    routed = _route_of(unit)
    assert (tags, corrected, tags) == (routed.tags, routed.tags_corrected, await _tags(unit, case_id))


async def test_a_protected_case_gets_none(unit: Any) -> None:
    """Nobody is told by a tag whom it is about."""
    case_id = await _waiting(unit, ("举报", "我要举报城管局执法人员夜里收受贿赂。"))

    await _decide(unit, case_id, lead="public-security", tags=("night",))

    routed = _route_of(unit)
    assert (True, (), False) == (routed.protected, routed.tags, routed.tags_corrected)


@pytest.mark.parametrize(
    "said",
    [{"decline": True}, {"merge_into": "x"}, {"answer": DirectAnswer(entry_id="x", text="是")}, {}],
)
async def test_only_who_sends_a_case_corrects_them(unit: Any, said: dict[str, Any]) -> None:
    """They are refused by name, and nothing is decided: nobody believes to have corrected what stayed."""
    case_id = await _waiting(unit)

    with pytest.raises(BadInput) as refused:
        await _decide(unit, case_id, tags=("night",), **said)

    assert ["tags"] == [error.field for error in refused.value.errors]


async def test_a_yes_to_more_time_corrects_nothing(unit: Any) -> None:
    """It is about a case that stays where it is."""
    case_id = await _waiting(unit)
    decided = await _decide(unit, case_id, lead="transport")
    asked = ExtensionRequested(
        case_id=case_id, version=decided.version + 1, at=AT, department=DepartmentCode("transport"), working_days=5,
        reason="招标",
    )  # fmt: skip
    await review_extensions(unit, [asked])

    with pytest.raises(BadInput) as refused:
        await _decide(unit, case_id, accept=True, tags=())

    assert ["tags"] == [error.field for error in refused.value.errors]


def _recalled(case_id: CaseId, version: int) -> CaseRecalled:
    return CaseRecalled(case_id=case_id, version=version, at=AT, state=CaseState.IN_REVIEW, decided_by=LI)


@pytest.mark.parametrize("is_accusing_since", [False, True])
async def test_an_undone_dispatch_brings_back_those_that_were_found(
    unit: Any, is_accusing_since: bool
) -> None:
    """None where the case accuses somebody since; and the queue does not tell which they were meanwhile."""
    case_id = await _waiting(unit)
    await _decide(unit, case_id, lead="transport", tags=("hazard",))
    undone = await _undo(unit, case_id)
    if is_accusing_since:
        later = CaseSupplemented(case_id=case_id, version=2, at=AT, text="我要举报城管局执法人员收受贿赂。")
        await supplement(unit, [later])

    await handle_recalled(unit, [_recalled(case_id, undone.version + 1)])

    assert (() if is_accusing_since else FOUND) == await _tags(unit, case_id)
    page = await api.list_queue(call_of(unit, query=api.ReviewQuery()), city=CITY)
    assert not any("tags" in name for each in page.items for name in each.detail)


async def test_an_undone_return_brings_back_those_of_before_it(unit: Any) -> None:
    """Those with which the case had been sent first."""
    case_id = await _waiting(unit)
    sent = await _decide(unit, case_id, lead="transport", tags=("hazard",))
    returned = CaseReturned(
        case_id=case_id, version=sent.version + 1, at=AT, department=DepartmentCode("transport"), return_count=1,
        reason="不属本单位", basis="三定方案",
    )  # fmt: skip
    await review_returns(unit, [returned])
    await _decide(unit, case_id, accept=True, lead="housing", tags=("night", "policy"))
    assert ("night", "policy") == await _tags(unit, case_id)
    undone = await _undo(unit, case_id)

    await handle_recalled(unit, [_recalled(case_id, undone.version + 1)])

    assert ("hazard",) == await _tags(unit, case_id)


async def _moved(unit: Any) -> tuple[CaseId, Decided]:
    case_id = await _waiting(unit)
    sent = await _decide(unit, case_id, lead="transport")
    unit.emitted.clear()
    move = Decision(version=sent.version, lead=WATER, remarks="职责在该单位", tags=("night",))
    return case_id, await decide(unit, CITY, case_id, move, LI)


async def test_a_move_corrects_them_too(unit: Any) -> None:
    """With a reason for the move, as ever."""
    case_id, _ = await _moved(unit)

    routed = _route_of(unit)
    assert (("night",), True, WATER) == (routed.tags, routed.tags_corrected, routed.lead)
    assert ("night",) == await _tags(unit, case_id)


@pytest.mark.parametrize(("is_of_before", "tags"), [(False, FOUND), (True, ("night",))])
async def test_an_undone_move_brings_back_those_of_before_it(
    unit: Any, is_of_before: bool, tags: tuple[str, ...]
) -> None:
    """Where the release before made the move, nothing was kept of them, nor changed: they stay."""
    case_id, moved = await _moved(unit)
    if is_of_before:
        await unit.db.execute(
            "UPDATE routing.case SET before_move = before_move - 'tags' WHERE case_id = $1", case_id
        )
    asked = await _undo(unit, case_id)
    given = MoveUndone(
        case_id=case_id, version=asked.version + 1, at=AT, state=CaseState.IN_PROGRESS, lead=DepartmentCode("transport"),
        category=CITY.categories[0].code, moved_to=WATER, moved_at=AT, decided_by=LI,
    )  # fmt: skip

    await handle_moves_undone(unit, [given])

    assert moved.version < asked.version
    assert tags == await _tags(unit, case_id)


async def test_an_undone_move_tells_no_tags_of_a_protected_case(unit: Any) -> None:
    """It was protected after the move, and those of before it are known still."""
    case_id, _ = await _moved(unit)
    await unit.db.execute(
        "UPDATE routing.case SET accused = '{transport}', protected = true WHERE case_id = $1", case_id
    )
    unit.emitted.clear()

    await _undo(unit, case_id)

    (asked,) = unit.emitted
    assert isinstance(asked, UndoRequested)
    assert () == asked.tags


@pytest.mark.parametrize("is_of_before", [False, True])
async def test_a_move_that_was_not_done_leaves_item_and_tags(unit: Any, is_of_before: bool) -> None:
    """The department that has the case has it as what it had it."""
    case_id = await _waiting(unit)
    sent = await _decide(unit, case_id, lead="transport")
    before = await cases.find(unit.db, case_id)
    move = Decision(
        version=sent.version, item="property-fee", lead="housing", remarks="职责在该单位", tags=("night",)
    )
    moved = await decide(unit, CITY, case_id, move, LI)
    if is_of_before:
        await unit.db.execute(
            "UPDATE routing.case SET before_move = before_move - 'tags' WHERE case_id = $1", case_id
        )
    assert before is not None
    told = RequestDropped(
        case_id=case_id, version=sent.version + 2, at=AT, asked=CaseRouted.name, asked_at=AT,
        asked_version=moved.version, by=LI, lead=before.lead, category=before.category, state=CaseState.REPLIED,
    )  # fmt: skip

    await handle_dropped(unit, [told])

    after = await cases.find(unit.db, case_id)
    assert after is not None
    assert (before.item, ("night",) if is_of_before else FOUND) == (after.item, after.tags)


@pytest.mark.parametrize(
    ("field", "tags"),
    [
        ({}, FOUND),
        ({"tags": ",night,hazard"}, ("night", "hazard")),
        ({"tags": ""}, ()),
    ],
)
async def test_the_form_ticks_what_was_found(unit: Any, field: dict[str, str], tags: tuple[str, ...]) -> None:
    """A form of the release before has no such field, and leaves them; one without a tick takes all of them off."""
    case_id = await _waiting(unit)
    page = await pages.show_case(call_of(unit, case_id, {}), city=CITY)
    html = html_of(page, Language.ZH)
    assert 'value="night" id="dispatch-tag-night" checked>' in html
    assert 'value="hazard" id="dispatch-tag-hazard">' in html
    form = {"kind": "dispatch", "version": "2", "action": "dispatch", "category": "", "lead": "transport"}

    answer = await pages.decide_on_page(call_of(unit, case_id, form | field), city=CITY)

    assert isinstance(answer, Redirect)
    assert tags == await _tags(unit, case_id)


@pytest.mark.parametrize("language", [Language.ZH, Language.EN])
async def test_what_there_is_not_is_said_at_the_field(unit: Any, language: Language) -> None:
    """In the reader's language, with what was ticked kept."""
    case_id = await _waiting(unit)
    form = {
        "kind": "dispatch",
        "version": "2",
        "action": "dispatch",
        "lead": "transport",
        "tags": ",hazard,nowhere",
    }

    page = await pages.decide_on_page(call_of(unit, case_id, form, language=language), city=CITY)

    assert isinstance(page, Page)
    html = html_of(page, language)
    assert (422, True) == (page.status, 'href="#dispatch-tags"' in html)
    assert {Language.ZH: "有的标签本市没有。", Language.EN: "The city has no such tag."}[language] in html
    assert 'id="dispatch-tag-hazard" checked>' in html
    assert 'id="dispatch-tag-night">' in html


async def test_a_tag_of_before_goes_through_the_form(unit: Any) -> None:
    """The city lists it no more: it is named nowhere among the boxes, and stays."""
    case_id = await _waiting(unit)
    await unit.db.execute("UPDATE routing.case SET tags = '{night,gone}' WHERE case_id = $1", case_id)

    html = html_of(await pages.show_case(call_of(unit, case_id, {}), city=CITY), Language.ZH)

    assert '<input type="hidden" name="tags" value="gone">' in html


async def test_the_form_of_a_move_has_them_too(unit: Any) -> None:
    """And a protected case's has none."""
    case_id, accusing = (
        await _waiting(unit),
        await _waiting(unit, ("举报", "我要举报城管局执法人员收受贿赂。")),
    )
    await _decide(unit, case_id, lead="transport")

    html = html_of(await pages.show_case(call_of(unit, case_id, {}), city=CITY), Language.ZH)

    assert 'id="in-hand-tag-night" checked>' in html
    page = await pages.show_case(call_of(unit, accusing, {}), city=CITY)
    assert 'name="tags"' not in html_of(page, Language.ZH)


async def test_what_was_told_of_an_older_copy_is_taken_up_with_them(unit: Any) -> None:
    """After a restore the decision is heard, and the case has the tags that it says."""
    case_id = await _waiting(unit)
    await _decide(unit, case_id, lead="transport", tags=("hazard",))
    routed = _route_of(unit)
    other = await _waiting(unit)

    assert await take_up(unit, replace(routed, case_id=other), b"key")

    assert ("hazard",) == await _tags(unit, other)
    undone = await _undo(unit, other)
    await handle_recalled(unit, [_recalled(other, undone.version + 1)])
    assert FOUND == await _tags(unit, other)


async def test_what_an_older_release_told_of_no_tags_leaves_them(unit: Any) -> None:
    """Taken up again, its decision says nothing of them."""
    case_id = await _waiting(unit)
    await _decide(unit, case_id, lead="transport")
    routed = _route_of(unit)
    other = await _waiting(unit)

    assert await take_up(unit, replace(routed, case_id=other, tags=UNSET), b"key")

    assert FOUND == await _tags(unit, other)
