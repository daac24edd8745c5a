"""A refusal can be objected to once, and another dispatcher decides."""

from dataclasses import replace
from typing import Any

import pytest

from routing.core.decisions.review import Decision
from routing.steps.decide import decide
from routing.steps.decided import Decided
from routing.store import items
from routing.web import pages
from schemas.city import load_city
from schemas.errors import BadInput
from schemas.events.intake import RefusalObjected
from schemas.events.routing import CaseDeclined, CaseRouted, ReviewDecided, ReviewRequested, SupplementJudged
from schemas.http import Principal
from schemas.ids import CaseId
from schemas.words import CaseState, CitizenAction, Language, ReviewKind, Role, Saying
from tests.integration.routing.cases import AT, UNCLEAR, object_to_refusal, registered, route
from tests.integration.routing.test_queue import RENDERER, call_of

CITY = load_city()


async def _declined(unit: Any) -> CaseId:
    event = registered(UNCLEAR)
    await route(unit, [event])
    await _decide(unit, event.case_id, 2, "li", decline=True)
    return event.case_id


async def _decide(unit: Any, case_id: CaseId, version: int, by: str, **said: Any) -> Decided:
    return await decide(unit, CITY, case_id, Decision(version=version, **said), by)


async def _object(unit: Any, case_id: CaseId, reason: str = "路灯归市里管") -> list[Any]:
    unit.emitted.clear()
    objected = RefusalObjected(case_id=case_id, version=3, at=AT, reason=reason)
    await object_to_refusal(unit, [objected])
    return list(unit.emitted)


async def test_an_objection_waits_for_another_dispatcher(unit: Any) -> None:
    """The refusal says until when; whoever refused may not decide."""
    case_id = await _declined(unit)
    declined = unit.emitted[-1]
    assert isinstance(declined, CaseDeclined)
    assert ((CitizenAction.OBJECTION,), True) == (declined.citizen_may, declined.objection_until is not None)

    (asked,) = await _object(unit, case_id)

    assert isinstance(asked, ReviewRequested)
    assert (ReviewKind.OBJECTION, CaseState.IN_REVIEW, 5) == (asked.kind, asked.state, asked.version)
    (item,) = await items.waiting(unit.db, case_id)
    assert ("路灯归市里管", "li") == (item.detail["reason"], item.detail["declined_by"])
    with pytest.raises(BadInput):
        await _decide(unit, case_id, 5, "li", lead="transport")


@pytest.mark.parametrize(("name", "may"), [("li", False), ("sun", True)])
async def test_who_refused_is_offered_no_form_about_the_objection(unit: Any, name: str, may: bool) -> None:
    """The page says that another decides, before anything is written."""
    case_id = await _declined(unit)
    await _object(unit, case_id)
    call = replace(call_of(unit, case_id), principal=Principal(role=Role.DISPATCHER, name=name))

    page = await pages.show_case(call, city=CITY)

    html = RENDERER.render(
        page, language=Language.ZH, principal=call.principal, csrf_token="t", path="/review"
    )
    assert ('name="kind" value="objection"' in html) is may
    assert ("此前是您决定的，请由另一位派单员决定。" in html) is not may


async def test_an_objection_is_heard_and_the_case_goes_to_a_department(unit: Any) -> None:
    """Said first, then routed."""
    case_id = await _declined(unit)
    await _object(unit, case_id)
    unit.emitted.clear()

    await _decide(unit, case_id, 5, "sun", lead="transport")

    said, routed = unit.emitted
    assert isinstance(said, ReviewDecided)
    assert isinstance(routed, CaseRouted)
    assert (ReviewKind.OBJECTION, True, "transport") == (said.kind, said.accepted, routed.lead)


@pytest.mark.parametrize("how", [{"accept": False}, {"decline": "请向供电公司反映"}])
async def test_an_upheld_refusal_is_final(unit: Any, how: dict[str, Any]) -> None:
    """The citizen may do nothing more, and another objection changes nothing; its words are read like any others."""
    case_id = await _declined(unit)
    await _object(unit, case_id)
    unit.emitted.clear()

    decided = await _decide(unit, case_id, 5, "sun", **how)

    said, declined = unit.emitted
    assert isinstance(said, ReviewDecided)
    assert isinstance(declined, CaseDeclined)
    assert (False, (), None) == (said.accepted, declined.citizen_may, declined.objection_until)
    assert ("declined", False) == (decided.state, await items.waiting(unit.db, case_id) != [])
    assert [SupplementJudged] == [type(event) for event in await _object(unit, case_id)]


@pytest.mark.parametrize(
    "reason", ["交通局路政大队收钱放行超载车，请查", "交通局路政大隊收錢放行超載車，請查"]
)
async def test_whom_an_objection_accuses_the_case_does_not_reach(unit: Any, reason: str) -> None:
    """It is judged like the message, in either script; the other dispatcher is told, and cannot send it there."""
    case_id = await _declined(unit)

    (asked,) = await _object(unit, case_id, reason)

    assert (("transport",), True) == (asked.accused, asked.protected)
    with pytest.raises(BadInput):
        await _decide(unit, case_id, 5, "zhao", lead="transport")
    await _decide(unit, case_id, 5, "zhao", lead="letters")
    routed = unit.emitted[-1]
    assert isinstance(routed, CaseRouted)
    assert (("transport",), True) == (routed.accused, routed.protected)


async def test_a_system_decides_on_no_objection_without_a_person(unit: Any) -> None:
    """Nobody knows who is behind it; what it declined itself, somebody with an account decides on."""
    case_id = await _declined(unit)
    await _object(unit, case_id)
    decision = Decision(version=5, lead="transport")
    with pytest.raises(BadInput) as refused:
        await decide(unit, CITY, case_id, decision, "console", is_person=False)
    assert ["Acting-For"] == [error.field for error in refused.value.errors]

    await decide(unit, CITY, case_id, decision, "sun")

    event = registered(UNCLEAR)
    await route(unit, [event])
    await decide(unit, CITY, event.case_id, Decision(version=2, decline="不属于"), "console", is_person=False)
    await _object(unit, event.case_id)
    await decide(unit, CITY, event.case_id, decision, "sun")


async def test_an_objection_that_changes_nothing_is_judged(unit: Any) -> None:
    """The second one, or one that came when the case had gone on: whom it accuses loses the case, and reads it only then."""
    case_id = await _declined(unit)
    await _object(unit, case_id)
    await _decide(unit, case_id, 5, "sun", lead="transport")

    said = await _object(unit, case_id, "交通局路政大队收钱放行超载车，请查")

    asked, words = said
    assert isinstance(asked, ReviewRequested)
    assert (("transport",), True, ReviewKind.DISPATCH) == (asked.accused, asked.protected, asked.kind)
    assert isinstance(words, SupplementJudged)
    assert Saying.OBJECTION is words.said
