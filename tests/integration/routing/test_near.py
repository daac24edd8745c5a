"""What was answered before stands beside the dispatcher's item."""

import re
from typing import Any

import pytest

from routing.web import near as module
from routing.web import pages
from schemas.city import load_city
from schemas.errors import NotFound, Unavailable
from schemas.http import Route
from schemas.words import Language, Role
from tests.integration.near import BY_ENTRY, PUBLISHED, Near
from tests.integration.routing.cases import UNCLEAR, new_case_id, registered, route
from tests.integration.routing.test_queue import call_of, html_of

CITY = load_city()


def _pages(near: Near | None) -> dict[str, Route]:
    routes = pages.routes(city=CITY, near=near)
    return {each.path: each for each in routes if each.method == "GET"}


async def test_what_is_near_stands_beside_the_item(unit: Any) -> None:
    """A link where no script runs; behind it what everybody may read, and never a look at the case."""
    event = registered(UNCLEAR)
    await route(unit, [event])
    page = await _pages(near := Near())["/review/{case_id}"].answer(call_of(unit, event.case_id, {}))
    assert f'data-from="/review/{event.case_id}/near"' in html_of(page, Language.ZH)

    call = call_of(unit, event.case_id, {})
    html = html_of(await _pages(near)["/review/{case_id}/near"].answer(call), Language.EN)

    assert {BY_ENTRY.url, PUBLISHED.url} <= set(re.findall(r'href="([^"]+)"', html))
    assert "data-draft" not in html
    assert [(*UNCLEAR, event.tracking_code)] == near.asked
    assert {} == call.shown


def test_whoever_may_open_the_item_gets_what_is_beside_it() -> None:
    """An administrator's page asked for it, and was refused."""
    served = _pages(Near())

    assert served["/review/{case_id}"].who == served["/review/{case_id}/near"].who


async def test_a_case_that_nobody_knows_asks_for_nothing(unit: Any) -> None:
    """It is not there."""
    with pytest.raises(NotFound):
        await _pages(near := Near())["/review/{case_id}/near"].answer(call_of(unit, new_case_id(), {}))
    assert [] == near.asked


async def test_a_console_gets_the_same(unit: Any) -> None:
    """For dispatchers and administrators; no draft, since the department answers. A case nobody knows is not there."""
    event = registered(UNCLEAR)
    await route(unit, [event])
    (listed,) = module.routes(near := Near())
    found = await listed.answer(call_of(unit, event.case_id, {}))

    assert {Role.DISPATCHER, Role.ADMINISTRATOR} == set(listed.who)
    assert [(BY_ENTRY.entry_id, None), (None, PUBLISHED.tracking_code)] == [
        (each.entry_id, each.tracking_code) for each in found.items
    ]
    assert [(*UNCLEAR, event.tracking_code)] == near.asked
    assert [None, None] == [each.draft for each in found.items]
    with pytest.raises(NotFound):
        await listed.answer(call_of(unit, new_case_id(), {}))
    with pytest.raises(Unavailable):
        await module.routes(Near(None))[0].answer(call_of(unit, event.case_id, {}))
    assert () == module.routes(None)


async def test_it_is_for_dispatchers_and_administrators_alone(unit: Any) -> None:
    """And there is no such page, nor a way to it, where nobody can be asked."""
    event = registered(UNCLEAR)
    await route(unit, [event])
    page = await _pages(None)["/review/{case_id}"].answer(call_of(unit, event.case_id, {}))

    assert 'id="near"' not in html_of(page, Language.ZH)
    assert [] == list(module.near_pages(None))
    assert [{Role.DISPATCHER, Role.ADMINISTRATOR}] == [set(each.who) for each in module.near_pages(Near())]
