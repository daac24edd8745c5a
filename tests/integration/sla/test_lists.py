"""What the supervisors' lists say of themselves: where they are narrowed, and on a page that has nothing."""

import re

from schemas.ids import CaseId
from schemas.paging import cursor_of
from schemas.words import Language
from tests.integration.sla.events import Sla, assigned, signed
from tests.integration.sla.test_watching import LATER, Desk, _shown
from tests.unit.handlers.making import fresh_case


async def _late(sla: Sla) -> CaseId:
    case = fresh_case()
    await sla.hear(assigned(case), signed(case))
    await sla.sweep_at(LATER)
    return case


async def test_a_list_of_a_department_that_is_gone_says_so(sla: Sla) -> None:
    """The filter names what is asked for, and no other choice stands chosen; filtered once more it is the same list."""
    page = await Desk(sla).call("GET", "/watch", query={"department": "heritage"})

    html = _shown(sla.city, page, Language.ZH)
    choice = html.split('<select class="govuk-select" id="department"')[1].split("</select>")[0]
    assert ["heritage"] == re.findall(r'value="([^"]*)" selected', choice)


async def test_a_page_behind_the_last_late_case_does_not_say_that_none_is_late(sla: Sla) -> None:
    """It says that it is empty, and leads back to the beginning; the list itself says that there is none."""
    case, desk = await _late(sla), Desk(sla)
    behind = {"due": "overdue", "overdue_after": cursor_of(sla.unit.now, case, "reply")}

    html = _shown(sla.city, await desk.call("GET", "/watch", query=behind), Language.ZH)
    assert "这一页没有内容。" in html
    assert "没有已超期的时限。" not in html
    assert 'href="/watch?due=overdue#overdue">← 回到第一页' in html

    elsewhere = await desk.call("GET", "/watch", query={"due": "overdue", "department": "water"})
    assert "没有已超期的时限。" in _shown(sla.city, elsewhere, Language.ZH)


async def test_a_page_behind_the_last_order_does_not_say_that_none_waits(sla: Sla) -> None:
    """Orders that were settled meanwhile leave it empty."""
    case, desk = await _late(sla), Desk(sla)

    pages = [
        _shown(sla.city, await desk.call("GET", "/watch/orders", query=query), Language.ZH)
        for query in ({}, {"cursor": cursor_of(sla.unit.now, case)})
    ]

    assert [(True, False), (False, True)] == [
        ("没有未了结的督办。" in html, "这一页没有内容。" in html) for html in pages
    ]
    assert 'href="/watch/orders">← 回到第一页' in pages[1]
