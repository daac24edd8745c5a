"""A consumer that stands still gets a new client, in the process that runs."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiokafka.admin import NewTopic
from aiokafka.errors import KafkaError

from deploy.database.outbox import RelayNotifier
from deploy.messaging.client.client import open_admin
from deploy.messaging.client.client_parts import failed_part
from deploy.messaging.consuming.broker import build_broker
from deploy.messaging.consuming.consumer import GroupConsumer
from deploy.messaging.consuming.executor import PrepareExecutor
from deploy.processes.runtime import Process
from deploy.processes.watchdog import Stuck, Watchdog
from tests.integration.deploy.rig import Rig, events
from tests.stack import eventually


@asynccontextmanager
async def _watched(rig: Rig) -> AsyncIterator[tuple[Process, GroupConsumer, Any]]:
    """A consumer as `huiyin work` runs it, with its watchdog: four seconds without progress are too many."""
    settings = rig.settings.model_copy(update={"stuck_seconds": 16.0})
    process = Process(name="scratch", settings=settings, pool=rig.pool)
    async with RelayNotifier(rig.pool).running() as notifier:
        with PrepareExecutor() as executor:
            consumer = GroupConsumer(rig.subscription, rig.context(notifier, executor))
            broker = build_broker(settings, [consumer])
            await broker.start()
            watch = process.beside(Watchdog(process, broker, [consumer]).for_ever(), "watchdog")
            try:
                yield process, consumer, broker.subscribers[0]
            finally:
                watch.cancel()
                await consumer.leave()
                await broker.stop()


def _fail_heartbeat(subscriber: Any) -> None:
    """As an answer that nobody expected does."""

    async def fail() -> bool:
        raise KafkaError("an answer that nobody expected")

    subscriber.consumer._coordinator._do_heartbeat = fail


def _pause(subscriber: Any) -> None:
    """Everything runs and nothing comes: what a cause that nobody knows looks like."""
    subscriber.consumer.pause(*subscriber.consumer.assignment())


_FAULTS: dict[str, Callable[[Any], Any]] = {
    "heartbeat": _fail_heartbeat,
    "place in the group": lambda one: one.consumer._coordinator._coordination_task.cancel(),
    "fetching": lambda one: one.consumer._fetcher._fetch_task.cancel(),
    "looking for brokers": lambda one: one.consumer._client._sync_task.cancel(),
    "asking for records": lambda one: one.tasks[-1].cancel(),
    "unknown": _pause,
}


@pytest.mark.parametrize("fault", _FAULTS)
async def test_a_client_that_came_to_a_halt_is_replaced(rig: Rig, fault: str) -> None:
    """Whichever part of it ended, or if none did: the process goes on, and nothing is lost or done twice."""
    async with _watched(rig) as (process, _, subscriber):
        await rig.send_many(events(10))
        await rig.has_seen(10)
        halted = subscriber.consumer
        _FAULTS[fault](subscriber)
        await rig.send_many(events(10, versions=2)[10:])
        await eventually(lambda: _is_replaced(subscriber, halted), seconds=30)
        seen = await rig.has_seen(20)

        assert process.failure is None
        assert sorted(set(seen)) == sorted(seen)
        assert failed_part(subscriber) == ""


async def _is_replaced(subscriber: Any, halted: Any) -> bool:
    return subscriber.consumer not in (None, halted)


async def test_where_a_new_client_does_not_help_the_process_ends(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever supervises it starts another: two quarters of the time, instead of the whole."""
    async with _watched(rig) as (process, _, subscriber):
        start = subscriber.start

        async def start_paused() -> None:
            await start()
            _pause(subscriber)

        monkeypatch.setattr(type(subscriber), "start", lambda _self: start_paused())
        _pause(subscriber)
        await rig.send_many(events(10))
        async with asyncio.timeout(40):
            await process.stopping.wait()

        assert isinstance(process.failure, Stuck)


async def test_nobody_replaces_what_is_well(rig: Rig) -> None:
    """A consumer without work, and one whose batch takes its time, keep their client."""
    go_on = asyncio.Event()

    async def wait(_: Any) -> None:
        await go_on.wait()

    async with _watched(rig) as (process, consumer, subscriber):
        client = subscriber.consumer
        rig.before = wait
        await rig.send_many(events(5))

        async def look() -> bool:
            return consumer.is_busy

        await eventually(look, seconds=20)
        await asyncio.sleep(6)
        go_on.set()
        await rig.has_seen(5)
        await asyncio.sleep(6)

        assert process.failure is None
        assert subscriber.consumer is client


async def test_a_topic_that_is_deleted_and_made_again_is_read_within_seconds(rig: Rig) -> None:
    """Its consumer says meanwhile that it is missing; left to itself its client would ask again minutes later."""
    async with _watched(rig) as (process, _, subscriber):
        await rig.send_many(events(10))
        await rig.has_seen(10)
        async with open_admin(rig.settings) as admin:
            await admin.delete_topics([rig.topic])
            # What a rebalance or a broken connection does, too: from now on the client knows of no such topic.
            await eventually(lambda: _is_forgotten(subscriber, rig.topic), seconds=20)
            await eventually(lambda: _says(process, f"{rig.topic} is missing"), seconds=10)
            await admin.create_topics([NewTopic(rig.topic, rig.partitions, 1)])
        await eventually(lambda: _is_assigned(subscriber), seconds=10)
        await rig.send_many(events(10, versions=2)[10:])
        await rig.has_seen(20)

        assert process.failure is None


async def _is_forgotten(subscriber: Any, topic: str) -> bool:
    await subscriber.consumer._client.force_metadata_update()
    return not subscriber.consumer.partitions_for_topic(topic)


async def _says(process: Process, words: str) -> bool:
    return words in process.health.get("reason", "")


async def _is_assigned(subscriber: Any) -> bool:
    return bool(subscriber.consumer.assignment())
