"""What was answered before beside a case, in a real browser: a department's reply begins with an entry's answer."""

from datetime import UTC, datetime, timedelta

from playwright.async_api import Route, expect

from tests.browser.conftest import Visit
from tests.browser.deeds import ANSWER, QUESTION, Deeds
from tests.stack import eventually


async def test_a_reply_begins_with_an_entry(visit: Visit, deeds: Deeds) -> None:
    """Beside the case once its page is there; by keyboard it comes behind what was typed, and nothing is sent."""
    case = await deeds.submit("公交车末班车太早", "希望公交线路延长运营时间，公交站等车的乘客很多。")
    await deeds.publish_entry(case.department)
    await deeds.act(case, "sign")
    clerk = await visit(user=case.department, language="en")
    await clerk.go(f"/desk/{case.case_id}")
    panel = clerk.page.locator("#near")
    await expect(panel.get_by_role("heading", name="Answers near this")).to_be_visible()
    await expect(panel.locator("mark").first).to_be_visible()
    await clerk.check_page(is_seen_here_alone=True)

    reply = clerk.page.locator("#reply-response")
    await reply.fill("您好。")
    await panel.get_by_role("link", name="Insert as a draft").first.press("Enter")

    await expect(reply).to_be_focused()
    await expect(reply).to_have_value(
        f"您好。\n\n{ANSWER}\n\n（参考知识点“{QUESTION}”，核对日期 {_yesterday()}）"
    )


def _yesterday() -> str:
    return f"{datetime.now(UTC).date() - timedelta(days=1)}"


async def test_a_panel_that_does_not_come_leaves_its_link(visit: Visit, deeds: Deeds) -> None:
    """The page is there; whoever wants it follows the link."""
    case = await deeds.submit("一件说不清楚的小事情", "请看一下，谢谢。")
    dispatcher = await visit(user="dispatcher")

    async def refuse(route: Route) -> None:
        await route.abort()

    async def noted() -> bool:
        return bool(dispatcher.complaints)

    await dispatcher.page.route("**/near", refuse)
    await dispatcher.go(f"/review/{case.case_id}")
    await eventually(noted)  # The browser notes the request that failed, soon after the page is there.
    dispatcher.complaints.clear()
    await dispatcher.page.unroute_all(behavior="ignoreErrors")
    await dispatcher.page.locator("#near").get_by_role("link").click()

    await dispatcher.reads("相近的答复")
    await dispatcher.check_page()
