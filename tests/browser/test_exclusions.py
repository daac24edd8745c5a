"""A department asks that a case be left out of its figures, and appeals; two supervisors decide (不纳入考核, 考核申诉)."""

import pytest

from tests.browser.conftest import Visit
from tests.browser.deeds import Case, Deeds
from tests.browser.visitor import DESKTOP, Visitor

_SAID = ("公交站的灯箱坏了", "早高峰在南港区码头站等23路公交车，灯箱不亮。")
_WHY, _NO, _STILL, _YES = (
    "台风停运两天，无法施工。",
    "台风只停运半天。",
    "停运通知附后，为两天。",
    "核对通知，确为两天。",
)
_SECOND = "supervisor-two"


async def _sends(visitor: Visitor, what: str, *, of: str = "", is_refused: bool = False) -> None:
    """Press the form's button, or that of a decision; the page that comes is looked at as the one before it was."""
    await visitor.check_page()
    button = f'form[action$="/{what}"] button' + (f'[value="{of}"]' if of else "")
    async with visitor.page.expect_navigation():
        await visitor.main.locator(button).first.click()
    await visitor.main.locator(
        ".govuk-error-summary" if is_refused else ".govuk-notification-banner"
    ).wait_for()
    await visitor.check_page()


async def _says(visitor: Visitor, what: str, text: str) -> None:
    await visitor.main.locator(f'form[action$="/{what}"] textarea').first.fill(text)


async def _asks(clerk: Visitor, case: Case) -> None:
    await clerk.go(f"/desk/{case.case_id}")
    async with clerk.page.expect_navigation():
        await clerk.main.locator(f'a[href="/exclusions/{case.case_id}"]').click()
    await _sends(clerk, "exclude", is_refused=True)
    await clerk.main.locator("#figure-on_time_rate").check()
    await clerk.main.locator("#reason").select_option("force_majeure")
    await _says(clerk, "exclude", _WHY)
    await _sends(clerk, "exclude")
    await clerk.reads(case.tracking_code)


async def _decides(supervisor: Visitor, case: Case, decision: str, text: str) -> None:
    await supervisor.go("/exclusions")
    await supervisor.check_page()
    await supervisor.reads(case.tracking_code, _SAID[0])
    await supervisor.go(f"/exclusions/{case.case_id}")
    await _says(supervisor, "judge", text)
    await _sends(supervisor, "judge", of=decision)


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_a_case_is_left_out_on_appeal(visit: Visit, deeds: Deeds, language: str) -> None:
    """Asked, refused, appealed, granted by another than who refused, told beside the rate, revoked; on a telephone."""
    case = await deeds.submit(*_SAID)
    await deeds.answer(case, "您好，灯箱已更换。")
    await deeds.ends(case)
    await deeds.second_supervisor(_SECOND)
    clerk = await visit(user=case.department, language=language)
    first = await visit(user="supervisor", language=language)
    second = await visit(user=_SECOND, language=language)
    await _asks(clerk, case)

    await first.go(f"/exclusions/{case.case_id}")
    await first.reads(_WHY)
    await _sends(first, "judge", of="refuse", is_refused=True)
    await _decides(first, case, "refuse", _NO)
    await clerk.go(f"/exclusions/{case.case_id}")
    await clerk.reads(_NO)
    await _sends(clerk, "appeal", is_refused=True)
    await _says(clerk, "appeal", _STILL)
    await _sends(clerk, "appeal")
    await first.go(f"/exclusions/{case.case_id}")
    await first.reads(
        "申诉由另一位督办员决定" if language == "zh" else "Another supervisor decides the appeal"
    )
    assert 0 == await first.main.locator("textarea").count()
    await first.check_page()
    await _decides(second, case, "grant", _YES)

    await second.go("/exclusions?state=settled")
    await second.reads(case.tracking_code)
    await second.check_page()
    await second.go(f"/exclusions/{case.case_id}")
    await second.reads(_WHY, _NO, _STILL, _YES)
    await clerk.go("/exclusions")
    await clerk.reads(case.tracking_code)
    await clerk.check_page()
    if language == "en":
        for visitor in (clerk, first, second):
            assert [] == await visitor.chinese()
    await _says(second, "judge", "通知系伪造。")
    await _sends(second, "judge", of="revoke")


async def test_the_pages_on_a_desktop(visit: Visit, deeds: Deeds) -> None:
    """Before anything was asked, and why somebody may not; without JavaScript the form works all the same."""
    case = await deeds.submit(*_SAID)
    clerk = await visit(user=case.department, width=DESKTOP)
    await clerk.go(f"/exclusions/{case.case_id}")
    await clerk.reads("办结后才能申请")
    await clerk.check_page()
    await deeds.answer(case, "您好，灯箱已更换。")
    await deeds.ends(case)
    plain = await visit(user=case.department, width=DESKTOP, javascript=False)
    await plain.go(f"/exclusions/{case.case_id}")
    await plain.main.locator("#figure-case").check()
    await plain.main.locator("#reason").select_option("other")
    await _says(plain, "exclude", _WHY)
    await plain.press("提交申请")
    await plain.reads("申请已提交", case.tracking_code)
    await plain.go(f"/exclusions/{case.case_id}")
    await plain.press("撤回")
    await plain.reads("已撤回")
