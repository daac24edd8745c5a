"""A dispatcher decides, takes it back with one click, and decides otherwise: a request of a department, and a move."""

from tests.browser.conftest import Visit
from tests.browser.deeds import Case, Deeds
from tests.browser.visitor import DESKTOP, Visitor
from tests.stack import eventually

TEXT = "希望公交线路延长运营时间，公交站等车的乘客很多。"
UNDO = "撤销刚才的决定"


async def _waits_until(dispatcher: Visitor, case: Case, words: str) -> None:
    async def look() -> bool:
        await dispatcher.go(f"/review/{case.case_id}")
        return words in await dispatcher.main.inner_text()

    await eventually(look, every=0.2)


async def _decide(dispatcher: Visitor, case: Case, choice: str) -> None:
    await dispatcher.go(f"/review/{case.case_id}")
    await dispatcher.choose(choice)
    await dispatcher.fill("说明（不同意时请写明原因，承办单位可见）", "请按期办理")
    await dispatcher.press("提交决定")
    await dispatcher.reads("已处理", "十分钟内、没有人接着办理之前可以撤销")


async def test_a_dispatcher_takes_back_what_they_decided(visit: Visit, deeds: Deeds) -> None:
    """The request waits again and says why; a moved case is with the department that had it, as its citizen reads."""
    case = await deeds.submit("末班车太早，请撤销", TEXT)
    await deeds.act(case, "sign")
    await deeds.act(case, "extend", working_days=3, reason="须征求意见")
    await deeds.awaits_review(case)
    dispatcher = await visit(width=DESKTOP, user="dispatcher")

    await _decide(dispatcher, case, "同意延期")
    await dispatcher.press(UNDO)
    await dispatcher.reads("已请求撤回", "若此后没有人接着办理，就会恢复原状")
    await _waits_until(dispatcher, case, "刚才的决定已撤销")
    await _decide(dispatcher, case, "不同意延期")

    await _waits_until(dispatcher, case, "改派在办件")
    await dispatcher.unfold("改派在办件")
    await dispatcher.main.locator("#in-hand-lead").select_option("water")
    await dispatcher.fill("改派的理由，承办单位可见", "误派，先试一次")
    await dispatcher.press("改派")
    await dispatcher.reads("已处理", "十分钟内、没有人接着办理之前可以撤销")
    await dispatcher.press(UNDO)
    await dispatcher.reads("已请求撤回")

    citizen = await visit()

    async def told() -> bool:
        await citizen.go("/follow")
        await citizen.fill("查询号", case.tracking_code)
        await citizen.fill("查询码", case.access_code)
        await citizen.press("查询")
        return "派单员撤销了改派，仍由" in await citizen.main.inner_text()

    await eventually(told, every=1)
    await citizen.reads("派单员撤销了刚才的决定，正在重新审核。")
