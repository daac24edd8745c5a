"""Whoever photographs or prints a page of staff photographs who they are; nothing of it stands in anybody's way."""

from urllib.parse import unquote

import pytest

from tests.browser.conftest import Visit
from tests.browser.deeds import Deeds

#: Whether the mark lies over the whole window, lets every press through, cannot be selected, and is printed.
_LIES_OVER = """
() => { const mark = document.querySelector('img.watermark'), style = getComputedStyle(mark),
    box = mark.getBoundingClientRect();
  return [mark.complete && mark.naturalWidth > 0, box.width >= innerWidth - 1 && box.height >= innerHeight - 1,
    document.elementFromPoint(innerWidth / 2, innerHeight / 2) !== mark, style.userSelect === 'none',
    mark.getAttribute('aria-hidden') === 'true', style.position === 'fixed' && style.display !== 'none'] }
"""


@pytest.mark.parametrize(("user", "path"), [("dispatcher", "/review"), ("supervisor", "/watch")])
async def test_desks_carry_their_viewer(visit: Visit, user: str, path: str) -> None:
    """On screen and in print, over all of the page, in nobody's way."""
    visitor = await visit(user=user)
    await visitor.go(path)
    await visitor.check_page()
    for medium in ("screen", "print"):
        await visitor.page.emulate_media(media=medium)
        assert [True] * 6 == await visitor.page.evaluate(_LIES_OVER), medium


async def test_a_case_of_a_department_carries_its_viewer(visit: Visit, deeds: Deeds) -> None:
    """The account and its department; a citizen's pages carry nothing."""
    case = await deeds.submit("路灯和座椅坏了", "城管局，东湖区望江路的路灯坏了，公园里的座椅也坏了。")
    clerk = await visit(user=case.department)
    await clerk.go(f"/desk/{case.case_id}")
    said = unquote(await clerk.page.locator("img.watermark").get_attribute("src") or "")
    citizen = await visit()
    await citizen.go("/")

    assert f"{case.department} · " in said
    assert 0 == await citizen.page.locator("img.watermark").count()
