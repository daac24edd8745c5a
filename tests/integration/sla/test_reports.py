"""Reports over real rows: made once, frozen, corrected in the open."""

import re
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from deploy.database.case_views import PostgresViewCounts
from deploy.web.site.render import renderer_of
from schemas.errors import BadInput, NotFound
from schemas.events.intake import CitizenRated
from schemas.http import Call, Download, Page, Principal, Redirect
from schemas.ids import CaseId
from schemas.words import Language, Role
from sla.core.reports import Period
from sla.core.tiers import tier_rule
from sla.steps.report import list_reports, make_erratum, make_reports, read_report
from sla.web import pages
from sla.web.reports import FileQuery, ReportQuery
from tests.integration.sla.events import Sla, assigned, china, closed, registered, replied, signed
from tests.unit.handlers.making import fresh_case


async def _a_city_with_reports(sla: Sla, *, score: int | None = None) -> CaseId:
    """One case, answered, and rated where `score` says so; a week later its day, week and month are over."""
    case = fresh_case()
    await sla.hear(registered(case), assigned(case), signed(case))
    await sla.hear(replied(case, china("2026-11-24 10:00")), closed(case, china("2026-11-24 11:00")))
    if score is not None:
        await sla.hear(CitizenRated(case_id=case, version=6, at=china("2026-11-25 12:00"), score=score))
    sla.unit.now = china("2026-12-02 09:00")
    await make_reports(sla.unit, calendar=sla.calendar, reached=sla.unit.now)
    return case


async def _number(sla: Sla, period: str, first: str) -> int:
    found: int = await sla.unit.db.fetchval(
        "SELECT seq FROM sla.report WHERE period = $1 AND first = $2::text::date ORDER BY edition DESC LIMIT 1",
        period,
        first,
    )
    return found


async def test_each_report_is_made_once(sla: Sla) -> None:
    """However often it is looked at; nothing of days before the first message came."""
    await _a_city_with_reports(sla)
    made = {
        (line.period, str(line.first))
        for line in (await list_reports(sla.unit, period=None, cursor=None, limit=100))[0]
    }

    assert 0 == await make_reports(sla.unit, calendar=sla.calendar, reached=sla.unit.now)
    assert {(Period.WEEK, "2026-11-23"), (Period.MONTH, "2026-11-01"), (Period.DAY, "2026-12-01")} <= made
    assert not any(first < "2026-11-01" for _, first in made)


async def test_an_empty_city_has_no_reports(sla: Sla) -> None:
    """Nobody has written yet."""
    sla.unit.now = china("2026-12-02 09:00")
    assert 0 == await make_reports(sla.unit, calendar=sla.calendar, reached=sla.unit.now)


async def test_a_report_waits_until_its_days_were_heard(sla: Sla) -> None:
    """The deadlines' consumer hangs a day behind: what it has not heard of yet is in no report; who says nothing, too."""
    await sla.hear(registered(fresh_case()))
    sla.unit.now = china("2026-11-26 09:00")

    assert 0 == await make_reports(sla.unit, calendar=sla.calendar, reached=None)
    assert 0 == await make_reports(sla.unit, calendar=sla.calendar, reached=china("2026-11-23 23:59"))
    assert 1 == await make_reports(sla.unit, calendar=sla.calendar, reached=china("2026-11-24 00:00"))
    assert "2026-11-23" == str((await list_reports(sla.unit, period="day", cursor=None, limit=9))[0][0].first)
    assert 2 == await make_reports(sla.unit, calendar=sla.calendar, reached=sla.unit.now)


async def test_a_report_that_is_wrong_of_one_department_is_corrected(sla: Sla) -> None:
    """Where all cases together are what they were, and one department's are not."""
    await _a_city_with_reports(sla)
    number = await _number(sla, "week", "2026-11-23")
    await sla.unit.db.execute(
        """UPDATE sla.report SET body = jsonb_set(body, '{departments}',
               (body->'departments') - 'housing' || jsonb_build_object('water', body->'departments'->'housing'))
           WHERE seq = $1""",
        number,
    )
    corrected = await make_erratum(sla.unit, number, by="督办员甲", reason="单位有误", calendar=sla.calendar)

    assert "housing" in (await read_report(sla.unit, corrected)).body.departments


async def test_a_report_does_not_change_and_is_corrected_beside(sla: Sla) -> None:
    """What is heard later changes no report; an erratum says why and what, once, and needs both."""
    case = await _a_city_with_reports(sla)
    number = await _number(sla, "week", "2026-11-23")
    before = await read_report(sla.unit, number)
    with pytest.raises(BadInput):
        await make_erratum(sla.unit, number, by="督办员甲", reason="迟到的评价", calendar=sla.calendar)
    await sla.hear(CitizenRated(case_id=case, version=6, at=china("2026-11-25 12:00"), score=5))
    with pytest.raises(BadInput):
        await make_erratum(sla.unit, number, by="督办员甲", reason="——", calendar=sla.calendar)
    corrected = await make_erratum(
        sla.unit, number, by="督办员甲", reason="迟到的评价", calendar=sla.calendar
    )
    after, erratum = await read_report(sla.unit, number), await read_report(sla.unit, corrected)

    assert (before.body, before.line) == (after.body, after.line)
    assert (0, 1) == tuple(each.body.total.rates["rating_satisfied_rate"].n for each in (after, erratum))
    assert (2, "督办员甲", "迟到的评价") == (erratum.line.edition, erratum.line.made_by, erratum.line.reason)
    assert [number, corrected] == [line.number for line in after.editions]
    again = await make_erratum(sla.unit, number, by="督办员甲", reason="迟到的评价", calendar=sla.calendar)
    assert corrected == again, "sent twice it is told as done, once"
    with pytest.raises(BadInput):
        await make_erratum(sla.unit, number, by="督办员甲", reason="再来一次", calendar=sla.calendar)
    sla.unit.now += timedelta(days=7)
    with pytest.raises(BadInput):
        await make_erratum(sla.unit, number, by="督办员甲", reason="迟到的评价", calendar=sla.calendar)


async def test_lists_go_on(sla: Sla) -> None:
    """Page by page, each report once, of one period or of all."""
    await _a_city_with_reports(sla)
    seen, cursor = [], None
    while True:
        items, cursor = await list_reports(sla.unit, period="day", cursor=cursor, limit=2)
        seen += [line.number for line in items]
        if cursor is None:
            break

    assert len(seen) == len(set(seen)) == 7


async def _call(sla: Sla, method: str, route_path: str, language: Language = Language.ZH, **more: Any) -> Any:
    routes = pages.routes(city=sla.city, calendar=sla.calendar, rules=sla.rules, views=PostgresViewCounts())
    (route,) = [each for each in routes if (each.method, each.path) == (method, route_path)]
    call = Call(
        principal=Principal(role=Role.SUPERVISOR, name="督办员甲"), language=language, headers={}, address="127.0.0.1",
        unit_or_none=sla.unit, **{"path": {}, "query": None} | more,
    )  # fmt: skip
    return await route.answer(call)


@pytest.mark.parametrize("language", list(Language))
async def test_pages_in_both_languages(sla: Sla, language: Language) -> None:
    """The list, one report and its erratum; in English nothing of ours is Chinese."""
    case = await _a_city_with_reports(sla)
    await sla.hear(CitizenRated(case_id=case, version=6, at=china("2026-11-25 12:00"), score=5))
    number = await _number(sla, "week", "2026-11-23")
    one = "/watch/reports/{number}"
    moved = await _call(
        sla, "POST", f"{one}/erratum", path={"number": str(number)}, form={"reason": "late rating"}
    )
    assert isinstance(moved, Redirect)
    listed = await _call(sla, "GET", "/watch/reports", language, query=ReportQuery())
    read = await _call(
        sla, "GET", one, language, path={"number": moved.to.rpartition("/")[2]}, query=FileQuery()
    )
    refused = await _call(
        sla, "POST", f"{one}/erratum", language, path={"number": str(number)}, form={"reason": ""}
    )

    assert 422 == refused.status
    for page in (listed, read, refused):
        assert isinstance(page, Page)
        html = renderer_of(sla.city).render(
            page,
            language=language,
            principal=Principal(role=Role.SUPERVISOR),
            csrf_token="t",
            path="/watch/reports",
        )
        main = re.sub(r'lang="zh">[^<]*<', "", html[html.index("<main") : html.index("</main>")])
        if language is Language.EN:
            assert [] == re.findall(r"[\u4e00-\u9fff]+", main.replace("督办员甲", ""))


@pytest.mark.parametrize("form", ["xlsx", "csv", "jsonl"])
async def test_a_report_is_taken_along(sla: Sla, form: str) -> None:
    """As a file with its days in its name."""
    await _a_city_with_reports(sla)
    number = await _number(sla, "month", "2026-11-01")
    file = await _call(
        sla,
        "GET",
        "/watch/reports/{number}",
        path={"number": str(number)},
        query=FileQuery(format=form),  # type: ignore[arg-type]  # one of three
    )

    assert isinstance(file, Download)
    assert f"report-month-2026-11-01-1.{form}" == file.filename


async def test_bands_stay_as_they_were(sla: Sla, monkeypatch: pytest.MonkeyPatch) -> None:
    """On the page and in the file; banded by another rule it is an erratum, and the former stays."""
    await _a_city_with_reports(sla, score=5)
    number = await _number(sla, "week", "2026-11-23")

    async def bands(of: int) -> tuple[list[str], list[str], int]:
        one: dict[str, Any] = {"path": {"number": str(of)}}
        told = (await read_report(sla.unit, of)).body
        file = await _call(sla, "GET", "/watch/reports/{number}", query=FileQuery(format="jsonl"), **one)
        rows = [msgspec.json.decode(line) for line in file.body.splitlines()]
        page = await _call(sla, "GET", "/watch/reports/{number}", Language.EN, query=FileQuery(), **one)
        html = renderer_of(sla.city).render(
            page, language=Language.EN, principal=Principal(role=Role.SUPERVISOR), csrf_token="t", path="/"
        )
        said = html[html.index('id="tiers"') :].lower().count("too few to say")
        return (
            [each.band for each in told.tiers["rating_satisfied_rate"]],
            [row["band"] for row in rows if row["figure"] == "rating_satisfied_rate" and row["band"]],
            said,
        )

    assert (["few"], ["few"], 1) == await bands(number)
    monkeypatch.setattr("sla.steps.report.tier_rule", lambda: replace(tier_rule(), least_n=1))
    monkeypatch.setattr("sla.core.tiers.tier_rule", lambda: replace(tier_rule(), least_n=1))
    assert (["few"], ["few"], 1) == await bands(number)
    erratum = await make_erratum(sla.unit, number, by="督办员甲", reason="改了分档", calendar=sla.calendar)
    assert (["within"], ["within"], 0) == await bands(erratum)
    assert (["few"], ["few"], 1) == await bands(number)


async def test_a_report_of_before_there_were_bands_is_read(sla: Sla) -> None:
    """Without any; that they are there now is no reason for an erratum."""
    await _a_city_with_reports(sla)
    number = await _number(sla, "week", "2026-11-23")
    await sla.unit.db.execute(
        "UPDATE sla.report SET body = body - 'tiers' - 'tier_rule' WHERE seq = $1", number
    )
    page = await _call(sla, "GET", "/watch/reports/{number}", path={"number": str(number)}, query=FileQuery())
    html = renderer_of(sla.city).render(
        page, language=Language.ZH, principal=Principal(role=Role.SUPERVISOR), csrf_token="t", path="/"
    )

    assert 'id="tiers"' not in html
    with pytest.raises(BadInput):
        await make_erratum(sla.unit, number, by="督办员甲", reason="补上分档", calendar=sla.calendar)


@pytest.mark.parametrize("number", ["0", "x", "-1", "9" * 30, "١"])
async def test_there_is_no_other_report(sla: Sla, number: str) -> None:
    """Not found, never an error of ours."""
    with pytest.raises(NotFound):
        await _call(sla, "GET", "/watch/reports/{number}", path={"number": number}, query=FileQuery())
