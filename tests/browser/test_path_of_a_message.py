"""One message through every pair of hands, as people see it: from the form to the rating, and once more."""

import re

from tests.browser.conftest import Visit
from tests.browser.deeds import Deeds
from tests.browser.visitor import DESKTOP, Visitor
from tests.stack import eventually

TITLE = "幸福家园南门外的路灯不亮"
TEXT = "东湖区望江路幸福家园南门外的路灯坏了一个多星期，晚上看不清路。我的电话是13812345678。"
DEPARTMENT = "urban-management"


async def _refreshed_until(citizen: Visitor, state: str) -> None:
    async def look() -> str | None:
        await citizen.press("刷新进度")
        return await citizen.page.locator("#state").get_attribute("data-state")

    await eventually(look, is_done=lambda seen: seen == state, every=0.2)


async def _on_the_list(staff: Visitor, path: str, title: str) -> None:
    """Opens the case of that title once it is on the list."""

    async def look() -> int:
        await staff.go(path)
        return await staff.main.get_by_role("link", name=title, exact=True).count()

    await eventually(look, every=0.2)
    await staff.follow(title)


async def _opened_until(staff: Visitor, text: str) -> None:
    """Opens this page again until it says that: words come from another slice, a moment after the state."""

    async def look() -> bool:
        await staff.page.reload()
        return text in await staff.main.inner_text()

    await eventually(look, every=0.2)


async def _reply(clerk: Visitor, response: str) -> None:
    await clerk.fill("内部办理情况", "已派人到现场，更换灯头两只。")
    await clerk.fill("给市民的答复", response)
    await clerk.press("预览答复")
    await clerk.reads("还没有提交", response.replace("13812345678", "138****5678"))
    await clerk.press("确认提交审核")
    await clerk.reads("答复已提交，等待审核。")


async def _approve(dispatcher: Visitor, title: str) -> None:
    await _on_the_list(dispatcher, "/review?kind=reply", title)
    await dispatcher.press("提交决定")
    await dispatcher.reads("您的决定：请选择同意或不同意。")
    await dispatcher.choose("通过，发给市民")
    await dispatcher.press("提交决定")
    await dispatcher.reads("已处理")


async def _whole_path(visit: Visit, *, javascript: bool, title: str) -> None:
    citizen = await visit(javascript=javascript)
    await citizen.go("/")
    await citizen.follow("提交诉求")
    await citizen.fill("内容", TEXT)
    await citizen.press("提交")
    await citizen.reads("标题：此项必填。")
    assert (await citizen.page.title()).startswith("错误：")
    assert await citizen.main.get_by_label("内容", exact=True).input_value() == TEXT

    await citizen.fill("标题", title)
    await citizen.fill("电话", "13812345678")
    await citizen.choose("可以公开")
    await citizen.press("提交")
    if not javascript:
        await _nothing_offered_solves_it(citizen)
    tracking_code = await citizen.page.locator("#tracking-code").inner_text()
    access_code = await citizen.page.locator("#access-code").inner_text()
    assert re.fullmatch(r"([0-9A-Z]{4}-){3}[0-9A-Z]{4}", tracking_code)
    await citizen.go("/follow")
    await citizen.fill("查询号", tracking_code.lower().replace("-", " "))
    await citizen.fill("查询码", "AAAA2222")
    await citizen.press("查询")
    await citizen.reads("查询号或查询码不对，请核对后再试。")
    await citizen.fill("查询码", access_code)
    await citizen.press("查询")
    await _refreshed_until(citizen, "assigned")
    await citizen.reads("已派给城市管理局办理。", "答复时限", "138****5678")

    clerk = await visit(javascript=javascript, width=DESKTOP, user=DEPARTMENT)
    await _on_the_list(clerk, "/desk?state=assigned&order=newest", title)
    assert "13812345678" not in await clerk.main.inner_text()
    await clerk.press("签收")
    await clerk.reads("已签收。")
    await clerk.press("预览答复")
    await clerk.reads("内部办理情况：此项必填。", "给市民的答复：此项必填。")
    await _reply(clerk, "您好，两盏路灯已修复，联系电话13812345678。")
    dispatcher = await visit(javascript=javascript, width=DESKTOP, user="dispatcher")
    await _approve(dispatcher, title)

    await _refreshed_until(citizen, "closed")
    await citizen.reads("您好，两盏路灯已修复，联系电话138****5678。")
    await citizen.press("提交评价")
    await citizen.reads("请选择一项评价。")
    await citizen.choose("不满意")
    await citizen.press("提交评价")
    await citizen.reads("已收到您的评价。问题没有解决的话，可以在下面申请重新办理。", "2 / 5")

    await citizen.fill("哪里没有解决", "只修好了一盏。")
    await citizen.press("申请重办")
    await citizen.reads("已收到您的异议，结果会写在下面的办理过程里。")
    await clerk.go("/desk")
    await _on_the_list(clerk, "/desk?state=reopened", title)
    await _opened_until(clerk, "只修好了一盏。")
    await clerk.reads("市民不满意，重办")
    await _reply(clerk, "您好，第二盏也已修复。")
    await _approve(dispatcher, title)

    reader = await visit(javascript=javascript)
    await reader.go("/published")
    await reader.fill("要找什么", "路灯")
    await reader.press("搜索")
    await reader.follow(title)
    await reader.reads("您好，第二盏也已修复。", "138****5678")
    assert "13812345678" not in await reader.page.content()


async def _nothing_offered_solves_it(citizen: Visitor) -> None:
    """Without a script what was answered before is offered once, before the form is taken: where there is any by now."""
    go_on = citizen.main.get_by_role("button", name="没有解决，继续提交", exact=True)
    if await go_on.count():
        await citizen.press("没有解决，继续提交")


async def test_from_the_form_to_the_rating_and_once_more(visit: Visit) -> None:
    """Submitted, assigned, signed for, answered, approved, rated, objected to, answered again, found by others."""
    await _whole_path(visit, javascript=True, title=TITLE)


async def test_the_same_without_javascript(visit: Visit) -> None:
    """Old telephones and locked-down office machines do all of it."""
    await _whole_path(visit, javascript=False, title=TITLE + "了")


async def test_a_dispatcher_decides_what_the_rules_cannot(visit: Visit, deeds: Deeds) -> None:
    """A message with nothing to go by waits for a person; once dispatched, that department has it."""
    title = "一件事不知道归谁"
    await deeds.submit(title, "请看一下。")
    dispatcher = await visit(user="dispatcher", width=DESKTOP)
    await _on_the_list(dispatcher, "/review?kind=dispatch", title)
    await dispatcher.reads("没有可依据的词语")
    await dispatcher.unfold("并入另一件")
    await dispatcher.press("并单")
    await dispatcher.reads("请填写要并入的那一件的查询号。")
    await dispatcher.main.get_by_label("主办单位", exact=True).select_option("housing")
    await dispatcher.press("派单")
    await dispatcher.reads("已处理")

    clerk = await visit(user="housing")
    await _on_the_list(clerk, "/desk?state=assigned&order=newest", title)
    await clerk.reads("请看一下。")


async def test_an_emergency_does_not_wait_for_its_turn(visit: Visit, deeds: Deeds) -> None:
    """It stands above the queue until somebody has it."""
    await deeds.submit("煤气泄漏有人晕倒", "救命，有人晕倒了！请看一下。")
    dispatcher = await visit(user="dispatcher", width=DESKTOP)
    await dispatcher.go("/review")

    await dispatcher.reads("特急，请先派单", "煤气泄漏有人晕倒")


async def test_a_supervisor_urges_the_department(visit: Visit, deeds: Deeds) -> None:
    """What is late is on the dashboard; the department reads who asked and what."""
    case = await deeds.submit("公交站的灯箱坏了", "早高峰在南港区码头站等23路公交车，四十分钟没有一辆。")
    await deeds.make_late(case)
    supervisor = await visit(user="supervisor", width=DESKTOP)
    await supervisor.go("/watch")
    await supervisor.follow(case.tracking_code)
    await supervisor.reads("曾超期", "5 个工作日")
    await supervisor.fill("附言（可不填，最多 500 字）", "请今天联系市民。")
    await supervisor.press("催办")
    await supervisor.reads("已催办，承办单位将收到通知。")

    clerk = await visit(user=case.department)

    async def look() -> str:
        await clerk.go(f"/desk/{case.case_id}")
        return await clerk.main.inner_text()

    await eventually(
        look, is_done=lambda text: "请今天联系市民。" in text and "被催办 1 次" in text, every=0.2
    )
