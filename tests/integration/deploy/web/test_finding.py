"""A case by its tracking code: to the page where one's role works on it, and nothing to whom it is not."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from deploy.local.embedded.postgres import EmbeddedPostgres
from deploy.web.site.cookies import SESSION
from schemas.words import Role
from tests.integration.deploy.web.city_of_views import WatchedCity, watched_city
from tests.stack import fresh_database


@pytest.fixture(scope="module")
async def city(postgres_server: EmbeddedPostgres, migrated: str) -> AsyncIterator[WatchedCity]:
    """One for the file: nothing is changed."""
    async with watched_city(await fresh_database(postgres_server.url, like=migrated)) as city:
        yield city


async def _find(city: WatchedCity, role: Role, typed: str) -> tuple[int, str, str]:
    """The status, where it leads, and the page's own part."""
    headers = {"cookie": f"{SESSION}={city.cookies[role]}", "accept-language": "zh-CN"}
    options: dict[str, Any] = {"params": {"code": typed}, "headers": headers, "allow_redirects": False}
    async with city.http.get("/find", **options) as answer:
        _, _, page = (await answer.text()).partition("<main")
        return answer.status, answer.headers.get("location", ""), page


@pytest.mark.parametrize(
    ("role", "place"),
    [
        (Role.DEPARTMENT, "/desk/"),
        (Role.DISPATCHER, "/review/"),
        (Role.SUPERVISOR, "/watch/cases/"),
        (Role.ADMINISTRATOR, "/watch/cases/"),
    ],
)
async def test_everyone_gets_to_the_case_where_they_work(city: WatchedCity, role: Role, place: str) -> None:
    """However the code was typed, as a citizen says it."""
    code = city.in_hand.tracking_code
    for typed in (code, f"  {code.lower().replace('-', ' ')} "):
        assert (303, place + city.in_hand.case_id) == (await _find(city, role, typed))[:2]


async def test_what_is_not_there_and_what_is_anothers_look_alike(city: WatchedCity) -> None:
    """What was typed stays in the field; nobody learns whether another department has the case."""
    code = city.in_hand.tracking_code
    mistyped = code[:-1] + ("0" if code[-1] != "0" else "1")
    status, _, page = await _find(city, Role.DISPATCHER, mistyped)
    assert (404, True) == (status, "查询号有误，请核对后重新输入。" in page and f'value="{mistyped}"' in page)

    await city.pool.execute("UPDATE handlers.case SET lead = 'transport', supporting = '{}'")
    others = await _find(city, Role.DEPARTMENT, code)
    await city.pool.execute("UPDATE routing.case SET tracking_code = 'gone-' || tracking_code")
    assert others == await _find(city, Role.DEPARTMENT, code)
    assert (404, True) == (others[0], "没有找到，或您无权查看。" in others[2])


async def test_without_a_code_the_page_asks_for_it(city: WatchedCity) -> None:
    """No error is said of what nobody typed."""
    status, _, page = await _find(city, Role.SUPERVISOR, " ")

    assert (200, True, False) == (status, 'id="code"' in page, "govuk-error-summary" in page)
