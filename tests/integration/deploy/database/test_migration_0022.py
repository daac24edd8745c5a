"""Tokens of earlier releases go on working after the migration, and the database holds none of them any more."""

import hashlib

import pytest

from deploy.accounts import tokens
from deploy.accounts.token_secrets import token_secrets
from deploy.database.migrate import migrate
from deploy.database.pool import connect
from deploy.local.embedded.postgres import EmbeddedPostgres
from deploy.settings import Settings
from schemas.ids import DepartmentCode
from tests.integration.deploy.database.history import database_of

_TOKEN = "INSERT INTO deploy.token (token_hash, name, role, department) VALUES ($1, $2, $3, $4)"
HOUSING = DepartmentCode("housing")


def _sha(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


@pytest.fixture
async def settings(postgres_server: EmbeddedPostgres) -> Settings:
    """A database of the release before, with a token of a department and one of a role."""
    settings = await database_of("0021", postgres_server)
    async with connect(settings) as db:
        for name, role, department in (("bureau", "department", HOUSING), ("line", "hotline", None)):
            await db.execute(_TOKEN, _sha(name), name, role, department)
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
    assert [(_sha("bureau"), None)] == list(signing)
    assert [] == [name for name in ("bureau", "line") if _sha(name).hex() in held]
