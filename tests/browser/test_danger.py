"""Whom to call at once, in a real browser: while it is typed, and once it is sent; with a script and without."""

from playwright.async_api import expect

from tests.browser.conftest import Visit
from tests.browser.deeds import Case, Deeds
from tests.browser.visitor import DESKTOP, Visitor
from tests.stack import eventually

_LINES = ("119", "120", "110")


async def _told(citizen: Visitor) -> list[str]:
    """The numbers that can be pressed now."""
    shown = citizen.main.locator("#danger a:visible")
    return [(await link.inner_text())[:3] for link in await shown.all()]


async def _is_whole_width(citizen: Visitor) -> bool:
    """The box reaches from one edge of the page's own part to the other."""
    widths = "[document.querySelector('#danger'), document.querySelector('main')].map(e => e.getBoundingClientRect().width)"
    box, main = await citizen.page.evaluate(widths)
    return bool(abs(box - main) < 2)


async def test_danger_is_answered_while_it_is_typed(visit: Visit) -> None:
    """The lines of what is told alone, in full width, on a telephone and a desktop; denied it goes away again."""
    for width in (390, DESKTOP):
        citizen = await visit(width=width)
        await citizen.go("/submit")
        assert [] == await _told(citizen)
        await citizen.page.locator("#text").press_sequentially("小区没有燃气泄漏，")
        assert [] == await _told(citizen)
        await citizen.page.locator("#text").press_sequentially("楼上燃气泄漏")
        await expect(citizen.main.locator("#danger")).to_be_visible()
        assert ["119"] == await _told(citizen)
        await citizen.page.locator("#title").press_sequentially("有人受伤，有人持刀")
        assert list(_LINES) == await _told(citizen)
        assert await _is_whole_width(citizen)
        await citizen.check_page()
        await citizen.page.locator("#text").fill("I can’t breathe, 煤\u200b气泄漏")
        assert ["119", "120", "110"] == await _told(citizen)
        await citizen.page.locator("#title").fill("没有人受伤")
        await citizen.page.locator("#text").fill("没有燃气泄漏")
        await expect(citizen.main.locator("#danger")).to_be_hidden()


_SENT = [("三号楼燃气泄漏，有人昏迷，有人想跳楼", list(_LINES)), ("没有燃气泄漏，路灯坏了", [])]


async def _send(citizen: Visitor, text: str) -> None:
    await citizen.go("/submit")
    await citizen.fill("标题", "三号楼的事")
    await citizen.fill("内容", text)
    await citizen.press("提交")
    go_on = citizen.main.get_by_role("button", name="没有解决，继续提交", exact=True)
    if await go_on.count():
        await citizen.press("没有解决，继续提交")
    await expect(citizen.page.locator("#tracking-code")).to_be_visible()


async def test_danger_is_answered_once_it_is_sent(visit: Visit) -> None:
    """On the page that says that it was sent, in full width; also where no script runs; not of what is denied."""
    for text, told in _SENT:
        citizen = await visit(javascript=False)
        await _send(citizen, text)
        assert told == await _told(citizen)
    citizen = await visit()
    await _send(citizen, _SENT[0][0])
    assert list(_LINES) == await _told(citizen)
    assert await _is_whole_width(citizen)
    await citizen.check_page()


async def _opened(citizen: Visitor, case: Case) -> None:
    await citizen.go("/follow")
    await citizen.fill("查询号", case.tracking_code)
    await citizen.fill("查询码", case.access_code)
    await citizen.press("查询")
    await citizen.unfold("补充说明")


async def test_danger_is_answered_where_a_case_is_added_to(visit: Visit, deeds: Deeds) -> None:
    """While it is typed, with a script, and once it is sent; and its department reads above the message that it was said."""
    case = await deeds.submit("末班车太早，后来出事", "希望公交线路延长运营时间，公交站等车的乘客很多。")
    for javascript in (True, False):
        citizen = await visit(javascript=javascript)
        await _opened(citizen, case)
        assert [] == await _told(citizen)
        await citizen.fill("要补充的内容", f"车站旁边燃气泄漏，有人昏迷，{javascript}")
        if javascript:
            await expect(citizen.main.locator("#danger")).to_be_visible()
            assert ["119", "120"] == await _told(citizen)
        await citizen.press("提交补充")
        await citizen.reads("您的补充已收到。")
        assert ["119", "120"] == await _told(citizen)
        assert await _is_whole_width(citizen)
        await citizen.check_page()
    clerk = await visit(width=DESKTOP, user="transport")

    async def read() -> bool:
        await clerk.go(f"/desk/{case.case_id}")
        return "市民后来的话里有险情" in await clerk.main.inner_text()

    await eventually(read, every=0.2)
    await clerk.reads("特急", "市民又说到险情，请先核实")
    await clerk.check_page()
