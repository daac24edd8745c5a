"""From a case to decide back to the queue that it was opened from."""

from typing import Any

import pytest

from routing.web import pages, queries
from schemas.city import load_city
from schemas.http import Page, Redirect
from schemas.words import Language, ReviewKind
from tests.integration.routing.test_queue import call_of, html_of, open_cases

CITY = load_city()


async def test_a_case_leads_back_to_the_page_of_the_queue_that_it_was_opened_from(
    unit: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With its part of the queue: by the link, after a refusal, and once it is decided; whoever goes on keeps the place."""
    monkeypatch.setattr(pages, "_PAGE_SIZE", 1)
    first, last, _ = await open_cases(unit, 3)
    page = await pages.show_queue(
        call_of(unit, query=queries.QueueQuery(kind=ReviewKind.DISPATCH)), city=CITY
    )
    cursor = page.context["next_cursor"]
    assert isinstance(cursor, str)
    there = queries.QueueQuery(kind=ReviewKind.DISPATCH, cursor=cursor)
    html = html_of(await pages.show_queue(call_of(unit, query=there), city=CITY), Language.ZH)
    assert f'href="/review/{last.case_id}?among=dispatch&amp;at={cursor}"' in html
    place = f"kind=dispatch&cursor={cursor}"

    query = queries.CaseQuery(among=ReviewKind.DISPATCH, at=cursor)
    shown = html_of(await pages.show_case(call_of(unit, last.case_id, query=query), city=CITY), Language.ZH)
    assert f'href="/review?{place.replace("&", "&amp;")}" class="govuk-back-link"' in shown
    assert f'<input type="hidden" name="at" value="{cursor}">' in shown
    form = {"kind": "dispatch", "version": "2", "action": "dispatch", "category": "urban-construction"}
    form |= {"among": "dispatch", "at": cursor}
    refused = await pages.decide_on_page(call_of(unit, last.case_id, form | {"version": "7"}), city=CITY)
    assert isinstance(refused, Page)
    assert place.replace("&", "&amp;") in html_of(refused, Language.ZH)
    later = await pages.decide_on_page(call_of(unit, last.case_id, form | {"action": "later"}), city=CITY)
    assert isinstance(later, Redirect)
    assert later.to.startswith(f"/review/{first.case_id}?among=dispatch&")
    assert later.to.endswith(f"&at={cursor}")
    done = await pages.decide_on_page(call_of(unit, last.case_id, form | {"lead": "transport"}), city=CITY)

    assert Redirect(to=f"/review?done={last.tracking_code}&{place}") == done
