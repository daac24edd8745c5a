"""Without a mouse: a citizen follows a case and rates its answer, a dispatcher goes on to the next case."""

from playwright.async_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.deeds import Deeds
from tests.browser.visitor import DESKTOP

#: More than any page of ours has to pass.
_MOST_TABS = 60


async def _tab_to(page: Page, selector: str) -> None:
    for _ in range(_MOST_TABS):
        await page.keyboard.press("Tab")
        if await page.evaluate("wanted => document.activeElement.matches(wanted)", selector):
            return
    raise AssertionError(f"no Tab leads to {selector} on {page.url}")


async def test_a_citizen_follows_and_rates(visit: Visit, deeds: Deeds) -> None:
    """From the codes to the thanks; what is pressed by Enter is what has the focus, and the thanks get it."""
    case = await deeds.submit("路灯坏了", "城管局，东湖区望江路的路灯坏了。")
    await deeds.answer(case, "您好，已修复。")
    citizen = await visit()
    page = citizen.page
    await citizen.go("/follow")
    await _tab_to(page, "#tracking_code")
    await page.keyboard.type(case.tracking_code)
    await _tab_to(page, "#access_code")
    await page.keyboard.type(case.access_code)
    async with page.expect_navigation():
        await page.keyboard.press("Enter")
    await _tab_to(page, "[name=score]")
    await page.keyboard.press("ArrowDown")
    await _tab_to(page, "#comment")
    await page.keyboard.type("谢谢")
    await _tab_to(page, "form[action$='/rating'] button")
    async with page.expect_navigation():
        await page.keyboard.press("Enter")

    banner = page.locator(".govuk-notification-banner")
    await expect(banner).to_be_focused()
    await expect(banner).to_have_attribute("role", "alert")
    await citizen.reads("4 / 5")
    assert 0 == await page.locator("[name=score]").count()


async def test_a_dispatcher_opens_the_next_case_by_key(visit: Visit, deeds: Deeds) -> None:
    """While they write, and as the button says; the letter alone is a letter."""
    first, second = [await deeds.submit("一件小事", "请看一下。") for _ in range(2)]
    dispatcher = await visit(user="dispatcher", width=DESKTOP)
    page = dispatcher.page
    await dispatcher.go(f"/review/{second.case_id}")
    await dispatcher.main.locator("#dispatch-lead").select_option("housing")
    remarks = dispatcher.main.locator("#dispatch-remarks")
    await remarks.focus()
    await page.keyboard.press("y")
    await expect(remarks).to_have_value("y")
    async with page.expect_navigation():
        await page.keyboard.press("Alt+y")

    await dispatcher.reads(f"{second.tracking_code} 已处理")
    assert second.case_id not in page.url
    assert first.tracking_code != second.tracking_code
