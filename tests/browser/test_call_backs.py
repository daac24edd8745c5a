"""A dispatcher calls a citizen back: the list, the number, the form, what came of it; on a telephone, in both languages."""

import pytest

from tests.browser.conftest import Visit
from tests.browser.deeds import Deeds

_SAID = ("公交站的灯箱坏了", "早高峰在南港区码头站等23路公交车，灯箱不亮。")
_CONTACT = {"name": "李明", "phone": "13812345678", "hours": "晚上七点后"}


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_a_citizen_is_called_back(visit: Visit, deeds: Deeds, language: str) -> None:
    """The number is shown beside what was typed; what is missing is said; what is not settled is done anew."""
    case = await deeds.submit(*_SAID, contact=_CONTACT)
    await deeds.answer(case, "您好，灯箱已更换。")
    await deeds.draw(case)
    dispatcher = await visit(user="dispatcher", language=language)
    await dispatcher.go("/callbacks")
    await dispatcher.reads(_SAID[0], case.tracking_code)
    await dispatcher.check_page()
    await dispatcher.go(f"/callbacks/{case.case_id}")
    await dispatcher.check_page()
    assert _CONTACT["phone"] not in await dispatcher.main.inner_text()
    form = dispatcher.main.locator(f'form[action="/callbacks/{case.case_id}/outcome"]')
    await form.locator('textarea[name="note"]').fill("灯箱三天前换过。")
    await dispatcher.main.locator(f'form[action="/callbacks/{case.case_id}/number"] button').click()
    await dispatcher.reads(_CONTACT["phone"], _CONTACT["hours"])
    assert "灯箱三天前换过。" == await form.locator('textarea[name="note"]').input_value()
    await dispatcher.check_page()
    await form.locator('input[name="reached"][value="yes"]').check()
    await form.locator('button[type="submit"]').click()
    await dispatcher.main.locator(".govuk-error-summary").wait_for()
    await dispatcher.check_page()
    for name, value in (("contacted", "no"), ("solved", "no"), ("satisfied", "no")):
        await form.locator(f'input[name="{name}"][value="{value}"]').check()
    await form.locator('textarea[name="note"]').fill("灯箱还是不亮。")
    await form.locator('button[type="submit"]').click()
    await dispatcher.main.locator(".govuk-notification-banner").wait_for()
    await dispatcher.go("/callbacks?state=settled")
    await dispatcher.reads(_SAID[0], "灯箱还是不亮。")
    await dispatcher.check_page()
    if language == "en":
        assert [] == [text for text in await dispatcher.chinese() if "灯箱" not in text]
