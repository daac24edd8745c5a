"""Connections to Postgres, and the unit of work over one of them."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

import asyncpg

from deploy import clock
from deploy.outbox import OutboxRow, store_rows
from deploy.refusals import postgres_refusal
from deploy.settings import Settings
from schemas.event import Event, encode
from schemas.ids import CaseId, DepartmentCode
from schemas.topics import department_topic, topic_name

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


async def _let_in(*arguments: Any, **options: Any) -> Connection:
    """`asyncpg.connect`; what refuses us is said in a sentence, and never with a piece of the URL."""
    try:
        return await asyncpg.connect(*arguments, **options)
    except (asyncpg.PostgresError, OSError, ValueError) as error:
        if (refusal := postgres_refusal(error)) is None:
            raise
        raise refusal from None


async def plain_connection(settings: Settings) -> Connection:
    """One connection, for whoever closes it.

    Raises:
        PostgresRefused: the server does not let us in.
    """
    return await _let_in(_dsn(settings), server_settings=_SERVER_SETTINGS, timeout=10)


@asynccontextmanager
async def connect(settings: Settings) -> AsyncIterator[Connection]:
    """One connection, for a command."""
    connection = await plain_connection(settings)
    try:
        yield connection
    finally:
        await connection.close(timeout=5)


async def _nothing_to_reset(_connection: object) -> None:
    return


@asynccontextmanager
async def open_pool(
    settings: Settings, *, size: int | None = None, manners: Mapping[str, str] = PLAIN
) -> AsyncIterator[Pool]:
    """A pool for a process; its connections are made when first needed. `manners`: Postgres settings for all of them."""
    async with asyncpg.create_pool(
        _dsn(settings),
        connect=_let_in,
        min_size=0,
        max_size=size or settings.database_pool_size,
        # Nothing of ours outlives its transaction on a connection, so giving one back costs no round trip.
        reset=_nothing_to_reset,
        command_timeout=60,
        timeout=10,
        max_inactive_connection_lifetime=300,
        server_settings={**_SERVER_SETTINGS, **manners},
    ) as pool:
        yield pool


class PostgresUnit:
    """One transaction; its events become outbox rows in `flush`, just before the edge commits."""

    __slots__ = ("_rows", "_traces", "db", "now", "origin", "prefix")

    def __init__(
        self,
        db: Any,
        now: datetime,
        *,
        prefix: str = "huiyin",
        traces: Mapping[CaseId, str] | None = None,
    ) -> None:
        self.db = db
        self.now = now
        self.prefix = prefix
        self._rows: list[OutboxRow] = []
        self._traces: dict[CaseId, str] = dict(traces or {})
        #: The trace of whoever asked, for events of cases that have none of their own.
        self.origin: str | None = None

    def emit(self, event: Event, *, to: DepartmentCode | None = None) -> None:
        """See `schemas.ports.Unit`."""
        short = event.producer if to is None else department_topic(to)
        self._rows.append(
            (
                topic_name(short, self.prefix),
                event.case_id,
                clock.new_event_id(),
                event.type,
                event.at,
                self._traces.get(event.case_id, self.origin),
                encode(event),
            )
        )

    def continue_trace(self, case_id: CaseId, traceparent: str | None) -> None:
        """See `schemas.ports.Unit`."""
        if traceparent is not None:
            self._traces[case_id] = traceparent

    def trace_of(self, case_id: CaseId) -> str | None:
        """See `schemas.ports.Unit`."""
        return self._traces.get(case_id, self.origin)

    @property
    def has_emitted(self) -> bool:
        """Whether anything is to be published."""
        return bool(self._rows)

    async def flush(self) -> int:
        """Write the outbox rows of everything emitted so far; returns how many."""
        rows, self._rows = self._rows, []
        if rows:
            await store_rows(self.db, rows)
        return len(rows)


@asynccontextmanager
async def unit_of_work(
    pool: Pool, *, prefix: str, traces: Mapping[CaseId, str] | None = None, plans_vary: bool = False
) -> AsyncIterator[PostgresUnit]:
    """Commit on a clean exit, outbox included; roll back on any error.

    `plans_vary`: lists and figures, whose best plan depends on what is asked for.
    """
    async with pool.acquire() as connection, connection.transaction():
        if plans_vary:
            await connection.execute("SET LOCAL plan_cache_mode = auto; SET LOCAL enable_seqscan = on")
        unit = PostgresUnit(connection, clock.now(), prefix=prefix, traces=traces)
        yield unit
        await unit.flush()


@asynccontextmanager
async def single_statements(pool: Pool, *, prefix: str) -> AsyncIterator[PostgresUnit]:
    """A unit without a transaction around it: each statement stands alone, and nothing can be said.

    Raises:
        RuntimeError: something was emitted.
    """
    async with pool.acquire() as connection:
        unit = PostgresUnit(connection, clock.now(), prefix=prefix)
        yield unit
        if unit.has_emitted:
            raise RuntimeError("an event needs the transaction that it belongs to")
