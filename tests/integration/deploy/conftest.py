"""A database and topics for the made-up slice."""

import secrets
from collections.abc import AsyncIterator, Iterator
from functools import partial
from pathlib import Path

import aiohttp
import asyncpg
import pytest
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from deploy.accounts import passwords
from deploy.accounts import tables as site_tables
from deploy.database import tables
from deploy.database.pool import Pool, open_pool
from deploy.local.embedded.kafka import EmbeddedKafka
from deploy.local.embedded.postgres import EmbeddedPostgres
from deploy.messaging.client.client import open_admin, open_producer
from deploy.messaging.topics.topics import wanted_topics
from deploy.settings import Settings
from schemas import topics
from schemas.city import load_city
from tests.integration.deploy.rig import Rig
from tests.integration.deploy.site import serving
from tests.stack import free_port, fresh_database

_SCRATCH = """
CREATE SCHEMA scratch;
CREATE TABLE scratch.seen (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    case_id uuid NOT NULL, version int NOT NULL, text text NOT NULL
)
"""


@pytest.fixture(scope="package", autouse=True)
def quick_hashes() -> Iterator[None]:
    """Argon2 as it is, with the least memory, and here alone: tests/unit/deploy/accounts asks what a hash costs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "Argon2Hasher", partial(Argon2Hasher, time_cost=1, memory_cost=32))
        yield


@pytest.fixture(scope="session")
async def scratch_database(postgres_server: EmbeddedPostgres) -> str:
    """A database with our own tables and one for the made-up slice; no slice's."""
    url = await fresh_database(postgres_server.url)
    engine = create_async_engine(url.replace("postgresql://", "postgresql+asyncpg://"), poolclass=NullPool)
    ours = [tables.Inbox, tables.Outbox, tables.Quarantine, tables.ProcessBeat, tables.FirstSigned]
    ours += [
        tables.LostRangeRow,
        tables.KnownEndRow,
        tables.RateLimit,
        tables.ProgressRow,
        tables.LeaseRow,
        tables.CaseViewRow,
        tables.OperatorDeedRow,
        site_tables.SignInTry,
    ]
    ours += [site_tables.Account, site_tables.AccountChangeRow, site_tables.Session, site_tables.Token]
    async with engine.begin() as connection:
        await connection.execute(text("CREATE SCHEMA deploy"))
        metadata = tables.Inbox.metadata
        await connection.run_sync(metadata.create_all, tables=[table.__table__ for table in ours])  # type: ignore[attr-defined]  # SQLModel sets it
    await engine.dispose()
    db = await asyncpg.connect(url)
    await db.execute(_SCRATCH)
    await db.close()
    return url


@pytest.fixture
def settings(
    scratch_database: str, kafka_server: EmbeddedKafka, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Settings:
    """A prefix of its own for each test; commands that read the environment find the same."""
    for name, value in {
        "DATABASE_URL": scratch_database,
        **kafka_server.login(),
        "TOPIC_PREFIX": f"t{secrets.token_hex(4)}",
        "TOPIC_PARTITIONS": "4",
        "SESSION_TIMEOUT_MS": "6000",
        "HUIYIN_SECRET_KEY": "a secret for tests only, long enough",
        "HUIYIN_DATA": str(tmp_path),
    }.items():
        monkeypatch.setenv(name, value)
    return Settings()


@pytest.fixture
async def pool(settings: Settings) -> AsyncIterator[Pool]:
    """Connections to the database, emptied before."""
    async with open_pool(settings) as pool:
        await pool.execute(
            "TRUNCATE deploy.inbox, deploy.outbox, deploy.quarantine, deploy.token, deploy.rate_limit, "
            "deploy.progress, deploy.lease, deploy.lost_range, deploy.known_end, scratch.seen"
        )
        yield pool


@pytest.fixture
async def made_topics(settings: Settings) -> None:
    """The topic that is heard and written to, and the dead letters'."""
    await _make_topics(settings)


async def _make_topics(settings: Settings) -> None:
    shorts = (topics.SUBMISSIONS, topics.INTAKE, topics.DEAD_LETTERS)
    names = [topics.topic_name(short, settings.topic_prefix) for short in shorts]
    wanted = wanted_topics(settings, load_city())
    async with open_admin(settings) as admin:
        await admin.create_topics([wanted[name] for name in names])


@pytest.fixture
async def rig(settings: Settings, pool: Pool, made_topics: None) -> AsyncIterator[Rig]:
    """The made-up slice."""
    async with open_producer(settings, linger_ms=0) as producer:
        yield Rig(settings=settings, pool=pool, producer=producer)


@pytest.fixture(scope="package")
def own_kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedKafka]:
    """A broker that tests may kill; whoever does starts it again."""
    with EmbeddedKafka(tmp_path_factory.mktemp("own-kafka")) as server:
        yield server


@pytest.fixture
async def own_settings(settings: Settings, own_kafka: EmbeddedKafka) -> Settings:
    """The same, with that broker; its topics exist."""
    own = settings.model_copy(update=own_kafka.client_settings())
    await _make_topics(own)
    return own


@pytest.fixture
async def address(settings: Settings, pool: Pool) -> AsyncIterator[str]:
    """The address of the made-up slice's site."""
    async with serving(settings, pool) as address:
        yield address


@pytest.fixture
async def http(address: str) -> AsyncIterator[aiohttp.ClientSession]:
    """A caller of that site who keeps cookies."""
    async with aiohttp.ClientSession(address, cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        yield session


@pytest.fixture
async def without_postgres(settings: Settings) -> AsyncIterator[aiohttp.ClientSession]:
    """A caller of a site whose database does not answer."""
    away = settings.model_copy(update={"database_url": f"postgresql://huiyin@127.0.0.1:{free_port()}/huiyin"})
    async with (
        open_pool(away) as pool,
        serving(away, pool) as address,
        aiohttp.ClientSession(address) as session,
    ):
        yield session
