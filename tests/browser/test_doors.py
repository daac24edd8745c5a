"""Who gets in where, and what becomes of the choice of language and text size."""

from tests.browser.conftest import Visit
from tests.browser.deeds import Deeds
from tests.browser.visitor import Visitor
from tests.stack import Stack


async def test_signing_in_leads_back_to_where_one_was_going(visit: Visit, city: Stack) -> None:
    """A wrong password is said and the name kept; then straight on to the page that was asked for."""
    clerk = await visit()
    await clerk.go("/desk?state=ended")
    assert await clerk.title() == "工作人员登录"
    await clerk.fill("用户名", "housing")
    await clerk.fill("密码", "not this one")
    await clerk.press("登录")
    await clerk.reads("用户名或密码不正确。")
    assert await clerk.main.get_by_label("用户名").input_value() == "housing"

    await clerk.fill("密码", city.password)
    await clerk.press("登录")
    assert clerk.page.url.endswith("/desk?state=ended")
    assert await clerk.title() == "办件台"

    await clerk.press("退出", within=clerk.page.get_by_role("banner"))
    await clerk.go("/desk")
    assert await clerk.title() == "工作人员登录"


async def test_what_was_typed_outlives_the_session(visit: Visit, city: Stack, deeds: Deeds) -> None:
    """A clerk who writes for longer than the session lasts signs in again and finds the reply in its form."""
    case = await deeds.submit("公交车站牌歪了", "南港区码头站的公交站牌歪了，公交车看不见。")
    await deeds.act(case, "sign")
    clerk = await visit()
    await clerk.sign_in(case.department, city.password)
    await clerk.go(f"/desk/{case.case_id}")
    response = "您好：\n\n<站牌>已扶正 & 加固，“感谢”监督。"
    await clerk.fill("内部办理情况", "已到现场办理。")
    await clerk.fill("给市民的答复", response)
    await city.sql("UPDATE deploy.session SET expires_at = now() WHERE username = $1", case.department)

    await clerk.press("预览答复")
    await clerk.reads("登录已过期，刚才填写的内容还没有提交。")
    await clerk.check_page()
    await _switch(clerk, "English")
    await clerk.reads("what you just typed was not submitted")
    await _switch(clerk, "中文")
    await clerk.fill("用户名", case.department)
    await clerk.fill("密码", city.password)
    await clerk.press("登录")
    await clerk.check_page()
    await clerk.press("回到表单")
    assert clerk.page.url.endswith(f"/desk/{case.case_id}")
    assert await clerk.main.get_by_label("给市民的答复", exact=True).input_value() == response
    await _switch(clerk, "English")
    await _switch(clerk, "中文")
    assert await clerk.main.get_by_label("内部办理情况", exact=True).input_value() == "已到现场办理。"
    await clerk.press("预览答复")
    await clerk.reads("还没有提交", "<站牌>已扶正 & 加固，“感谢”监督。")


async def test_another_departments_case_is_not_there(visit: Visit, deeds: Deeds) -> None:
    """404, as for a case that does not exist; other roles' desks are refused."""
    case = await deeds.submit("公交车站牌倒了", "南港区码头站的公交站牌倒了，公交车看不见。")
    stranger = await visit(user="housing")

    assert case.department != "housing"
    assert await stranger.go(f"/desk/{case.case_id}") == 404
    assert await stranger.go("/review") == 403
    await stranger.follow("返回工作台")
    assert await stranger.title() == "办件台"


async def _switch(visitor: Visitor, name: str) -> None:
    header = visitor.page.get_by_role("banner")
    button = header.get_by_role("button", name=name, exact=True)
    if await button.count():
        await visitor.press(name, within=header)
    else:
        await visitor.follow(name, within=header)


async def test_a_choice_of_language_loses_nothing(visit: Visit) -> None:
    """On the form that was refused, with the codes that are shown once, and on the case itself."""
    citizen = await visit()
    await citizen.go("/submit")
    await citizen.fill("内容", "公交车一直不来。")
    await citizen.press("提交")
    await _switch(citizen, "English")
    await citizen.reads("Title: This field is required.")
    assert await citizen.main.get_by_label("Your message", exact=True).input_value() == "公交车一直不来。"

    await citizen.fill("Title", "公交车")
    await citizen.press("Submit")
    code = await citizen.page.locator("#tracking-code").inner_text()
    await _switch(citizen, "中文")
    assert await citizen.title() == "已收到您的诉求"
    assert await citizen.page.locator("#tracking-code").inner_text() == code
    await _switch(citizen, "长者版（大字）")
    assert await citizen.page.locator("#tracking-code").inner_text() == code

    await citizen.press("查看进度")
    await citizen.reads(code)
    await _switch(citizen, "English")
    await citizen.reads(code)
    await citizen.go("/published?q=水")
    await _switch(citizen, "中文")
    assert await citizen.title() == "公开答复"
    assert await citizen.main.get_by_label("要找什么").input_value() == "水"


async def test_large_text_is_large(visit: Visit) -> None:
    """24 px for what is read and 60 px for buttons, on every page from then on, until it is switched off."""
    citizen = await visit(large=True)
    await citizen.go("/submit")
    size = "e => parseFloat(getComputedStyle(e).fontSize)"
    assert await citizen.main.locator(".govuk-body").first.evaluate(size) >= 24
    button = await citizen.main.get_by_role("button", name="提交").bounding_box()
    assert button is not None
    assert button["height"] >= 60

    await _switch(citizen, "标准字号")
    assert await citizen.main.locator(".govuk-body").first.evaluate(size) < 24
