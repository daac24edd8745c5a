"""Shared fixtures. Servers start once a session, and only when a test asks for them."""

import gc
import signal
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import asyncpg
import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from deploy.database.metadata import SCHEMAS, metadata
from deploy.database.migrate import migrate
from deploy.database.pool import PLAN_ONCE, STATEMENTS_KEPT
from deploy.database.unit_of_work import PostgresUnit
from deploy.local.embedded.postgres import EmbeddedPostgres
from deploy.settings import Settings
from schemas.event import Event
from schemas.ids import DepartmentCode
from tests.city import city
from tests.conftest_embedded import kafka_server, postgres_server
from tests.stack import fresh_database

__all__ = ["city", "kafka_server", "postgres_server"]

# How long an example takes says how busy the machine is, and nothing about us.
settings.register_profile("ours", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("ours")

# Whoever begins us in the background has us ignore these, and whatever we start as well: a server that is to end waits for
# its next signal, a minute later.
for number, handler in ((signal.SIGINT, signal.default_int_handler), (signal.SIGQUIT, signal.SIG_DFL)):
    if signal.getsignal(number) is signal.SIG_IGN:
        signal.signal(number, handler)

# Modules, tests and the trees of our own sources live to the end: looking through them for rubbish again and again was an
# eighth of the time of all unit tests.
gc.set_threshold(20_000, 20, 20)


def pytest_collection_finish() -> None:
    """Whatever there is now is looked through for rubbish no more."""
    gc.collect()
    gc.freeze()


#: What the units of tests seal with.
AUDIT_KEY = b"for tests only, of no city at all"


class RecordingUnit(PostgresUnit):
    """A real transaction that also remembers what was emitted. `now` can be set."""

    def __init__(self, db: Any, now: datetime) -> None:
        super().__init__(db, now, audit_key=AUDIT_KEY)
        self.emitted: list[Event] = []
        self.emitted_to: list[tuple[DepartmentCode, Event]] = []

    def emit(self, event: Event, *, to: DepartmentCode | None = None) -> None:
        """Remember it, and write it like the real one."""
        super().emit(event, to=to)
        if to is None:
            self.emitted.append(event)
        else:
            self.emitted_to.append((to, event))


@pytest.fixture(scope="session")
async def schema(postgres_server: EmbeddedPostgres) -> str:
    """The database's URL, once its tables exist."""
    await make_tables(postgres_server.url)
    return postgres_server.url


async def make_tables(url: str) -> None:
    """As this release's models say, without the rights that migrations give."""
    engine = create_async_engine(url.replace("postgresql://", "postgresql+asyncpg://"), poolclass=NullPool)
    async with engine.begin() as connection:
        for name in SCHEMAS:
            await connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {name}"))
        await connection.run_sync(metadata().create_all)
    await engine.dispose()


@pytest.fixture(scope="session")
async def migrated(postgres_server: EmbeddedPostgres) -> str:
    """A database with this release's schema and rights, for copies alone: migrating each would be the dearest part."""
    owner = await fresh_database(postgres_server.url)
    application = postgres_server.application_url.rpartition("/")[0] + "/" + owner.rpartition("/")[2]
    await migrate(Settings(database_url=application, migration_database_url=owner))
    return owner


@pytest.fixture(scope="session")
async def idle_connections(schema: str) -> AsyncIterator[list[Any]]:
    """Connections that no test has at the moment: what a new one must learn of the schema costs more than most tests."""
    idle_connections: list[Any] = []
    yield idle_connections
    for connection in idle_connections:
        await connection.close()


@pytest.fixture
async def db(schema: str, idle_connections: list[Any]) -> AsyncIterator[Any]:
    """A connection inside a transaction that is rolled back; nothing that an earlier test set or locked is left on it.

    It plans each statement once, as our processes do: planning anew took more of Postgres' time than all rows.
    """
    connection = (
        idle_connections.pop()
        if idle_connections
        else await asyncpg.connect(schema, server_settings=PLAN_ONCE, **STATEMENTS_KEPT)
    )
    transaction = connection.transaction()
    await transaction.start()
    try:
        yield connection
    finally:
        await transaction.rollback()
        await connection.reset()
        idle_connections.append(connection)


@pytest.fixture
def unit(db: Any) -> RecordingUnit:
    """A unit of work over that transaction, on Monday 2026-11-23 at 10:00 in China."""
    return RecordingUnit(db, datetime(2026, 11, 23, 2, 0, tzinfo=UTC))
