"""A Kafka, or a Postgres, that was put back from before is found out; whatever else happens to them sets nothing off."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.admin import RecordsToDelete
from aiokafka.errors import KafkaError

from deploy.database import known_ends, lost_ranges
from deploy.database.lost_ranges import KAFKA, POSTGRES, LostRange
from deploy.database.outbox import RelayNotifier
from deploy.local import prepare
from deploy.messaging.client.client import open_admin
from deploy.messaging.consuming.broker import build_broker
from deploy.messaging.consuming.consumer import GroupConsumer
from deploy.messaging.consuming.executor import PrepareExecutor
from deploy.messaging.topics.topics import create_topics, wanted_topics
from deploy.processes import put_back
from deploy.processes.put_back import PutBack
from deploy.processes.put_back_told import troubles_of
from schemas.city import load_city
from tests.integration.deploy.rig import REFUSED, Rig, with_text
from tests.stack import eventually
from tests.unit.deploy.records import supplemented

Look = Callable[[], Awaitable[None]]


@pytest.fixture(autouse=True)
def at_every_look(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for the next one."""
    monkeypatch.setattr(put_back, "LOOK_SECONDS", 0.0)


@asynccontextmanager
async def _working(rig: Rig) -> AsyncIterator[tuple[GroupConsumer, Look]]:
    """A worker whose consumer has its partitions, and a look of its own as the watchdog has it taken."""
    async with RelayNotifier(rig.pool).running() as notifier:
        with PrepareExecutor() as executor:
            consumer = GroupConsumer(rig.subscription, rig.context(notifier, executor))
            broker = build_broker(rig.settings, [consumer])
            await broker.start()
            client = broker.subscribers[0].consumer  # type: ignore[attr-defined]  # FastStream's own
            watch = PutBack(consumer, rig.settings, rig.pool)

            async def has_partitions() -> object:
                return client.assignment()

            async def look() -> None:
                await consumer.look_at_positions(client)
                await watch.look(client)

            try:
                await eventually(has_partitions, seconds=60)
                await look()
                yield consumer, look
            finally:
                await consumer.leave()
                await broker.stop()


async def _send(rig: Rig, versions: Sequence[int], text: str = "补充") -> None:
    for version in versions:
        await rig.send(with_text(supplemented(1, version=version), text), partition=0)


async def _work(rig: Rig, versions: Sequence[int], *, seen: int) -> None:
    """A worker of one life handles these, and looks."""
    async with _working(rig) as (_, look):
        await _send(rig, versions)
        await rig.has_seen(seen)
        await look()
    await rig.has_committed(seen)


async def _found(rig: Rig) -> Sequence[LostRange]:
    """Of this test's topic: the database is other tests', too."""
    return [each for each in await lost_ranges.open_ranges(rig.pool) if each.topic == rig.topic]


def _range(rig: Rig, server: str, begin: int, end: int) -> LostRange:
    return LostRange(server, rig.topic, 0, begin, end)


async def _made_anew(rig: Rig) -> None:
    """The topic as somebody's hands leave it: nobody is told."""
    async with open_admin(rig.settings) as admin:
        await admin.delete_topics([rig.topic])
        await eventually(lambda: _lacks(admin, rig.topic))
        await admin.create_topics([wanted_topics(rig.settings, load_city())[rig.topic]])


async def test_a_kafka_that_ends_before_what_its_consumer_saw_is_told_until_somebody_accepts_it(
    rig: Rig,
) -> None:
    """Offsets are given a second time: what lay under them is gone. The consumer reads on, and nothing is said twice."""
    await _work(rig, range(1, 7), seen=6)
    await _made_anew(rig)
    async with _working(rig) as (consumer, look):
        found = await _found(rig)
        [(told, remedy)] = [each for each in await troubles_of(rig.pool) if rig.topic in each[0].en]
        await lost_ranges.accept(rig.pool, KAFKA, "ann")
        await _send(rig, range(7, 9))
        await rig.has_seen(8)
        await look()

    assert found == [_range(rig, KAFKA, 0, 6)]
    assert f"{rig.topic}[0] 0–5" in told.zh
    assert "huiyin lost accept kafka" in remedy.en
    assert (consumer.lost, await _found(rig)) == ("", [])


async def test_a_topic_that_migrate_makes_anew_is_no_loss_that_nobody_knows_of(
    rig: Rig, capsys: pytest.CaptureFixture[str]
) -> None:
    """It says itself what is gone, once; a consumer that lives on through it says nothing either."""
    settings, city = rig.settings, load_city()
    async with _working(rig) as (_, look):
        await _send(rig, range(1, 7))
        await rig.has_seen(6)
        await look()
        async with open_admin(settings) as admin:
            await admin.delete_topics([rig.topic])
            await eventually(lambda: _lacks(admin, rig.topic))
        for _ in range(2):
            await create_topics(settings, city, lambda new: prepare.forget_ends(settings, new))
        await eventually(lambda: _ends_at(rig, look, 0))
        found = await _found(rig)

    said = capsys.readouterr()
    assert (1, []) == ((said.out + said.err).count(rig.topic), found)


async def _lacks(admin: Any, topic: str) -> bool:
    return topic not in await admin.list_topics()


async def _ends_at(rig: Rig, look: Look, end: int) -> bool:
    """Whether a look has written that down."""
    try:
        await look()
    except KafkaError:
        # Brokers tell one another of a new topic; the watchdog looks again, too.
        return False
    known = await known_ends.read(rig.pool, "scratch", "", [(rig.topic, 0)])
    return (rig.topic, 0) in known and known[rig.topic, 0].record_offset == end


async def test_a_postgres_that_lacks_what_was_read_past_is_told_by_the_next_worker(rig: Rig) -> None:
    """What it lacks at the end is named, and once: also after it was accepted, and lacks it still."""
    await _work(rig, range(1, 4), seen=3)
    await _work(rig, range(4, 9), seen=8)
    await _forget(rig, 3)
    async with _working(rig):
        found = await _found(rig)
    await lost_ranges.accept(rig.pool, POSTGRES, "ann")
    async with _working(rig):
        again = await _found(rig)

    assert (found, again) == ([_range(rig, POSTGRES, 5, 8)], [])


async def test_a_postgres_that_went_back_under_a_living_worker_is_told_by_it(rig: Rig) -> None:
    """As where a replica was promoted that lacked the last commits."""
    async with _working(rig) as (_, look):
        await _send(rig, [1])
        await rig.has_seen(1)
        await look()
        before = await _found(rig)
        await _forget(rig, 1)
        await look()

    assert (before, await _found(rig)) == ([], [_range(rig, POSTGRES, 0, 1)])


async def _forget(rig: Rig, number: int) -> None:
    """The last `number` events were never handled, as an older copy of the database has it."""
    await rig.pool.execute(
        """DELETE FROM deploy.inbox WHERE event_id IN (
            SELECT event_id FROM deploy.inbox ORDER BY event_id DESC LIMIT $1)""",
        number,
    )


async def _nothing(_: Rig) -> None:
    return


async def _retained(rig: Rig) -> None:
    async with open_admin(rig.settings) as admin:
        await admin.delete_records({TopicPartition(rig.topic, 0): RecordsToDelete(before_offset=8)})


async def _upgraded(rig: Rig) -> None:
    """The release before wrote down nothing, and some of what is heard today it did not hear."""
    await known_ends.forget(rig.pool, [rig.topic])
    await _forget(rig, 3)


async def _heard_less(rig: Rig) -> None:
    """Until now it handled other events: what is heard today was passed over."""
    await rig.pool.execute("UPDATE deploy.known_end SET handles = 'others' WHERE topic = $1", rig.topic)
    await _forget(rig, 3)


async def _wider(rig: Rig) -> None:
    """Two partitions more than it knew."""
    await rig.pool.execute("DELETE FROM deploy.known_end WHERE topic = $1 AND partition > 1", rig.topic)


@pytest.mark.parametrize("happens", [_nothing, _retained, _upgraded, _heard_less, _wider])
async def test_what_else_happens_to_them_sets_nothing_off(
    rig: Rig, happens: Callable[[Rig], Awaitable[None]]
) -> None:
    """A restart, records that Kafka deleted by age, an upgrade, partitions that are new."""
    await _work(rig, range(1, 9), seen=8)
    await happens(rig)
    for _ in range(2):
        async with _working(rig) as (_, look):
            await look()

    assert await _found(rig) == []


async def test_a_dead_letter_behind_which_nothing_came_is_no_loss(rig: Rig) -> None:
    """It was read past, and the consumer never handled it."""
    await _work(rig, range(1, 3), seen=2)
    async with _working(rig):
        await _send(rig, [3], REFUSED)
        await rig.has_letters(1)
    await rig.has_committed(3)
    async with _working(rig) as (_, look):
        await look()

    assert await _found(rig) == []
