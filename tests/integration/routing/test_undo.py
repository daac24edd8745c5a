"""A dispatcher takes a decision back within ten minutes, while nobody has acted on it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from routing.core.decisions.direct import may_answer
from routing.core.decisions.review import Decision
from routing.core.doubts import Doubt
from routing.steps import undo as steps
from routing.steps.decide import decide
from routing.steps.decided import Decided
from routing.steps.handle_events import handle_dropped, review_returns
from routing.steps.undo import find_chance, handle_recalled
from routing.steps.undo_in_hand import handle_moves_undone
from routing.store import cases, items
from routing.web import pages, queries
from schemas.city import load_city
from schemas.errors import BadInput, NotFound, StaleVersion
from schemas.events.handlers import CaseReturned, RequestDropped
from schemas.events.intake import CaseSupplemented, RefusalObjected
from schemas.events.routing import CaseUnmerged, DecisionUndone, RecallRequested
from schemas.events.undone import CaseRecalled, MoveUndone, UndoRequested
from schemas.http import Page, Principal, Redirect
from schemas.ids import CaseId, CategoryCode, DepartmentCode
from schemas.words import CaseState, Kind, Language, ReviewKind, Role
from tests.integration.routing.cases import (
    AT,
    UNCLEAR,
    new_case_id,
    object_to_refusal,
    registered,
    route,
    supplement,
)
from tests.integration.routing.test_queue import call_of, html_of

CITY = load_city()
LI = "li"
#: Names an item of the catalogue, and leaves open whose it is.
STREET_LIGHT = ("路灯不亮", "路灯不亮，也想咨询社保卡和养老金。")


async def _waiting(unit: Any) -> CaseId:
    event = registered(UNCLEAR)
    await route(unit, [event])
    unit.emitted.clear()
    return event.case_id


async def _decide(unit: Any, case_id: CaseId, by: str = LI, **said: Any) -> Decided:
    (item,) = await items.waiting(unit.db, case_id)
    decided = await decide(unit, CITY, case_id, Decision(version=item.version, **said), by)
    unit.emitted.clear()
    return decided


async def undo(unit: Any, case_id: CaseId, by: str) -> Decided:
    """As whoever sees the case as it is now."""
    case = await cases.find(unit.db, case_id)
    return await steps.undo(unit, case_id, case.version if case is not None else 0, by)


def _recalled(case_id: CaseId, version: int) -> CaseRecalled:
    return CaseRecalled(case_id=case_id, version=version, at=AT, state=CaseState.IN_REVIEW, decided_by=LI)


async def test_a_refusal_is_taken_back(unit: Any) -> None:
    """The same question waits again, at once; its citizen is told that it is being decided on."""
    case_id = await _waiting(unit)
    await _decide(unit, case_id, decline=True)

    undone = await undo(unit, case_id, LI)

    (told,) = unit.emitted
    (item,) = await items.waiting(unit.db, case_id)
    assert isinstance(told, DecisionUndone)
    assert ("open", CaseState.IN_REVIEW, LI) == (undone.state, told.state, told.decided_by)
    assert (ReviewKind.DISPATCH, undone.version, Doubt.UNDONE) == (
        item.kind, item.version, item.detail["doubts"][0],
    )  # fmt: skip
    await _decide(unit, case_id, by="sun", lead="transport")


async def test_a_merge_is_taken_back(unit: Any) -> None:
    """As an unmerged case, and said to be undone."""
    target, case_id = await _waiting(unit), await _waiting(unit)
    await _decide(unit, case_id, merge_into=target)

    await undo(unit, case_id, LI)

    (told,) = unit.emitted
    assert isinstance(told, CaseUnmerged)
    assert ("undone", LI) == (told.why, told.decided_by)
    assert 1 == len(await items.waiting(unit.db, case_id))


async def test_a_department_is_asked_for_the_case_first(unit: Any) -> None:
    """Nothing waits until handlers has taken it back; then the suggestion of before stands there again."""
    case_id = await _waiting(unit)
    (first,) = await items.waiting(unit.db, case_id)
    before = await cases.find(unit.db, case_id)
    decided = await _decide(unit, case_id, lead="transport")

    undone = await undo(unit, case_id, LI)

    (asked,) = unit.emitted
    assert isinstance(asked, RecallRequested)
    assert (decided.version + 1, False) == (asked.version, undone.done)
    assert [] == await items.waiting(unit.db, case_id)
    await handle_recalled(unit, [_recalled(case_id, asked.version + 1)])
    (item,) = await items.waiting(unit.db, case_id)
    after = await cases.find(unit.db, case_id)
    assert after is not None
    assert before is not None
    assert (first.candidates, asked.version + 1) == (item.candidates, item.version)
    assert ("open", None, before.category) == (after.state, after.decided_by, after.category)
    assert item.detail["had_department"]


@pytest.mark.parametrize("is_accusing_since", [False, True])
async def test_the_item_that_was_found_stands_again(unit: Any, is_accusing_since: bool) -> None:
    """Not the one that the undone dispatch named, of another category; and none where the case accuses somebody since."""
    event = registered(STREET_LIGHT)
    await route(unit, [event])
    await _decide(unit, event.case_id, item="bus-stop")
    await undo(unit, event.case_id, LI)
    (asked,) = unit.emitted
    if is_accusing_since:
        later = CaseSupplemented(
            case_id=event.case_id, version=2, at=AT, text="我要举报城管局执法人员收受贿赂。"
        )
        await supplement(unit, [later])

    await handle_recalled(unit, [_recalled(event.case_id, asked.version + 1)])

    after = await cases.find(unit.db, event.case_id)
    assert after is not None
    found = (None if is_accusing_since else "street-light", "urban-construction")
    assert found == (after.item, after.category)


async def test_what_a_department_signed_stays(unit: Any) -> None:
    """handlers says no: the case is the department's, and the dispatcher finds that among what was not done."""
    case_id = await _waiting(unit)
    decided = await _decide(unit, case_id, lead="transport")
    await undo(unit, case_id, LI)
    dropped = RequestDropped(
        case_id=case_id, version=decided.version + 2, at=AT, asked="recall.requested", asked_at=AT,
        asked_version=decided.version + 1, by=LI, lead=DepartmentCode("transport"), category=CategoryCode("transport"),
        state=CaseState.IN_PROGRESS,
    )  # fmt: skip

    await handle_dropped(unit, [dropped])

    case = await cases.find(unit.db, case_id)
    assert case is not None
    assert ("routed", "transport", decided.version) == (case.state, case.lead, case.version)
    assert [] == await items.waiting(unit.db, case_id)


async def test_a_move_that_crosses_the_recall_stands(unit: Any) -> None:
    """Somebody chose another department meanwhile: handlers takes the case back, and follows that route next."""
    case_id = await _waiting(unit)
    decided = await _decide(unit, case_id, lead="transport")
    asked = await undo(unit, case_id, LI)
    move = Decision(version=asked.version, lead="housing", remarks="职责在该单位")
    await decide(unit, CITY, case_id, move, "sun")

    await handle_recalled(unit, [_recalled(case_id, decided.version + 2)])

    case = await cases.find(unit.db, case_id)
    assert case is not None
    assert ("routed", "housing", []) == (case.state, case.lead, await items.waiting(unit.db, case_id))


async def test_a_move_is_no_recall(unit: Any) -> None:
    """Who moves what they dispatched takes the move back, not the dispatch; nothing is taken for an answer before."""
    case_id = await _waiting(unit)
    decided = await _decide(unit, case_id, lead="transport")
    move = Decision(version=decided.version, lead="housing", remarks="职责在该单位")
    await decide(unit, CITY, case_id, move, LI)

    await handle_recalled(unit, [_recalled(case_id, decided.version + 2)])
    assert [] == await items.waiting(unit.db, case_id)
    unit.emitted.clear()

    undone = await undo(unit, case_id, LI)

    (asked,) = unit.emitted
    assert isinstance(asked, UndoRequested)
    assert ("routed", False, None, decided.version + 2) == (
        undone.state, undone.done, asked.review, asked.version,
    )  # fmt: skip
    given = MoveUndone(
        case_id=case_id, version=asked.version + 1, at=AT, state=CaseState.IN_PROGRESS, lead=DepartmentCode("transport"),
        category=CategoryCode("transport"), moved_to=DepartmentCode("housing"), moved_at=AT, decided_by=LI,
    )  # fmt: skip
    await handle_moves_undone(unit, [given])
    case = await cases.find(unit.db, case_id)
    assert case is not None
    assert ("transport", asked.version + 1, None) == (case.lead, case.version, case.before_move)


async def test_a_move_behind_a_recall_that_was_not_done(unit: Any) -> None:
    """It has the version of the recall, and is none either: what is taken back is the move."""
    case_id = await _waiting(unit)
    decided = await _decide(unit, case_id, lead="transport")
    await undo(unit, case_id, LI)
    dropped = RequestDropped(
        case_id=case_id, version=decided.version + 2, at=AT, asked="recall.requested", asked_at=AT,
        asked_version=decided.version + 1, by=LI, lead=DepartmentCode("transport"), category=CategoryCode("transport"),
        state=CaseState.IN_PROGRESS,
    )  # fmt: skip
    await handle_dropped(unit, [dropped])
    move = Decision(version=decided.version, lead="housing", remarks="职责在该单位")
    await decide(unit, CITY, case_id, move, LI)

    unit.emitted.clear()
    await undo(unit, case_id, LI)
    assert [UndoRequested] == [type(event) for event in unit.emitted]


@pytest.mark.parametrize("minutes", [0, 9.99])
async def test_there_are_ten_minutes(unit: Any, minutes: float) -> None:
    """And not one more."""
    case_id = await _waiting(unit)
    await _decide(unit, case_id, decline=True)
    unit.now += timedelta(minutes=10)
    with pytest.raises(BadInput) as refused:
        await undo(unit, case_id, LI)
    assert "十分钟" in refused.value.errors[0].zh

    unit.now += timedelta(minutes=minutes - 10)
    await undo(unit, case_id, LI)


async def test_only_whoever_decided_takes_it_back(unit: Any) -> None:
    """Another one is told whose it is, and nobody is told anything of a case that is not there."""
    case_id = await _waiting(unit)
    with pytest.raises(BadInput):
        await undo(unit, case_id, LI)
    await _decide(unit, case_id, decline=True)

    with pytest.raises(BadInput):
        await undo(unit, case_id, "sun")
    with pytest.raises(NotFound):
        await undo(unit, new_case_id(), LI)


async def test_what_others_did_since_stays(unit: Any) -> None:
    """A citizen objected, or the department returned it: that is what waits now."""
    refused, returned = await _waiting(unit), await _waiting(unit)
    await _decide(unit, refused, decline=True)
    await object_to_refusal(unit, [_objection(refused)])
    decided = await _decide(unit, returned, lead="transport")
    back = CaseReturned(
        case_id=returned, version=decided.version + 2, at=AT, state=CaseState.IN_REVIEW,
        department=DepartmentCode("transport"), reason="不归我局", basis="三定方案", return_count=1,
    )  # fmt: skip
    await review_returns(unit, [back])

    for case_id in (refused, returned):
        with pytest.raises(BadInput):
            await undo(unit, case_id, LI)


def _objection(case_id: CaseId) -> RefusalObjected:
    return RefusalObjected(case_id=case_id, version=3, at=AT, reason="路灯归市里管")


@pytest.mark.parametrize("said", [{"decline": True}, {"lead": "transport"}])
async def test_sent_twice_it_is_done_once(unit: Any, said: dict[str, Any]) -> None:
    """The second click finds the first one's work done, or asked for."""
    case_id = await _waiting(unit)
    await _decide(unit, case_id, **said)
    first = await undo(unit, case_id, LI)

    again = await undo(unit, case_id, LI)

    assert (first, 1) == (again, len(unit.emitted))


async def test_an_old_tab_takes_no_newer_decision_back(unit: Any) -> None:
    """Only the decision that its page spoke of; a page that says none is none of ours."""
    case_id = await _waiting(unit)
    first = await _decide(unit, case_id, decline=True)
    await undo(unit, case_id, LI)
    second = await _decide(unit, case_id, lead="transport")
    mine = replace(call_of(unit, case_id, {}), principal=Principal(role=Role.DISPATCHER, name=LI))

    with pytest.raises(StaleVersion):
        await steps.undo(unit, case_id, first.version, LI)
    for old in ({}, {"version": str(first.version)}):
        page = await pages.decide_on_page(replace(mine, form={"action": "undo", **old}), city=CITY)
        assert isinstance(page, Page)
        assert f'name="version" value="{second.version}"' in html_of(page, Language.ZH)
    case = await cases.find(unit.db, case_id)
    assert case is not None
    assert "routed" == case.state
    await steps.undo(unit, case_id, second.version, LI)


async def test_a_recalled_case_is_not_answered_directly(unit: Any) -> None:
    """handlers knows it: only a department, or a refusal, ends it there."""
    event = registered(UNCLEAR, kind=Kind.CONSULTATION)
    await route(unit, [event])
    decided = await _decide(unit, event.case_id, lead="transport")
    await undo(unit, event.case_id, LI)
    await handle_recalled(unit, [_recalled(event.case_id, decided.version + 2)])

    case = await cases.find(unit.db, event.case_id)
    every = await items.of_case(unit.db, event.case_id)
    assert case is not None
    assert not may_answer(case, every, every[-1])


async def test_the_page_offers_it_to_whoever_decided(unit: Any) -> None:
    """Behind the decision and on the case; to nobody else; one click does it."""
    case_id = await _waiting(unit)
    await _decide(unit, case_id, decline=True)
    case = await cases.find(unit.db, case_id)
    assert case is not None
    mine = replace(call_of(unit, case_id, {}), principal=Principal(role=Role.DISPATCHER, name=LI))
    others = replace(mine, principal=Principal(role=Role.DISPATCHER, name="sun"))

    assert await find_chance(unit, case.tracking_code, "sun") is None
    assert 'value="undo"' in html_of(await pages.show_case(mine, city=CITY), Language.ZH)
    assert 'value="undo"' not in html_of(await pages.show_case(others, city=CITY), Language.ZH)
    queue = replace(mine, query=queries.QueueQuery(done=case.tracking_code))
    assert 'value="undo"' in html_of(await pages.show_queue(queue, city=CITY), Language.EN)
    pressed = replace(mine, form={"action": "undo", "version": str(case.version)})
    assert Redirect(to=f"/review/{case_id}") == await pages.decide_on_page(pressed, city=CITY)


async def test_done_is_said_only_while_it_is(unit: Any) -> None:
    """To whoever decided, for as long as it can be taken back, and no more once it was."""
    case_id, next_case = await _waiting(unit), await _waiting(unit)
    code = (await cases.find(unit.db, case_id) or pytest.fail("not kept")).tracking_code

    async def said(by: str = LI, code: str = code) -> list[bool]:
        who = Principal(role=Role.DISPATCHER, name=by)
        queue = replace(call_of(unit, query=queries.QueueQuery(done=code)), principal=who)
        case = replace(call_of(unit, next_case, query=queries.CaseQuery(done=code)), principal=who)
        shown = await pages.show_queue(queue, city=CITY), await pages.show_case(case, city=CITY)
        return ["已处理，与此有关的各方" in html_of(page, Language.ZH) for page in shown]

    assert [False, False] == await said()
    await _decide(unit, case_id, decline=True)
    assert [True, True] == await said()
    assert [False, False] == await said(by="sun")
    assert [False, False] == await said(code="AAAA-BBBB-CCCC-DDDD")
    decided = await cases.find(unit.db, case_id)
    assert decided is not None
    await steps.undo(unit, case_id, decided.version, LI)
    assert [False, False] == await said()
    await _decide(unit, case_id, by="sun", decline=True)
    assert [False, False] == await said()
    assert [True, True] == await said(by="sun")
    unit.now += timedelta(minutes=11)
    assert [False, False] == await said(by="sun")
