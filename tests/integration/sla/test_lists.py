"""What the supervisors' lists say of themselves: where they are narrowed, and on a page that has nothing."""

import re
from html import unescape

import pytest

from schemas.ids import CaseId
from schemas.labels import label
from schemas.paging import cursor_of
from schemas.words import Clock, Language
from sla.store import clocks
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


@pytest.mark.parametrize("language", Language)
async def test_what_moved_a_clock_says_which_clock(sla: Sla, language: Language) -> None:
    """Several clocks of a case stop together: their lines tell them apart."""
    case = fresh_case()
    await sla.hear(assigned(case), signed(case))
    desk = Desk(sla)
    moved = [
        clocks.ClockHistoryLine(case, each, sla.unit.now, clocks.Detail())
        for each in (Clock.REPLY, Clock.SIGN)
    ]
    await clocks.write_history(sla.unit.db, "resumed", moved)
    page = await desk.call("GET", "/watch/cases/{case_id}", case_id=case, query={}, language=language)
    html = _shown(sla.city, page, language)
    timeline = html.split('<ol class="timeline">')[1].split("</ol>")[0]
    lines = [
        " ".join(unescape(each).split()) for each in re.findall(r"<div>(.*?)</div>", timeline, re.DOTALL)
    ]

    names = [label(each.clock, language) for each in moved]
    starts = [name[0].upper() + name[1:] + language.choose("：", ": ") for name in names]
    assert [True, True] == [line.startswith(start) for line, start in zip(lines, starts, strict=True)]


@pytest.mark.parametrize("language", Language)
async def test_each_table_of_figures_has_a_caption_of_its_own(sla: Sla, language: Language) -> None:
    """Whoever hears one read aloud, or turns a page of them, knows which one it is."""
    await sla.hear(assigned(fresh_case()))
    page = await Desk(sla).call("GET", "/watch/figures", query={}, language=language)
    html = _shown(sla.city, page, language)
    captions = re.findall(r"<caption[^>]*>(.*?)</caption>", html, re.DOTALL)
    regions = re.findall(r'class="table-scroll"[^>]*aria-label="([^"]*)"', html)

    assert len(captions) > 4
    assert len(captions) == len(set(captions))
    assert len(regions) == len(set(regions))
