"""A dispatcher says how pressing a case is with its first dispatch; what is undone is as pressing again as it was found."""

from typing import Any

import pytest
from msgspec.structs import replace

from routing.core.decisions.review import Decision
from routing.steps import undo as steps
from routing.steps.decide import decide
from routing.steps.decided import Decided
from routing.steps.handle_events import review_returns
from routing.steps.take_up import take_up
from routing.steps.undo import handle_recalled
from routing.store import cases, items
from routing.web import pages
from schemas.city import load_city
from schemas.errors import BadInput
from schemas.events.handlers import CaseReturned
from schemas.events.routing import CaseRouted
from schemas.events.undone import CaseRecalled
from schemas.http import Page, Redirect
from schemas.ids import CaseId, DepartmentCode
from schemas.words import CaseState, Language, Urgency
from tests.integration.routing.cases import AT, registered, route
from tests.integration.routing.test_queue import call_of, html_of

CITY = load_city()
LI = "li"
#: Leaves open whose it is.
OUTING = ("有个情况想说", "夜里出门的事，老人不方便，请看一下，谢谢。")


async def _waiting(unit: Any, urgency: Urgency) -> CaseId:
    event = registered(OUTING)
    await route(unit, [event])
    await unit.db.execute(
        "UPDATE routing.case SET urgency = $2 WHERE case_id = $1", event.case_id, urgency.value
    )
    unit.emitted.clear()
    return event.case_id


async def _decide(unit: Any, case_id: CaseId, **said: Any) -> Decided:
    (item,) = await items.waiting(unit.db, case_id)
    return await decide(unit, CITY, case_id, Decision(version=item.version, **said), LI)


async def _urgency(unit: Any, case_id: CaseId) -> Urgency:
    case = await cases.find(unit.db, case_id)
    assert case is not None
    return case.urgency


def _route_of(unit: Any) -> CaseRouted:
    (routed,) = [event for event in unit.emitted if isinstance(event, CaseRouted)]
    unit.emitted.clear()
    return routed


async def _undone(unit: Any, case_id: CaseId) -> Urgency:
    """How pressing the case is once its department has given it back."""
    case = await cases.find(unit.db, case_id)
    assert case is not None
    undone = await steps.undo(unit, case_id, case.version, LI)
    recalled = CaseRecalled(
        case_id=case_id, version=undone.version + 1, at=AT, state=CaseState.IN_REVIEW, decided_by=LI
    )
    await handle_recalled(unit, [recalled])
    return await _urgency(unit, case_id)


@pytest.mark.parametrize(
    ("found", "said", "meant"),
    [
        (Urgency.URGENT, Urgency.NORMAL, Urgency.NORMAL),
        (Urgency.NORMAL, Urgency.EMERGENCY, Urgency.EMERGENCY),
        (Urgency.EMERGENCY, None, Urgency.EMERGENCY),
    ],
)
async def test_it_goes_with_the_route(
    unit: Any, found: Urgency, said: Urgency | None, meant: Urgency
) -> None:
    """The department's deadlines and its letters follow from what the route says; who says nothing leaves it."""
    case_id = await _waiting(unit, found)

    await _decide(unit, case_id, accept=True, urgency=said)

    assert (meant, meant) == (_route_of(unit).urgency, await _urgency(unit, case_id))


async def test_an_emergency_is_called_less_by_nobody_who_has_not_looked(unit: Any) -> None:
    """Nothing is decided before; to send it as it is needs no second yes."""
    case_id = await _waiting(unit, Urgency.EMERGENCY)

    with pytest.raises(BadInput) as refused:
        await _decide(unit, case_id, accept=True, urgency=Urgency.NORMAL)
    assert ["confirm"] == [error.field for error in refused.value.errors]

    await _decide(unit, case_id, accept=True, urgency=Urgency.NORMAL, confirm=True)
    assert Urgency.NORMAL is _route_of(unit).urgency


async def test_what_is_undone_is_as_pressing_as_it_was_found(unit: Any) -> None:
    """Once the department has given it back, it stands where emergencies stand."""
    case_id = await _waiting(unit, Urgency.EMERGENCY)
    await _decide(unit, case_id, lead="transport", urgency=Urgency.NORMAL, confirm=True)

    assert Urgency.EMERGENCY is await _undone(unit, case_id)


async def test_where_a_department_has_had_it_nobody_changes_it(unit: Any) -> None:
    """Its deadlines have begun; the same once more is no change."""
    case_id = await _waiting(unit, Urgency.URGENT)
    sent = await _decide(unit, case_id, lead="transport")
    move = Decision(version=sent.version, lead="water", remarks="职责在该单位", urgency=Urgency.NORMAL)
    with pytest.raises(BadInput) as refused:
        await decide(unit, CITY, case_id, move, LI)
    assert ["urgency"] == [error.field for error in refused.value.errors]

    returned = CaseReturned(
        case_id=case_id, version=sent.version + 1, at=AT, department=DepartmentCode("transport"), return_count=1,
        reason="不属本单位", basis="三定方案",
    )  # fmt: skip
    await review_returns(unit, [returned])
    with pytest.raises(BadInput) as refused:
        await _decide(unit, case_id, accept=True, lead="water", urgency=Urgency.NORMAL)
    assert ["urgency"] == [error.field for error in refused.value.errors]
    await _decide(unit, case_id, accept=True, lead="water", urgency=Urgency.URGENT)


@pytest.mark.parametrize("said", [{"decline": True}, {"merge_into": "x"}, {}], ids=str)
async def test_only_who_sends_a_case_says_it(unit: Any, said: dict[str, Any]) -> None:
    """It is refused by name: nobody believes to have changed what stayed."""
    case_id = await _waiting(unit, Urgency.URGENT)

    with pytest.raises(BadInput) as refused:
        await _decide(unit, case_id, urgency=Urgency.NORMAL, **said)

    assert ["urgency"] == [error.field for error in refused.value.errors]


async def test_what_was_told_of_an_older_copy_is_taken_up_with_it(unit: Any) -> None:
    """After a restore the route that others have heard of says how pressing the case is; taken back, it is as found."""
    case_id = await _waiting(unit, Urgency.EMERGENCY)
    await _decide(unit, case_id, lead="transport", urgency=Urgency.NORMAL, confirm=True)
    routed = _route_of(unit)
    other = await _waiting(unit, Urgency.EMERGENCY)

    assert await take_up(unit, replace(routed, case_id=other), b"key")
    assert Urgency.NORMAL is await _urgency(unit, other)

    assert Urgency.EMERGENCY is await _undone(unit, other)


async def test_the_form_says_it(unit: Any) -> None:
    """What was found stands there; an emergency is called less with a tick, and the page says where that is missing."""
    case_id = await _waiting(unit, Urgency.EMERGENCY)
    (item,) = await items.waiting(unit.db, case_id)
    form = {
        "version": str(item.version), "kind": "dispatch", "action": "dispatch", "lead": "transport", "urgency": "normal",
    }  # fmt: skip

    refused = await pages.decide_on_page(call_of(unit, case_id, form), city=CITY)
    assert isinstance(refused, Page)
    html = html_of(refused, Language.ZH)
    assert '<option value="normal" selected>一般</option>' in html
    assert '<option value="">特急</option>' in html
    assert "请勾选“已核实”再降低紧急程度" in html

    done = await pages.decide_on_page(call_of(unit, case_id, {**form, "confirm": "true"}), city=CITY)
    assert isinstance(done, Redirect)
    assert Urgency.NORMAL is await _urgency(unit, case_id)
