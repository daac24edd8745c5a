"""The unit of work: one transaction, with the outbox rows of all events that a step emitted in it, and its notices."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from deploy import clock
from deploy.database.notices import store_notices
from deploy.database.outbox import OutboxRow, RelayNotifier, store_rows
from deploy.database.pool import Connections
from schemas.event import Event, encode
from schemas.hmac_sha256 import hmac_of
from schemas.ids import CaseId, DepartmentCode
from schemas.notices import Notice
from schemas.topics import department_topic, topic_name


class PostgresUnit:
    """`schemas.ports.Unit` over Postgres: its events become outbox rows in `flush`, just before the edge commits."""

    __slots__ = (
        "_audit_key",
        "_notices",
        "_rows",
        "_traces",
        "db",
        "is_committing",
        "now",
        "origin",
        "prefix",
    )

    def __init__(
        self,
        db: Any,
        now: datetime,
        *,
        prefix: str = "huiyin",
        traces: Mapping[CaseId, str] | None = None,
        audit_key: bytes = b"",
    ) -> None:
        self.db = db
        self.now = now
        self.prefix = prefix
        #: The key of the audit log; empty where this unit writes none.
        self._audit_key = audit_key
        self._rows: list[OutboxRow] = []
        self._notices: list[Notice] = []
        self._traces: dict[CaseId, str] = dict(traces or {})
        #: The trace of the request, for events of cases without a trace of their own.
        self.origin: str | None = None
        #: Set just before COMMIT: if Postgres does not answer after that, the outcome is unknown.
        self.is_committing = False

    def emit(self, event: Event, *, to: DepartmentCode | None = None) -> None:
        """Keep `event` until `flush`, with a new id and the trace of its case, or else of the request."""
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

    def notify(self, notice: Notice) -> None:
        """Keep `notice` until `flush` writes it with the rest."""
        self._notices.append(notice)

    def continue_trace(self, case_id: CaseId, traceparent: str | None) -> None:
        """From here on, events about this case belong to that trace; None changes nothing."""
        if traceparent is not None:
            self._traces[case_id] = traceparent

    def trace_of(self, case_id: CaseId) -> str | None:
        """The W3C traceparent that an event about this case gets, if any."""
        return self._traces.get(case_id, self.origin)

    def seal(self, text: bytes) -> bytes:
        """HMAC-SHA-256 under the audit's key.

        Raises:
            RuntimeError: this unit was given none.
        """
        if not self._audit_key:
            raise RuntimeError("what is logged needs the audit's key")
        return hmac_of(self._audit_key).digest(text)

    @property
    def has_emitted(self) -> bool:
        """Whether anything is to be published."""
        return bool(self._rows)

    @property
    def has_notices(self) -> bool:
        """Whether anybody is to be told."""
        return bool(self._notices)

    async def flush(self) -> int:
        """Write the outbox rows and notices of everything emitted so far; returns the number of outbox rows."""
        rows, self._rows = self._rows, []
        notices, self._notices = self._notices, []
        if rows:
            await store_rows(self.db, rows)
        if notices:
            await store_notices(self.db, notices)
        return len(rows)


@asynccontextmanager
async def unit_of_work(
    pool: Connections,
    *,
    prefix: str,
    traces: Mapping[CaseId, str] | None = None,
    plans_vary: bool = False,
    audit_key: bytes = b"",
    notifier: RelayNotifier | None = None,
) -> AsyncIterator[PostgresUnit]:
    """Commit on a clean exit, outbox included; roll back on any error.

    `audit_key`: seals rows of the audit log; empty where none are written. `notifier`: wakes the relay after a commit with
    events. `plans_vary`: for lists and figures, whose best query plan depends on the parameters.
    """
    async with pool.acquire() as connection, connection.transaction():
        if plans_vary:
            await connection.execute("SET LOCAL plan_cache_mode = auto; SET LOCAL enable_seqscan = on")
        unit = PostgresUnit(connection, clock.now(), prefix=prefix, traces=traces, audit_key=audit_key)
        yield unit
        events = await unit.flush()
        unit.is_committing = True
    if events and notifier is not None:
        notifier.notify()


@asynccontextmanager
async def single_statements(pool: Connections, *, prefix: str) -> AsyncIterator[PostgresUnit]:
    """A unit without a transaction: each statement commits by itself, and no event can be emitted.

    Raises:
        RuntimeError: an event or a notice was emitted.
    """
    async with pool.acquire() as connection:
        unit = PostgresUnit(connection, clock.now(), prefix=prefix)
        yield unit
        if unit.has_emitted or unit.has_notices:
            raise RuntimeError("an event needs the transaction that it belongs to")
