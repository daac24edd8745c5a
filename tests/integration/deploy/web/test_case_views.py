"""Nobody of the staff sees anything of a case without a row that says so: over every route of the real tables."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Awaitable, Iterator, Sequence
from datetime import datetime
from typing import Any

import asyncpg
import pytest

from deploy.docgen.reference import every_route
from deploy.local.embedded.postgres import EmbeddedPostgres
from deploy.web import problems
from handlers.core.actions import ACTIONS
from schemas.http import DRAFT_FIELD, Route
from schemas.words import CaseField, Language, Role
from tests.integration.deploy.web.city_of_views import KnownCase, WatchedCity, staff_routes, watched_city
from tests.stack import fresh_database

ROUTES = staff_routes(every_route())
#: Of an answer with words of a case the route is here: the test below would pass over a site that shows nothing.
SHOWING = {
    "GET /api/v1/desk/cases",
    "GET /api/v1/desk/cases/{case_id}",
    "POST /api/v1/desk/cases/{case_id}/contact",
    "GET /desk",
    "GET /desk/{case_id}",
    *(f"POST /desk/{{case_id}}/{action}" for action in ACTIONS),
    "POST /desk/{case_id}/contact",
    "POST /desk/{case_id}/files",
    "POST /desk/{case_id}/share",
    "GET /api/v1/review/cases",
    "GET /review",
    "GET /review/{case_id}",
    "POST /review/{case_id}",
}
#: Sent besides nothing, and besides a draft.
FORMS: dict[str, Sequence[dict[str, str]]] = {
    "/desk/{case_id}/contact": [{"reason": "核实地点"}],
    "/desk/{case_id}/reply": [{"version": "3", "note": "办了", "response": "好了"}],
}


def _name(route: Route) -> str:
    return f"{route.method} {route.path}"


@pytest.fixture(scope="module")
async def city(postgres_server: EmbeddedPostgres, migrated: str) -> AsyncIterator[WatchedCity]:
    """One for the file: rows are only added."""
    async with watched_city(await fresh_database(postgres_server.url, like=migrated)) as city:
        yield city


def _requests(city: WatchedCity, route: Route) -> Iterator[Awaitable[str]]:
    """To the route, about both cases, in each way that shows them: not sent until awaited."""
    cases = (city.in_hand, city.replied) if "{case_id}" in route.path else (city.in_hand,)
    forms = [{}, {DRAFT_FIELD: "yes"}, *FORMS.get(route.path, ())]
    for case in cases:
        if route.method == "GET":
            yield city.ask(route, case)
        elif not route.page:
            yield city.ask(route, case, json={"reason": "核实地点"})
        else:
            yield from (city.ask(route, case, form=form) for form in forms)


def _shown(answer: str, case: KnownCase) -> set[CaseField]:
    return {field for field, words in case.words.items() if words in answer}


@pytest.mark.parametrize("route", ROUTES, ids=_name)
async def test_what_is_shown_leaves_a_row(city: WatchedCity, route: Route) -> None:
    """Whatever words of a case an answer holds, a row names the case, who asked, from where, and these fields."""
    showed = False
    for request in _requests(city, route):
        before = {case.case_id: len(await city.rows(case)) for case in (city.in_hand, city.replied)}
        answer = await request
        for case in (city.in_hand, city.replied):
            shown, rows = _shown(answer, case), (await city.rows(case))[before[case.case_id] :]
            assert len(rows) <= 1
            assert shown <= {CaseField(word) for row in rows for word in row["fields"]}, answer
            assert {(_name(route), city.asker(route).value)} >= {(row["route"], row["role"]) for row in rows}
            showed |= bool(shown)

    assert (_name(route) in SHOWING) == showed


async def test_a_row_says_who_when_and_from_where(city: WatchedCity) -> None:
    """The account with its department, the caller's address, the moment; one row for one look."""
    (route,) = [route for route in ROUTES if _name(route) == "GET /desk/{case_id}"]
    known = len(await city.rows(city.in_hand))
    await city.ask(route, city.in_hand)
    (row,) = (await city.rows(city.in_hand))[known:]

    assert ("clerk-department", "department", "housing", "127.0.0.1") == tuple(
        row[name] for name in ("who", "role", "unit", "address")
    )
    assert ["title", "text", "place", "supplements", "timeline"] == row["fields"]
    assert abs((datetime.now(row["at"].tzinfo) - row["at"]).total_seconds()) < 60


@pytest.mark.parametrize(
    "statement",
    ["UPDATE deploy.case_view SET who = 'x'", "DELETE FROM deploy.case_view", "TRUNCATE deploy.case_view"],
)
async def test_no_row_is_changed_or_erased(city: WatchedCity, statement: str) -> None:
    """Postgres itself refuses."""
    (route,) = [route for route in ROUTES if _name(route) == "GET /desk/{case_id}"]
    await city.ask(route, city.in_hand)
    with pytest.raises(asyncpg.RaiseError, match="append-only"):
        await city.pool.execute(statement)


async def _watched(city: WatchedCity, case: KnownCase) -> Any:
    (route,) = [route for route in ROUTES if _name(route) == "GET /api/v1/sla/cases/{case_id}"]
    return json.loads(await city.ask(route, case))


async def test_supervisors_read_who_looked_and_the_citizen_how_often(city: WatchedCity) -> None:
    """Opened counts, for each of them once an hour, a line of a list does not; the citizen is told no name.

    Supervisors' own looks are rows, too.
    """
    desk, one = (
        next(route for route in ROUTES if _name(route) == name)
        for name in ("GET /desk", "GET /desk/{case_id}")
    )
    await _watched(city, city.replied)
    for _ in range(3):
        await city.ask(one, city.replied)
    await city.ask(desk, city.replied)
    watched = await _watched(city, city.replied)
    newest = watched["viewed_by"][0]

    looks = {
        (row["who"], row["at"].replace(minute=0, second=0, microsecond=0)) for row in await _opened(city)
    }
    assert len(looks) == watched["views"] < len(await _opened(city))
    assert ("clerk-department", "housing", ["title"]) == tuple(newest[n] for n in ("name", "unit", "fields"))
    assert "clocks" in watched["viewed_by"][4]["fields"]
    seen = await _followed(city, city.replied)
    assert (len(looks), False) == (seen["views"], "clerk" in json.dumps(seen))
    assert datetime.fromisoformat(seen["last_viewed_at"]) > datetime.fromisoformat(newest["at"])


async def test_the_case_s_page_says_where_it_was_looked_at_and_how_long_its_clocks_ran_in_words(
    city: WatchedCity,
) -> None:
    """No address of a page but on pointing at the words, and no \"0.0 working days\"."""
    review, watch = (
        next(route for route in ROUTES if _name(route) == name)
        for name in ("GET /review/{case_id}", "GET /watch/cases/{case_id}")
    )
    await city.ask(review, city.in_hand)
    await city.pool.execute(
        "UPDATE sla.clock SET started_at = now() - interval '1 minute' WHERE case_id = $1",
        city.in_hand.case_id,
    )
    html = await city.ask(watch, city.in_hand)

    assert "派单台 · 此件的页面" in html
    assert "共计时不足 0.1 个工作日" in html
    assert '<span title="GET /review/{case_id}">派单台' in html
    for raw in ("GET /", "0.0 个工作日"):
        assert raw not in re.sub(r' title="[^"]*"', "", html)


async def _opened(city: WatchedCity) -> list[Any]:
    rows = await city.rows(city.replied)
    return [row for row in rows if not set(row["fields"]) <= {"title", "alert"}]


async def _followed(city: WatchedCity, case: KnownCase) -> Any:
    async with city.http.get(
        f"/api/v1/submissions/{case.tracking_code}", headers={"Access-Code": case.access_code}
    ) as answer:
        return await answer.json()


async def test_an_alert_on_the_stream_is_a_row(city: WatchedCity) -> None:
    """Written before it is sent, and not counted for the citizen."""
    counted = (await _followed(city, city.in_hand))["views"]
    headers = {"authorization": f"Bearer {city.tokens[Role.SUPERVISOR]}"}
    async with city.http.get("/api/v1/sla/stream", headers=headers) as stream:
        assert b": listening" in await stream.content.readline()
        await city.pool.execute(
            """INSERT INTO sla.alert (case_id, clock, deadline_version, level, department, due_at, raised_at)
            VALUES ($1, 'reply', 99, 'near', 'housing', now(), now())""",
            city.in_hand.case_id,
        )
        async with asyncio.timeout(20):
            while not (await stream.content.readline()).startswith(b"data:"):
                continue
    found = [row for row in await city.rows(city.in_hand) if row["route"] == "GET /api/v1/sla/stream"]

    assert [["alert"]] == [row["fields"] for row in found]
    assert counted == (await _followed(city, city.in_hand))["views"]


async def test_nothing_is_shown_where_nothing_can_be_written(city: WatchedCity) -> None:
    """A row that cannot be written withholds the page: a look without a trace does not happen."""
    (route,) = [route for route in ROUTES if _name(route) == "POST /desk/{case_id}/sign"]
    await city.pool.execute("ALTER TABLE deploy.case_view RENAME TO hidden")
    try:
        answer = await city.ask(route, city.in_hand)
    finally:
        await city.pool.execute("ALTER TABLE deploy.hidden RENAME TO case_view")

    assert set() == _shown(answer, city.in_hand)
    assert problems.title(500, Language.ZH) in answer


async def test_a_list_is_one_statement(city: WatchedCity) -> None:
    """However many lines it has: all their rows are written at once."""
    (route,) = [route for route in ROUTES if _name(route) == "GET /desk"]
    await city.ask(route, city.in_hand)

    latest = [(await city.rows(case))[-1] for case in (city.in_hand, city.replied)]

    assert {"GET /desk"} == {row["route"] for row in latest}
    assert 1 == len({row["at"] for row in latest})
