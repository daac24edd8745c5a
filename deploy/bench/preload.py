"""Cases that were there before: written by SQL into every slice's tables, as if they had gone all the way.

Of a hundred, one waits for a dispatcher, four are with a department, and the rest are settled; a third of those are
published. Texts are shorter than those that are measured with, so that a million of them fit on a small disk.
"""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from itertools import islice
from typing import Any

import sla.steps.tally
from deploy import composition
from deploy.bench.figures import say
from deploy.bench.messages import messages
from deploy.bench.preload_sql import DIFFERENT, LOADS, SEED, TEXTS
from deploy.composition import housekeeping
from deploy.database.pool import Connection, connect, open_pool
from deploy.database.unit_of_work import unit_of_work
from deploy.settings import Settings
from intake.core.search.bigrams import bigrams
from schemas.city import load_city

#: How long they are (project choice: a million of them fit on a small disk).
_CHARACTERS = 120
#: For one statement (project choice: ten million rows take minutes).
LOADING_SECONDS = 1800.0
_RESPONSE = "您好，您反映的问题已收到。经现场核实，我单位已安排人员处理完毕，感谢您的监督与支持。"
#: Cases counted for the figures in one transaction (project choice: a statement for many costs a fraction of each).
_COUNTED_AT_ONCE = 20_000
_SLICES = ("intake", "routing", "handlers", "sla", "deploy")


async def preload(
    settings: Settings,
    cases: int,
    *,
    only: Sequence[str] = (),
    seed: str = SEED,
    loads: Mapping[str, str] = LOADS,
) -> None:
    """Put `cases` cases into the empty tables; `only` those named, such as `intake.published`."""
    say(f"loading {cases:,} cases")
    async with connect(settings) as db:
        async with db.transaction():
            await db.execute("SET LOCAL maintenance_work_mem = '512MB'")
            await db.execute("SET LOCAL work_mem = '256MB'")
            await _make_texts(db)
            await db.execute(seed, cases, timeout=LOADING_SECONDS)
            await _load(db, {name: load for name, load in loads.items() if not only or name in only})
            await db.execute("DROP TABLE public.bench_seed, public.bench_text")
        await _vacuum(db)


async def settle(settings: Settings) -> None:
    """Do at once what the sweeper of a loaded city would do beside the first lifecycles: count what has ended."""
    async with open_pool(settings) as pool:
        rules = (await composition.rules_in_use(settings, pool)).rules
        calendar, counted = await composition.calendar_of(settings, pool, rules), _COUNTED_AT_ONCE
        while counted == _COUNTED_AT_ONCE:
            async with unit_of_work(pool, prefix=settings.topic_prefix) as unit:
                counted = await sla.steps.tally.tally(unit, calendar=calendar, limit=_COUNTED_AT_ONCE)
        await housekeeping.count_words(settings, pool)
    async with connect(settings) as db:
        await _vacuum(db)


async def _vacuum(db: Connection) -> None:
    for name in _SLICES:
        for table in await _tables(db, name):
            await db.execute(f"VACUUM (FREEZE, ANALYZE) {table}", timeout=LOADING_SECONDS)


async def _make_texts(db: Connection) -> None:
    categories, departments = load_city().categories, load_city().departments
    await db.execute(TEXTS)
    rows = [
        (
            number,
            message.title,
            message.text[:_CHARACTERS],
            categories[number % len(categories)].code,
            departments[number % len(departments)].code,
            sorted(bigrams(message.title, message.text[:_CHARACTERS], _RESPONSE)),
        )
        for number, message in enumerate(islice(messages(99), DIFFERENT))
    ]
    await db.executemany(
        "INSERT INTO public.bench_text VALUES ($1, $2, $3, $4, $5, array_to_tsvector($6::text[]))", rows
    )


async def _load(db: Connection, loads: Mapping[str, str]) -> None:
    """Fill tables: most are emptied in this very transaction, which costs Postgres a fraction."""
    await db.execute("ALTER TABLE handlers.log DISABLE TRIGGER USER")
    await db.execute(f"TRUNCATE {', '.join(LOADS)}")
    async with without_indexes(db, loads):
        for table, load in loads.items():
            say(f"loading {table}")
            await db.execute(load.replace("$response", f"'{_RESPONSE}'"), timeout=LOADING_SECONDS)
    await db.execute("ALTER TABLE handlers.log ENABLE TRIGGER USER")


@asynccontextmanager
async def without_indexes(db: Connection, tables: Iterable[str]) -> AsyncIterator[None]:
    """Fill these tables meanwhile: indexes that are built afterwards cost Postgres a fraction.

    Where filling fails they stay away: the database is a measurement's own, and goes with it.
    """
    indexes = [index for table in tables for index in await _indexes_of(db, table)]
    for index in indexes:
        await db.execute(f"DROP INDEX {index['name']}")
    yield
    say("building indexes")
    for index in indexes:
        await db.execute(index["definition"], timeout=LOADING_SECONDS)


async def _indexes_of(db: Connection, table: str) -> list[Any]:
    """The indexes that are no constraint's."""
    return await db.fetch(
        """
        SELECT indexrelid::regclass::text AS name, pg_get_indexdef(indexrelid) AS definition FROM pg_index
        WHERE indrelid = $1::text::regclass AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)
        """,
        table,
    )


async def _tables(db: Connection, schema: str) -> list[str]:
    rows = await db.fetch(
        "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname = $1", schema
    )
    return [row[0] for row in rows]
