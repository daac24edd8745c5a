"""Postgres takes connections and answers nothing: whoever only looks is told so soon, and nobody waits until it lets go."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Mapping, Sequence
from datetime import UTC
from typing import Any

import aiohttp
import asyncpg
import pytest

from deploy.composition.acceptance import PostgresFileRows, PostgresKnownKeys
from deploy.composition.suggesting import TimelySuggestions
from deploy.database.in_time import within
from deploy.database.pool import Pool, open_pool
from deploy.settings import Settings
from deploy.web.site import csrf
from routing.core.rules import load_rules
from schemas.errors import Unavailable, Unconfirmed
from schemas.http import Call, Page, answer_one
from schemas.ids import AttachmentId
from schemas.ports import Unit
from schemas.words import CaseField
from tests.integration.deploy.site import serving
from tests.integration.deploy.web.test_transactions import call, caller
from tests.silent import Way, way_to
from tests.unit.deploy.records import AT, case

_NOTE = {"number": 1, "text": "路灯"}
#: Whoever is answered at all is answered long before: a connection that hangs is given up after a minute.
_PATIENT_SECONDS = 20


@pytest.fixture
async def hanging(
    settings: Settings, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[Pool, Way, Settings]]:
    """A pool that has a connection, the way to its server, and settings that go it."""
    monkeypatch.setattr("deploy.web.edge.ANSWER_SECONDS", 0.5)
    monkeypatch.setattr("deploy.web.transactions.CHANGE_SECONDS", 0.5)
    monkeypatch.setattr("deploy.web.authentication.WHO_SECONDS", 0.5)
    monkeypatch.setattr("deploy.web.site.pages._SIGN_IN_SECONDS", 0.5)
    monkeypatch.setattr("deploy.composition.acceptance.KEPT_SECONDS", 0.5)
    monkeypatch.setattr("deploy.web.transactions.WITHOUT_AFTER_SECONDS", 0.2)
    monkeypatch.setattr("deploy.processes.health._CHECK_SECONDS", 0.2)
    monkeypatch.setattr("deploy.composition.acceptance.KNOWN_FILES_SECONDS", 0.2)
    monkeypatch.setattr("deploy.database.pool.CLOSE_SECONDS", 0.2)
    async with way_to(settings.database_url) as (url, way):
        behind = settings.model_copy(update={"database_url": url})
        async with open_pool(behind) as slow:
            await slow.execute("SELECT 1")
            yield slow, way, behind


@pytest.mark.parametrize(("language", "sentence"), [("zh", "暂时无法显示"), ("en", "cannot be shown")])
async def test_what_is_only_looked_at_is_answered_in_time(
    hanging: tuple[Pool, Way, Settings], language: str, sentence: str
) -> None:
    """503 with Retry-After, as a page and as a problem, in the caller's language; so is how the web itself is."""
    pool, way, settings = hanging
    async with serving(settings, pool) as address, aiohttp.ClientSession(address) as http:
        way.stand_still()
        found = []
        async with asyncio.timeout(_PATIENT_SECONDS):
            for path in ("/scratch", "/api/v1/notes", "/readyz"):
                async with http.get(path, headers={"Accept-Language": language}) as answer:
                    found.append((answer.status, answer.headers.get("retry-after"), await answer.text()))

    assert [(503, "5"), (503, "5"), (503, None)] == [each[:2] for each in found]
    assert [True, True] == [sentence in text for *_, text in found[:2]]


async def test_what_can_be_said_without_postgres_is(hanging: tuple[Pool, Way, Settings]) -> None:
    """Also where it does not even say that it has let go."""
    pool, way, _ = hanging

    async def look(call: Call) -> str:
        if call.unit_or_none is None:
            return "without"
        await call.unit.db.execute("SELECT 1")
        return "with"

    way.stand_still()
    asked = [
        caller(pool, look, method="GET", lookup=lookup, without_database=True) for lookup in (True, False)
    ]
    async with asyncio.timeout(_PATIENT_SECONDS):
        answers = [await each.answer(call(1)) for each in asked]

    assert ["without"] * 2 == answers


async def test_a_message_does_not_wait_for_what_is_known_of_it(hanging: tuple[Pool, Way, Settings]) -> None:
    """Of its key and of its files nobody knows in time."""
    pool, way, _ = hanging
    keys, files = PostgresKnownKeys(pool), PostgresFileRows(pool)
    way.stand_still()
    async with asyncio.timeout(_PATIENT_SECONDS):
        found = (
            await keys.content_hash("aa"),
            await keys.received(["aa"]),
            await files.find([AttachmentId(case(1))], AT),
        )

    assert (None, {}, None) == found


async def _rows(pool: Pool) -> int:
    count: int = await pool.fetchval("SELECT count(*) FROM scratch.seen")
    return count


#: What a form of the site holds, and the visitor's browser that sends it; `serving` has this secret.
_SENT_BY_US, _BROWSER = {csrf.FIELD: csrf.issue(b"s" * 32, "visitor")}, {"Cookie": "huiyin_visitor=visitor"}
_CHANGES: Sequence[tuple[str, dict[str, Any]]] = (
    ("/api/v1/notes", {"json": _NOTE}),
    ("/api/v1/notes", {"json": _NOTE, "headers": {"Authorization": "Bearer a"}}),
    ("/scratch", {"data": {"text": "路灯", **_SENT_BY_US}, "headers": _BROWSER}),
    ("/staff", {"data": {"text": "路灯"}, "headers": {"Cookie": f"huiyin_session={'a' * 40}"}}),
    ("/sign-in", {"data": {"username": "a", "password": "b", **_SENT_BY_US}, "headers": _BROWSER}),
)


@pytest.mark.parametrize(("path", "sent"), _CHANGES, ids=["API", "token", "form", "session", "sign-in"])
async def test_whoever_changes_something_is_answered_in_time(
    hanging: tuple[Pool, Way, Settings], pool: Pool, path: str, sent: Mapping[str, Any]
) -> None:
    """503: nothing was submitted, which stays so when Postgres goes on, whoever is asking."""
    behind, way, settings = hanging
    async with serving(settings, behind) as address, aiohttp.ClientSession(address) as http:
        way.stand_still()
        async with asyncio.timeout(_PATIENT_SECONDS), http.post(path, **sent) as answer:
            found = answer.status, await answer.text()
        way.go_on()

    assert 503 == found[0], found
    assert "尚未提交" in found[1]
    assert 0 == await _rows(pool)


async def test_what_may_be_done_is_not_called_undone(hanging: tuple[Pool, Way, Settings], pool: Pool) -> None:
    """Postgres got the commit and says nothing: it is done, and whoever asked hears that it may be."""
    behind, way, settings = hanging
    async with serving(settings, behind) as address, aiohttp.ClientSession(address) as http:
        way.stand_still_behind(b"COMMIT")
        async with asyncio.timeout(_PATIENT_SECONDS), http.post("/api/v1/notes", json=_NOTE) as answer:
            found = answer.status, await answer.json()
        way.go_on()

    assert (503, 1) == (found[0], await _rows(pool))
    assert "unconfirmed" == found[1]["code"]
    assert "可能已经完成" in found[1]["detail"]


async def test_whose_turn_never_came_is_never_served(hanging: tuple[Pool, Way, Settings]) -> None:
    """One is under way when Postgres hangs; of those that wait for it nothing is done when it goes on."""
    pool, way, _ = hanging
    served: list[Any] = []
    begun = asyncio.Event()

    async def write_each(unit: Unit, calls: Sequence[Call]) -> Sequence[int]:
        begun.set()
        await unit.db.execute("SELECT 1")
        served.extend(each.body for each in calls)
        return [1] * len(calls)

    shared = caller(pool, answer_one(write_each), answer_batch=write_each)
    way.stand_still_behind(b"BEGIN")
    first = asyncio.create_task(shared.answer(call(1, "first")))
    await asyncio.sleep(0)
    second = asyncio.create_task(shared.answer(call(1, "second")))
    async with asyncio.timeout(_PATIENT_SECONDS):
        told = await asyncio.gather(first, second, return_exceptions=True)
    way.go_on()
    async with asyncio.timeout(_PATIENT_SECONDS):
        await shared.answer(call(1, "third"))

    assert [Unconfirmed, Unavailable] == [type(each) for each in told]
    assert ["first", "third"] == served


async def test_a_file_is_kept_in_time_or_not_at_all(hanging: tuple[Pool, Way, Settings]) -> None:
    """Whoever sends it hears that it was not kept."""
    pool, way, _ = hanging
    way.stand_still()

    async with asyncio.timeout(_PATIENT_SECONDS):
        with pytest.raises(Unavailable):
            await PostgresFileRows(pool).waiting_bytes_of(b"somebody")


async def test_nobody_waits_for_suggestions(hanging: tuple[Pool, Way, Settings]) -> None:
    """They are asked for while somebody types, by POST too."""
    pool, way, _ = hanging
    way.stand_still()

    async with asyncio.timeout(_PATIENT_SECONDS):
        found = await TimelySuggestions(load_rules(), pool, prefix="t", zone=UTC)("怎样办理居住证的续签", "")

    assert () == found


async def test_a_form_that_comes_back_with_its_case_is_answered_in_time(
    hanging: tuple[Pool, Way, Settings],
) -> None:
    """Its transaction was rolled back; that somebody sees the case has to be written down, and Postgres hangs."""
    pool, way, _ = hanging

    async def come_back(call: Call) -> Page:
        call.shows(call.case_id, CaseField.TEXT)
        way.stand_still_behind(b"case_view")
        return Page(template="x", context={}, status=422)

    async with asyncio.timeout(_PATIENT_SECONDS):
        with pytest.raises(TimeoutError):
            await caller(pool, come_back).answer(call(1))


async def test_a_second_try_has_what_is_left_of_the_time(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    """A migration came between: whoever waits does so no longer for it."""
    given: list[float] = []

    async def noted(seconds: float, work: Awaitable[Any]) -> Any:
        given.append(seconds)
        return await within(seconds, work)

    async def fail_once(call: Call) -> str:
        if len(given) == 1:
            raise asyncpg.InvalidCachedStatementError
        return "done"

    monkeypatch.setattr("deploy.web.transactions.within", noted)

    assert "done" == await caller(pool, fail_once).answer(call(1))
    first, second = given
    assert second < first
