"""What demos of earlier releases made is known as theirs after the migration."""

from datetime import UTC, datetime

from deploy.database.migrate import migrate
from deploy.database.pool import connect
from deploy.local.embedded.postgres import EmbeddedPostgres
from tests.integration.deploy.database.history import database_of

_ACCOUNT = (
    "INSERT INTO deploy.account (username, password_hash, role, created_at) VALUES ($1, '', 'dispatcher', $2)"
)
_TOKEN = "INSERT INTO deploy.token (token_hash, name, role, created_at) VALUES ($1, $2, 'dispatcher', $3)"


async def test_an_earlier_demos_accounts_are_known_by_its_tokens(postgres_server: EmbeddedPostgres) -> None:
    """They were made in one instant; the city's own are nobody's demo."""
    settings = await database_of("0013", postgres_server)
    async with connect(settings) as db:
        for number, (account, token) in enumerate([("dispatcher", "demo-dispatcher"), ("wang", "own")]):
            at = datetime(2026, 1, number + 1, 8, 0, 0, 123456, tzinfo=UTC)
            await db.execute(_ACCOUNT, account, at)
            await db.execute(_TOKEN, bytes([number]), token, at)
    await migrate(settings)
    async with connect(settings) as db:
        accounts = await db.fetch("SELECT username FROM deploy.account WHERE demo")
        tokens = await db.fetch("SELECT name FROM deploy.token WHERE demo")

    assert [["dispatcher"], ["demo-dispatcher"]] == [
        [name for (name,) in made] for made in (accounts, tokens)
    ]
