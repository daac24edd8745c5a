"""Tells Postgres how far a consumer has read.

No breach is declared for what sla has not heard, and no file deleted whose message still waits to become a case.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import structlog
from aiokafka import TopicPartition
from aiokafka.errors import IllegalStateError, KafkaError

from deploy.database.pool import TRANSIENT, Pool
from deploy.database.progress import all_on_kafka_before, store_progress
from deploy.messaging.consuming.consumer import GroupConsumer

log = structlog.get_logger()

#: Between two looks (project choice: an alert may wait so long; a look is four round trips, and none waits for a fetch).
LOOK_SECONDS = 1.0
#: How long a look waits for the batch in hand, and how often it looks (project choices).
_PATIENCE_SECONDS = 1.0
_GLANCE_SECONDS = 0.02
#: How long the brokers may take to answer (project choice).
_ASK_SECONDS = 5.0


class ProgressReport:
    """Of one consumer. `subscriber`: what FastStream made of it, whose client changes with every start."""

    def __init__(self, consumer: GroupConsumer, subscriber: Any, pool: Pool, topics: Sequence[str]) -> None:
        self._consumer = consumer
        self._subscriber = subscriber
        self._pool = pool
        self._topics = topics
        #: Up to where partitions were found handled that brought us nothing: asked once, not at every look.
        self._known: dict[TopicPartition, int] = {}

    async def for_ever(self, every_seconds: float = LOOK_SECONDS) -> None:
        """Report until cancelled; nothing while Kafka or Postgres is away, so that those who depend on it wait."""
        while True:
            try:
                await self.look()
            except (KafkaError, IllegalStateError, *TRANSIENT) as error:
                log.warning("progress.unsaid", error=type(error).__name__)
            await asyncio.sleep(every_seconds)

    async def look(self) -> None:
        """Store how far every partition of ours has come by now."""
        client = self._subscriber.consumer
        if client is None or not (ours := client.assignment()):
            return
        async with self._pool.acquire() as db:
            before = await all_on_kafka_before(db, self._topics)
        async with asyncio.timeout(_ASK_SECONDS):
            ends: dict[TopicPartition, int] = await client.end_offsets(ours)
        handled = await self._wait_for(client, ends)
        await self._store(client, before, [part for part in handled if part in client.assignment()])

    async def _wait_for(self, client: Any, ends: dict[TopicPartition, int]) -> list[TopicPartition]:
        """Those that are handled up to these ends, now or in a moment."""
        for part, end in ends.items():
            if part not in self._consumer.handled and self._known.get(part, -1) < end:
                # Nothing came since it is ours: what was committed is what was handled.
                self._known[part] = await self._committed(client, part)
        for _ in range(round(_PATIENCE_SECONDS / _GLANCE_SECONDS)):
            if all(self._is_handled(part, end) for part, end in ends.items()):
                break
            await asyncio.sleep(_GLANCE_SECONDS)
        return [part for part, end in ends.items() if self._is_handled(part, end)]

    def _is_handled(self, part: TopicPartition, end: int) -> bool:
        return max(self._consumer.handled.get(part, 0), self._known.get(part, 0)) >= end

    async def _committed(self, client: Any, part: TopicPartition) -> int:
        async with asyncio.timeout(_ASK_SECONDS):
            if (committed := await client.committed(part)) is not None:
                return int(committed)
            # Never handled: only what was never written, or is long gone, needs no handling.
            return int((await client.beginning_offsets([part]))[part])

    async def _store(self, client: Any, before: datetime, parts: Sequence[TopicPartition]) -> None:
        partitions = {topic: len(client.partitions_for_topic(topic) or ()) for topic in self._topics}
        if not parts or not all(partitions.values()):
            return
        async with self._pool.acquire() as db:
            reached = {(part.topic, part.partition): before for part in parts}
            await store_progress(db, self._consumer.group, reached, partitions)
