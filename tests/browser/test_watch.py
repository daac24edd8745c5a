"""A supervisor's day: on a telephone, and on the wall of a room."""

import re

import pytest
from playwright._impl._api_structures import SetCookieParam
from playwright.async_api import expect

from tests.browser.conftest import Visit
from tests.browser.deeds import Deeds
from tests.stack import eventually

LANGUAGES = ("zh", "en")
WALL = 1920
#: The page lets changes come together for a quarter of a minute; here for a moment.
_SOONER = "const later = setTimeout; self.setTimeout = (call, ms, ...more) => later(call, ms === 15000 ? 900 : ms, ...more)"
_SAID = ("公交站的灯箱坏了", "早高峰在南港区码头站等23路公交车，四十分钟没有一辆。")


async def test_orders_from_a_telephone(visit: Visit, deeds: Deeds) -> None:
    """Two late cases are chosen and supervised at once; the department reports at its desk, and the report is accepted."""
    cases = [await deeds.submit(*_SAID) for _ in range(2)]
    for case in cases:
        await deeds.make_late(case)
    supervisor = await visit(user="supervisor")
    await supervisor.go(f"/watch?department={cases[0].department}&due=overdue")
    await supervisor.reads(_SAID[0])
    await supervisor.check_page()
    for case in cases:
        await supervisor.page.locator(f'input[name="case"][value="{case.case_id}"]').first.check()
    await supervisor.press("督办所选诉求")
    await supervisor.check_page()
    await supervisor.fill("督办要求（可不填，最多 500 字）", "请说明灯箱何时修好。")
    await supervisor.press("确认督办这 2 件")
    await supervisor.reads(*(case.tracking_code for case in cases), "已完成")
    await supervisor.check_page()

    clerk = await visit(user=cases[0].department)

    async def look() -> str:
        await clerk.go(f"/desk/{cases[0].case_id}")
        return await clerk.main.inner_text()

    await eventually(look, is_done=lambda text: "请说明灯箱何时修好。" in text, every=0.2)
    # It leads to what is folded, and opens it.
    await clerk.main.get_by_role("link", name="向督办员回报").click()
    await clerk.check_page()
    await clerk.fill("落实情况（给督办员看）", "配件周五到，当天更换。")
    await clerk.press("提交督办回报")
    await clerk.reads("督办回报已提交。", "已回报")

    async def reported() -> str:
        await supervisor.go(f"/watch/cases/{cases[0].case_id}")
        return await supervisor.main.inner_text()

    await eventually(
        reported, is_done=lambda text: "配件周五到，当天更换。" in text and "待您审阅" in text, every=0.2
    )
    await supervisor.check_page()
    await supervisor.press("接受回报")
    await supervisor.reads("已接受")


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_wall_goes_on_by_itself(visit: Visit, deeds: Deeds, language: str) -> None:
    """Large figures; what becomes late meanwhile is counted without a press of any button."""
    supervisor = await visit(user="supervisor", width=WALL, language=language)
    await supervisor.page.add_init_script(_SOONER)
    await supervisor.go("/watch/wall")
    await supervisor.check_page()
    if language == "en":
        assert [] == await supervisor.chinese()
    figure = supervisor.main.locator(".card--bad .card__figure")
    before = int(await figure.inner_text())
    await deeds.make_late(await deeds.submit(*_SAID))

    await expect(figure).not_to_have_text(re.compile(f"^{before}$"), timeout=30_000)
    assert before < int(await figure.inner_text())
    await supervisor.check_page()
    # Signed out meanwhile: what is shown stays, and is said to be old until a refresh comes again.
    cookies = [
        SetCookieParam(name=one["name"], value=one["value"], url=supervisor.page.url)
        for one in await supervisor.page.context.cookies()
    ]
    stale = supervisor.main.locator("#stale")
    for signed_in in (False, True):
        await supervisor.page.context.clear_cookies()
        if signed_in:
            await supervisor.page.context.add_cookies(cookies)
        await supervisor.page.locator("#pressing").dispatch_event("raised")
        await expect(stale).to_be_visible(visible=not signed_in)
        await expect(figure).to_be_visible()


@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_page_of_watch_on_a_telephone_and_a_desktop(
    visit: Visit, deeds: Deeds, language: str
) -> None:
    """With a late case, its time line, its orders, and a choice that is none."""
    case = await deeds.submit(*_SAID)
    await deeds.make_late(case)
    for width in (390, 1280):
        supervisor = await visit(user="supervisor", width=width, language=language)
        for path in ("/watch?live=true", "/watch/wall", "/watch/orders", f"/watch/cases/{case.case_id}"):
            await supervisor.go(path)
            await supervisor.check_page()
            if language == "en":
                assert [] == await supervisor.chinese()
