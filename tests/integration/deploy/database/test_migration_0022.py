"""Tokens of earlier releases go on working after the migration, and the database holds none of them any more."""

import hashlib

import pytest
from alembic import command
from sqlalchemy import Connection, text

from deploy.accounts import tokens
from deploy.accounts.token_secrets import token_secrets
from deploy.database.metadata import SCHEMAS
from deploy.database.migrate import alembic_config, in_database, migrate
from deploy.database.pool import connect
from deploy.local.embedded.postgres import EmbeddedPostgres
from deploy.settings import Settings
from schemas.ids import DepartmentCode
from tests.stack import fresh_database

_TOKEN = (
    "INSERT INTO deploy.token (token_hash, name, role, department) VALUES (:hash, :name, :role, :department)"
)
HOUSING = DepartmentCode("housing")


def _fill(connection: Connection) -> tuple[str | None, str | None]:
    for name in SCHEMAS:
        connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {name}"))
    command.upgrade(alembic_config(connection), "0021")
    for name, role, department in (("bureau", "department", HOUSING), ("line", "hotline", None)):
        facts = {"hash": _sha(name), "name": name, "role": role, "department": department}
        connection.execute(text(_TOKEN), facts)
    return None, None


def _sha(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


@pytest.fixture
async def settings(postgres_server: EmbeddedPostgres) -> Settings:
    """A database of the release before, with a token of a department and one of a role."""
    url = await fresh_database(postgres_server.url)
    settings = Settings(database_url=url, secret_key="a secret for tests only, long enough")
    await in_database(settings, _fill)
    return settings


async def test_tokens_go_on_working(settings: Settings) -> None:
    """For calls and, a department's, for commands."""
    await migrate(settings)
    keys = token_secrets(settings)
    async with connect(settings) as db:
        known = [await tokens.principal_of_token(db, keys, name) for name in ("bureau", "line", "nobody's")]
        signing = await tokens.command_keys_of(db, keys, HOUSING)
        held = await db.fetchval("SELECT string_agg(t::text, '|') FROM deploy.token AS t")

    assert ["bureau", "line", None] == [who and who.name for who in known]
    assert [_sha("bureau")] == list(signing)
    assert [] == [name for name in ("bureau", "line") if _sha(name).hex() in held]
