"""Connections to Postgres: one for a command, a pool for a process; and which of their failures another try may mend."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

import asyncpg

from deploy import clock
from deploy.database.access import postgres_refusal
from deploy.settings import Settings
from schemas.ports import Database

if TYPE_CHECKING:
    Connection = asyncpg.Connection[asyncpg.Record]
    Pool = asyncpg.Pool[asyncpg.Record]
else:
    Connection = asyncpg.Connection
    Pool = asyncpg.Pool

#: What a connection to Postgres can fail with so that nobody knows whether what was under way was committed.
UNCERTAIN = (
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InterfaceError,
    # What asyncpg says of itself on a connection that has just died.
    asyncpg.InternalClientError,
    ConnectionError,
    TimeoutError,
    OSError,
)
#: What another try may mend.
TRANSIENT = (
    *UNCERTAIN,
    asyncpg.InsufficientResourcesError,
    asyncpg.TransactionRollbackError,
    asyncpg.LockNotAvailableError,
    asyncpg.QueryCanceledError,
    asyncpg.ObjectNotInPrerequisiteStateError,
)

PLAIN: Mapping[str, str] = {}
#: Each statement keeps its first plan: Postgres would plan those over arrays anew at every call. A plan that is made
#: while a table is small is kept when it has grown, so it may not be one that reads the whole table.
PLAN_ONCE = {"plan_cache_mode": "force_generic_plan", "enable_seqscan": "off"}
#: As well, whoever waits for a lock is soon told to try again. Not sooner than Postgres sees a deadlock: after 1 s.
FOR_PEOPLE = {**PLAN_ONCE, "lock_timeout": "2s"}
_SERVER_SETTINGS = {"jit": "off", "timezone": "UTC", "application_name": "huiyin"}


def _dsn(settings: Settings) -> str:
    # SQLAlchemy's spelling is accepted, too: one URL serves every tool.
    return settings.database_url.replace("postgresql+asyncpg://", "postgresql://", 1)


async def _connect_or_refuse(*arguments: Any, **options: Any) -> Connection:
    """`asyncpg.connect`, whose refusals become `PostgresAccessDenied`: one sentence, without any piece of the URL."""
    try:
        return await asyncpg.connect(*arguments, **options)
    except (asyncpg.PostgresError, OSError, ValueError) as error:
        if (refusal := postgres_refusal(error)) is None:
            raise
        raise refusal from None


async def plain_connection(settings: Settings) -> Connection:
    """One connection, which the caller closes.

    Raises:
        PostgresAccessDenied: the server refuses us.
    """
    return await _connect_or_refuse(_dsn(settings), server_settings=_SERVER_SETTINGS, timeout=10)


@asynccontextmanager
async def connect(settings: Settings) -> AsyncIterator[Connection]:
    """One connection, for a command; closed at the end.

    Raises:
        PostgresAccessDenied: the server refuses us.
    """
    connection = await plain_connection(settings)
    try:
        yield connection
    finally:
        await connection.close(timeout=5)


async def hear_time(connection: Database) -> None:
    """Ask what time it is in the database: `deploy.clock` goes by it from then on."""
    asked_at = clock.counted()
    moment: datetime = await connection.fetchval("SELECT clock_timestamp()")
    clock.hear(moment, asked_at=asked_at)


async def _nothing_to_reset(_connection: object) -> None:
    return


@asynccontextmanager
async def open_pool(
    settings: Settings, *, size: int | None = None, server_settings: Mapping[str, str] = PLAIN
) -> AsyncIterator[Pool]:
    """A pool for a process; its connections are made when first needed.

    `server_settings`: Postgres settings for all of them.
    """
    async with asyncpg.create_pool(
        _dsn(settings),
        connect=_connect_or_refuse,
        # So nobody does anything in a transaction before this machine goes by the database's clock.
        init=hear_time,
        min_size=0,
        max_size=size or settings.database_pool_size,
        # Nothing of ours outlives its transaction on a connection, so giving one back costs no round trip.
        reset=_nothing_to_reset,
        command_timeout=60,
        timeout=10,
        max_inactive_connection_lifetime=300,
        server_settings={**_SERVER_SETTINGS, **server_settings},
    ) as pool:
        yield pool
