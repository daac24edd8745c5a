"""A database as an earlier release left it, and what the next one makes of it."""

from functools import cache

from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory
from pydantic import SecretStr
from sqlalchemy import Connection, text

from deploy.database.metadata import SCHEMAS
from deploy.database.migrate import alembic_config, in_database
from deploy.local.embedded.postgres import EmbeddedPostgres
from deploy.settings import Settings
from tests.stack import fresh_database


async def database_of(revision: str, server: EmbeddedPostgres) -> Settings:
    """A new database with the schema of that revision, and no rows: a copy of one that is kept for the next who asks."""
    made = _made(server.url)
    if revision not in made:
        # From the nearest one before it: each revision runs once, however many tests ask for what follows it.
        before = max((each for each in made if each < revision), default="template1")
        url = await fresh_database(server.url, like=made.get(before, before))
        await upgrade(_settings(url), revision)
        made[revision] = url
    return _settings(await fresh_database(server.url, like=made[revision]))


@cache
def _made(_server_url: str) -> dict[str, str]:
    """By revision, on that server; nobody is connected to them."""
    return {}


def _settings(url: str) -> Settings:
    return Settings(database_url=url, secret_key=SecretStr("a secret for tests only, long enough"))


async def upgrade(settings: Settings, revision: str) -> None:
    """To that revision, as its release would: with the revisions' modules as they were loaded the first time."""

    def run(connection: Connection) -> tuple[str | None, str | None]:
        for name in SCHEMAS:
            connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {name}"))
        scripts = _scripts()
        with EnvironmentContext(
            alembic_config(connection, settings),
            scripts,
            fn=lambda present, _: scripts._upgrade_revs(revision, present),
        ):
            scripts.run_env()
        return None, revision

    await in_database(settings, run)


@cache
def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(alembic_config())
