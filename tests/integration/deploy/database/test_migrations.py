"""The migrated schema is the one that the tables declare."""

import asyncio
from typing import Any

import asyncpg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection

from deploy.database.metadata import SCHEMAS, metadata
from deploy.database.migrate import SchemaIsNewer, in_database, migrate, newest_revision
from deploy.database.pool import connect
from deploy.local.embedded.postgres import EmbeddedPostgres
from deploy.settings import Settings
from tests.integration.deploy.database.history import database_of
from tests.stack import eventually, fresh_database


async def test_a_migrated_database_has_exactly_the_declared_tables(postgres_server: EmbeddedPostgres) -> None:
    """Nothing is missing, nothing is left over, and log and views are protected as after create_all."""
    settings = Settings(database_url=await fresh_database(postgres_server.url))
    assert (None, newest_revision()) == await migrate(settings)
    differences: list[Any] = []

    def compare(connection: Connection) -> tuple[str | None, str | None]:
        options = {
            "include_schemas": True,
            "include_name": lambda name, kind, _parents: kind != "schema" or name in SCHEMAS,
            "version_table_schema": "deploy",
            "compare_server_default": True,
        }
        differences.extend(compare_metadata(MigrationContext.configure(connection, opts=options), metadata()))
        return None, None

    await in_database(settings, compare)
    assert [] == differences
    connection = await asyncpg.connect(settings.database_url)
    triggers = await connection.fetch("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal")
    await connection.close()
    assert {
        "account_change_is_append_only",
        "account_change_is_not_truncated",
        "case_has_no_item_under_an_older_seal",
        "case_has_no_tags_once_private",
        "case_has_no_tags_once_protected",
        "case_has_no_tags_under_an_older_seal",
        "case_knows_what_an_older_release_began",
        "case_knows_what_an_older_release_says",
        "case_view_is_append_only",
        "case_view_is_not_truncated",
        "counted_items_came",
        "counted_items_changed_from",
        "counted_items_changed_to",
        "counted_items_went",
        "counted_tags_came",
        "counted_tags_changed_from",
        "counted_tags_changed_to",
        "counted_tags_went",
        "entry_log_is_append_only",
        "entry_log_is_not_truncated",
        "log_is_append_only",
        "log_is_not_truncated",
        "operator_deed_is_append_only",
        "operator_deed_is_not_truncated",
        "view_knows_what_an_older_release_says",
    } == {row["tgname"] for row in triggers}


async def test_migrating_twice_changes_nothing(postgres_server: EmbeddedPostgres, migrated: str) -> None:
    """The second run finds the newest revision and leaves it."""
    settings = Settings(database_url=await fresh_database(postgres_server.url, like=migrated))

    assert (newest_revision(), newest_revision()) == await migrate(settings)


async def test_a_later_release_s_schema_is_refused_in_a_sentence(
    postgres_server: EmbeddedPostgres, migrated: str
) -> None:
    """Nothing is changed: an older release would not know what it does to it."""
    settings = Settings(database_url=await fresh_database(postgres_server.url, like=migrated))
    connection = await asyncpg.connect(settings.database_url)
    await connection.execute("UPDATE deploy.alembic_version SET version_num = '9999'")

    with pytest.raises(SchemaIsNewer, match="9999 of a later release"):
        await migrate(settings)

    assert await connection.fetchval("SELECT version_num FROM deploy.alembic_version") == "9999"
    await connection.close()


_IS_WAITED_FOR = """
    SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND relation = 'intake.view'::regclass
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))
"""


async def test_whoever_holds_a_table_for_long_keeps_nobody_else_from_it(
    postgres_server: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A copy is made while a release comes: the city goes on meanwhile, and the upgrade is done when the copy is."""
    monkeypatch.setattr("deploy.database.migrate._AGAIN_SECONDS", 0.1)
    settings = await database_of("0086", postgres_server)
    async with connect(settings) as copying, connect(settings) as asking:
        async with copying.transaction():
            await copying.execute('LOCK TABLE intake.view, sla."case" IN ACCESS SHARE MODE')
            upgrading = asyncio.create_task(migrate(settings))

            async def is_waiting() -> bool:
                return bool(await copying.fetchval(_IS_WAITED_FOR))

            await eventually(is_waiting)
            assert 0 == await asking.fetchval("SELECT count(*) FROM intake.view", timeout=30)
            assert not upgrading.done()
        assert newest_revision() == (await upgrading)[1]
