"""How sure the machine has to be: on the page, changed by an administrator, and kept with who said so."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from routing.core.precision import NewWish
from routing.steps import precision as steps
from routing.store import models
from routing.web import precision as pages
from schemas.city import load_city
from schemas.errors import BadInput
from schemas.http import Page, Principal, Redirect
from schemas.words import Language, Role
from tests.integration.routing.cases import AT, UNCLEAR, new_case_id, registered, route
from tests.integration.routing.test_models import KNOWN, STORED
from tests.integration.routing.test_queue import call_of, html_of

CITY = load_city()
WU = Principal(role=Role.ADMINISTRATOR, name="wu")


async def _promoted(unit: Any) -> None:
    version = await models.add_shadow(unit.db, KNOWN, STORED, "somebody", AT)
    await models.promote(unit.db, version, AT)


def _page(unit: Any, form: dict[str, str] | None = None, who: Principal = WU) -> Any:
    return replace(call_of(unit, new_case_id(), form or {}), principal=who, query=pages.PrecisionQuery())


async def test_a_wish_is_kept_with_who_said_so(unit: Any) -> None:
    """It holds in place of what the model was trained for; the table says what each costs, of a week's messages."""
    await _promoted(unit)
    unit.now = AT
    await route(unit, [registered(UNCLEAR)])
    before = await steps.read_precision(unit, CITY)

    after = await steps.wish(unit, NewWish(precision=0.97, reason="派错太多"), "wu", CITY)

    learned = msgspec.json.decode(KNOWN)
    assert (0.9, 0.97) == (before.wished, after.wished)
    assert [step["coverage"] for step in learned["curve"]] == [cost.coverage for cost in after.costs]
    assert [0.97] == [cost.precision for cost in after.costs if cost.is_chosen]
    assert [(0.97, "wu", "派错太多", AT)] == [
        (each.precision, each.decided_by, each.reason, each.at) for each in after.history
    ]
    assert after.received_a_week >= 1


async def test_the_page_says_what_the_model_does_not_know(unit: Any) -> None:
    """It learned three of the city's categories; the API names the others by their codes."""
    await _promoted(unit)
    asked = replace(_page(unit), language=Language.EN)
    html = html_of(await pages.show_page(asked, city=CITY), Language.EN)

    assert "It learned from no message of these categories: " in html
    [absent] = (await steps.read_precision(unit, CITY)).doubts
    assert set(CITY.category) - {"transport", "education-culture", "health"} == set(absent.labels)


async def test_without_a_model_the_page_says_what_to_do(unit: Any) -> None:
    """Nothing was measured, and nothing can be wished."""
    html = html_of(await pages.show_page(_page(unit), city=CITY), Language.ZH)

    assert "huiyin train" in html
    with pytest.raises(BadInput):
        await steps.wish(unit, NewWish(precision=0.97, reason="派错太多"), "wu", CITY)


async def test_an_administrator_changes_it_on_the_page(unit: Any) -> None:
    """What was typed stays where the reason is missing; a dispatcher reads, and has no form."""
    await _promoted(unit)
    refused = await pages.change_on_page(_page(unit, {"precision": "0.98", "reason": ""}), city=CITY)
    assert isinstance(refused, Page)
    assert (422, 1) == (refused.status, html_of(refused, Language.EN).count('value="0.98" selected'))

    changed = await pages.change_on_page(_page(unit, {"precision": "0.98", "reason": "派错太多"}), city=CITY)

    assert Redirect(to="/review/precision?done=true") == changed
    reader = Principal(role=Role.DISPATCHER, name="li")
    html = html_of(await pages.show_page(_page(unit, who=reader), city=CITY), Language.EN)
    assert ("98%" in html, 'name="reason"' in html) == (True, False)


async def test_two_presses_are_one_wish(unit: Any) -> None:
    """The same form within seconds; the same wish later, or another reason, is another."""
    await _promoted(unit)
    unit.now = AT
    form = {"precision": "0.98", "reason": "派错太多"}
    for _ in range(2):
        await pages.change_on_page(_page(unit, form), city=CITY)
    assert 1 == len((await steps.read_precision(unit, CITY)).history)

    await pages.change_on_page(_page(unit, {**form, "reason": "还是太多"}), city=CITY)
    unit.now = AT + timedelta(minutes=1)
    await pages.change_on_page(_page(unit, {**form, "reason": "还是太多"}), city=CITY)

    assert 3 == len((await steps.read_precision(unit, CITY)).history)


async def test_further_doubts_are_said_beside_those_that_the_release_before_knows(unit: Any) -> None:
    """They stand in a field of their own, which that release passes over."""
    further = {"further_doubts": [{"code": "few-texts", "labels": ["transport"], "number": 3}]}
    known = msgspec.json.encode(msgspec.json.decode(KNOWN) | further).decode()
    await models.promote(unit.db, await models.add_shadow(unit.db, known, STORED, "somebody", AT), AT)
    html = html_of(await pages.show_page(replace(_page(unit), language=Language.EN), city=CITY), Language.EN)

    assert "their figures are too good: Transport" in html
