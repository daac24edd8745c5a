"""What is being written outlives going back and loading anew, in the tab where it is written, and no longer than that."""

import io
import re

from PIL import Image
from playwright.async_api import FilePayload, Route, expect

from tests.browser.conftest import Visit
from tests.browser.deeds import Deeds
from tests.browser.visitor import Visitor
from tests.stack import Stack, eventually

TITLE, TEXT = "路灯坏了半个月没人修", "望江路的路灯坏了，老人晚上看不清路。"
REPLY = "您好，已安排维修，三天内修好。"


async def _type(citizen: Visitor, *, email: str = "") -> None:
    await citizen.page.locator("#title").fill(TITLE)
    await citizen.page.locator("#text").fill(TEXT)
    await citizen.page.locator("#email").fill(email)
    await citizen.page.locator("#publish-yes").check()


async def _holds(citizen: Visitor, title: str, text: str) -> None:
    await expect(citizen.page.locator("#title")).to_have_value(title)
    await expect(citizen.page.locator("#text")).to_have_value(text)


async def kept_by(somebody: Visitor) -> list[str]:
    names: list[str] = await somebody.page.evaluate("Object.keys(sessionStorage)")
    return names


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
    await expect(citizen.page.locator("#publish-yes")).to_be_checked()
    await citizen.page.reload()
    await _holds(citizen, TITLE, TEXT)

    await citizen.go("/")
    await citizen.go("/submit")
    await _holds(citizen, "", "")
    await citizen.page.reload()
    await _holds(citizen, "", "")
    assert [] == citizen.complaints


async def test_another_language_loses_nothing(visit: Visit) -> None:
    """Nor do larger letters; the form that is opened afresh afterwards is empty."""
    citizen = await visit(language="zh")
    await citizen.go("/submit")
    await _type(citizen)
    for choice in ("English", "Large text"):
        async with citizen.page.expect_navigation():
            await citizen.page.get_by_role("banner").get_by_role("link", name=choice).click()
        await _holds(citizen, TITLE, TEXT)

    await citizen.go("/submit")
    await _holds(citizen, "", "")


async def test_another_language_of_a_page_that_answers_a_form_loses_nothing(
    visit: Visit, deeds: Deeds
) -> None:
    """What was corrected since the form was refused, and what is being added to one's case; sent, it is forgotten."""
    citizen = await visit(language="zh")
    await citizen.go("/submit")
    await _type(citizen, email="li@@example")
    await citizen.press("提交")
    await citizen.reads("邮箱格式不对。")
    await citizen.page.locator("#text").fill(REPLY)
    for choice in ("English", "Large text"):
        async with citizen.page.expect_navigation():
            await citizen.page.get_by_role("banner").get_by_role("button", name=choice).click()
        await _holds(citizen, TITLE, REPLY)
    await citizen.go("/submit")
    await _holds(citizen, "", "")

    case = await deeds.submit(TITLE, TEXT)
    await citizen.go(f"/follow?code={case.tracking_code}")
    await citizen.page.locator("#access_code").fill(case.access_code)
    await citizen.press("Follow")
    await citizen.page.locator("summary", has_text="Add something").click()
    await citizen.page.locator("#supplement").fill(TEXT)
    async with citizen.page.expect_navigation():
        await citizen.page.get_by_role("banner").get_by_role("button", name="中文").click()
    await expect(citizen.page.locator("#supplement")).to_have_value(TEXT)
    await expect(citizen.page.locator("#supplement")).to_be_visible()
    await citizen.press("提交补充")
    await citizen.reads("您的补充已收到。")
    assert [] == await kept_by(citizen)


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
    kept = await kept_by(citizen)
    await citizen.page.reload()
    await expect(citizen.page.locator("#tracking-code")).to_be_visible()

    assert [] == kept


async def test_a_long_answer_outlives_a_reload_and_no_signing_out(
    visit: Visit, deeds: Deeds, city: Stack
) -> None:
    """Where it was typed it is unfolded; another case's forms stay empty."""
    case, other = [await deeds.submit("路灯坏了", "望江路的路灯坏了。") for _ in range(2)]
    for each in (case, other):
        await deeds.act(each, "sign")
    clerk = await visit(language="zh")
    await clerk.sign_in("urban-management", city.password)
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
    assert [] == await kept_by(clerk)


async def test_a_preview_took_nothing(visit: Visit, deeds: Deeds) -> None:
    """Back from it, loaded anew, and after the return to the form the answer is there; once sent it is forgotten.

    Nowhere does the browser ask whether to send it again.
    """
    case = await deeds.submit("路灯不亮", "解放路的路灯不亮。")
    await deeds.act(case, "sign")
    clerk = await visit(language="zh", user=case.department)
    await clerk.go(f"/desk/{case.case_id}")
    answer = clerk.page.locator("#reply-response")
    await answer.fill(REPLY)
    await clerk.page.locator("#reply-note").fill("已派人维修。")
    await clerk.press("预览答复")
    await clerk.page.go_back()
    await expect(answer).to_have_value(REPLY)

    await clerk.press("预览答复")
    await clerk.page.reload()
    await expect(answer).to_have_value(REPLY)
    await clerk.press("预览答复")
    await clerk.press("返回修改")
    await clerk.page.reload()
    await expect(answer).to_have_value(REPLY)
    await clerk.press("预览答复")
    await clerk.press("确认提交审核")
    assert [] == await kept_by(clerk)
    await clerk.page.go_back()
    await clerk.reads("答复正在等待审核")


async def test_a_form_of_a_visitor_who_is_no_more_outlives_a_reload(visit: Visit) -> None:
    """It was not taken, though nothing in it is wrong."""
    citizen = await visit(language="zh")
    await citizen.go("/submit")
    await _type(citizen)
    await citizen.page.context.clear_cookies()
    await citizen.press("提交")
    await citizen.reads("请再点一次")
    assert await kept_by(citizen)
    await citizen.page.reload()
    await _holds(citizen, TITLE, TEXT)
    citizen.complaints.clear()  # The browser notes the refusal that was asked for.


async def test_what_was_sent_is_forgotten_wherever_it_leads(visit: Visit, deeds: Deeds) -> None:
    """The list comes after an urging: back on the case its words are not there again."""
    case = await deeds.submit("路灯太暗", "人民路的路灯太暗。")
    supervisor = await visit(language="zh", user="supervisor")
    await supervisor.go(f"/watch/cases/{case.case_id}")
    await supervisor.page.locator("main textarea").first.fill("请尽快办理。")
    async with supervisor.page.expect_navigation():
        await supervisor.page.locator("main form:has(textarea)").first.locator("button").first.click()
    await expect(supervisor.page.locator("[data-taken]")).to_be_visible()
    assert [] == await kept_by(supervisor)


async def test_uploaded_files_outlive_a_reload(visit: Visit, city: Stack) -> None:
    """Before the form is sent, and after it was refused: with what was said of a picture, without what was removed."""
    citizen = await visit(language="zh")
    await citizen.go("/submit")
    await citizen.page.locator("#text").fill(TEXT)
    await citizen.page.locator("#files").set_input_files([_picture("现场.jpg"), _picture("门牌.jpg")])
    lines = citizen.page.locator("[data-files] > li")
    await expect(lines.filter(has_text="已上传")).to_have_count(2)
    await lines.filter(has_text="现场.jpg").get_by_role("checkbox").check()
    await lines.filter(has_text="门牌.jpg").get_by_role("button", name="移除").click()
    await citizen.page.reload()
    await _has_one_file(citizen)

    await citizen.press("提交")
    await citizen.reads("还没有提交")
    await citizen.page.reload()
    await _holds(citizen, "", TEXT)
    await _has_one_file(citizen)
    title = "路灯坏了，重新打开页面后照片还在"
    await citizen.page.locator("#title").fill(title)
    await citizen.press("提交")
    if not await citizen.page.locator("#tracking-code").count():
        await citizen.press("没有解决，继续提交")
    await expect(citizen.page.locator("#tracking-code")).to_be_visible()
    assert [] == await kept_by(citizen)
    citizen.complaints.clear()  # The browser notes the refusal that was asked for.
    sql = "SELECT a.attachment_id FROM intake.attached AS a JOIN intake.case AS c USING (case_id) WHERE c.title = $1"
    assert 1 == len(await eventually(lambda: city.sql(sql, title)))


async def _has_one_file(citizen: Visitor) -> None:
    await expect(citizen.page.locator("[data-files] > li")).to_have_text(re.compile("现场.jpg"))
    await expect(citizen.main.locator("[name=attachments]")).to_have_count(1)
    await expect(citizen.main.locator("[name=publish_files]")).to_be_checked()


def _picture(name: str) -> FilePayload:
    written = io.BytesIO()
    Image.new("RGB", (40, 30), "green").save(written, "JPEG")
    return {"name": name, "mimeType": "image/jpeg", "buffer": written.getvalue()}


_FORM = """<form method="post" action="/taken"><input type="hidden" name="entry_id" value="{0}">
<textarea id="{0}" name="text"></textarea></form>"""


async def test_forms_that_differ_in_a_hidden_field_alone_keep_their_own(visit: Visit) -> None:
    """Though another stands between them when the page is loaded anew."""
    clerk = await visit(language="zh")
    shown = ["first", "second"]

    async def show(route: Route) -> None:
        body = "".join(map(_FORM.format, shown))
        page = f"""<!doctype html><html lang="zh" data-browser="me" data-idle="60"><title>-</title>
            <script type="module" src="/static/kept.js"></script><main>{body}</main></html>"""
        await route.fulfill(body=page, content_type="text/html")

    await clerk.page.route("**/review/two", show)
    await clerk.go("/review/two")
    await clerk.page.locator("#first").fill(REPLY)
    await clerk.page.reload()
    await expect(clerk.page.locator("#first")).to_have_value(REPLY)
    await expect(clerk.page.locator("#second")).to_have_value("")
    shown[:] = ["third", "first"]
    await clerk.page.reload()
    await expect(clerk.page.locator("#first")).to_have_value(REPLY)
    await expect(clerk.page.locator("#third")).to_have_value("")


async def test_nobody_else_reads_it(visit: Visit, deeds: Deeds, city: Stack) -> None:
    """Another session in the same tab begins with an empty form, and so does whoever comes after the idle time."""
    case = await deeds.submit("路灯杆倒了", "东湖路的路灯杆倒了。")
    await deeds.act(case, "sign")
    clerk, other = await visit(language="zh", user=case.department), await visit(language="zh")
    theirs = await other.sign_in(case.department, city.password)
    await clerk.go(f"/desk/{case.case_id}")
    answer = clerk.page.locator("#reply-response")
    await answer.fill(REPLY)
    await clerk.page.context.clear_cookies()
    await clerk.page.context.add_cookies(theirs)  # type: ignore[arg-type]  # as they came
    await clerk.page.reload()
    await expect(answer).to_have_value("")

    await answer.fill(REPLY)
    await clerk.page.evaluate(
        """() => { for (const [at, text] of Object.entries(sessionStorage)) {
            const kept = JSON.parse(text);
            sessionStorage.setItem(at, JSON.stringify({...kept, at: kept.at - 31 * 60 * 1000})); } }"""
    )
    await clerk.page.reload()
    await expect(answer).to_have_value("")


async def test_a_secret_is_kept_nowhere(visit: Visit) -> None:
    """Neither what was typed before the box was ticked nor after, nor the refused form; nor anything when one signs in."""
    citizen = await visit(language="zh")
    await citizen.go("/submit")
    await _type(citizen)
    assert await kept_by(citizen)
    await citizen.page.locator("#confidential").check()
    assert [] == await kept_by(citizen)
    await citizen.page.locator("#title").fill("")
    await citizen.press("提交")
    await citizen.reads("还没有提交")
    assert TEXT not in await citizen.page.evaluate("JSON.stringify(sessionStorage)")

    await citizen.go("/submit")
    await _type(citizen)
    assert await kept_by(citizen)
    await citizen.go("/sign-in")
    assert [] == await kept_by(citizen)
