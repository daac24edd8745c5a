"""Indexes of large tables are built beside those who write."""

import asyncio

import asyncpg
import pytest

from deploy.database import indexes
from deploy.database.indexes import build_missing, missing_indexes
from deploy.database.migrate import migrate, newest_revision
from deploy.database.pool import connect
from deploy.local.embedded.postgres import EmbeddedPostgres
from deploy.settings import Settings
from tests.stack import fresh_database

_ALERT = """
    INSERT INTO sla.alert (case_id, clock, level, deadline_version, due_at, raised_at)
    VALUES (gen_random_uuid(), 'reply', 'near', 1, now(), now())
"""


async def test_what_large_tables_get_comes_after_the_migration(
    postgres_server: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if every table were large: the end is the same schema, with nothing missing."""
    settings = Settings(database_url=await fresh_database(postgres_server.url))
    monkeypatch.setattr(indexes, "SMALL_BYTES", -1)
    built: list[str] = []

    async def noted(settings: Settings, _on_wait: object) -> None:
        built.extend(await build_missing(settings))

    monkeypatch.setattr("deploy.database.migrate.build_missing", noted)

    assert (None, newest_revision()) == await migrate(settings)
    assert {"sla.alert_owner", "sla.case_closed_at", "sla.counted_marks", "intake.promise_settled"} <= set(
        built
    )
    async with connect(settings) as db:
        assert {} == await missing_indexes(db)


async def test_people_write_while_an_index_is_built(postgres_server: EmbeddedPostgres, migrated: str) -> None:
    """Somebody's transaction is open, so that the building has to wait: nobody else waits for it."""
    settings = Settings(database_url=await fresh_database(postgres_server.url, like=migrated))
    async with connect(settings) as db, connect(settings) as another:
        await db.execute("DROP INDEX sla.alert_owner; DROP INDEX sla.alert_level")
        transaction = another.transaction()
        await transaction.start()
        await another.execute(_ALERT)
        building = asyncio.create_task(build_missing(settings))
        while not await db.fetchval(
            "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND locktype = 'virtualxid')"
        ):
            assert not building.done(), building.result()
            await asyncio.sleep(0.01)
        await db.execute(_ALERT, timeout=5)
        await transaction.commit()

        assert ("sla.alert_level", "sla.alert_owner") == await building
        assert {} == await missing_indexes(db)


async def test_what_was_interrupted_is_built_by_the_next(
    postgres_server: EmbeddedPostgres, migrated: str
) -> None:
    """A building that was cancelled leaves an index that nobody can use; it counts as missing, and is replaced."""
    settings = Settings(database_url=await fresh_database(postgres_server.url, like=migrated))
    async with connect(settings) as db, connect(settings) as another:
        await db.execute("DROP INDEX sla.alert_owner")
        async with another.transaction():
            await another.execute(_ALERT)
            statement = (await missing_indexes(db))["sla.alert_owner"]
            await db.execute("SET statement_timeout = '300ms'")
            with pytest.raises(asyncpg.QueryCanceledError):
                await db.execute(statement)
        await db.execute("SET statement_timeout = 0")

        assert ["sla.alert_owner"] == list(await missing_indexes(db))
        assert ("sla.alert_owner",) == await build_missing(settings)
        assert () == await build_missing(settings)
