"""The outbox: every event that goes with a database write is a row of the same transaction.

Order per case holds because writers lock the case's row before they add an event, and because one relay alone
sends rows in id order (`deploy/messaging/relay.py`).
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

import asyncpg

from deploy.database.pool import TRANSIENT
from schemas.ids import CaseId, EventId
from schemas.ports import Database

#: topic, case, event id, type, at, traceparent, body
OutboxRow = tuple[str, CaseId, EventId, str, datetime, str | None, bytes]


CHANNEL = "huiyin_outbox"
#: Not worth an fsync: the rows themselves are durable, and the relay polls anyway.
_NOTIFY = f"BEGIN; SET LOCAL synchronous_commit = off; NOTIFY {CHANNEL}; COMMIT"
#: The shortest time between two notifications: a relay that has just sent looks again by itself (project choice).
NOTIFY_SECONDS = 0.25
#: How often the relay polls, and so how long a row waits whose notification was lost (project choice).
POLL_SECONDS = 0.25


#: The columns, in the order of `OutboxRow`.
_COLUMNS = ("topic", "case_id", "event_id", "type", "at", "traceparent", "body")


async def store_rows(connection: Any, rows: Sequence[OutboxRow]) -> None:
    """Add events to the outbox, in order."""
    # COPY writes a page of rows at a time, and costs two thirds of an INSERT from arrays, here and in Postgres.
    await connection.copy_records_to_table("outbox", schema_name="deploy", columns=_COLUMNS, records=rows)


class NearRelay:
    """The relay that runs in this same process, if any: it is woken directly, without a NOTIFY."""

    def __init__(self) -> None:
        #: Wakes it while it leads; None while no relay of this process does.
        self.wake: Callable[[], None] | None = None


class RelayNotifier:
    """Tells the relay, after a commit, that there are new rows; at most one notification at a time.

    Inside the transaction a NOTIFY would make commits wait for one another (Postgres holds one lock for all
    notifying commits), so it goes separately, and its loss costs at most `POLL_SECONDS`.
    """

    def __init__(self, pool: Any, near: NearRelay | None = None) -> None:
        self._pool = pool
        self._near = near or NearRelay()
        self._notified = asyncio.Event()

    def notify(self) -> None:
        """Call after committing outbox rows: the relay is notified soon. Returns at once."""
        if self._near.wake is not None:
            self._near.wake()
        else:
            self._notified.set()

    @asynccontextmanager
    async def running(self) -> AsyncIterator["RelayNotifier"]:
        """Notifications are passed on to the relay while this is open."""
        task = asyncio.create_task(self._pass_on(), name="relay notifier")
        try:
            yield self
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _pass_on(self) -> None:
        while True:
            await self._notified.wait()
            self._notified.clear()
            # Where it fails, the relay's poll finds the rows; notify again when there are more.
            with contextlib.suppress(asyncpg.PostgresError, *TRANSIENT):
                # Taken from the pool each time: a connection of its own would cost one Postgres backend for each process.
                async with self._pool.acquire() as connection:
                    await connection.execute(_NOTIFY)
            # Rows that follow within this time need no notification of their own.
            await asyncio.sleep(NOTIFY_SECONDS)


async def oldest_seconds(db: Database) -> float:
    """Age of the row that was added first, in seconds; 0 where none waits."""
    # By the key: however many rows wait, one is read.
    seconds = await db.fetchval(
        "SELECT extract(epoch FROM now() - at)::float8 FROM deploy.outbox ORDER BY id LIMIT 1"
    )
    return max(0.0, seconds or 0.0)


async def state(db: Database) -> tuple[int, float]:
    """Rows that wait, and the age of the oldest in seconds."""
    row = await db.fetchrow(
        "SELECT count(*) AS rows, COALESCE(extract(epoch FROM now() - min(at)), 0) AS seconds FROM deploy.outbox"
    )
    return int(row["rows"]), max(0.0, float(row["seconds"]))
