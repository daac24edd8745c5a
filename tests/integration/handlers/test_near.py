"""What was answered before stands beside the department's reply, and an entry's answer may begin it."""

import re
from html import unescape
from typing import Any

import pytest

from handlers.web import api, pages
from schemas.errors import NotFound, Unavailable
from schemas.http import Call, Principal
from schemas.ids import DepartmentCode
from schemas.near import NearList
from schemas.words import Language, Role
from tests.conftest import RecordingUnit
from tests.integration.clocks import OneClock
from tests.integration.everybodys_requests import OneEntry
from tests.integration.handlers.test_pages import CITY, Clerk, Register, opened
from tests.integration.near import BY_ENTRY, ENTRY_ID, PUBLISHED, Near
from tests.unit.handlers.making import HOUSING, TRANSPORT

WATER = DepartmentCode("water")
DRAFT = "带身份证到社区。\n\n（参考知识点“居住证怎么办理”，核对日期 2026-11-23）"


def _clerk(
    unit: RecordingUnit, near: Near, department: DepartmentCode = HOUSING, language: Language = Language.ZH
) -> Clerk:
    clerk = Clerk(unit, department, language)
    clerk.routes = pages.routes(
        city=CITY, contacts=Register(), clocks=OneClock(), near=near, entries=OneEntry()
    )
    return clerk


async def test_what_is_near_stands_beside_the_case(unit: RecordingUnit) -> None:
    """A link where no script runs; the page behind it names department and source, marks what matched, asks of one case."""
    case_id = await opened(unit, title="居住证去哪办", text="请问居住证去哪里办。")
    clerk = _clerk(unit, near := Near())
    await clerk.open(f"/desk/{case_id}")
    await clerk.send("/sign")

    assert f'data-from="/desk/{case_id}/near"' in await clerk.open(f"/desk/{case_id}")
    page = await clerk.open(f"/desk/{case_id}/near")

    assert "<mark>居住证</mark>怎么办理&lt;b&gt;" in page
    assert {BY_ENTRY.url, PUBLISHED.url} <= set(re.findall(r'href="([^"]+)"', page))
    assert [("居住证去哪办", "请问居住证去哪里办。", "ABCD-EFGH-JKLM-NPQR")] == near.asked
    drafts = re.findall(r'href="([^"]+)" data-draft="([^"]+)"', page)
    assert [(f"/desk/{case_id}?entry={ENTRY_ID}#reply-response", DRAFT)] == [
        (to, unescape(draft)) for to, draft in drafts
    ]


async def test_an_entry_begins_the_reply(unit: RecordingUnit) -> None:
    """Nothing is sent: its answer stands in the form with its source, for the department to change."""
    case_id = await opened(unit)
    clerk = _clerk(unit, Near())
    await clerk.open(f"/desk/{case_id}")
    await clerk.send("/sign")
    page = await clerk.open(f"/desk/{case_id}?entry={ENTRY_ID}")

    assert DRAFT in unescape(page)
    assert 'id="drafted"' in page
    assert DRAFT not in unescape(await clerk.open(f"/desk/{case_id}"))


@pytest.mark.parametrize("found", [(), None])
async def test_nothing_near_and_nobody_to_ask_are_two_things(unit: RecordingUnit, found: object) -> None:
    """Each is said, in both languages."""
    case_id = await opened(unit)
    says = {(): ("没有相近的", "No published answer"), None: ("现在查不到", "Nothing could be looked")}
    for language, words in zip((Language.ZH, Language.EN), says[found], strict=True):  # type: ignore[index]  # one of them
        clerk = _clerk(unit, Near(found), language=language)  # type: ignore[arg-type]  # one of them
        assert words in await clerk.open(f"/desk/{case_id}/near")


def _ask(unit: RecordingUnit, near: Near, department: DepartmentCode, case_id: str) -> Any:
    """What the department's own system gets."""
    routes = api.routes(city=CITY, contacts=Register(), clocks=OneClock(), near=near, live=OneEntry())
    (route,) = [route for route in routes if route.path.endswith("/near")]
    who = Principal(role=Role.DEPARTMENT, name="system", department=department)
    call = Call(
        principal=who, language=Language.ZH, path={"case_id": case_id}, headers={}, address="10.0.0.1", unit_or_none=unit
    )  # fmt: skip
    assert ({Role.DEPARTMENT}, NearList) == (set(route.who), route.returns)
    return route.answer(call)


async def test_a_departments_system_gets_the_same(unit: RecordingUnit) -> None:
    """Answer, department, date and what matched; with an entry's draft as soon as a reply may be written."""
    case_id = await opened(unit, title="居住证去哪办", text="请问居住证去哪里办。", supporting=(WATER,))
    unsigned = await _ask(unit, Near(), HOUSING, case_id)
    clerk = _clerk(unit, Near())
    await clerk.open(f"/desk/{case_id}")
    await clerk.send("/sign")
    entry, answer = (await _ask(unit, Near(), HOUSING, case_id)).items

    assert [None, None] == [each.draft for each in unsigned.items]
    assert (ENTRY_ID, None, "居住证怎么办理<b>", "带身份证到社区。", ("居住证",), DRAFT) == (
        entry.entry_id, entry.tracking_code, entry.title, entry.response, entry.words, entry.draft
    )  # fmt: skip
    assert ("ABCD-EFGH-JKLM-NPQR", None, PUBLISHED.at, None) == (
        answer.tracking_code, answer.entry_id, answer.replied_at, answer.draft
    )  # fmt: skip
    assert [None, None] == [each.draft for each in (await _ask(unit, Near(), WATER, case_id)).items]


async def test_anothers_case_is_not_there_for_a_system_either(unit: RecordingUnit) -> None:
    """Nor one that accuses it; where nobody can say in time, that is said, and with nothing near the list is empty."""
    case_id = await opened(unit)
    accused = await opened(unit, lead=TRANSPORT, accused=(HOUSING,), protected=True)
    near = Near()
    for department, asked in ((TRANSPORT, case_id), (HOUSING, accused)):
        with pytest.raises(NotFound):
            await _ask(unit, near, department, asked)
    assert [] == near.asked
    with pytest.raises(Unavailable):
        await _ask(unit, Near(None), HOUSING, case_id)
    assert [] == (await _ask(unit, Near(()), HOUSING, case_id)).items


async def test_only_whose_case_it_is_asks(unit: RecordingUnit) -> None:
    """Another department's is not there, nor one that is accused by it; who supports it reads, and has no reply to begin."""
    case_id = await opened(unit, supporting=(WATER,))
    accused = await opened(unit, lead=TRANSPORT, accused=(HOUSING,), protected=True)
    stranger = _clerk(unit, near := Near(), TRANSPORT)
    with pytest.raises(NotFound):
        await stranger.open(f"/desk/{case_id}/near")
    with pytest.raises(NotFound):
        await _clerk(unit, near).open(f"/desk/{accused}/near")
    assert [] == near.asked

    supporting = _clerk(unit, near, WATER)
    assert "data-draft" not in await supporting.open(f"/desk/{case_id}/near")
    assert DRAFT not in unescape(await supporting.open(f"/desk/{case_id}?entry={ENTRY_ID}"))


async def test_a_case_that_has_ended_asks_for_nothing(unit: RecordingUnit) -> None:
    """Nor does a desk with nobody to ask."""
    case_id = await opened(unit)
    clerk = Clerk(unit, HOUSING)

    assert "data-from" not in await clerk.open(f"/desk/{case_id}")
    assert DRAFT not in unescape(await clerk.open(f"/desk/{case_id}?entry={ENTRY_ID}"))
