"""Postgres takes connections and answers nothing: whoever only looks is told so soon, and nobody waits until it lets go."""

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest

from deploy.composition.acceptance import PostgresFileRows, PostgresKnownKeys
from deploy.database.pool import Pool, open_pool
from deploy.settings import Settings
from schemas.http import Call
from schemas.ids import AttachmentId
from tests.integration.deploy.site import serving
from tests.integration.deploy.web.test_transactions import call, caller
from tests.silent import Way, way_to
from tests.unit.deploy.records import AT, case

#: Whoever is answered at all is answered long before: a connection that hangs is given up after a minute.
_PATIENT_SECONDS = 20


@pytest.fixture
async def hanging(
    settings: Settings, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[Pool, Way, Settings]]:
    """A pool that has a connection, the way to its server, and settings that go it."""
    monkeypatch.setattr("deploy.web.edge.ANSWER_SECONDS", 0.5)
    monkeypatch.setattr("deploy.web.transactions.WITHOUT_AFTER_SECONDS", 0.2)
    monkeypatch.setattr("deploy.processes.health._CHECK_SECONDS", 0.2)
    monkeypatch.setattr("deploy.composition.acceptance.KNOWN_FILES_SECONDS", 0.2)
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
