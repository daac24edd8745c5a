"""A citizen adds words to a case that changes under them: nothing typed is lost, and the page says what became of it."""

from playwright.async_api import expect

from tests.browser.conftest import Visit
from tests.browser.deeds import ANSWER, Case, Deeds
from tests.browser.visitor import Visitor

_WORDS = "师傅来过，没有修好；现在电线冒烟着火了。"


async def _typed(citizen: Visitor, case: Case) -> None:
    """They have their case open, and something to add."""
    await citizen.go(f"/follow?code={case.tracking_code}")
    await citizen.page.locator("#access_code").fill(case.access_code)
    await citizen.press("查询")
    await citizen.unfold("补充说明")
    await citizen.page.locator("#supplement").fill(_WORDS)


async def test_what_is_added_while_the_case_goes_on_is_taken(visit: Visit, deeds: Deeds) -> None:
    """Its department has signed meanwhile: the words are where they belong, and are shown."""
    case = await deeds.submit("路灯不亮", "解放路的路灯不亮，晚上看不清路。")
    citizen = await visit()
    await _typed(citizen, case)
    await deeds.act(case, "sign")
    await citizen.press("提交补充")
    await citizen.reads("您的补充已收到。", _WORDS)
    await expect(citizen.page.locator("#unsent")).to_have_count(0)
    await citizen.check_page()


async def test_what_is_added_too_late_is_shown_and_said(visit: Visit, deeds: Deeds) -> None:
    """The case was answered meanwhile: that nothing was sent, the words to be copied, whom to call; with no script, too."""
    for javascript in (True, False):
        case = await deeds.submit("路灯坏了", "望江路的路灯坏了，晚上看不清路。")
        citizen = await visit(javascript=javascript)
        await _typed(citizen, case)
        await deeds.answer(case, ANSWER)
        await citizen.press("提交补充")
        await citizen.reads("没有成功", ANSWER)
        await expect(citizen.page.locator("#unsent")).to_contain_text(_WORDS)
        await expect(citizen.page.locator("#state")).to_have_attribute("data-state", "closed")
        await expect(citizen.main.locator("#danger a").first).to_be_visible()
        if javascript:
            await citizen.check_page()
