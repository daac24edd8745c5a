"""The items of the dispatch catalogue where people meet them, in a real browser."""

import pytest
from playwright.async_api import expect

from schemas.city import load_city
from tests.browser.conftest import Visit
from tests.browser.deeds import Deeds
from tests.browser.visitor import DESKTOP, TELEPHONE
from tests.stack import Stack, eventually

#: Nobody's words, so that it waits for a dispatcher.
UNCLEAR = ("有个情况想说", "请看一下，谢谢。")
LAMP = ("路灯坏了两个月", "听荷路的路灯不亮，晚上出门害怕。")


async def test_the_field_offers_the_catalogue(visit: Visit, deeds: Deeds) -> None:
    """Fetched when somebody goes to the field, and once in a window; the page itself holds none of the names."""
    case = await deeds.submit(*UNCLEAR)
    dispatcher = await visit(user="dispatcher", language="en", width=DESKTOP)
    asked: list[str] = []
    dispatcher.page.on("request", lambda request: asked.append(request.url.rpartition("/review/")[2]))
    offered = dispatcher.page.locator("#items option")
    for _ in range(2):
        await dispatcher.go(f"/review/{case.case_id}")
        await expect(offered).to_have_count(0)
        await dispatcher.page.locator("#dispatch-item").focus()
        await expect(offered).to_have_count(len(load_city().items))

    assert await offered.evaluate_all("all => all.some(one => one.value === 'Property fees')")
    assert asked.count("items") == 1


async def test_a_department_sees_the_item_and_why_it_came(visit: Visit, deeds: Deeds) -> None:
    """Beside the category, in the reader's language; its code is there for whoever points at it."""
    case = await deeds.submit(*LAMP)
    for language, name in (("zh", "路灯照明"), ("en", "Street lights")):
        width = DESKTOP if language == "zh" else TELEPHONE
        clerk = await visit(user=case.department, language=language, width=width)
        await clerk.go(f"/desk/{case.case_id}")

        await expect(clerk.page.locator("[title=street-light]")).to_have_text(name)
        await clerk.check_page(is_seen_here_alone=True)


@pytest.mark.parametrize(("language", "width"), [("zh", DESKTOP), ("en", TELEPHONE)])
async def test_a_supervisor_sees_what_is_most_frequent(
    visit: Visit, city: Stack, deeds: Deeds, language: str, width: int
) -> None:
    """Three cases of an item, or with a tag, are a row of the page, which says what it counts."""
    for _ in range(3):
        await deeds.submit(LAMP[0], f"{LAMP[1]}夜里老人看不清。")

    async def known() -> bool:
        found = await city.sql("SELECT count(*) FROM sla.case WHERE item = 'street-light'")
        return bool(found[0][0] >= 3)

    await eventually(known)
    supervisor = await visit(user="supervisor", language=language, width=width)
    await supervisor.go("/watch")

    first = supervisor.page.locator("#frequent ~ .table-scroll").get_by_role("rowheader").first
    await expect(first).to_have_text("路灯照明" if language == "zh" else "Street lights")
    await supervisor.check_page(is_seen_here_alone=True)
    await supervisor.page.locator("#frequent ~ .table-scroll a").first.click()
    await expect(supervisor.page.locator("main")).to_contain_text(
        "路灯照明" if language == "zh" else "Street lights"
    )
    await supervisor.check_page(is_seen_here_alone=True)
    await supervisor.go("/watch")
    await supervisor.page.locator('#frequent-tags ~ .table-scroll a[href*="tag=night"]').click()
    await expect(supervisor.page.locator("main")).to_contain_text("夜间" if language == "zh" else "At night")
    await supervisor.check_page(is_seen_here_alone=True)


@pytest.mark.parametrize(("language", "width"), [("zh", DESKTOP), ("en", TELEPHONE)])
async def test_a_department_filters_its_list_by_item_and_tag(
    visit: Visit, deeds: Deeds, language: str, width: int
) -> None:
    """Each row says both; what is chosen stays chosen until it is taken off, and an empty list says how."""
    case = await deeds.submit("路灯坏了两个月", "听荷路的路灯不亮，夜里老人出门害怕。")
    clerk = await visit(user=case.department, language=language, width=width)
    page = clerk.page
    night, lamp, none = ("夜间", "路灯照明", "退役军人与军属") if language == "zh" else (
        "At night", "Street lights", "Veterans and soldiers' families",
    )  # fmt: skip
    await clerk.go("/desk")
    await expect(page.locator("main")).to_contain_text(night)
    await page.locator("main details summary").click()
    await page.locator("#tag").select_option(label=night)
    await page.locator("#item").select_option(label=lamp)
    await page.locator("main form[role=search] button").click()

    kept = "list=item%3Dstreet-light%26tag%3Dnight"
    await expect(page.locator(f'main a[href="/desk/{case.case_id}?{kept}"]')).to_be_visible()
    assert "item=street-light&tag=night" in page.url
    await clerk.check_page(is_seen_here_alone=True)
    await page.locator("#tag").select_option(label=none)
    await page.locator("main form[role=search] button").click()
    await expect(page.locator("main table")).to_have_count(0)
    await clerk.check_page(is_seen_here_alone=True)
    await page.locator('main p a[href="/desk?state=open"]').click()
    await expect(page.locator(f'main a[href="/desk/{case.case_id}"]')).to_be_visible()
