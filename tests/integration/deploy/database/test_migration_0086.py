"""What was counted of items before stands in the sums that are made of it, and so does what is counted since."""

from datetime import date
from uuid import uuid4

from deploy.database.migrate import migrate
from deploy.database.pool import connect
from deploy.local.embedded.postgres import EmbeddedPostgres
from tests.integration.deploy.database.history import database_of

_COUNTED = """
    INSERT INTO sla.counted (case_id, category, item, tags, region, channel, days, holders, measures, amounts)
    VALUES ($1, 'urban', $2, '{night}', $3, 'web', $4, ARRAY[NULL, 'housing', NULL], ARRAY['received', 'received', 'closed'],
        '{0,0,0}')
"""
_SUMS = "SELECT grouping, key, start, n FROM sla.tally ORDER BY grouping, key"
_DAY = date(2026, 11, 26)


async def test_the_sums_are_those_of_the_cases_that_are_counted(postgres_server: EmbeddedPostgres) -> None:
    """Whatever an older release left in the sums of before, which are gone; those of tags are as they were."""
    settings = await database_of("0085", postgres_server)
    async with connect(settings) as db:
        for item, region in (("lamp", "donghu"), ("lamp", "donghu"), ("lamp", ""), ("", "donghu")):
            await db.execute(_COUNTED, uuid4(), item, region, [_DAY] * 3)
        await db.execute(
            "INSERT INTO sla.tally VALUES ('item', 'day', $1, 'lamp donghu', 'received', 0, 7)", _DAY
        )
    await migrate(settings)
    async with connect(settings) as db:
        await db.execute(_COUNTED, uuid4(), "lamp", "donghu", [_DAY] * 3)
        sums = [tuple(row) for row in await db.fetch(_SUMS)]
        await db.execute("DELETE FROM sla.counted")
        left = await db.fetch("SELECT FROM sla.tally WHERE n <> 0")

    assert [
        ("itemized", "lamp ", _DAY, 1), ("itemized", "lamp donghu", _DAY, 3), ("tagged", "night ", _DAY, 1),
        ("tagged", "night donghu", _DAY, 4),
    ] == sums  # fmt: skip
    assert [] == left
