"""What the desk says besides the case itself: how many there are, what was done just now, which case is answered instead."""

import re
from dataclasses import replace
from datetime import timedelta
from html import unescape
from urllib.parse import quote, unquote

import pytest

from handlers.steps import handle_events, read_cases
from handlers.web import desk_list
from schemas.events.routing import CaseMerged
from schemas.ids import DepartmentCode
from schemas.paging import cursor_of
from tests.conftest import RecordingUnit
from tests.integration.handlers.test_pages import Clerk, opened
from tests.unit.handlers.making import HOUSING, MONDAY, TRANSPORT


@pytest.fixture
def clerk(unit: RecordingUnit) -> Clerk:
    """Of housing."""
    return Clerk(unit, HOUSING)


async def test_the_list_says_how_many_and_keeps_what_was_asked(unit: RecordingUnit, clerk: Clerk) -> None:
    """From tab to tab and page to page; ended cases have an order of their own. What is long is counted so far."""
    for _ in range(21):
        await opened(unit, title="路灯不亮")
    await opened(unit, title="垃圾没人收", text="垃圾堆在楼下")

    html = await clerk.open("/desk?words=路灯&order=newest")
    assert "共 21 件" in html
    assert 'name="words" type="search" maxlength="100" value="路灯"' in html
    kept = f"words={quote('路灯')}&amp;order=newest"
    assert f"/desk?state=assigned&amp;{kept}" in html
    assert f'/desk?state=ended&amp;words={quote("路灯")}"' in html
    following = re.search(r'href="(/desk\?[^"]+cursor[^"]+)"', html)
    assert following
    assert "共 21 件" in await clerk.open(unquote(unescape(following[1])))
    assert "共 22 件" in await clerk.open("/desk")
    assert "没有符合这些条件的件。" in await clerk.open("/desk?words=围墙")


@pytest.mark.parametrize(("has", "said"), [(21, "共 21 件"), (22, "超过 21 件")])
async def test_what_is_long_is_counted_so_far(
    unit: RecordingUnit, clerk: Clerk, monkeypatch: pytest.MonkeyPatch, has: int, said: str
) -> None:
    """As many as are counted is still a number; one more is "more than"."""
    monkeypatch.setattr(read_cases, "MOST_COUNTED", 21)
    monkeypatch.setattr(desk_list, "MOST_COUNTED", 21)
    for _ in range(has):
        await opened(unit)

    assert said in await clerk.open("/desk")


@pytest.mark.parametrize("lead", [HOUSING, TRANSPORT])
async def test_a_merged_case_leads_to_the_other_one(
    unit: RecordingUnit, clerk: Clerk, lead: DepartmentCode
) -> None:
    """Where it is the department's, too; of another's it is only said that there is one."""
    case_id, into = await opened(unit), await opened(unit, lead=lead)
    merged = CaseMerged(case_id=case_id, version=4, at=MONDAY, into=into, decided_by="li")
    await handle_events.merge_cases(unit, [merged])

    html = await clerk.open(f"/desk/{case_id}")

    assert "并入了另一件" in html
    assert (f'href="/desk/{into}"' in html) == (lead == HOUSING)


async def test_a_merged_case_leads_to_the_other_one_from_every_page_of_its_history(
    unit: RecordingUnit, clerk: Clerk
) -> None:
    """The row that names it stands on one of them alone."""
    case_id, into = await opened(unit), await opened(unit)
    merged = CaseMerged(case_id=case_id, version=4, at=MONDAY, into=into, decided_by="li")
    await handle_events.merge_cases(unit, [merged])

    html = await clerk.open(f"/desk/{case_id}?timeline_before={cursor_of(2)}")

    assert f'href="/desk/{into}"' in html


async def test_what_was_done_is_said_to_whoever_did_it(unit: RecordingUnit, clerk: Clerk) -> None:
    """Loaded anew, too; nobody reads it who has the address from them, nor later that day."""
    case_id = await opened(unit, supporting=(TRANSPORT,))
    done, said = f"/desk/{case_id}?done=sign", "已签收。请在答复时限前办理并答复。"
    assert said not in await clerk.open(done)
    assert said in await clerk.send("/sign")
    assert said in await clerk.open(done)

    for other in (replace(clerk.who, name="li"), replace(clerk.who, name="zhao", department=TRANSPORT)):
        stranger = Clerk(unit, TRANSPORT)
        stranger.who = other
        assert said not in await stranger.open(done)
    unit.now += timedelta(minutes=11)
    assert said not in await clerk.open(done)


async def test_who_is_asked_to_support_reads_with_what(unit: RecordingUnit, clerk: Clerk) -> None:
    """Above its forms, not only in the history; a department that was not asked so reads nothing of it."""
    case_id = await opened(unit)
    await clerk.open(f"/desk/{case_id}")
    await clerk.send("/sign")
    await clerk.send("/co-handle", departments=TRANSPORT, reason="请核对路面养护记录")
    html = await Clerk(unit, TRANSPORT).open(f"/desk/{case_id}")

    above = html[html.index('id="supports"') : html.index("</div>", html.index('id="supports"'))]
    assert "主办单位请协办的是" in above
    assert "请核对路面养护记录" in above
    assert 'id="supports"' not in clerk.html
