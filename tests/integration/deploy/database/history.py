"""A database as an earlier release left it, and what the next one makes of it."""

from alembic import command
from pydantic import SecretStr
from sqlalchemy import Connection, text

from deploy.database.metadata import SCHEMAS
from deploy.database.migrate import alembic_config, in_database
from deploy.local.embedded.postgres import EmbeddedPostgres
from deploy.settings import Settings
from tests.stack import fresh_database


async def database_of(revision: str, server: EmbeddedPostgres) -> Settings:
    """A new database with the schema of that revision, and no rows."""
    secret = SecretStr("a secret for tests only, long enough")
    settings = Settings(database_url=await fresh_database(server.url), secret_key=secret)

    def upgrade(connection: Connection) -> tuple[str | None, str | None]:
        for name in SCHEMAS:
            connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {name}"))
        command.upgrade(alembic_config(connection, settings), revision)
        return None, revision

    await in_database(settings, upgrade)
    return settings
