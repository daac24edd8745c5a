"""Whoever hides a word while somebody says “me too” of the case, each in a transaction of its own on Postgres."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from typing import Any

import asyncpg
import pytest

from deploy.local.embedded.postgres import EmbeddedPostgres
from intake.steps import register as registering
from intake.steps.me_too import Matters, find_matters
from intake.store.me_too import lock_matters
from schemas.events.intake import SubmissionAccepted
from schemas.ports import Unit
from tests.conftest import RecordingUnit
from tests.integration.intake.calls import Site, register
from tests.integration.intake.test_hidden_from_whom import CASE, _answered, _decide
from tests.integration.intake.test_hidden_in_titles import _hidden, _says_same
from tests.stack import eventually, fresh_database

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


@pytest.fixture
async def two(postgres_server: EmbeddedPostgres, migrated: str) -> AsyncIterator[tuple[Any, Any]]:
    """Two connections that commit, to a database of their own: other tests know the same case."""
    url = await fresh_database(postgres_server.url, like=migrated)
    saying, hiding = [await asyncpg.connect(url) for _ in range(2)]
    yield saying, hiding
    for each in (saying, hiding):
        await each.close()


async def _waits(other: Any) -> None:
    """Until whoever hides words stands behind a lock that this connection holds."""
    blocked = "SELECT count(*) FROM pg_stat_activity WHERE pg_backend_pid() = ANY (pg_blocking_pids(pid))"
    await eventually(lambda: other.fetchval(blocked), is_done=bool)


async def test_what_is_hidden_while_somebody_says_so_too_is_hidden_in_their_title(
    two: tuple[Any, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its title was read with the word, and hiding it has not seen the case yet: it waits for that."""
    saying, hiding = two
    async with saying.transaction():
        unit = RecordingUnit(saying, NOW)
        await register(unit, CASE)
        await _answered(unit)
    tasks: list[asyncio.Task[None]] = []

    async def hide() -> None:
        async with hiding.transaction():
            await _decide(Site(), RecordingUnit(hiding, NOW), hide=["春燕", "天天"])

    async def find_and_hide(unit: Unit, events: Sequence[SubmissionAccepted]) -> Matters:
        found = await find_matters(unit, events)
        tasks.append(asyncio.create_task(hide()))
        await _waits(saying)
        return found

    monkeypatch.setattr(registering, "find_matters", find_and_hide)
    async with saying.transaction():
        same = await _says_same(RecordingUnit(saying, NOW), b"1")
    await tasks[0]

    case_id = same.codes.case_id
    title = await saying.fetchval("SELECT title FROM intake.published WHERE case_id = $1", case_id)
    assert ("**水果店占道", ("春燕", "天天")) == (title, await _hidden(RecordingUnit(saying, NOW), case_id))


async def test_hiding_takes_its_turn_as_whoever_says_so_too_of_several_does(two: tuple[Any, Any]) -> None:
    """A batch that names the case and one of those under its title locks the lower first: each waited for the other."""
    saying, hiding = two
    async with saying.transaction():
        unit = RecordingUnit(saying, NOW)
        await register(unit, CASE)
        await _answered(unit)
        # The first whose id is lower than the case's.
        lower = await _says_same(unit, b"<")
    assert lower.codes.case_id < CASE.codes.case_id

    async def hide() -> None:
        async with hiding.transaction():
            await _decide(Site(), RecordingUnit(hiding, NOW), hide=["春燕"])

    async with saying.transaction():
        await lock_matters(saying, [lower.codes.tracking_code])
        task = asyncio.create_task(hide())
        await _waits(saying)
        # As the batch goes on to: nobody holds it.
        await saying.execute(
            "SELECT FROM intake.view WHERE case_id = $1 FOR SHARE NOWAIT", CASE.codes.case_id
        )
    await task
    assert ("春燕",) == await _hidden(RecordingUnit(saying, NOW), lower.codes.case_id)
