"""A dispatcher puts a case off until later and goes on; it waits where it was."""

import re
from typing import Any

import pytest

from routing.store import cases
from routing.web import pages, queries
from routing.web.onward import MOST_PUT_OFF, Way, putting_off
from schemas.city import load_city
from schemas.events.intake import CaseRegistered
from schemas.http import Page, Redirect, read
from schemas.ids import CaseId
from schemas.words import Kind, Language, ReviewKind
from tests.integration.routing.cases import registered, route
from tests.integration.routing.test_queue import EMERGENCY, call_of, everything, html_of, open_cases

CITY = load_city()
OTHER = "00000000-0000-4000-8000-000000000009"


async def _only(unit: Any, count: int) -> list[CaseRegistered]:
    await unit.db.execute("UPDATE routing.review_item SET state = 'superseded' WHERE state = 'open'")
    return await open_cases(unit, count)


async def _press(unit: Any, address: str, **typed: str) -> str:
    """Open the case at that address and send its form on, with what it holds hidden; where that leads."""
    path, _, asked = address.partition("?")
    query = read(queries.CaseQuery, dict(each.split("=") for each in asked.split("&") if each))
    case_id = path.rpartition("/")[2]
    shown = await pages.show_case(call_of(unit, case_id, query=query), city=CITY)
    hidden = dict(re.findall(r'name="(among|later)" value="([^"]+)"', html_of(shown, Language.ZH)))
    answer = await pages.decide_on_page(call_of(unit, case_id, hidden | typed), city=CITY)
    assert isinstance(answer, Redirect)
    return answer.to


async def test_what_is_put_off_waits_and_is_passed_over(unit: Any) -> None:
    """Also by whoever decides and goes on; an emergency comes first whenever it comes; then the queue says what is left."""
    first, second, third = [event.case_id for event in await _only(unit, 3)]

    to = await _press(unit, f"/review/{first}", action="later")
    assert f"/review/{second}?later={first}" == to
    assert to == await _press(unit, f"/review/{first}?later={first}", action="later")
    danger = registered(EMERGENCY)
    await route(unit, [danger])
    to = await _press(unit, to, action="later")
    assert f"/review/{danger.case_id}?later={first},{second}" == to
    dispatch = {"kind": "dispatch", "version": "2", "action": "dispatch", "lead": "transport", "next": "1"}
    to = await _press(unit, to, **dispatch)
    assert to.startswith(f"/review/{third}?done=")
    to = await _press(unit, to, action="later")

    assert "/review?left=3" == to
    page = await pages.show_queue(
        call_of(unit, query=read(queries.QueueQuery, {"left": "3"}, strict=False)), city=CITY
    )
    html = html_of(page, Language.ZH)
    assert "只剩您放到稍后的 3 件" in html
    assert all(f'href="/review/{case_id}"' in html for case_id in (first, second, third))


async def test_a_part_of_the_queue_is_worked_through_by_itself(unit: Any) -> None:
    """From its tab the cases lead on within it, and back to it."""
    await unit.db.execute("UPDATE routing.review_item SET state = 'superseded' WHERE state = 'open'")
    events = await everything(unit)
    among = read(queries.QueueQuery, {"kind": "reply"})
    html = html_of(await pages.show_queue(call_of(unit, query=among), city=CITY), Language.ZH)
    (case_id,) = re.findall(r'href="/review/([^"]+)\?among=reply"', html)

    assert case_id in {event.case_id for event in events}
    assert "/review?kind=reply&left=1" == await _press(unit, f"/review/{case_id}?among=reply", action="later")


async def test_a_refused_form_goes_on_as_before(unit: Any) -> None:
    """Its way is not lost with the reason that was missing."""
    [event, other] = await _only(unit, 2)
    form = {
        "kind": "dispatch",
        "version": "2",
        "action": "dispatch",
        "lead": "nobody",
        "later": other.case_id,
    }

    page = await pages.decide_on_page(call_of(unit, event.case_id, form), city=CITY)

    assert isinstance(page, Page)
    assert f'name="later" value="{other.case_id}"' in html_of(page, Language.ZH)


@pytest.mark.parametrize("action", ["refuse", "reassign", "merge", "decline", "move", "clear"])
async def test_whatever_was_refused_goes_on_as_before(unit: Any, action: str) -> None:
    """Every form of the page holds the way, also of a page that says that somebody was first."""
    event, *_ = await everything(unit)
    form = {
        "kind": "return",
        "version": "1",
        "action": action,
        "remarks": "",
        "among": "return",
        "later": OTHER,
    }

    page = await pages.decide_on_page(call_of(unit, event.case_id, form), city=CITY)

    assert isinstance(page, Page)
    _holds_the_way(html_of(page, Language.ZH))


@pytest.mark.parametrize("language", list(Language))
async def test_every_form_of_every_case_holds_the_way(unit: Any, language: Language) -> None:
    """Whatever waits, and also where a department has the case in hand or nothing waits."""
    reported = registered(
        ("举报黑作坊", "黑作坊生产假酒，市场监管局就在对面。税务局科长收受贿赂。"), kind=Kind.REPORT
    )
    sent = registered()
    await route(unit, [reported, sent])
    for event in (*await everything(unit), reported, sent):
        way = queries.CaseQuery(among=ReviewKind.RETURN, later=OTHER)
        page = await pages.show_case(
            call_of(unit, event.case_id, query=way, language=language), city=CITY, has_near=True
        )
        _holds_the_way(html_of(page, language))


def _holds_the_way(html: str) -> None:
    forms = re.findall(r'<form method="post" action="/review/.*?</form>', html, re.DOTALL)
    assert forms
    for form in forms:
        assert f'name="later" value="{OTHER}"' in form, form
        assert 'name="among" value="return"' in form, form


async def test_the_way_goes_on_from_a_case_that_waits_again(unit: Any) -> None:
    """Once a unit is cleared of what a report says, or a decision is taken back; or from one with other tags."""
    sent, *_ = await everything(unit)
    reported = registered(
        ("举报黑作坊", "黑作坊生产假酒，市场监管局就在对面。税务局科长收受贿赂。"), kind=Kind.REPORT
    )
    await route(unit, [reported])
    [event] = await open_cases(unit, 1)
    clearing = {"action": "clear", "version": "2", "departments": "market", "reason": "只是说作坊在它对面"}
    declining = {"kind": "dispatch", "version": "2", "action": "decline", "decline": "请去法院"}

    async def led(case_id: CaseId, form: dict[str, str]) -> str:
        answer = await pages.decide_on_page(call_of(unit, case_id, form | {"later": OTHER}), city=CITY)
        assert isinstance(answer, Redirect)
        return answer.to

    cleared = await led(reported.case_id, clearing)
    assert f"/review/{reported.case_id}?cleared=true&later={OTHER}" == cleared
    retagged = await led(sent.case_id, {"action": "tags", "seen": "", "tags": "hazard"})
    assert f"/review/{sent.case_id}?had=&got=hazard&later={OTHER}" == retagged
    await led(event.case_id, declining)
    case = await cases.find(unit.db, event.case_id)
    assert case is not None
    undoing = {"action": "undo", "version": str(case.version)}
    assert f"/review/{event.case_id}?later={OTHER}" == await led(event.case_id, undoing)


async def test_what_was_decided_meanwhile_is_not_left(unit: Any) -> None:
    """By a colleague: it waits no more, and of none that wait nothing is said."""
    first, *_ = [event.case_id for event in await _only(unit, 2)]
    to = await _press(unit, f"/review/{first}", action="later")
    dispatch = {"kind": "dispatch", "version": "2", "action": "dispatch", "lead": "transport"}
    await pages.decide_on_page(call_of(unit, first, dispatch), city=CITY)

    to = await _press(unit, to, **dispatch, next="1")

    assert re.fullmatch(r"/review\?done=[0-9A-Z-]+", to)


def test_of_too_many_the_first_comes_again() -> None:
    """An address has an end."""
    way = Way(among=ReviewKind.REPLY)
    every = [CaseId(f"00000000-0000-0000-0000-{number:012}") for number in range(MOST_PUT_OFF + 1)]
    for case_id in every:
        way = putting_off(way, case_id)

    assert tuple(every[1:]) == way.put_off
    assert way == read(Way, {"among": "reply", "later": way.later})
