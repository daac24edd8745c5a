"""What a dispatcher sees and does where the city has a case's category or department no more."""

import re
from typing import Any

from routing.store import cases
from routing.web import pages, queries
from schemas.city import load_city
from schemas.http import Redirect
from schemas.words import Language, ReviewKind
from tests.integration.routing.cases import registered, route
from tests.integration.routing.test_queue import call_of, html_of, open_cases

CITY = load_city()
_GONE = """UPDATE routing."case" SET category = 'antiques', lead = 'heritage' WHERE case_id = $1"""


async def test_a_category_that_is_gone_is_no_other_one(unit: Any) -> None:
    """The form shows what the case has, and whoever changes nothing there leaves it so."""
    [event] = await open_cases(unit, 1)
    await unit.db.execute(_GONE, event.case_id)

    html = html_of(await pages.show_case(call_of(unit, event.case_id), city=CITY), Language.ZH)
    choice = html.split('id="dispatch-category"')[1].split("</select>")[0]
    assert '<option value="">antiques</option>' in choice.split("</option>")[0] + "</option>"
    assert " selected" not in choice

    form = {"kind": "dispatch", "version": "2", "action": "dispatch", "category": "", "lead": "water"}
    assert isinstance(await pages.decide_on_page(call_of(unit, event.case_id, form), city=CITY), Redirect)
    kept = await cases.find(unit.db, event.case_id)
    assert kept is not None
    assert ("antiques", "water") == (kept.category, kept.lead)


async def test_a_department_that_is_gone_is_named_by_its_code(unit: Any) -> None:
    """A dispatcher who moves its cases must see that they are its."""
    event = registered()
    await route(unit, [event])
    await unit.db.execute(_GONE, event.case_id)

    html = html_of(await pages.show_case(call_of(unit, event.case_id), city=CITY), Language.ZH)

    assert re.search(r"主办单位</dt><dd[^>]*>heritage</dd>", html)
    assert 'id="move"' in html


async def test_a_case_leads_back_to_the_part_of_the_queue_that_it_was_opened_from(unit: Any) -> None:
    """And to all of it, where it was opened from there."""
    [event] = await open_cases(unit, 1)

    of_one = queries.CaseQuery(among=ReviewKind.RETURN)
    shown = [
        html_of(await pages.show_case(call_of(unit, event.case_id, query=query), city=CITY), Language.ZH)
        for query in (of_one, queries.CaseQuery())
    ]

    found = [re.findall(r'<a href="(/review[^"]*)" class="govuk-back-link"', html) for html in shown]
    assert [["/review?kind=return"], ["/review"]] == found
