"""What everybody reads of a case is limited before its reply goes out: from the reply to the page of it, and back."""

from playwright.async_api import expect

from tests.browser.conftest import Visit
from tests.browser.deeds import Deeds

TITLE = "春燕水果店占道经营"
TEXT = "东湖区明湖路春燕水果店天天把筐子摆到人行道上，老人走路很不方便。"


async def test_words_are_hidden_while_a_reply_waits(visit: Visit, deeds: Deeds) -> None:
    """Whoever mistypes them reads so; the message stands then as everybody will read it, without a script, too."""
    case = await deeds.submit(TITLE, TEXT)
    await deeds.reply(case, "已请该店退回店内经营，明天复查。")
    dispatcher = await visit(user="dispatcher")
    await dispatcher.go(f"/review/{case.case_id}")
    await dispatcher.unfold("公众会看到的留言")
    message = dispatcher.page.locator("#public-message")
    await expect(message).to_contain_text("春燕水果店天天")
    await dispatcher.check_page()

    await dispatcher.follow("还有不该公开的，先隐去或不予公开")
    await dispatcher.reads(TEXT)
    await dispatcher.fill("另行隐去的文字", "春雁")
    await dispatcher.page.locator("#reason").fill("店主姓名")
    await dispatcher.press("按此公开")
    await dispatcher.reads("决定已记下。", "以上文字里没有要隐去的“春雁”")
    await dispatcher.check_page()

    await dispatcher.fill("另行隐去的文字", "春燕")
    await dispatcher.page.locator("#reason").fill("店主姓名")
    await dispatcher.press("按此公开")
    await dispatcher.reads("路**水果店天天")
    assert await dispatcher.main.get_by_text("以上文字里没有").count() == 0
    await dispatcher.follow("返回此件")
    await dispatcher.unfold("公众会看到的留言")
    await expect(message).to_contain_text("**水果店天天")
    bare = await visit(user="dispatcher", javascript=False)
    await bare.go(f"/review/{case.case_id}")
    await bare.unfold("公众会看到的留言")
    await expect(bare.page.locator("#public-message")).to_contain_text("**水果店天天")
