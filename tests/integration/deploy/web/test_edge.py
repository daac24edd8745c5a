"""The HTTP edge with a made-up slice behind it: who may, what is refused and how, and that nothing is half-written."""

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from yarl import URL

from deploy.accounts import tokens
from deploy.database.pool import Pool, open_pool
from deploy.settings import Settings
from deploy.web.rate_limits import GUESSES_PER_MINUTE
from deploy.web.site.headers import SECURITY_HEADERS
from schemas.city import load_city
from schemas.words import Role
from tests.integration.deploy.site import rows, serving
from tests.stack import free_port

GOOD = {"number": 1, "text": "路灯"}
FORM = {"content-type": "application/x-www-form-urlencoded"}


@pytest.fixture
async def without_postgres(settings: Settings) -> AsyncIterator[aiohttp.ClientSession]:
    """A caller of a site whose database does not answer."""
    away = settings.model_copy(update={"database_url": f"postgresql://huiyin@127.0.0.1:{free_port()}/huiyin"})
    async with (
        open_pool(away) as pool,
        serving(away, pool) as address,
        aiohttp.ClientSession(address) as session,
    ):
        yield session


async def _problem(answer: aiohttp.ClientResponse) -> Any:
    assert answer.content_type == "application/problem+json", await answer.text()
    found = await answer.json(content_type=None)
    assert answer.status == found["status"]
    return found


async def test_what_is_accepted_is_written_with_its_event(http: aiohttp.ClientSession, pool: Pool) -> None:
    """One answer, one row, one event."""
    async with http.post("/api/v1/notes", json=GOOD) as answer:
        assert (answer.status, await answer.json()) == (201, {"rows": 1})

    assert await rows(pool) == (1, 1)


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code", "zh", "en"),
    [
        ("POST", "/api/v1/notes", b"{", 400, "malformed", "无法读取请求", "cannot be read"),
        ("POST", "/api/v1/notes", b"", 400, "malformed", "无法读取请求", "cannot be read"),
        (
            "POST",
            "/api/v1/notes",
            b'{"number": 1, "text": "\xff"}',
            400,
            "malformed",
            "无法读取",
            "cannot be read",
        ),
        ("POST", "/api/v1/notes", b'{"number": 1}', 422, "bad-input", "有内容需要修改", "need a correction"),
        (
            "POST",
            "/api/v1/notes",
            b'{"number": "1", "text": "x"}',
            422,
            "bad-input",
            "需要修改",
            "correction",
        ),
        ("POST", "/api/v1/notes", b'{"number": 1, "text": ""}', 422, "bad-input", "需要修改", "correction"),
        (
            "POST",
            "/api/v1/notes",
            b'{"number": 1, "text": "a\\u0000b"}',
            422,
            "bad-input",
            "需要修改",
            "correction",
        ),
        pytest.param(
            "POST",
            "/api/v1/notes",
            b'{"number": 1, "text": "\\ud800"}',
            400,
            "malformed",
            "无法读取",
            "cannot be read",
        ),
        ("POST", "/api/v1/small", b"x" * 101, 413, "too-large", "上限为 100 字节", "limit is 100 bytes"),
        (
            "POST",
            "/api/v1/failing",
            b'{"number": 1, "text": "x"}',
            409,
            "stale-version",
            "第 7 版",
            "version 7",
        ),
        (
            "POST",
            "/api/v1/failing",
            b'{"number": 1, "text": "defect"}',
            500,
            "internal",
            "内部错误",
            "our side",
        ),
        ("GET", "/api/v1/notes?limit=0", None, 422, "bad-input", "需要修改", "correction"),
        ("GET", "/api/v1/notes?limit=many", None, 422, "bad-input", "需要修改", "correction"),
        ("GET", "/api/v1/staff", None, 401, "unauthenticated", "请先登录", "Sign in"),
        ("GET", "/api/v1/nowhere", None, 404, "no-such-route", "没有这个地址", "nothing at this address"),
        ("DELETE", "/api/v1/notes", None, 405, "no-such-route", "没有这个地址", "nothing at this address"),
    ],
)
async def test_refusals_are_problems_in_the_callers_language(
    http: aiohttp.ClientSession,
    pool: Pool,
    method: str,
    path: str,
    body: bytes | None,
    status: int,
    code: str,
    zh: str,
    en: str,
) -> None:
    """RFC 9457 in Chinese and in English; nothing is written, nothing internal is told."""
    for accepted, sentence in (("zh-CN", zh), ("en-GB,en;q=0.9,zh;q=0.1", en)):
        async with http.request(method, path, data=body, headers={"Accept-Language": accepted}) as answer:
            found = await _problem(answer)
        assert (status, code) == (answer.status, found["code"])
        assert sentence in found["detail"]
        assert found["type"] == f"urn:huiyin:problem:{code}"
        assert not re.search("Traceback|asyncpg|sqlstate|INSERT", str(found))

    assert await rows(pool) == (0, 0)


async def test_deeply_nested_json_is_malformed(http: aiohttp.ClientSession) -> None:
    """Not a failure of ours."""
    async with http.post("/api/v1/notes", data=b'{"deep":' + b"[" * 50_000) as answer:
        assert (await _problem(answer))["code"] == "malformed"


async def test_a_wrong_field_is_named_with_its_reason(http: aiohttp.ClientSession) -> None:
    """So that a form can show it beside the field."""
    async with http.post("/api/v1/notes", json={"number": 1, "text": "长" * 21}) as answer:
        assert (await _problem(answer))["errors"] == [
            {"field": "text", "reason": "此项格式不对：最多 20 个字符。"}
        ]


async def test_a_nul_is_no_text(http: aiohttp.ClientSession) -> None:
    """Postgres holds none: in a query it is the field's mistake, in a path it names nothing."""
    async with http.get("/api/v1/notes?text=a%00b") as answer:
        found = await _problem(answer)
    assert (422, ["text"]) == (found["status"], [error["field"] for error in found["errors"]])

    async with http.get(URL("/api/v1/notes/a%00b", encoded=True)) as answer:
        assert 404 == (await _problem(answer))["status"]
    async with http.get("/api/v1/notes/ab?text=ab") as answer:
        assert 200 == answer.status


async def test_a_body_that_does_not_say_its_size_is_cut_off_too(http: aiohttp.ClientSession) -> None:
    """Chunked, without Content-Length."""

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(1000):
            yield b" " * 1024

    async with http.post("/api/v1/small", data=endless()) as answer:
        assert (await _problem(answer))["code"] == "too-large"


async def test_a_wrong_method_says_which_are_right(http: aiohttp.ClientSession) -> None:
    """405 with Allow."""
    async with http.put("/api/v1/notes", json=GOOD) as answer:
        assert {"GET", "HEAD", "POST"} == set(answer.headers["allow"].replace(" ", "").split(","))


async def test_tokens(http: aiohttp.ClientSession, pool: Pool) -> None:
    """Unknown: 401 and how to sign in. Of another role: 403. Of the right one: in, however Bearer is spelt."""
    async with pool.acquire() as db:
        token = await tokens.create_token(db, load_city(), name="t", role=Role.DISPATCHER)
    statuses = []
    for path, authorization in (
        ("/api/v1/staff", "Bearer nonsense"),
        ("/api/v1/staff", f"Basic {token}"),
        ("/api/v1/staff", "Bearer "),
        ("/api/v1/notes", "Bearer nonsense"),
        ("/api/v1/watch", f"Bearer {token}"),
        ("/api/v1/staff", f"Bearer {token}"),
        ("/api/v1/staff", f"bearer {token}"),
    ):
        async with http.get(path, headers={"Authorization": authorization}) as answer:
            statuses.append(answer.status)
            assert (answer.headers.get("www-authenticate") == "Bearer") == (answer.status == 401)

    assert [401, 401, 401, 401, 403, 200, 200] == statuses


@pytest.mark.parametrize(("accepted", "sentence"), [("zh", "尚未提交"), ("en", "nothing was submitted")])
async def test_without_postgres(
    without_postgres: aiohttp.ClientSession, accepted: str, sentence: str
) -> None:
    """503 with Retry-After, as a problem or as a page; what needs no database is answered."""
    headers = {"Accept-Language": accepted}
    async with without_postgres.post("/api/v1/notes", json=GOOD, headers=headers) as answer:
        assert sentence in (await _problem(answer))["detail"]
        assert int(answer.headers["retry-after"]) > 0
    async with without_postgres.get("/scratch", headers=headers | {"Accept": "text/html"}) as page:
        assert (page.status, page.content_type) == (503, "text/html")
        assert int(page.headers["retry-after"]) > 0
    async with without_postgres.get("/api/v1/idle") as answer:
        assert answer.status == 200
    async with without_postgres.get("/api/v1/staff", headers={"Authorization": "Bearer x"}) as answer:
        assert (answer.status, (await _problem(answer))["code"]) == (503, "unavailable")


async def test_a_page_for_staff_leads_to_the_sign_in(http: aiohttp.ClientSession) -> None:
    """And back afterwards."""
    async with http.get("/staff?a=1", allow_redirects=False) as answer:
        assert (answer.status, answer.headers["location"]) == (303, "/sign-in?next=%2Fstaff%3Fa%3D1")


async def test_unknown_addresses_answer_browsers_with_a_page(http: aiohttp.ClientSession) -> None:
    """And programs with a problem."""
    async with http.get("/nowhere", headers={"Accept": "text/html"}) as page:
        assert (page.status, page.content_type) == (404, "text/html")
    async with http.get("/nowhere", headers={"Accept": "application/json"}) as answer:
        assert (await _problem(answer))["code"] == "no-such-route"


async def test_guessing_is_slowed_down(http: aiohttp.ClientSession) -> None:
    """After ten wrong codes 429 with Retry-After, for that address alone."""
    statuses = []
    for _ in range(GUESSES_PER_MINUTE + 1):
        async with http.get("/api/v1/guess", headers={"X-Forwarded-For": "203.0.113.7"}) as answer:
            statuses.append(answer.status)
    async with http.get("/api/v1/guess", headers={"X-Forwarded-For": "203.0.113.8"}) as other:
        assert other.status == 404

    assert [404] * GUESSES_PER_MINUTE + [429] == statuses
    assert int(answer.headers["retry-after"]) > 0


async def test_submissions_are_counted_by_the_address_that_the_proxy_saw(http: aiohttp.ClientSession) -> None:
    """The last address in X-Forwarded-For is the proxy's word; what stands before it is the caller's."""
    statuses = []
    for number in range(4):
        forwarded = {"X-Forwarded-For": f"198.51.100.{number}, 203.0.113.7"}
        async with http.post("/api/v1/limited", headers=forwarded) as answer:
            statuses.append(answer.status)

    assert [200, 200, 200, 429] == statuses


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/v1/notes"),
        ("GET", "/api/v1/staff"),
        ("POST", "/api/v1/failing"),
        ("GET", "/api/v1/nowhere"),
        ("DELETE", "/api/v1/notes"),
        ("GET", "/scratch"),
        ("HEAD", "/scratch"),
        ("POST", "/scratch"),
        ("GET", "/staff"),
        ("GET", "/nowhere"),
        ("POST", "/staff"),
        ("GET", "/static/site.css"),
        ("GET", "/static/nothing"),
        ("GET", "/healthz"),
        ("GET", "/metrics"),
        ("GET", "/openapi.json"),
    ],
)
async def test_security_headers_are_on_every_answer(
    http: aiohttp.ClientSession, method: str, path: str
) -> None:
    """Answers, refusals and redirects alike, files and operators' endpoints, and each header once."""
    async with http.request(method, path, json=GOOD, allow_redirects=False) as answer:
        assert {name: [value] for name, value in SECURITY_HEADERS.items()} == {
            name: answer.headers.getall(name, []) for name in SECURITY_HEADERS
        }


async def test_answers_are_not_stored(http: aiohttp.ClientSession) -> None:
    """Neither cases nor refusals belong in a shared cache."""
    for path in ("/api/v1/notes", "/scratch", "/api/v1/staff"):
        async with http.get(path) as answer:
            assert answer.headers["cache-control"] == "no-store"


async def test_cookies_are_out_of_scripts_reach(http: aiohttp.ClientSession) -> None:
    """HttpOnly, and not sent along from other sites."""
    async with http.get("/scratch") as page:
        assert re.fullmatch(
            r"huiyin_visitor=[\w-]+; Path=/; HttpOnly; SameSite=Lax", page.headers["set-cookie"]
        )


async def test_two_processes_share_a_limit(settings: Settings, pool: Pool) -> None:
    """A burst at two web processes: sixty pass, and a twentieth more at most, by what Postgres counted."""
    async with (
        serving(settings, pool, submissions_per_minute=60) as one,
        serving(settings, pool, submissions_per_minute=60) as other,
        aiohttp.ClientSession() as caller,
    ):

        async def status(number: int) -> int:
            site, home = (one, other)[number % 2], f"2001:db8:1:2::{number:x}"
            headers = {"X-Forwarded-For": home}
            async with caller.post(f"{site}/api/v1/limited", headers=headers) as answer:
                return answer.status

        statuses = await asyncio.gather(*(status(number) for number in range(150)))

    assert set(statuses) == {200, 429}
    # A place or two come back while the burst lasts.
    assert 60 <= statuses.count(200) <= 66


async def test_a_form_that_comes_too_soon_keeps_its_text(http: aiohttp.ClientSession) -> None:
    """429 with Retry-After as a page that holds what was typed, behind a button that sends it."""
    headers = {"X-Forwarded-For": "203.0.113.9", "Accept-Language": "en", "Sec-Fetch-Site": "same-origin"}
    for _ in range(4):
        async with http.post(
            "/limited", data={"text": "长文"}, headers=headers, allow_redirects=False
        ) as page:
            text = await page.text()

    assert page.status == 429
    assert int(page.headers["retry-after"]) > 0
    assert 'value="长文"' in text
    assert "Too many requests" in text


async def test_limits_hold_without_postgres(without_postgres: aiohttp.ClientSession) -> None:
    """Each process then counts alone, and answers."""
    statuses = []
    for _ in range(4):
        async with without_postgres.post(
            "/api/v1/limited", headers={"X-Forwarded-For": "203.0.113.7"}
        ) as answer:
            statuses.append(answer.status)

    assert [200, 200, 200, 429] == statuses
