"""What a consumer asks of Kafka, with and without work, and by which connection."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import aiokafka.client
import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.conn import AIOKafkaConnection

from deploy.messaging.client.client import client_options, open_admin
from deploy.messaging.client.fetching import FETCH_WAIT_MS, OFFSETS, ask_apart, gather
from tests.integration.deploy.rig import Rig
from tests.unit.deploy.records import supplemented


@pytest.fixture
async def consumer(rig: Rig) -> AsyncIterator[AIOKafkaConsumer]:
    """One that waits for records, its fetch kept by the broker."""
    ask_apart()
    consumer = AIOKafkaConsumer(
        rig.topic,
        **client_options(rig.settings),
        fetch_max_wait_ms=FETCH_WAIT_MS,
        consumer_timeout_ms=FETCH_WAIT_MS,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
    )
    await consumer.start()
    try:
        assert await consumer.getmany(timeout_ms=500) == {}
        yield consumer
    finally:
        await consumer.stop()


async def test_no_question_about_offsets_waits_for_a_fetch(rig: Rig, consumer: AIOKafkaConsumer) -> None:
    """Five, one after the other, are answered sooner than the broker answers the fetch that it keeps."""
    parts = [TopicPartition(rig.topic, number) for number in range(rig.partitions)]
    began = time.monotonic()
    for _ in range(5):
        ends = await consumer.end_offsets(parts)
    took = time.monotonic() - began

    assert dict.fromkeys(parts, 0) == ends
    assert took < FETCH_WAIT_MS / 1000
    assert OFFSETS in {group for _, group in consumer._client._conns}


async def test_a_record_that_comes_meanwhile_is_heard_at_once(rig: Rig, consumer: AIOKafkaConsumer) -> None:
    """Each of four, on whichever partition, in less time than a fetch is kept for altogether."""
    heard, took = 0, 0.0
    for number in range(4):
        asked = asyncio.create_task(consumer.getone())
        await asyncio.sleep(0.05)
        began = time.monotonic()
        await rig.send(supplemented(number), partition=number % rig.partitions)
        await asked
        took += time.monotonic() - began
        heard += 1

    assert 4 == heard
    assert took < FETCH_WAIT_MS / 1000


async def test_a_patient_fetch_brings_what_came_meanwhile(rig: Rig, consumer: AIOKafkaConsumer) -> None:
    """All of it in one answer, where an impatient one would have brought the first of them alone."""
    await rig.send(supplemented(0), partition=0)
    gather(consumer, lambda: FETCH_WAIT_MS / 1000)
    await consumer.getone()
    asked = asyncio.create_task(consumer.getmany(timeout_ms=5 * FETCH_WAIT_MS))
    for number in range(1, 5):
        await rig.send(supplemented(number), partition=number % rig.partitions)

    assert 4 == sum(map(len, (await asked).values()))


async def test_no_connection_outlives_its_client(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither one that was on its way when the client was closed, nor one that is asked for afterwards."""
    ask_apart()
    made: list[AIOKafkaConnection] = []
    come, go_on = asyncio.Event(), asyncio.Event()
    async with open_admin(rig.settings) as admin:
        client = admin._client
        create = aiokafka.client.create_conn

        async def create_slowly(*args: Any, **options: Any) -> AIOKafkaConnection:
            made.append(await create(*args, **options))
            come.set()
            await go_on.wait()
            return made[-1]

        monkeypatch.setattr(aiokafka.client, "create_conn", create_slowly)
        asked = asyncio.create_task(client.ready(client.get_random_node(), group="another"))
        await come.wait()
        await client.close()
        go_on.set()

        assert not await asked
        assert not await client.ready(client.get_random_node())
        assert [False] == [connection.connected() for connection in made]
