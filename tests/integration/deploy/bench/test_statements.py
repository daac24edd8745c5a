"""The benchmarks' own SQL fits the slices' tables of today."""

from typing import Any

import pytest

from deploy.bench import bare_city
from deploy.bench.ceiling_hops import GROUPS
from deploy.bench.ceiling_statement import Hop
from deploy.bench.preload_sql import DIFFERENT, LOADS, SEED, TEXTS

HOPS = [hop for groups in GROUPS.values() for group in groups for hop in group.hops]


@pytest.mark.parametrize("hop", HOPS, ids=lambda hop: hop.event.type)
async def test_a_ceiling_statement_fits_the_tables(db: Any, hop: Hop) -> None:
    """Postgres accepts it, with as many columns as the hop gives."""
    statement = await db.prepare(hop.statement)

    assert 2 + len(hop.columns([])) == len(statement.get_parameters())
    if hop.asks:
        assert 1 == len((await db.prepare(hop.asks)).get_parameters())


@pytest.mark.parametrize("statement", bare_city.STATEMENTS)
async def test_a_statement_of_the_bare_city_fits_the_tables(db: Any, statement: str) -> None:
    """Postgres accepts it."""
    assert (await db.prepare(statement)).get_parameters()


async def test_old_cases_fit_the_tables(db: Any) -> None:
    """A hundred of them are in every slice, in every state."""
    await db.execute(TEXTS)
    await db.execute(
        "INSERT INTO public.bench_text SELECT n, 'T', 'text', 'transport', 'housing', ''"
        " FROM generate_series(0, $1::int - 1) AS n",
        DIFFERENT,
    )
    await db.execute(SEED, 100)
    for table, load in LOADS.items():
        await db.execute(load.replace("$response", "'好的'"))
        assert await db.fetchval(f"SELECT count(*) FROM {table}") > 0, table  # noqa: S608  our own names

    states = await db.fetch("SELECT DISTINCT state FROM intake.view")
    assert {"in_review", "assigned", "in_progress", "closed"} == {row["state"] for row in states}
    # Whatever is open has a clock that runs, and only that.
    assert 5 == await db.fetchval(
        "SELECT count(DISTINCT case_id) FROM sla.clock WHERE next_alert_at IS NOT NULL"
    )
