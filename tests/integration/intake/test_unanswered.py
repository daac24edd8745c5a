"""What citizens look for and do not find is known to whoever can have it written, and says nothing of anybody."""

from typing import Any

import pytest

from schemas.events.handlers import ReplyPublished
from schemas.words import Role
from tests.conftest import RecordingUnit
from tests.integration.intake.calls import Site, handle_replies, register
from tests.integration.intake.test_handle_events import said
from tests.unit.intake.messages import draft, message

PATH = "/api/v1/published"
LIST = "/api/v1/review/unanswered"


@pytest.fixture
async def site(unit: RecordingUnit) -> Site:
    """One published answer."""
    lamp = message(draft("路灯不亮", "人民路的路灯坏了。", publish=True), entropy=b"1")
    await register(unit, lamp)
    await handle_replies(unit, [said(ReplyPublished, 10, case_id=lamp.codes.case_id, response="已修复")])
    return Site()


async def _listed(site: Site, unit: RecordingUnit) -> list[tuple[str, int]]:
    found: Any = await site.call(unit, "GET", LIST)
    return [(item.words, item.times) for item in found.items]


async def _search(site: Site, unit: RecordingUnit, times: int, **query: str) -> None:
    for _ in range(times):
        await site.call(unit, "GET", PATH, query=query)


async def test_what_was_looked_for_in_vain_is_listed(site: Site, unit: RecordingUnit) -> None:
    """Short words and questions, in whatever spelling, the most often first; what was found is not."""
    await _search(site, unit, 3, q="高温补贴")
    await _search(site, unit, 4, q="居住證怎么办理")
    await _search(site, unit, 1, q="居住证怎么办理 ")
    await _search(site, unit, 3, q="路灯")

    assert [("居住证怎么办理", 5), ("高温补贴", 3)] == await _listed(site, unit)
    page: Any = await site.call(unit, "GET", "/review/unanswered")
    assert ["居住证怎么办理", "高温补贴"] == [row.words for row in page.context["rows"]]


async def test_what_no_entry_answers_is_listed_too(site: Site, unit: RecordingUnit) -> None:
    """Entries are looked for by the same words; a category leaves out what is there, and a number may be somebody's."""
    for path, times, query in (
        ("/api/v1/knowledge", 2, {"q": "高温补贴多少"}),
        ("/knowledge", 1, {"q": "高溫補貼多少"}),
        ("/api/v1/knowledge", 3, {"q": "公积金", "category": "housing"}),
        ("/api/v1/knowledge", 3, {"q": "13812345678"}),
        ("/api/v1/knowledge", 3, {}),
    ):
        for _ in range(times):
            await site.call(unit, "GET", path, query=query)

    assert [("高温补贴多少", 3)] == await _listed(site, unit)


async def test_nothing_personal_is(site: Site, unit: RecordingUnit) -> None:
    """Not even in the table; and what a filter left out is not missing, nor is what one or two looked for shown."""
    await _search(site, unit, 3, q="13812345678")
    await _search(site, unit, 3, q="我叫王建国")
    await _search(site, unit, 3, q="翠竹苑5号楼漏水")
    await _search(site, unit, 3, q="高温补贴", region="donghu")
    assert 0 == await unit.db.fetchval("SELECT count(*) FROM intake.unanswered")

    await _search(site, unit, 2, q="高温补贴")
    assert [] == await _listed(site, unit)


def test_departments_and_citizens_do_not_read_it() -> None:
    """Those who have knowledge written do, and those who watch over it."""
    may = {Site().route("GET", path).who for path in (LIST, "/review/unanswered")}

    assert {frozenset({Role.DISPATCHER, Role.SUPERVISOR, Role.ADMINISTRATOR})} == may
