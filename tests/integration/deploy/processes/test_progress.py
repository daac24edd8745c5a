"""How far a consumer has come in the time of events: never further than what it has handled."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from deploy import clock
from deploy.database.outbox import RelayNotifier
from deploy.database.pool import Pool
from deploy.database.progress import all_on_kafka_before, reached_by
from deploy.messaging.consuming.broker import build_broker
from deploy.messaging.consuming.consumer import GroupConsumer
from deploy.messaging.consuming.executor import PrepareExecutor
from deploy.processes.progress import ProgressReport
from schemas.event import Event
from tests.integration.deploy.rig import Rig, events
from tests.stack import eventually


async def _reached(pool: Pool) -> datetime | None:
    async with pool.acquire() as db:
        return await reached_by(db, "scratch")


async def _reaches(pool: Pool, moment: datetime) -> datetime | None:
    return await eventually(
        lambda: _reached(pool), is_done=lambda found: found is not None and found > moment, seconds=20
    )


class _Reporting:
    """The made-up slice's consumer, and its report beside it."""

    def __init__(self, rig: Rig) -> None:
        self._rig = rig

    async def __aenter__(self) -> None:
        context = self._rig.context(RelayNotifier(self._rig.pool), PrepareExecutor())
        self._consumer = GroupConsumer(self._rig.subscription, context)
        self._broker = build_broker(self._rig.settings, [self._consumer])
        await self._broker.start()
        (subscriber,) = self._broker.subscribers
        report = ProgressReport(self._consumer, subscriber, self._rig.pool, [self._rig.topic])
        self._task = asyncio.create_task(report.for_ever())

    async def __aexit__(self, *_: Any) -> None:
        self._task.cancel()
        await self._consumer.leave()
        await self._broker.stop()


async def test_a_consumer_that_has_handled_everything_reaches_the_present(rig: Rig) -> None:
    """On every partition, those on which nothing ever came included."""
    await rig.send_many(events(3))
    async with _Reporting(rig):
        await _handled(rig, 3)
        await _reaches(rig.pool, clock.now())

    assert rig.partitions == await rig.pool.fetchval("SELECT count(*) FROM deploy.progress")


async def test_a_consumer_that_lags_stays_where_it_is(rig: Rig) -> None:
    """What it holds in hand is not handled: the least partition counts. Once it is, the present is reached again."""
    goes_on = asyncio.Event()

    async def wait(_: Sequence[Event]) -> None:
        await goes_on.wait()

    async with _Reporting(rig):
        await _reaches(rig.pool, clock.now())
        rig.before = wait
        await rig.send_many(events(1))
        sent = clock.now()
        await eventually(lambda: _calls(rig), is_done=bool, seconds=20)
        await asyncio.sleep(2)
        stayed = await _reached(rig.pool)
        goes_on.set()
        await _handled(rig, 1)
        await _reaches(rig.pool, clock.now())

    assert stayed is not None
    assert stayed <= sent


async def _handled(rig: Rig, count: int) -> None:
    """So many are; what the made-up slice says of them leaves the outbox as if a relay ran."""
    await rig.has_seen(count)
    await rig.pool.execute("TRUNCATE deploy.outbox")


async def _calls(rig: Rig) -> list[int]:
    return rig.calls


async def test_what_is_not_on_kafka_yet_holds_it_back(rig: Rig) -> None:
    """A row of the outbox, and a transaction that is still open: either may say something of that moment."""
    early = clock.now() - timedelta(minutes=5)
    async with rig.pool.acquire() as db, rig.pool.acquire() as other:
        assert clock.now() - timedelta(seconds=2) < await all_on_kafka_before(db, [rig.topic])
        await db.execute(
            """INSERT INTO deploy.outbox (topic, case_id, event_id, type, at, body)
               VALUES ($1, gen_random_uuid(), gen_random_uuid(), 'x', $2, '')""",
            rig.topic,
            early,
        )
        assert early == await all_on_kafka_before(db, [rig.topic])
        assert early < await all_on_kafka_before(db, ["another"])

        async with other.transaction():
            began = await other.fetchval("SELECT now()")
            await asyncio.sleep(0.2)
            assert began >= await all_on_kafka_before(db, ["another"])
