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
    await citizen.check_page()

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
