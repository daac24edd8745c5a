"""Hears on Kafka that something happened to a case, as a department's own system would, instead of asking and asking."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from aiokafka import AIOKafkaConsumer

from deploy.messaging.client.client import client_options
from deploy.settings import Settings
from schemas.event import Event, decode
from schemas.topics import topic_name

Heard = tuple[type[Event], str]


class EventWaiter:
    """Keeps events until somebody asks for them; each is handed out once."""

    def __init__(self, wanted: Sequence[type[Event]]) -> None:
        self._wanted = {event.type.encode(): event for event in wanted}
        self._waiting: dict[Heard, asyncio.Future[Event]] = {}

    async def wait(self, event_class: type[Event], name: str, *, seconds: float) -> Any:
        """The event of that type about the case, which is known by its id, or by its tracking code until it is assigned.

        Raises:
            TimeoutError: it did not come.
        """
        async with asyncio.timeout(seconds):
            try:
                return await self._future((event_class, name))
            finally:
                self._waiting.pop((event_class, name), None)

    def note(self, record: Any) -> None:
        """Take note of a record from Kafka, and wake whoever waits for it."""
        event_class = self._wanted.get(dict(record.headers).get("ce_type", b""))
        if event_class is not None:
            event = decode(event_class, record.value)
            name = getattr(event, "tracking_code", event.case_id)
            future = self._future((event_class, name))
            if not future.done():
                future.set_result(event)

    def _future(self, heard: Heard) -> "asyncio.Future[Event]":
        known = self._waiting.get(heard)
        if known is None:
            known = self._waiting[heard] = asyncio.get_running_loop().create_future()
        return known


@asynccontextmanager
async def listening(
    settings: Settings, topics: Sequence[str], wanted: Sequence[type[Event]]
) -> AsyncIterator[EventWaiter]:
    """Hears everything that is said on `topics` from now on."""
    waiter = EventWaiter(wanted)
    consumer = AIOKafkaConsumer(
        *(topic_name(short, settings.topic_prefix) for short in topics),
        **client_options(settings),
        fetch_max_wait_ms=100,
    )
    await consumer.start()
    await consumer.seek_to_end()
    for partition in consumer.assignment():
        await consumer.position(partition)
    task = asyncio.create_task(_listen(consumer, waiter), name="event-waiter")
    try:
        yield waiter
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await consumer.stop()


async def _listen(consumer: AIOKafkaConsumer, waiter: EventWaiter) -> None:
    while True:
        for records in (await consumer.getmany(timeout_ms=200)).values():
            for record in records:
                waiter.note(record)
