"""From a case of the desk back to the list that it was opened from."""

import re
from html import unescape
from urllib.parse import parse_qsl, quote

from tests.conftest import RecordingUnit
from tests.integration.handlers.test_pages import Clerk, clerk, opened

__all__ = ["clerk"]


async def test_a_case_leads_back_to_the_list_that_it_was_opened_from(
    unit: RecordingUnit, clerk: Clerk
) -> None:
    """Whatever is done to it meanwhile, refused or looked at: narrowed as it was, on the page where it stood."""
    for _ in range(21):
        await opened(unit, title="路灯不亮")
    html = await clerk.open("/desk?state=assigned&words=%E8%B7%AF%E7%81%AF&order=newest")
    behind = unescape(re.findall(r'href="(/desk[^"]+)" rel="next"', html)[0])
    html = await clerk.open(behind)
    (last,) = re.findall(r'<a class="govuk-link" href="(/desk/[0-9a-f-]{36}[^"]*)" lang="zh"', html)

    def back() -> set[tuple[str, str]]:
        (address,) = re.findall(r'<a href="/desk\?([^"]+)" class="govuk-back-link"', clerk.html)
        return set(parse_qsl(unescape(address)))

    expected = set(parse_qsl(behind.partition("?")[2]))
    await clerk.open(unescape(last))
    assert expected == back()
    await clerk.send("/sign")
    assert expected == back()
    await clerk.send("/reply", note="", response="")
    assert (422, expected) == (clerk.status, back())
    await clerk.send("/reply", note="内部情况", response="已修复")
    await clerk.send("/reply", step="edit")
    assert expected == back()
    await clerk.send("/contact", reason="核实地点")
    (case,) = re.findall(r'<a href="(/desk/[^"]+)" class="govuk-back-link"', clerk.html)
    await clerk.open(unescape(case))
    assert expected == back()

    html = await clerk.open(behind)
    assert "这一页没有内容。" in html
    assert "没有符合这些条件的件" not in html
    (first,) = re.findall(r'href="(/desk[^"]+)">← 回到第一页', html)
    assert 20 == (await clerk.open(unescape(first))).count('<th scope="row"')


async def test_an_address_that_is_too_long_is_left_out_whole(unit: RecordingUnit, clerk: Clerk) -> None:
    """A hundred rare characters fit; of what is longer no part leads anywhere."""
    case_id = await opened(unit)
    rare = "state=assigned&words=" + quote("\U00020bb7" * 100)
    for place, kept in ((rare, rare), (rare + quote("\U00020bb7" * 100), "")):
        html = await clerk.open(f"/desk/{case_id}?list={quote(place)}")
        (address,) = re.findall(r'<a href="/desk([^"]*)" class="govuk-back-link"', html)
        assert kept == unescape(address).removeprefix("?")
