"""Published answers beside the form, in a real browser: typing, choosing, going on; with a script and without."""

import asyncio

from playwright.async_api import Route, expect

from tests.browser.conftest import Visit
from tests.browser.deeds import Deeds
from tests.stack import Stack, eventually

TITLE = "翠竹苑小区地下车库积水排不出去"
ASKED = "小区地下车库积水排不出去怎么办"


async def _published(city: Stack, deeds: Deeds) -> None:
    """One answer about flooded garages, there for all tests of this file."""
    known = await city.sql("SELECT count(*) FROM intake.published WHERE title LIKE '%地下车库积水%'")
    if known[0][0]:
        return
    case = await deeds.submit(TITLE, "一下雨地下车库就积水，物业说排水泵坏了。")
    await deeds.answer(case, "已更换排水泵，积水已排净。")

    async def listed() -> object:
        return (await city.sql("SELECT count(*) FROM intake.published WHERE title LIKE '%地下车库积水%'"))[0][
            0
        ]

    await eventually(listed)


async def test_an_answer_is_offered_while_one_types(visit: Visit, city: Stack, deeds: Deeds) -> None:
    """By keyboard, in both languages: read, then go on; what was typed stays, and what was seen goes along."""
    await _published(city, deeds)
    citizen = await visit(language="en")
    await citizen.go("/submit")
    await citizen.page.locator("#title").press_sequentially(ASKED)
    panel = citizen.page.locator("#suggestions")
    await expect(panel.get_by_role("link").first).to_contain_text("地下车库积水")
    await expect(panel.locator("mark").first).to_be_visible()
    await citizen.check_page(is_seen_here_alone=True)

    await panel.get_by_role("button", name="Not settled, go on writing").press("Enter")
    await expect(citizen.page.locator("#text")).to_be_focused()
    await expect(citizen.page.locator("#title")).to_have_value(ASKED)
    await citizen.page.locator("#text").fill("三号楼地下车库又积水了，请派人来看。")
    await citizen.press("Submit")
    await expect(citizen.page.locator("#tracking-code")).to_be_visible()
    code = await citizen.page.locator("#tracking-code").inner_text()

    async def said() -> object:
        return await city.sql("SELECT case_id FROM routing.case WHERE tracking_code = $1", code)

    await eventually(said)

    async def counted() -> object:
        return await _times(city, "not_solved")

    await eventually(counted)


async def test_what_is_typed_beside_an_answer_is_kept_once(visit: Visit, city: Stack, deeds: Deeds) -> None:
    """An answer that is shown changes neither what is kept nor what is forgotten once somebody asks for secrecy."""
    await _published(city, deeds)
    citizen = await visit(language="zh")
    await citizen.go("/submit")
    await citizen.page.locator("#title").fill(ASKED)
    await expect(citizen.page.locator("#suggestions").get_by_role("link").first).to_be_visible()
    await citizen.page.locator("#text").fill("三号楼地下车库又积水了，请派人来看。")
    await citizen.page.reload()
    await expect(citizen.page.locator("#text")).to_have_value("三号楼地下车库又积水了，请派人来看。")

    await citizen.page.locator("#title").fill(ASKED + "？")
    await expect(citizen.page.locator("#suggestions").get_by_role("link").first).to_be_visible()
    await citizen.page.locator("#confidential").check()
    assert [] == await citizen.page.evaluate("Object.keys(sessionStorage)")


async def _times(city: Stack, what: str) -> int:
    """How often it was counted so far."""
    rows = await city.sql("SELECT sum(times)::int FROM intake.offer WHERE what = $1 AND item = ''", what)
    return rows[0][0] or 0


async def test_who_is_helped_sends_nothing(visit: Visit, city: Stack, deeds: Deeds) -> None:
    """By keyboard alone: from the title to the answer in a window of its own, back to what was typed, and done."""
    await _published(city, deeds)
    opened, solved = await _times(city, "opened"), await _times(city, "solved")
    citizen = await visit()
    await citizen.go("/submit")
    await citizen.page.locator("#title").press_sequentially(ASKED)
    link = citizen.page.locator("#suggestions a").first
    await expect(link).to_be_visible()
    await expect(citizen.page.locator("#suggestions")).to_have_attribute("aria-live", "polite")
    await citizen.page.keyboard.press("Tab")
    await expect(link).to_be_focused()
    async with citizen.page.context.expect_page() as window:
        await citizen.page.keyboard.press("Enter")
    answer = await window.value
    await expect(answer.get_by_role("main")).to_contain_text("积水已排净")
    await answer.close()
    await expect(citizen.page.locator("#title")).to_have_value(ASKED)

    button = citizen.page.get_by_role("button", name="解决了，不用提交")
    for _ in range(4):  # Past the other answers, three at most.
        if await button.evaluate("button => button === document.activeElement"):
            break
        await citizen.page.keyboard.press("Tab")
    async with citizen.page.expect_navigation():
        await citizen.page.keyboard.press("Enter")
    await citizen.reads("没有提交任何内容")
    await citizen.check_page()

    assert (opened + 1, solved + 1) == (await _times(city, "opened"), await _times(city, "solved"))


async def test_without_a_script_it_is_offered_once(visit: Visit, city: Stack, deeds: Deeds) -> None:
    """In between, with all that was typed; settled, nothing is sent; not settled, the same form."""
    await _published(city, deeds)
    citizen = await visit(javascript=False)
    for settled in (True, False):
        await citizen.go("/submit")
        await citizen.fill("标题", ASKED)
        await citizen.fill("内容", "三号楼地下车库又积水了，请派人来看。")
        await citizen.fill("电话", "13812345678")
        await citizen.press("提交")
        await expect(citizen.page.locator("#suggestions a").first).to_be_visible()
        await expect(citizen.main.get_by_role("alert").first).to_contain_text("还没有提交")
        await expect(citizen.page.locator("#title")).to_have_value(ASKED)
        await expect(citizen.page.locator("#phone")).to_have_value("13812345678")
        if settled:
            await citizen.press("解决了，不用提交")
            await citizen.reads("没有提交任何内容")
        else:
            await citizen.press("没有解决，继续提交")
            await citizen.reads("查询号")


async def test_a_server_that_fails_offers_nothing(visit: Visit) -> None:
    """Nothing is said of it, and the form is taken."""
    citizen = await visit()
    asked = asyncio.Event()

    async def fail(route: Route) -> None:
        await route.fulfill(status=503, body="")
        asked.set()

    await citizen.page.route("**/submit/suggestions", fail)
    await citizen.go("/submit")
    await citizen.page.locator("#title").press_sequentially("物业费涨价了没有公示")
    await asyncio.wait_for(asked.wait(), 15)
    await expect(citizen.page.locator("#suggestions > *")).to_have_count(0)
    await citizen.fill("内容", "物业费从这个月起涨价，没有公示。")
    await citizen.press("提交")
    await citizen.reads("查询号")
    citizen.complaints.clear()  # The browser notes the request that failed.


async def test_a_suggestion_that_does_not_come_delays_nothing(visit: Visit) -> None:
    """The form is sent while it is still waited for."""
    citizen = await visit()

    async def never(route: Route) -> None:
        await asyncio.sleep(30)
        await route.abort()

    await citizen.page.route("**/submit/suggestions", never)
    await citizen.go("/submit")
    await citizen.page.locator("#title").press_sequentially(ASKED)
    await citizen.fill("内容", "三号楼地下车库又积水了，请派人来看。")
    await citizen.press("提交")
    await citizen.reads("查询号")
    await citizen.page.unroute_all(behavior="ignoreErrors")
    citizen.complaints.clear()  # The browser notes the request that was never answered.


async def test_who_reports_somebody_is_offered_nothing(visit: Visit, city: Stack, deeds: Deeds) -> None:
    """The choice of a report, or of secrecy, closes what was offered."""
    await _published(city, deeds)
    citizen = await visit()
    await citizen.go("/submit")
    await citizen.page.locator("#title").press_sequentially(ASKED)
    await expect(citizen.page.locator("#suggestions a").first).to_be_visible()
    await citizen.page.locator("#kind").select_option("report")

    await expect(citizen.page.locator("#suggestions > *")).to_have_count(0)
