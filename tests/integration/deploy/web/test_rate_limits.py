"""Limits as callers meet them: on a real port, shared by several processes through Postgres."""

import asyncio
import re
import time

import aiohttp
import pytest

from deploy.database.pool import Pool
from deploy.database.rate_limits import Spending, spend
from deploy.settings import Settings
from deploy.web.rate_limits import GUESSES_PER_MINUTE, PER_MINUTE
from deploy.web.site.cookies import DEVICE
from schemas.http import Limit
from tests.integration.deploy.site import serving


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


async def test_guesses_at_once_are_no_more(http: aiohttp.ClientSession) -> None:
    """A hundred wrong codes on as many connections: nobody looks while those who look may all be wrong."""

    async def status() -> int:
        async with http.get("/api/v1/guess", headers={"X-Forwarded-For": "203.0.113.9"}) as answer:
            return answer.status

    began = time.monotonic()
    statuses = await asyncio.gather(*(status() for _ in range(100)))
    come_back = (time.monotonic() - began) * GUESSES_PER_MINUTE / 60

    assert {404, 429} == set(statuses)
    assert GUESSES_PER_MINUTE <= statuses.count(404) <= GUESSES_PER_MINUTE + come_back


async def test_right_codes_with_much_to_do_keep_nobody_waiting(http: aiohttp.ClientSession) -> None:
    """More of one address keep pictures at once than may guess: all of them are under way together."""

    async def status() -> int:
        async with http.post("/api/v1/right", headers={"X-Forwarded-For": "203.0.113.10"}) as answer:
            return answer.status

    statuses = await asyncio.gather(*(status() for _ in range(GUESSES_PER_MINUTE + 1)))

    assert {200} == set(statuses)


async def test_who_shares_an_address_with_guessers_keeps_their_words(http: aiohttp.ClientSession) -> None:
    """429 as for every other limit: the page holds what was typed, behind a button that sends it."""
    headers = {"X-Forwarded-For": "203.0.113.11", "Accept-Language": "en", "Sec-Fetch-Site": "same-origin"}
    for _ in range(GUESSES_PER_MINUTE + 1):
        async with http.post("/guess", data={"text": "长文"}, headers=headers) as page:
            text = await page.text()

    assert page.status == 429
    assert int(page.headers["retry-after"]) > 0
    assert 'value="长文"' in text
    assert 'action="/guess"' in text


async def test_submissions_are_counted_by_the_address_that_the_proxy_saw(http: aiohttp.ClientSession) -> None:
    """The last address in X-Forwarded-For is the proxy's word; what stands before it is the caller's."""
    statuses = []
    for number in range(4):
        forwarded = {"X-Forwarded-For": f"198.51.100.{number}, 203.0.113.7"}
        async with http.post("/api/v1/limited", headers=forwarded) as answer:
            statuses.append(answer.status)

    assert [200, 200, 200, 429] == statuses


async def test_two_processes_share_a_limit(
    settings: Settings, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A burst at two web processes: sixty pass, and a twentieth more at most, by what Postgres counted."""
    # That Postgres takes a second on a busy machine is no outage, in which each would count alone.
    monkeypatch.setattr("deploy.web.rate_limits._SETTLE_SECONDS", 30.0)
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


async def test_a_clock_that_was_set_back_keeps_nobody_waiting(pool: Pool) -> None:
    """What was spent an hour ahead comes again within a minute, as ever, and not once that hour is there."""
    spending = Spending("reading", b"somebody", 60, 60)
    await pool.execute("DELETE FROM deploy.rate_limit")
    left = [*(await spend(pool, [spending])).values()]
    for later in (3600.0, -30.0):
        await pool.execute("UPDATE deploy.rate_limit SET at = at + make_interval(secs => $1)", later)
        left += (await spend(pool, [spending._replace(tokens=0)])).values()

    assert [0, 0, 30] == [round(each) for each in left]


async def test_strangers_at_an_address_keep_no_known_device_out(
    http: aiohttp.ClientSession, address: str, clerk: str
) -> None:
    """Whoever shares an office's address could keep all of it from signing in, for good; who was never here waits."""
    headers = {"X-Forwarded-For": "203.0.113.21", "Sec-Fetch-Site": "same-origin"}
    right, wrong = ({"username": name, "password": clerk} for name in ("wang", "nobody"))

    async def tried(form: dict[str, str], device: str) -> tuple[int, str]:
        """With a browser of its own, which has nothing but that cookie; the status, and which device it is then."""
        jar = aiohttp.CookieJar(unsafe=True)
        async with aiohttp.ClientSession(address, cookie_jar=jar) as browser:
            async with browser.get("/sign-in", headers=headers) as page:
                found = re.search(r'name="csrf" value="([^"]+)"', await page.text())
            assert found
            jar.update_cookies({DEVICE: device})
            sent = form | {"csrf": found[1]}
            async with browser.post("/sign-in", data=sent, headers=headers, allow_redirects=False) as answer:
                return answer.status, answer.cookies[DEVICE].value if DEVICE in answer.cookies else ""

    status, known = await tried(right, "")
    assert (303, True) == (status, bool(known))
    strangers = [(await tried(wrong, ""))[0] for _ in range(PER_MINUTE[Limit.SIGN_IN])]
    assert 429 == strangers[-1]

    assert (303, known) == await tried(right, known)
    forged = f"{'0' * 24}.{'0' * 64}"
    for form, device in ((right, ""), (wrong, known), (right, forged), ({}, known)):
        assert (429, "") == await tried(form, device)
