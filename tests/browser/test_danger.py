"""Whom to call at once, in a real browser: while it is typed, and once it is sent; with a script and without."""

from playwright.async_api import expect

from tests.browser.conftest import Visit
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


async def test_danger_that_no_word_tells_is_answered_and_stays(visit: Visit) -> None:
    """Heard as it is routed: once it is sent, and where the case is followed, whatever is typed beside it."""
    unscripted = await visit(javascript=False, width=390)
    await _send(unscripted, "一个男孩站在十几楼的窗台外面")
    assert list(_LINES) == await _told(unscripted)
    codes = [await unscripted.page.locator(f"#{which}-code").inner_text() for which in ("tracking", "access")]

    async def followed(citizen: Visitor) -> list[str]:
        await citizen.go("/follow")
        for label, code in zip(("查询号", "查询码"), codes, strict=True):
            await citizen.fill(label, code)
        await citizen.press("查询")
        return await _told(citizen)

    assert list(_LINES) == await eventually(lambda: followed(unscripted))
    citizen = await visit(width=390)
    assert list(_LINES) == await followed(citizen)
    await citizen.page.locator("details:has(#supplement) summary").first.click()
    await citizen.page.locator("#supplement").fill("没有燃气泄漏")
    assert list(_LINES) == await _told(citizen)
    await citizen.check_page()


async def test_danger_is_answered_where_it_is_typed(visit: Visit) -> None:
    """Where the top of the page is out of sight: the box comes to the field, and what is typed stays in sight, too."""
    for width in (390, DESKTOP):
        citizen = await visit(width=width)
        await _send(citizen, "路灯坏了")
        codes = [
            await citizen.page.locator(f"#{which}-code").inner_text() for which in ("tracking", "access")
        ]
        await citizen.go("/follow")
        for label, code in zip(("查询号", "查询码"), codes, strict=True):
            await citizen.fill(label, code)
        await citizen.press("查询")
        await citizen.page.locator("details:has(#supplement) summary").first.click()
        await citizen.page.locator("#supplement").press_sequentially("灯杆倒了，三楼着火了")
        assert ["119"] == await _told(citizen)
        await expect(citizen.main.locator("#danger a:visible")).to_be_in_viewport()
        await expect(citizen.page.locator("#supplement")).to_be_in_viewport(ratio=0.9)
        await citizen.check_page()
