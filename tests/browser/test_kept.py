"""What is being written outlives going back and loading anew, in the tab where it is written, and no longer than that."""

from playwright.async_api import expect

from tests.browser.conftest import Visit
from tests.browser.deeds import Deeds
from tests.browser.visitor import Visitor

TITLE, TEXT = "路灯坏了半个月没人修", "望江路的路灯坏了，老人晚上看不清路。"
REPLY = "您好，已安排维修，三天内修好。"


async def _type(citizen: Visitor, *, email: str = "") -> None:
    await citizen.page.locator("#title").fill(TITLE)
    await citizen.page.locator("#text").fill(TEXT)
    await citizen.page.locator("#email").fill(email)
    await citizen.page.locator("#confidential").check()


async def _holds(citizen: Visitor, title: str, text: str) -> None:
    await expect(citizen.page.locator("#title")).to_have_value(title)
    await expect(citizen.page.locator("#text")).to_have_value(text)


async def test_going_back_from_an_error_loses_nothing(visit: Visit) -> None:
    """Twice wrong, then back, and anew: no question whether to send it again. A form opened afresh is empty."""
    citizen = await visit(language="zh")
    await citizen.go("/submit")
    await citizen.press("提交")
    await citizen.reads("还没有提交")
    await _type(citizen, email="li@@example")
    await citizen.press("提交")
    await citizen.reads("邮箱格式不对。")

    await citizen.page.go_back()
    await _holds(citizen, TITLE, TEXT)
    await expect(citizen.page.locator("#confidential")).to_be_checked()
    await citizen.page.reload()
    await _holds(citizen, TITLE, TEXT)

    await citizen.go("/")
    await citizen.go("/submit")
    await _holds(citizen, "", "")
    await citizen.page.reload()
    await _holds(citizen, "", "")
    assert [] == citizen.complaints


async def test_what_was_taken_is_forgotten(visit: Visit) -> None:
    """Back from the receipt stands an empty form; the receipt itself can be loaded anew."""
    citizen = await visit(language="zh")
    await citizen.go("/submit")
    await _type(citizen)
    await citizen.page.reload()
    await _holds(citizen, TITLE, TEXT)
    await citizen.press("提交")
    if not await citizen.page.locator("#tracking-code").count():
        await citizen.press("没有解决，继续提交")
    await expect(citizen.page.locator("#tracking-code")).to_be_visible()
    kept = await citizen.page.evaluate("Object.keys(sessionStorage)")
    await citizen.page.reload()
    await expect(citizen.page.locator("#tracking-code")).to_be_visible()

    assert [] == kept


async def test_a_long_answer_outlives_a_reload_and_no_signing_out(visit: Visit, deeds: Deeds) -> None:
    """Where it was typed it is unfolded; another case's forms stay empty."""
    case, other = [await deeds.submit("路灯坏了", "望江路的路灯坏了。") for _ in range(2)]
    for each in (case, other):
        await deeds.act(each, "sign")
    clerk = await visit(language="zh", user="urban-management")
    await clerk.go(f"/desk/{case.case_id}")
    await clerk.page.locator("#reply-response").fill(REPLY)
    await clerk.unfold("记录内部办理情况")
    await clerk.page.locator("#note-text").fill("已到现场")
    await clerk.page.reload()
    await expect(clerk.page.locator("#reply-response")).to_have_value(REPLY)
    await expect(clerk.page.locator("#note-text")).to_be_visible()
    await clerk.go(f"/desk/{other.case_id}")
    await clerk.page.reload()
    await expect(clerk.page.locator("#reply-response")).to_have_value("")
    await clerk.page.locator("#reply-response").fill(REPLY)

    async with clerk.page.expect_navigation():
        await clerk.page.get_by_role("button", name="退出").click()
    assert [] == await clerk.page.evaluate("Object.keys(sessionStorage)")
