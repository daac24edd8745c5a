"""What demos of earlier releases made is known as theirs after the migration."""

from datetime import UTC, datetime
from typing import Any

from alembic import command
from sqlalchemy import Connection, text

from deploy.database.metadata import SCHEMAS
from deploy.database.migrate import alembic_config, in_database, migrate
from deploy.local.embedded.postgres import EmbeddedPostgres
from deploy.settings import Settings
from tests.stack import fresh_database

_ACCOUNT = "INSERT INTO deploy.account (username, password_hash, role, created_at) VALUES (:name, '', 'dispatcher', :at)"
_TOKEN = (
    "INSERT INTO deploy.token (token_hash, name, role, created_at) VALUES (:hash, :name, 'dispatcher', :at)"
)


def _fill(connection: Connection) -> tuple[str | None, str | None]:
    for name in SCHEMAS:
        connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {name}"))
    command.upgrade(alembic_config(connection), "0013")
    for number, (account, token) in enumerate([("dispatcher", "demo-dispatcher"), ("wang", "own")]):
        at = datetime(2026, 1, number + 1, 8, 0, 0, 123456, tzinfo=UTC)
        connection.execute(text(_ACCOUNT), {"name": account, "at": at})
        connection.execute(text(_TOKEN), {"hash": bytes([number]), "name": token, "at": at})
    return None, None


async def test_an_earlier_demos_accounts_are_known_by_its_tokens(postgres_server: EmbeddedPostgres) -> None:
    """They were made in one instant; the city's own are nobody's demo."""
    settings = Settings(
        database_url=await fresh_database(postgres_server.url), secret_key="0123456789abcdef" * 4
    )
    await in_database(settings, _fill)
    await migrate(settings)
    found: list[Any] = []

    def read(connection: Connection) -> tuple[str | None, str | None]:
        for table, name in (("account", "username"), ("token", "name")):
            made = connection.execute(text(f"SELECT {name} FROM deploy.{table} WHERE demo"))  # noqa: S608  our own names
            found.append(made.scalars().all())
        return None, None

    await in_database(settings, read)

    assert [["dispatcher"], ["demo-dispatcher"]] == found
