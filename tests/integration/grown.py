"""Databases that have grown: filled once for a run of tests, and copied for each test that asks."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import asyncpg

from deploy.bench.preload_sql import LOADS, SEED, TEXTS
from tests.conftest import make_tables
from tests.stack import fresh_database

#: Enough that reading all of them costs more than finding some, by Postgres' own reckoning (project choice).
CASES = 20_000
#: Puts into a database what it has grown by.
Fill = Callable[[Any], Awaitable[None]]

# A worker that came between two copies would mark pages as seen by everybody: then other plans are chosen.
_AS_FILLED = """
DO $$ DECLARE each regclass; BEGIN
    FOR each IN SELECT oid FROM pg_class WHERE relkind = 'r' AND relpersistence = 'p' AND relnamespace::regnamespace::text
        NOT IN ('pg_catalog', 'information_schema') LOOP
        EXECUTE format('ALTER TABLE %s SET (autovacuum_enabled = off)', each);
    END LOOP;
END $$"""


class Grown:
    """Makes them on one server. A copy takes a tenth of the time of filling, and holds nothing that another test left."""

    def __init__(self, server_url: str) -> None:
        self._server_url = server_url
        self._filled: dict[Fill, str] = {}

    @asynccontextmanager
    async def by(self, fill: Fill, *, on: Fill | None = None) -> AsyncIterator[Any]:
        """A connection to a copy of its own, inside a transaction; the copy is gone afterwards.

        `on`: what has filled the database before.
        """
        if on is not None:
            await self._fill(on)
        await self._fill(fill, on)
        url = await fresh_database(self._server_url, like=self._filled[fill])
        connection = await asyncpg.connect(url)
        try:
            async with connection.transaction():
                yield connection
        finally:
            await connection.close()
            await self._drop(url)

    async def _fill(self, fill: Fill, on: Fill | None = None) -> None:
        if fill in self._filled:
            return
        if on is None:
            url = await fresh_database(self._server_url)
            await make_tables(url)
        else:
            url = await fresh_database(self._server_url, like=self._filled[on])
        connection = await asyncpg.connect(url)
        try:
            await connection.execute(_AS_FILLED)
            async with connection.transaction():
                await fill(connection)
        finally:
            await connection.close()
        self._filled[fill] = url

    async def _drop(self, url: str) -> None:
        connection = await asyncpg.connect(self._server_url)
        try:
            await connection.execute(f"DROP DATABASE {url.rpartition('/')[2]} WITH (FORCE)")
        finally:
            await connection.close()


async def seeded(db: Any) -> None:
    """Twenty thousand cases with all that belongs to them."""
    await db.execute(TEXTS)
    await db.execute(
        """INSERT INTO public.bench_text
        SELECT n, 'T', 'text', 'c' || n % 30, CASE n % 20 WHEN 0 THEN 'housing' ELSE 'd' || n % 20 END, ''
        FROM generate_series(0, 4999) AS n"""
    )
    await db.execute(SEED, CASES)
    for load in LOADS.values():
        await db.execute(load.replace("$response", "'好的'"))
    await db.execute(
        """INSERT INTO sla.alert (case_id, clock, level, deadline_version, department, owner, due_at, raised_at)
        SELECT case_id, 'reply', 'missed', 1, lead, 'lead', received_at, received_at FROM sla."case" """
    )
    await db.execute(
        """INSERT INTO intake.promise (case_id, number, department, until, granted_at, publishable, replied_at, ended_at,
            outcome)
        SELECT case_id, 1, 'housing', at + interval '9 days', at, true, at, at, 'answered' FROM public.bench_seed"""
    )
    await db.execute(
        """INSERT INTO sla.supervision (case_id, number, at, by, text, until, state)
        SELECT case_id, 1, received_at, 'sun', '', received_at, CASE (row_number() OVER ()) % 100 WHEN 0 THEN 'open'
               ELSE 'accepted' END FROM sla."case" """
    )
    await db.execute(
        """INSERT INTO deploy.inbox (consumer, event_id, handled_at)
        SELECT 'sla', gen_random_uuid(), now() - i * interval '1 minute' FROM generate_series(40000, 1, -1) AS i"""
    )
    await db.execute("ANALYZE")
