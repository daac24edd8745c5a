"""The HTTP edge with a made-up slice behind it: who may, what is refused and how, and that nothing is half-written."""

import asyncio
import re
from collections.abc import AsyncIterator
from functools import partial
from typing import Any

import aiohttp
import pytest
from yarl import URL

from deploy.accounts import tokens
from deploy.accounts.token_secrets import token_secrets
from deploy.composition import changing_by_command
from deploy.database.pool import Pool
from deploy.settings import Settings
from deploy.web.authentication import BELIEVED_SECONDS
from deploy.web.site import csrf
from deploy.web.site.headers import SECURITY_HEADERS
from schemas.city import load_city
from schemas.words import Role
from tests.integration.deploy.site import rows, serving

GOOD = {"number": 1, "text": "路灯"}
FORM = {"content-type": "application/x-www-form-urlencoded"}


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


@pytest.mark.parametrize("said", ["", "-", "00-" + "0" * 32])
async def test_a_trace_that_cannot_be_read_is_none(
    http: aiohttp.ClientSession, pool: Pool, said: str
) -> None:
    """Nothing in its place goes on to the outbox, and from there to every topic."""
    async with http.post("/api/v1/notes", json=GOOD, headers={"traceparent": said}) as answer:
        assert 201 == answer.status

    assert [None] == [row["traceparent"] for row in await pool.fetch("SELECT traceparent FROM deploy.outbox")]


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


async def test_what_programs_put_before_json_is_none_of_it(http: aiohttp.ClientSession) -> None:
    """A mark of UTF-8: the body is read, and its wrong field named."""
    body = '\ufeff{"number": 1, "text": 5}'.encode()
    headers = {"Content-Type": "application/json"}
    async with http.post("/api/v1/notes", data=body, headers=headers) as answer:
        assert (await _problem(answer))["errors"] == [{"field": "text", "reason": "此项格式不对：须为文字。"}]


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


async def test_tokens(http: aiohttp.ClientSession, pool: Pool, settings: Settings) -> None:
    """Unknown: 401 and how to sign in. Of another role: 403. Of the right one: in, however Bearer is spelt."""
    async with pool.acquire() as db:
        token = await tokens.create_token(
            db,
            token_secrets(settings),
            load_city(),
            changing_by_command(settings),
            name="t",
            role=Role.DISPATCHER,
        )
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


async def test_for_whom_a_system_asks(http: aiohttp.ClientSession, pool: Pool, settings: Settings) -> None:
    """`Acting-For` names an account, with a token that has the right; else it is refused, and told why in both languages."""
    async with pool.acquire() as db:
        await db.execute(
            "INSERT INTO deploy.account (username, password_hash, role) VALUES ('li', '', 'dispatcher')"
        )
        make = partial(
            tokens.create_token,
            db,
            token_secrets(settings),
            load_city(),
            changing_by_command(settings),
            role=Role.DISPATCHER,
        )
        console, plain = await make(name="console", acts_for_people=True), await make(name="plain")
    answers = []
    for token, name in ((console, "li"), (console, "wang"), (plain, "li")):
        headers = {**_bearer(token), "Acting-For": name, "Accept-Language": "en"}
        async with http.get("/api/v1/staff", headers=headers) as answer:
            answers.append((answer.status, (await answer.json(content_type=None)).get("code")))

    assert [200, 403, 403] == [status for status, _ in answers]
    assert ["acting-for"] * 2 == [code for _, code in answers[1:]]


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
    session = {"Accept": "text/html", "Cookie": "huiyin_session=abc"}
    async with without_postgres.get("/nowhere", headers=session) as page:
        assert page.status == 404
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


async def test_exported_files_are_not_stored(http: aiohttp.ClientSession) -> None:
    """A table of cases is as confidential as the page that it was made from."""
    async with http.get("/table") as file:
        assert (await file.text(), file.headers["cache-control"]) == ("a,b", "private, no-store")


async def test_what_is_the_same_for_all_may_be_kept(http: aiohttp.ClientSession) -> None:
    """A published page comes without cookie and form, and browsers may keep it for a minute, for this language alone."""
    async with http.get("/kept", headers={"Accept-Language": "en"}) as page:
        text = await page.text()

    assert page.headers["cache-control"] == "public, max-age=60"
    assert page.headers["vary"] == "accept-language, cookie"
    assert "set-cookie" not in page.headers
    assert 'name="csrf"' not in text


@pytest.mark.parametrize("path", ["/scratch/", "/api/v1/notes/"])
async def test_a_slash_leads_nowhere_else(http: aiohttp.ClientSession, path: str) -> None:
    """404, rather than a way to the address that the Host header names."""
    async with http.get(path, headers={"Host": "evil.example"}, allow_redirects=False) as answer:
        assert answer.status == 404
        assert "location" not in answer.headers


async def test_a_stream_ends_with_its_token(
    http: aiohttp.ClientSession, pool: Pool, settings: Settings
) -> None:
    """Whoever listens with a token that is revoked meanwhile hears nothing more."""
    async with pool.acquire() as db:
        token = await tokens.create_token(
            db,
            token_secrets(settings),
            load_city(),
            changing_by_command(settings),
            name="leaver",
            role=Role.SUPERVISOR,
        )
    async with (
        asyncio.timeout(4 * BELIEVED_SECONDS),
        http.get("/api/v1/endless", headers=_bearer(token)) as answer,
    ):
        assert await answer.content.readline() == b": first\n"
        async with pool.acquire() as db:
            await tokens.revoke_tokens(db, changing_by_command(settings), name="leaver")

        await answer.content.read()


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def test_cookies_are_out_of_scripts_reach(http: aiohttp.ClientSession) -> None:
    """HttpOnly, and not sent along from other sites."""
    async with http.get("/scratch") as page:
        assert re.fullmatch(
            r"huiyin_visitor=[\w-]+; Path=/; HttpOnly; SameSite=Lax", page.headers["set-cookie"]
        )


async def test_under_https_secrets_are_this_very_sites_alone(settings: Settings, pool: Pool) -> None:
    """Another site of the domain sets a visitor's cookie: no form that it makes for it is taken, and ours still is."""
    secure = settings.model_copy(update={"public_url": "https://huiyin.example"})
    field = {csrf.FIELD: csrf.issue(b"s" * 32, "theirs"), "text": "好"}
    async with serving(secure, pool) as address, aiohttp.ClientSession(address) as http:
        async with http.get("/scratch") as page:
            [ours] = re.findall(r"(__Host-huiyin_visitor=[\w-]+); .*Secure", page.headers["set-cookie"])
            token = (await page.text()).partition('name="csrf" value="')[2].partition('"')[0]
        found = []
        for fields in (field, field | {csrf.FIELD: token}):
            cookies = {"Cookie": f"{ours}; huiyin_visitor=theirs"}
            async with http.post("/scratch", data=fields, headers=cookies, allow_redirects=False) as answer:
                found.append(answer.status)

    assert [403, 303] == found
