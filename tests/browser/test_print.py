"""What comes out of the printer: the sheet is as wide as its paper, without addresses and forms."""

import pytest

from tests.browser.conftest import Visit
from tests.browser.deeds import Deeds

#: CSS pixels of an A4 sheet, upright.
_A4 = 794
#: The same of one line of a table's 9 pt letters, with room; a target on the screen is 24 or more.
_LINE = 20


@pytest.mark.parametrize("path", ["/watch/figures", "/watch"])
async def test_a_page_of_numbers_fits_its_sheet(visit: Visit, deeds: Deeds, path: str) -> None:
    """Each number is a link, and its address is no part of the number; nobody filters on paper."""
    await deeds.submit("路灯坏了", "望江路的路灯坏了。")
    watcher = await visit(user="supervisor", width=_A4)
    await watcher.page.emulate_media(media="print")
    await watcher.go(path)
    printed = await watcher.page.evaluate(
        """() => [...document.querySelectorAll('main a')].map(a => getComputedStyle(a, '::after').content)"""
    )

    assert printed
    assert {"none"} == set(printed)
    assert await watcher.page.evaluate("document.documentElement.scrollWidth") <= _A4
    assert not await watcher.page.locator("main form").first.is_visible()


async def test_paper_has_rows_of_one_line_and_nothing_to_press(visit: Visit, deeds: Deeds) -> None:
    """A number is no target on paper; of the tabs the one that was chosen is left, no way back, no fold of a form."""
    case = await deeds.submit("路灯坏了", "望江路的路灯坏了。")
    watcher = await visit(user="supervisor", width=_A4)
    await watcher.page.emulate_media(media="print")
    await watcher.go("/watch/figures")
    high = await watcher.page.evaluate(
        "[...document.querySelectorAll('main td a')].map(a => a.getBoundingClientRect().height)"
    )
    shown = "[...document.querySelectorAll('main nav a, .govuk-back-link')].filter(a => a.checkVisibility())"

    assert high
    assert max(high) < _LINE
    assert await watcher.page.locator("main details").filter(has_text="各项的含义").is_visible()
    assert ["page"] == await watcher.page.evaluate(f"{shown}.map(a => a.getAttribute('aria-current'))")

    clerk = await visit(user=case.department, width=_A4)
    await clerk.page.emulate_media(media="print")
    await clerk.go(f"/desk/{case.case_id}")
    folds = "[...document.querySelectorAll('details:has(form)')].map(each => each.checkVisibility())"
    assert {False} == set(await clerk.page.evaluate(folds))
