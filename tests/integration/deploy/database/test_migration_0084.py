"""What was counted with tags before stands in the sums that are made of it."""

from datetime import date
from uuid import uuid4

from deploy.database.migrate import migrate
from deploy.database.pool import connect
from deploy.local.embedded.postgres import EmbeddedPostgres
from tests.integration.deploy.database.history import database_of

_COUNTED = """
    INSERT INTO sla.counted (case_id, category, tags, region, channel, days, holders, measures, amounts)
    VALUES ($1, 'urban', $2, $3, 'web', $4, ARRAY[NULL, 'housing', NULL], ARRAY['received', 'received', 'closed'], '{0,0,0}')
"""
_SUMS = "SELECT grouping, key, start, n FROM sla.tally ORDER BY grouping, key"
_DAY = date(2026, 11, 26)


async def test_the_sums_are_those_of_the_cases_that_are_counted(postgres_server: EmbeddedPostgres) -> None:
    """Whatever an older release left in the sums of before, which are gone."""
    settings = await database_of("0083", postgres_server)
    async with connect(settings) as db:
        for tags, region in (
            (["night", "elderly"], "donghu"),
            (["night"], "donghu"),
            (["night"], ""),
            ([], "donghu"),
        ):
            await db.execute(_COUNTED, uuid4(), tags, region, [_DAY] * 3)
        await db.execute(
            "INSERT INTO sla.tally VALUES ('tag', 'day', $1, 'night donghu', 'received', 0, 7)", _DAY
        )
    await migrate(settings)
    async with connect(settings) as db:
        sums = [tuple(row) for row in await db.fetch(_SUMS)]
        await db.execute("DELETE FROM sla.counted")
        left = await db.fetch("SELECT FROM sla.tally WHERE n <> 0")

    assert [
        ("tagged", key, _DAY, n) for key, n in (("elderly donghu", 1), ("night ", 1), ("night donghu", 2))
    ] == sums
    assert [] == left
