"""What a mini-app is told, and what counts as used, where Postgres hangs while it keeps a nonce."""

import asyncio
import secrets
from collections.abc import AsyncIterator

import pytest
from structlog.testing import capture_logs

from deploy.composition.acceptance import PostgresNonces
from deploy.database.pool import open_pool
from deploy.local.embedded.postgres import EmbeddedPostgres
from deploy.settings import Settings
from intake.core.mini_app_signature import NonceUnsure
from schemas.words import Language
from tests.silent import Way, way_to
from tests.stack import fresh_database
from tests.unit.deploy.records import AT

#: Whoever is answered at all is answered long before: a connection that hangs is given up after a minute.
_PATIENT_SECONDS = 20


@pytest.fixture
async def hanging(
    postgres_server: EmbeddedPostgres, migrated: str, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[PostgresNonces, Way]]:
    """The table of nonces, and the way to its server."""
    monkeypatch.setattr("deploy.composition.acceptance.KEPT_SECONDS", 0.5)
    copy = await fresh_database(postgres_server.url, like=migrated)
    async with way_to(copy) as (url, way), open_pool(Settings(database_url=url)) as pool:
        await pool.execute("SELECT 1")
        yield PostgresNonces(pool), way
        way.go_on()


async def test_a_nonce_that_may_be_used_up_is_named_so(hanging: tuple[PostgresNonces, Way]) -> None:
    """Postgres got the commit and says nothing: the next try needs another, and no copy of this one ever passes."""
    nonces, way = hanging
    nonce, other = secrets.token_hex(16), secrets.token_hex(16)
    way.stand_still_behind(b"COMMIT")
    async with asyncio.timeout(_PATIENT_SECONDS):
        with pytest.raises(NonceUnsure) as told:
            await nonces.use("app", nonce, AT)
    way.go_on()

    assert "X-Nonce" in told.value.message(Language.ZH)
    assert [False, True] == [await nonces.use("app", each, AT) for each in (nonce, other)]


async def test_a_nonce_that_cannot_be_forgotten_hides_no_refusal(hanging: tuple[PostgresNonces, Way]) -> None:
    """What was wrong with the request is said to whoever sent it; what became of its nonce, to the log."""
    nonces, way = hanging
    way.stand_still()

    async with asyncio.timeout(_PATIENT_SECONDS):
        with capture_logs() as logged:
            await nonces.forget("app", "n" * 16)

    # What other parts of the process say meanwhile is none of it.
    said = [each["event"] for each in logged if each["event"].startswith("nonces.")]
    assert ["nonces.unforgotten"] == said
