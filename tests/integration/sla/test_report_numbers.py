"""From a number of a report to the cases behind it: as many as it says, or what changed since is said."""

import random
import re
from html import unescape
from typing import Any
from urllib.parse import parse_qsl

import msgspec
import pytest

from deploy.database.case_views import PostgresViewCounts
from deploy.web.site.render import Renderer
from schemas.errors import BadInput, NotFound
from schemas.events.intake import CitizenRated
from schemas.http import Call, Page, Principal
from schemas.ids import CaseId
from schemas.words import Language, Role
from sla.steps.report import list_reports, make_reports
from sla.steps.tally import tally
from sla.web import api, pages
from sla.web.report_drill import BehindReport, BehindThen, ReportCellQuery
from sla.web.reports import FileQuery
from tests.integration.sla.events import Sla, assigned, china, closed, registered, replied, signed
from tests.integration.sla.test_figures import live
from tests.unit.handlers.making import fresh_case

_PAGE, _API = "/watch/reports/{number}/cases", "/api/v1/sla/reports/{number}/cases"
_LINK = re.compile(r'href="/watch/reports/\d+/cases\?([^"]*)">(\d+)<')


async def _ask(sla: Sla, path: str, number: int, query: Any, language: Language = Language.ZH) -> Any:
    places = api if path.startswith("/api") else pages
    routes = places.routes(city=sla.city, calendar=sla.calendar, rules=sla.rules, views=PostgresViewCounts())
    (route,) = [each for each in routes if (each.method, each.path) == ("GET", path)]
    call = Call(
        principal=Principal(role=Role.SUPERVISOR, name="督办员甲"), language=language, headers={}, address="127.0.0.1",
        unit_or_none=sla.unit, path={"number": str(number)}, query=query,
    )  # fmt: skip
    return await route.answer(call)


def _html(sla: Sla, page: Page, language: Language = Language.ZH) -> str:
    html = Renderer(city=sla.city).render(
        page, language=language, principal=Principal(role=Role.SUPERVISOR), csrf_token="t", path="/watch"
    )
    return html[html.index("<main") : html.index("</main>")]


async def _behind(sla: Sla, number: int, query: ReportCellQuery) -> tuple[BehindReport, list[BehindThen]]:
    """What is said of the number, and every case, page by page."""
    seen: list[BehindThen] = []
    cursor = None
    while True:
        found = await _ask(sla, _API, number, msgspec.structs.replace(query, cursor=cursor, limit=4))
        seen += found.items
        cursor = found.next_cursor
        if cursor is None:
            return found, seen


async def _numbers(sla: Sla) -> list[int]:
    lines, _ = await list_reports(sla.unit, period=None, cursor=None, limit=100)
    return [line.number for line in lines]


async def _count_all(sla: Sla) -> None:
    while await tally(sla.unit, calendar=sla.calendar, limit=100):
        pass


@pytest.mark.parametrize("seed", [5, 6])
async def test_each_number_of_a_report_leads_to_as_many_cases(sla: Sla, seed: int) -> None:
    """Any link of any report: of all cases and by department, of its days and of those beside; nothing changed since."""
    chance = random.Random(seed)
    await live(sla, chance, 12)
    await _count_all(sla)
    await make_reports(sla.unit, calendar=sla.calendar, reached=sla.unit.now)
    links = []
    for number in await _numbers(sla):
        html = _html(sla, await _ask(sla, "/watch/reports/{number}", number, FileQuery()))
        links += [(number, unescape(link), int(said)) for link, said in _LINK.findall(html)]
    for number, link, said in chance.sample(links, 60):
        # As the edge reads it: a field without a value is not asked for.
        query = msgspec.convert(dict(parse_qsl(link)), ReportCellQuery)
        told, cases = await _behind(sla, number, query)
        assert (said, said) == (told.counted_then, told.counted_now), link
        assert said == sum(each.times for each in cases), link
        assert all(told.first <= each.day <= told.last for each in cases)

    assert {"part=numerator", "key=-", "days=before"} <= {
        word for _, link, _ in links for word in ("part=numerator", "key=-", "days=before") if word in link
    }


async def _two_answered(sla: Sla) -> tuple[CaseId, CaseId, int]:
    """Two cases, counted, and the number of their week's report."""
    cases = fresh_case(), fresh_case()
    for case in cases:
        await sla.hear(registered(case), assigned(case), signed(case))
        await sla.hear(replied(case, china("2026-11-24 10:00")), closed(case, china("2026-11-24 11:00")))
    sla.unit.now = china("2026-12-02 09:00")
    await _count_all(sla)
    await make_reports(sla.unit, calendar=sla.calendar, reached=sla.unit.now)
    number: int = await sla.unit.db.fetchval(
        "SELECT seq FROM sla.report WHERE period = 'week' AND first = DATE '2026-11-23'"
    )
    return *cases, number


async def _rate(sla: Sla, case: CaseId) -> None:
    sla.unit.now = china("2026-12-03 09:00")
    await sla.hear(CitizenRated(case_id=case, version=6, at=china("2026-11-25 12:00"), score=5))
    await _count_all(sla)


@pytest.mark.parametrize("language", list(Language))
async def test_what_changed_since_is_said(sla: Sla, language: Language) -> None:
    """How many it was and is, and which of those that are listed were counted anew; nothing where nothing did."""
    case, other, number = await _two_answered(sla)
    unchanged = _html(
        sla, await _ask(sla, _PAGE, number, ReportCellQuery(figure="received"), language), language
    )
    await _rate(sla, case)
    rated, (the_one,) = await _behind(sla, number, ReportCellQuery(figure="rating_satisfied_rate"))
    received, both = await _behind(sla, number, ReportCellQuery(figure="received", key="housing"))
    query = ReportCellQuery(figure="rating_satisfied_rate", part="numerator")
    html = _html(sla, await _ask(sla, _PAGE, number, query, language), language)

    assert (0, 1, case, True) == (
        rated.counted_then, rated.counted_now, the_one.case_id, the_one.changed_since
    )  # fmt: skip
    assert (2, 2) == (received.counted_then, received.counted_now)
    assert {case: True, other: False} == {each.case_id: each.changed_since for each in both}
    differs = language.choose("相差 1", "a difference of 1")
    assert "tag--quiet" not in unchanged
    assert "tag--quiet" in html
    assert differs in html
    if language is Language.EN:
        assert [] == re.findall(r"[\u4e00-\u9fff]+", re.sub(r'lang="zh">[^<]*<', "", html))


async def test_a_case_that_is_protected_since_is_behind_no_number(sla: Sla) -> None:
    """The report does not change; the list leaves it out."""
    case, other, number = await _two_answered(sla)
    await sla.unit.db.execute(
        'UPDATE sla."case" SET private = true, settled = false WHERE case_id = $1', case
    )
    told, cases = await _behind(sla, number, ReportCellQuery(figure="received"))
    await _count_all(sla)
    again, counted = await _behind(sla, number, ReportCellQuery(figure="received"))

    assert [other] == [each.case_id for each in cases] == [each.case_id for each in counted]
    assert (2, 1) == (told.counted_then, told.counted_now) == (again.counted_then, again.counted_now)


@pytest.mark.parametrize(
    "query",
    [
        ReportCellQuery(figure="nothing"),
        ReportCellQuery(figure="open"),
        ReportCellQuery(figure="received", part="numerator"),
        ReportCellQuery(figure="received", key="nobody"),
        ReportCellQuery(figure="received", key="housing", days="before"),
    ],
)
async def test_there_is_no_other_number(sla: Sla, query: ReportCellQuery) -> None:
    """Not found, never an error of ours."""
    *_, number = await _two_answered(sla)
    with pytest.raises(NotFound):
        await _ask(sla, _API, number, query)


async def test_a_cursor_that_is_not_ours_is_said(sla: Sla) -> None:
    """On the page as in the API."""
    *_, number = await _two_answered(sla)
    query = ReportCellQuery(figure="received", cursor="§")
    with pytest.raises(BadInput):
        await _ask(sla, _API, number, query)
    page = await _ask(sla, _PAGE, number, query)

    assert 422 == page.status
    assert "翻页标记无效" in _html(sla, page)
