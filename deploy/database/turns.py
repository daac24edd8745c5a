"""One process at a time, by a session lock of Postgres: whoever waits for it, or for a table, is told for whom."""

import asyncio
import os
import socket
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, NamedTuple

import structlog

from schemas.bilingual import Bilingual

log = structlog.get_logger()

#: How long to leave whoever has the turn before looking again (project choice: building takes seconds to minutes).
_LOOK_AGAIN_SECONDS = 0.5
#: Between two words about the same waiting (project choice: who watches a terminal sees that it is still so).
_TELL_AGAIN_SECONDS = 60.0
#: A transaction that is older holds up what waits for its tables (project choice: no request of ours takes so long).
_LONG_SECONDS = 2
#: What may stand in a session's `application_name`: https://www.postgresql.org/docs/current/runtime-config-logging.html
_NAME_BYTES = 63

#: Told in both languages whom we wait for.
OnWait = Callable[[Bilingual], None]


class Holder(NamedTuple):
    """A session that has what others wait for."""

    backend: int
    who: str
    #: None where Postgres tells it to nobody but that role and a superuser.
    since: datetime | None

    def words(self) -> Bilingual:
        """Who it is, since when, and how to go on where it stands still: a stopped process keeps all it has."""
        since = f"{self.since.astimezone():%Y-%m-%d %H:%M:%S}" if self.since else ""
        zh, en = (f"（自 {since} 起）", f" (since {since})") if since else ("", "")
        return Bilingual(
            zh=f"{self.who}{zh}；若它已停住，请让其继续（kill -CONT PID）"
            f"或结束其会话：SELECT pg_terminate_backend({self.backend})",
            en=f"{self.who}{en}; if it stands still let it go on (kill -CONT PID), "
            f"or end its session: SELECT pg_terminate_backend({self.backend})",
        )


def own_name() -> str:
    """What a session is called that may be waited for: by it people find the process."""
    return f"huiyin PID {os.getpid()} @ {socket.gethostname()}"[:_NAME_BYTES]


def log_waiting(said: Bilingual) -> None:
    """Say it in the log, where nobody watches."""
    log.warning("migration.waits", why=said.en)


async def take_turn(db: Any, lock: int, on_wait: OnWait) -> None:
    """Take the lock; it is kept until the connection closes."""
    waiting = LongWait(on_wait)
    # Asked again and again: whoever waits within a statement has a snapshot, which the building of an index waits for.
    while not await db.fetchval("SELECT pg_try_advisory_lock($1)", lock):
        await waiting.tell_of(await holder_of(db, lock))
        await asyncio.sleep(_LOOK_AGAIN_SECONDS)


class LongWait:
    """Tells at once whom we wait for, and again from time to time."""

    def __init__(self, on_wait: OnWait) -> None:
        self._on_wait = on_wait
        self._next_at = 0.0

    async def tell_of(self, holder: Holder | None) -> None:
        """Say whom we wait for, if that is known and was not told just now."""
        now = time.monotonic()
        if holder is None or now < self._next_at:
            return
        self._next_at = now + _TELL_AGAIN_SECONDS
        said = holder.words()
        self._on_wait(Bilingual(zh=f"正在等待 {said.zh}", en=f"waits for {said.en}"))


async def holder_of(db: Any, lock: int) -> Holder | None:
    """The session that has the lock, if another one has it."""
    return _holder(
        await db.fetchrow(
            f"""
            SELECT {_ABOUT}, backend_start AS since FROM pg_stat_activity JOIN pg_locks USING (pid)
            WHERE locktype = 'advisory' AND granted AND objsubid = 1 AND pid <> pg_backend_pid()
              AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
              AND classid::bigint << 32 | objid::bigint = $1
            """,  # noqa: S608  ours
            lock,
        )
    )


async def longest_here(db: Any) -> Holder | None:
    """Whose transaction in this database is open for so long already that it may be what keeps a table from us."""
    return _holder(
        await db.fetchrow(
            f"""
            SELECT {_ABOUT}, xact_start AS since FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
              AND xact_start < clock_timestamp() - make_interval(secs => $1)
            ORDER BY xact_start LIMIT 1
            """,  # noqa: S608  ours
            _LONG_SECONDS,
        )
    )


@asynccontextmanager
async def telling(db: Any, on_wait: OnWait) -> AsyncIterator[None]:
    """Within it something waits for every session of the server; `db`, another connection, finds one that hears nothing."""
    watching = asyncio.create_task(_tell_of_the_deaf(db, on_wait), name="telling")
    try:
        yield
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)


async def _tell_of_the_deaf(db: Any, on_wait: OnWait) -> None:
    waiting = LongWait(on_wait)
    while True:
        await asyncio.sleep(_LONG_SECONDS)
        await waiting.tell_of(await deaf_one(db))


async def deaf_one(db: Any) -> Holder | None:
    """Whose client takes nothing of what the server sends: its session hears of no dropped database meanwhile."""
    return _holder(
        await db.fetchrow(
            f"""
            SELECT {_ABOUT}, query_start AS since FROM pg_stat_activity
            WHERE wait_event = 'ClientWrite' AND query_start < clock_timestamp() - make_interval(secs => $1)
            ORDER BY query_start LIMIT 1
            """,  # noqa: S608  ours
            _LONG_SECONDS,
        )
    )


_ABOUT = "pid, coalesce(nullif(application_name, ''), usename, '?') || coalesce(' ' || host(client_addr), '') AS who"


def _holder(row: Any) -> Holder | None:
    return None if row is None else Holder(row["pid"], row["who"], row["since"])
