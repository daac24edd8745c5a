"""Who waits for another's turn is told whom for, on real Postgres; who only looks waits for nobody."""

import asyncio
import sys
from pathlib import Path

import asyncpg
import pytest

from deploy.commands.doctor import examine
from deploy.database import turns
from deploy.database.indexes import INDEX_LOCK
from deploy.database.migrate import MIGRATION_LOCK
from deploy.database.pool import Pool, connect
from deploy.database.turns import OnWait, deaf_one, longest_here, take_turn, telling
from deploy.local.embedded.postgres import EmbeddedPostgres
from deploy.settings import Settings
from schemas.bilingual import Bilingual
from tests.stack import eventually, fresh_database

#: Asks for more than it takes, and stands still.
_FROZEN = """
import asyncio, asyncpg, os, signal, sys

async def ask():
    db = await asyncpg.connect(sys.argv[1])
    asyncio.get_running_loop().call_soon(os.kill, os.getpid(), signal.SIGSTOP)
    await db.execute("SELECT repeat('x', 1000) FROM generate_series(1, 100000)")

asyncio.run(ask())
"""


async def _takes_its_turn(settings: Settings, lock: int, on_wait: OnWait) -> None:
    async with connect(settings) as db:
        await take_turn(db, lock, on_wait)


async def _any_of(told: list[Bilingual]) -> bool:
    return bool(told)


@pytest.mark.parametrize("lock", [MIGRATION_LOCK, INDEX_LOCK])
async def test_who_waits_for_a_migration_is_told_whom_for(settings: Settings, pool: Pool, lock: int) -> None:
    """One that was stopped keeps its turn for ever: the words say which it is, and how to end it."""
    told: list[Bilingual] = []
    frozen = await asyncpg.connect(
        settings.database_url, server_settings={"application_name": "huiyin PID 7"}
    )
    await frozen.execute("SELECT pg_advisory_lock($1)", lock)
    waiting = asyncio.create_task(_takes_its_turn(settings, lock, told.append))

    await eventually(lambda: _any_of(told))

    backend = frozen.get_server_pid()
    [said] = told
    for words in (said.zh, said.en):
        assert "huiyin PID 7" in words
        assert f"pg_terminate_backend({backend})" in words
    await pool.execute("SELECT pg_terminate_backend($1)", backend)
    await waiting


async def test_doctor_tells_of_a_migration_that_holds_everybody_up(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And does not wait for its turn, only to say that Postgres does not answer."""
    monkeypatch.setenv("DATABASE_URL", settings.database_url)
    async with connect(settings) as frozen:
        await frozen.execute("SELECT pg_advisory_lock($1)", MIGRATION_LOCK)
        found = next(each for each in await examine(settings.data) if each.check == "schema")

        assert "warn" == found.state
        assert f"pg_terminate_backend({frozen.get_server_pid()})" in found.remedy.en


async def test_doctor_tells_of_a_migration_by_another_role(
    postgres_server: EmbeddedPostgres, migrated: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The owner migrates, the application asks: Postgres hides from one role what another does."""
    owner = await fresh_database(postgres_server.url, like=migrated)
    application = postgres_server.application_url.rpartition("/")[0] + "/" + owner.rpartition("/")[2]
    monkeypatch.setenv("DATABASE_URL", application)
    for asks_as in (owner, application):
        monkeypatch.setenv("MIGRATION_DATABASE_URL", asks_as)
        async with connect(Settings(database_url=owner)) as frozen:
            await frozen.execute("SELECT pg_advisory_lock($1)", MIGRATION_LOCK)
            found = next(each for each in await examine(tmp_path) if each.check == "schema")

            assert "warn" == found.state
            assert f"pg_terminate_backend({frozen.get_server_pid()})" in found.remedy.en


async def test_the_oldest_transaction_is_named_as_what_keeps_a_table(
    settings: Settings, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has the table that a migration asks for in vain: a copy that stands still, an export."""
    monkeypatch.setattr(turns, "_LONG_SECONDS", 0)
    async with connect(settings) as copying, copying.transaction(), connect(settings) as later:
        async with later.transaction():
            holder = await longest_here(pool)

        assert holder is not None
        assert copying.get_server_pid() == holder.backend
        assert turns.own_name() in holder.who


async def test_what_waits_for_every_session_says_whose_stands_still(
    settings: Settings, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A dropped database waits for a stopped backup's session, which hears nothing: the words end it."""
    monkeypatch.setattr(turns, "_LONG_SECONDS", 0.1)
    told: list[Bilingual] = []
    frozen = await asyncio.create_subprocess_exec(sys.executable, "-c", _FROZEN, settings.database_url)
    try:
        deaf = await eventually(lambda: deaf_one(pool))
        async with telling(pool, told.append):
            await eventually(lambda: _any_of(told))
    finally:
        frozen.kill()
        await frozen.wait()

    assert deaf is not None
    assert f"pg_terminate_backend({deaf.backend})" in told[0].en
