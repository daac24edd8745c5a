"""How long a message takes from its acceptance until its department has it, at a steady rate."""

import asyncio
import time
from collections.abc import Sequence

import msgspec
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from deploy import clock
from deploy.bench import sending
from deploy.bench.environment import Installation
from deploy.bench.figures import say
from deploy.bench.submissions import submissions
from deploy.composition import intake_keys, routing_rules
from deploy.messaging.client.client import client_options, open_producer
from deploy.messaging.records.envelope import receive
from deploy.messaging.records.signature import EventKeys, event_keys
from schemas.events.handlers import CaseAssigned
from schemas.events.intake import SubmissionAccepted
from schemas.topics import HANDLERS, SUBMISSIONS, topic_name

#: After the last message was sent, how long one may still be under way (project choice).
_PATIENCE_SECONDS = 20.0


async def latencies(on: Installation, rate: int, seconds: float) -> Sequence[float]:
    """Seconds from acceptance to `case.assigned` on Kafka, of every message of a run at `rate` a second."""
    say(f"{rate}/s for {seconds:g} s")
    settings = on.settings
    keys, rules = intake_keys(settings), routing_rules(settings)
    count = int(rate * seconds)
    # Messages of their own at each rate: what intake has heard before is the same message again.
    events = submissions(count, keys=keys, now=clock.now(), rules=rules, seed=1000 + rate)
    consumer = AIOKafkaConsumer(
        topic_name(HANDLERS, settings.topic_prefix), **client_options(settings), auto_offset_reset="latest"
    )
    await consumer.start()
    try:
        await consumer.seek_to_end()
        watching = asyncio.create_task(_arrivals(consumer, {event.case_id for event in events}))
        async with open_producer(settings) as producer:
            topic = topic_name(SUBMISSIONS, settings.topic_prefix)
            await _send_steadily(producer, event_keys(settings), topic, events, rate)
        async with asyncio.timeout(_PATIENCE_SECONDS):
            return await watching
    finally:
        await consumer.stop()


async def _send_steadily(
    producer: AIOKafkaProducer, keys: EventKeys, topic: str, events: Sequence[SubmissionAccepted], rate: int
) -> None:
    """One after the other at its moment, whether or not the one before was confirmed."""
    started = time.perf_counter()
    for number, event in enumerate(events):
        await asyncio.sleep(max(0.0, started + number / rate - time.perf_counter()))
        await sending.send(producer, msgspec.structs.replace(event, at=clock.now()), topic, keys)


async def _arrivals(consumer: AIOKafkaConsumer, awaited: set[str]) -> list[float]:
    found: list[float] = []
    async for record in consumer:
        arrived = clock.now()
        event = receive(record).event
        if isinstance(event, CaseAssigned) and event.case_id in awaited:
            awaited.remove(event.case_id)
            found.append((arrived - event.received_at).total_seconds())
            if not awaited:
                break
    return found
