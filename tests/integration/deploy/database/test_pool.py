"""What a pool's connections keep."""

from deploy.database.pool import PLAN_ONCE, open_pool
from deploy.settings import Settings

#: More than asyncpg keeps by itself, and than our longest statement has.
_LONG = f"SELECT 1 /* {'long ' * 6_000}*/"


async def test_however_long_a_statement_is_it_is_planned_once(settings: Settings) -> None:
    """Postgres still has it when it is asked again: planning what reads the figures takes longer than reading them."""
    async with open_pool(settings, size=1, server_settings=PLAN_ONCE) as pool:
        await pool.fetchval(_LONG)
        await pool.fetchval(_LONG)
        plans = await pool.fetch(
            "SELECT generic_plans FROM pg_prepared_statements WHERE statement = $1", _LONG
        )

    assert [2] == [row["generic_plans"] for row in plans]
