"""Connections to Postgres: one for a command, a pool for a process; and which of their failures another try may mend."""

import asyncio
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

import asyncpg

from deploy import clock
from deploy.database.access import postgres_refusal
from deploy.database.arrays import know_texts_by_type
from deploy.database.turns import own_name
from deploy.settings import Settings
from schemas.ports import Database

if TYPE_CHECKING:
    Connection = asyncpg.Connection[asyncpg.Record]
    Pool = asyncpg.Pool[asyncpg.Record]
else:
    Connection = asyncpg.Connection
    Pool = asyncpg.Pool

know_texts_by_type()

#: What a connection to Postgres can fail with so that nobody knows whether what was under way was committed.
UNCERTAIN = (
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    # We stood still in the middle of a transaction: see IDLE_IN_TRANSACTION.
    asyncpg.IdleInTransactionSessionTimeoutError,
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

#: What a release meets whose schema the database does not have.
OTHER_SCHEMA = (asyncpg.UndefinedColumnError, asyncpg.UndefinedTableError)
#: What Postgres says where its own disk takes nothing more.
NO_ROOM = (asyncpg.DiskFullError,)

#: How long a pool may take to close (project choice: a small part of what a process that stops may take).
CLOSE_SECONDS = 2.0
PLAIN: Mapping[str, str] = {}
#: Each statement keeps its first plan: Postgres would plan those over arrays anew at every call. A plan that is made
#: while a table is small is kept when it has grown, so it may not be one that reads the whole table.
PLAN_ONCE = {"plan_cache_mode": "force_generic_plan", "enable_seqscan": "off"}
#: However long a statement is: asyncpg forgets those of more than 15 KiB at once, and what reads the figures has 19.
STATEMENTS_KEPT: Mapping[str, Any] = {"max_cacheable_statement_size": 0}
#: As well, whoever waits for a lock is soon told to try again. Not sooner than Postgres sees a deadlock: after 1 s.
FOR_PEOPLE = {**PLAN_ONCE, "lock_timeout": "2s"}
#: A process that froze in the middle of a transaction holds rows which others wait for: Postgres ends it after so long
#: (project choice: between two statements of ours pass milliseconds; what takes longer is `staying`, or says `PATIENT`).
IDLE_IN_TRANSACTION = {"idle_in_transaction_session_timeout": "30s"}
#: So often a transaction that is to stay open says that whoever has it lives (project choice: a sixth of that time).
_ALIVE_SECONDS = 5.0
#: For one transaction that is open while something else works for as long as it takes: a copy, a migration.
PATIENT = {"idle_in_transaction_session_timeout": "0"}
#: Project choices, for both ends of a connection: a peer that is gone without a word (a machine without power, a cut
#: cable) is noticed within half a minute, not after the two hours that Linux waits by itself.
_SILENT_SECONDS, _PROBE_SECONDS, _PROBES = 10, 5, 3
_UNANSWERED_MS = 30_000
_KEEPALIVES = {
    "tcp_keepalives_idle": str(_SILENT_SECONDS),
    "tcp_keepalives_interval": str(_PROBE_SECONDS),
    "tcp_keepalives_count": str(_PROBES),
    "tcp_user_timeout": str(_UNANSWERED_MS),
}
_SERVER_SETTINGS = {
    "jit": "off",
    "timezone": "UTC",
    **IDLE_IN_TRANSACTION,
    **_KEEPALIVES,
}


def _dsn(settings: Settings) -> str:
    # SQLAlchemy's spelling is accepted, too: one URL serves every tool.
    return settings.database_url.replace("postgresql+asyncpg://", "postgresql://", 1)


async def _connect_or_refuse(*arguments: Any, **options: Any) -> Connection:
    """`asyncpg.connect`, whose refusals become `PostgresAccessDenied`: one sentence, without any piece of the URL."""
    try:
        connection: Connection = await asyncpg.connect(*arguments, **options)
    except (asyncpg.PostgresError, OSError, ValueError) as error:
        if (refusal := postgres_refusal(error)) is None:
            raise
        raise refusal from None
    _keep_alive(connection)
    return connection


def _keep_alive(connection: Any) -> None:
    """Have this end notice, too, when the other is gone. asyncpg has no option for it, so its socket is told."""
    end = connection._transport.get_extra_info("socket")
    if end is None or end.family not in (socket.AF_INET, socket.AF_INET6):
        return
    end.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    end.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, _SILENT_SECONDS)
    end.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, _PROBE_SECONDS)
    end.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, _PROBES)
    end.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _UNANSWERED_MS)


async def plain_connection(settings: Settings, server_settings: Mapping[str, str] = PLAIN) -> Connection:
    """One connection, which the caller closes. `server_settings`: Postgres settings for it.

    Raises:
        PostgresAccessDenied: the server refuses us.
    """
    wanted = _wanted(server_settings)
    return await _connect_or_refuse(_dsn(settings), server_settings=wanted, timeout=10)


def _wanted(server_settings: Mapping[str, str]) -> dict[str, str]:
    # The name now: a process may be one of several that were divided from the one which loaded this.
    return {**_SERVER_SETTINGS, "application_name": own_name(), **server_settings}


@asynccontextmanager
async def connect(
    settings: Settings, server_settings: Mapping[str, str] = PLAIN
) -> AsyncIterator[Connection]:
    """One connection, for a command, which goes by the database's time from then on; closed at the end.

    `server_settings`: Postgres settings for it.

    Raises:
        PostgresAccessDenied: the server refuses us.
    """
    connection = await plain_connection(settings, server_settings)
    try:
        await ask_time(connection)
        yield connection
    finally:
        await connection.close(timeout=5)


@asynccontextmanager
async def staying(connection: Database) -> AsyncIterator[None]:
    """Within it the transaction stays open however long something else takes, which must ask nothing by this connection.

    Only while we live: a process that freezes there loses it like any other, and what it locked is free.
    """
    done = asyncio.Event()
    telling = asyncio.create_task(_tell_that_we_live(connection, done), name="staying")
    try:
        yield
    except BaseException as error:
        done.set()
        [lost] = await asyncio.gather(telling, return_exceptions=True)
        if isinstance(lost, BaseException):
            # What failed first is what mends it: the lost connection stands beside it, and not in its place.
            error.add_note(f"the connection that was to stay is lost as well: {lost!r}")
        raise
    done.set()
    await telling


async def _tell_that_we_live(connection: Database, done: asyncio.Event) -> None:
    while not done.is_set():
        await connection.execute("SELECT")
        await clock.wait_for(done, _ALIVE_SECONDS)


async def ask_time(connection: Database) -> None:
    """Ask what time it is in the database: `deploy.clock` goes by it from then on."""
    asked_at = clock.counted()
    moment: datetime = await connection.fetchval("SELECT clock_timestamp()")
    clock.note_database_time(moment, asked_at=asked_at)


async def _nothing_to_reset(_connection: object) -> None:
    return


@asynccontextmanager
async def open_pool(
    settings: Settings, *, size: int | None = None, server_settings: Mapping[str, str] = PLAIN
) -> AsyncIterator[Pool]:
    """A pool for a process; its connections are made when first needed, and end with it whether Postgres answers or not.

    `server_settings`: Postgres settings for all of them.
    """
    pool = asyncpg.create_pool(
        _dsn(settings),
        connect=_connect_or_refuse,
        # So nobody does anything in a transaction before this machine goes by the database's clock.
        init=ask_time,
        min_size=0,
        max_size=size or settings.database_pool_size,
        # Nothing of ours outlives its transaction on a connection, so giving one back costs no round trip.
        reset=_nothing_to_reset,
        command_timeout=60,
        timeout=10,
        max_inactive_connection_lifetime=300,
        server_settings=_wanted(server_settings),
        **STATEMENTS_KEPT,
    )
    await pool
    try:
        yield pool
    finally:
        await _close(pool)


class Connections(Protocol):
    """What connections are taken from: a pool, or its share for some."""

    def acquire(self) -> AbstractAsyncContextManager[Any]:
        """A connection, given back at the end of the context."""
        ...


class LeavingOne:
    """A pool whose last connection is left to others: to questions that are not worth asking late.

    Whoever takes connections for whole transactions takes them here; who asks whose token it is, whether an idempotency
    key is known, or what an address has left, goes to the pool itself, and waits for none of them.
    """

    def __init__(self, pool: Connections, size: int) -> None:
        self._pool = pool
        self._turns = asyncio.Semaphore(max(1, size - 1))

    @asynccontextmanager
    async def acquire(self) -> AsyncIterator[Any]:
        """A connection of the pool, in turn."""
        async with self._turns, self._pool.acquire() as connection:
            yield connection


async def _close(pool: Pool) -> None:
    """Close all connections to Postgres within `CLOSE_SECONDS`; those left then are cut."""
    try:
        async with asyncio.timeout(CLOSE_SECONDS):
            await pool.close()
    except UNCERTAIN:
        pool.terminate()
