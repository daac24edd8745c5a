"""Two releases on one schema: what a migration adds, the release before does not notice; what it takes away, it says."""

import asyncio
from collections.abc import Mapping
from types import ModuleType
from typing import Any

import asyncpg
import pytest
from alembic.script import ScriptDirectory

from deploy.database.migrate import alembic_config, newest_revision
from deploy.local.embedded.postgres import EmbeddedPostgres
from tests.integration.deploy.database.expanding import inserts, model_of, refusals
from tests.integration.deploy.database.history import database_of, upgrade

#: Migrations after this one were written under the rule.
_SINCE = "0030"


def _later() -> Mapping[str, ModuleType]:
    scripts = ScriptDirectory.from_config(alembic_config())
    return {each.revision: each.module for each in scripts.walk_revisions() if each.revision > _SINCE}


async def test_a_migration_takes_nothing_from_the_release_before(postgres_server: EmbeddedPostgres) -> None:
    """Unless it says `contract`, and there why nobody needs it any more: in a release after the one that needed it last."""
    settings = await database_of(_SINCE, postgres_server)
    db = await asyncpg.connect(settings.database_url)
    refused: dict[str, list[str]] = {}
    before = await model_of(db)
    for revision, module in sorted(_later().items()):
        await upgrade(settings, revision)
        after = await model_of(db)
        if (found := refusals(before, after)) and not getattr(module, "contract", ""):
            refused[revision] = found
        before = after
    await db.close()

    assert {} == refused


async def test_the_release_before_writes_on_while_the_next_migrates(
    postgres_server: EmbeddedPostgres,
) -> None:
    """Into every table and every column that it knows, before, meanwhile and afterwards: no row of its is refused."""
    settings = await database_of(_SINCE, postgres_server)
    db = await asyncpg.connect(settings.database_url)
    statements, is_over = inserts(await model_of(db)), asyncio.Event()
    written = dict.fromkeys(statements, 0)

    async def write() -> None:
        """At least once more after the last migration."""
        while True:
            was_over = is_over.is_set()
            for table, statement in statements.items():
                await db.execute(statement)
                written[table] += 1
            if was_over:
                return

    async with asyncio.TaskGroup() as both:
        both.create_task(write())
        await upgrade(settings, str(newest_revision()))
        is_over.set()
    await db.close()

    assert len(statements) > 40
    assert min(written.values()) >= 2


_CHANGES = {
    "drop column held": "s.t.held is gone",
    "rename column held to kept": "s.t.held is gone",
    "alter column held type bigint": "s.t.held was integer and is bigint",
    "alter column maybe set not null": "s.t.maybe may not be null any more",
    "alter column given drop default": "s.t.given has no default any more",
    "add column more text not null": "s.t.more is new, needed and without default",
    "add check (held > 0)": "s.t asks for more than before: CHECK ((held > 0))",
    "add unique (held)": "s.t asks for more than before: unique: btree (held)",
    "add foreign key (held) references s.other (id)": "s.t asks for more than before: FOREIGN KEY",
    "rename to u": "s.t is gone",
    "set schema elsewhere": "s.t is gone",
}
_HARMLESS = (
    "add column more text",
    "add column more text not null default 'x'",
    "add column more int generated always as identity",
    "alter column held drop not null",
    "alter column held set default 1",
)


@pytest.fixture
async def table(postgres_server: EmbeddedPostgres) -> Any:
    """A connection in a transaction of its own, with one table that the release before writes to."""
    db = await asyncpg.connect(postgres_server.url)
    transaction = db.transaction()
    await transaction.start()
    await db.execute(
        """CREATE SCHEMA s; CREATE SCHEMA elsewhere; CREATE TABLE s.other (id int PRIMARY KEY);
        CREATE TABLE s.t (held int NOT NULL, maybe int, given int NOT NULL DEFAULT 1)"""
    )
    yield db
    await transaction.rollback()
    await db.close()


@pytest.mark.parametrize("change", _CHANGES)
async def test_what_the_release_before_could_not_bear_is_named(table: Any, change: str) -> None:
    """In a sentence that says which column, and what the former release would do."""
    before = await model_of(table, ["s"])
    await table.execute(f"ALTER TABLE s.t {change}")
    found = refusals(before, await model_of(table, ["s"]))

    assert any(said.startswith(_CHANGES[change]) for said in found), found


@pytest.mark.parametrize("change", _HARMLESS)
async def test_what_only_adds_is_none_of_its_business(table: Any, change: str) -> None:
    """Nor is an index that refuses nothing, or a table that it does not know."""
    before = await model_of(table, ["s"])
    await table.execute(f"ALTER TABLE s.t {change}")
    await table.execute(
        "CREATE INDEX ON s.t (held); CREATE TABLE s.new (id int PRIMARY KEY, said text NOT NULL)"
    )

    assert [] == refusals(before, await model_of(table, ["s"]))
