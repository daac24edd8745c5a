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
from deploy.web.site.cookies import CASE, DEVICE
from schemas.http import Limit
from tests.integration.deploy.site import serving


async def _guess(http: aiohttp.ClientSession, address: str, case: str, code: str = "wrong") -> int:
    headers = {"X-Forwarded-For": address, "Case": case, "Code": code}
    async with http.get("/api/v1/guess", headers=headers) as answer:
        if answer.status == 429:
            assert int(answer.headers["retry-after"]) > 0
        return answer.status


async def test_guessing_is_slowed_down(http: aiohttp.ClientSession) -> None:
    """After ten wrong codes of a case 429, for it and that address alone: whoever else is there has theirs."""
    address = "203.0.113.7"
    statuses = [await _guess(http, address, "A") for _ in range(GUESSES_PER_MINUTE + 1)]

    assert [404] * GUESSES_PER_MINUTE + [429] == statuses
    assert 429 == await _guess(http, address, "A", "right")
    assert 200 == await _guess(http, address, "B", "right")
    assert 404 == await _guess(http, address, "")
    assert 200 == await _guess(http, "203.0.113.8", "A", "right")


async def test_guesses_at_once_are_no_more(http: aiohttp.ClientSession) -> None:
    """A hundred wrong codes on as many connections, and the right one behind them."""
    began = time.monotonic()
    statuses = await asyncio.gather(*(_guess(http, "203.0.113.9", "A") for _ in range(100)))
    come_back = (time.monotonic() - began) * GUESSES_PER_MINUTE / 60

    assert {404, 429} == set(statuses)
    assert GUESSES_PER_MINUTE <= statuses.count(404) <= GUESSES_PER_MINUTE + come_back


async def test_who_shares_an_address_with_guessers_keeps_their_words(http: aiohttp.ClientSession) -> None:
    """429 as for other limits: the page holds what was typed, behind a button that sends it; their browser is let in."""
    headers = {"X-Forwarded-For": "203.0.113.11", "Accept-Language": "en", "Sec-Fetch-Site": "same-origin"}
    right, wrong = ({"text": "长文", "case": "A", "code": code} for code in ("right", "wrong"))

    async def send(form: dict[str, str], device: str = "") -> tuple[int, str, str]:
        """The status, the page, and the browser's cookie of that case, if it gets one."""
        cookies = {"Cookie": f"{CASE}={device}"} if device else {}
        async with http.post("/guess", data=form, headers=headers | cookies) as page:
            assert (page.status == 429) is ("retry-after" in page.headers)
            return page.status, await page.text(), page.cookies[CASE].value if CASE in page.cookies else ""

    status, _, device = await send(right)
    assert (200, True) == (status, bool(device))
    # Another case that the same browser opens takes nothing from it.
    status, _, device = await send(right | {"case": "B"}, device)
    assert (200, True) == (status, bool(device))
    http.cookie_jar.clear()
    for _ in range(GUESSES_PER_MINUTE):
        assert (404, "") == (await send(wrong))[::2]
    status, text, _ = await send(right)

    assert 429 == status
    assert 'value="长文"' in text
    assert 'action="/guess"' in text
    status, _, device = await send(right, device)
    assert (200, True) == (status, bool(device))
    assert (200, "") == (await send(right, device))[::2]
    http.cookie_jar.clear()
    assert 429 == (await send(right, f"{'0' * 24}.{'0' * 64}"))[0]


async def test_submissions_are_counted_by_the_address_that_the_proxy_saw(http: aiohttp.ClientSession) -> None:
    """The last address in X-Forwarded-For is the proxy's word; what stands before it is the caller's."""
    statuses = []
    for number in range(4):
        forwarded = {"X-Forwarded-For": f"198.51.100.{number}, 203.0.113.7"}
        async with http.post("/api/v1/limited", headers=forwarded) as answer:
            statuses.append(answer.status)
            told = await answer.text()

    assert [200, 200, 200, 429] == statuses
    assert "119 消防" in told


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
    assert "If anybody is in danger, call at once" in text
    for number in ("110", "119", "120"):
        assert number in text


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


async def test_an_office_signs_in_from_one_address(
    http: aiohttp.ClientSession, address: str, clerk: str
) -> None:
    """One who mistypes all the time, waiting or not, keeps nobody else there from signing in; nor do those who did."""
    headers = {"X-Forwarded-For": "203.0.113.22", "Sec-Fetch-Site": "same-origin"}

    async def tried(name: str, password: str) -> int:
        jar = aiohttp.CookieJar(unsafe=True)
        async with aiohttp.ClientSession(address, cookie_jar=jar) as browser:
            async with browser.get("/sign-in", headers=headers) as page:
                found = re.search(r'name="csrf" value="([^"]+)"', await page.text())
            assert found
            sent = {"username": name, "password": password, "csrf": found[1]}
            async with browser.post("/sign-in", data=sent, headers=headers, allow_redirects=False) as answer:
                return answer.status

    mistyped = [await tried("zhao", "mistyped") for _ in range(2 * PER_MINUTE[Limit.SIGN_IN])]

    assert {422, 429} == set(mistyped)
    assert mistyped.count(422) < PER_MINUTE[Limit.SIGN_IN] // 2
    assert 303 == await tried("wang", clerk)


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
    for number in range(PER_MINUTE[Limit.SIGN_IN]):
        assert 422 == (await tried(wrong | {"username": f"nobody{number}"}, ""))[0]

    assert (303, known) == await tried(right, known)
    forged = f"{'0' * 24}.{'0' * 64}"
    for form, device in ((right, ""), (wrong, known), (right, forged), ({}, known)):
        assert (429, "") == await tried(form, device)
