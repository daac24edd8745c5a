"""What was counted of items before stands in the sums that are made of it, and so does what is counted since."""

import asyncio
from datetime import date
from uuid import uuid4

import pytest

from deploy.database.migrate import migrate
from deploy.database.pool import connect
from deploy.local.embedded.postgres import EmbeddedPostgres
from tests.integration.deploy.database.history import database_of
from tests.stack import eventually

_COUNTED = """
    INSERT INTO sla.counted (case_id, category, item, tags, region, channel, days, holders, measures, amounts)
    VALUES ($1, 'urban', $2, '{night}', $3, 'web', $4, ARRAY[NULL, 'housing', NULL], ARRAY['received', 'received', 'closed'],
        '{0,0,0}')
"""
_SUMS = "SELECT grouping, key, start, n FROM sla.tally ORDER BY grouping, key"
_DAY = date(2026, 11, 26)


async def test_the_sums_are_those_of_the_cases_that_are_counted(postgres_server: EmbeddedPostgres) -> None:
    """Those of tags are as they were, and so is what an older release has summed, which it reads and goes on with."""
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
        left = await db.fetch("SELECT FROM sla.tally WHERE grouping <> 'item' AND n <> 0")

    assert [
        ("item", "lamp donghu", _DAY, 7),
        ("itemized", "lamp ", _DAY, 1), ("itemized", "lamp donghu", _DAY, 3), ("tagged", "night ", _DAY, 1),
        ("tagged", "night donghu", _DAY, 4),
    ] == sums  # fmt: skip
    assert [] == left


_WAITS = """
    SELECT mode FROM pg_locks WHERE NOT granted AND relation = 'sla.counted'::regclass
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


@pytest.mark.parametrize(
    ("release", "lock"), [("0080", "AccessExclusiveLock"), ("0085", "ShareRowExclusiveLock")]
)
async def test_cases_are_anybody_s_while_sums_are_made(
    postgres_server: EmbeddedPostgres, release: str, lock: str
) -> None:
    """Alerts are told, and pages read: of the release before only what counts waits."""
    settings = await database_of(release, postgres_server)
    async with connect(settings) as counting, connect(settings) as alerting:
        counts = counting.transaction()
        await counts.start()
        await counting.execute("LOCK sla.counted IN ROW EXCLUSIVE MODE")
        migrating = asyncio.create_task(migrate(settings))
        assert lock == await eventually(lambda: alerting.fetchval(_WAITS))
        async with alerting.transaction():
            await alerting.execute('LOCK sla."case", intake.view IN ACCESS EXCLUSIVE MODE NOWAIT')
        await counts.rollback()
        await migrating
