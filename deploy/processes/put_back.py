"""Whether Kafka, or Postgres, was put back from before: it lacks what the other knows, and says nothing by itself.

Kafka: a partition ends before where its consumer has seen it end. Postgres: the inbox does not know what its group has
read past. Both are written down until somebody has seen to it; the consumer goes on, for waiting would bring nothing back.
"""

import hashlib
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import aclosing
from datetime import UTC, datetime
from typing import Any

import structlog
from aiokafka import TopicPartition

from deploy.database import inbox, known_ends, lost_ranges
from deploy.database.known_ends import KnownEnd
from deploy.database.lost_ranges import KAFKA, POSTGRES, LostRange
from deploy.database.pool import Pool
from deploy.messaging.consuming.consumer import GroupConsumer
from deploy.messaging.records.envelope import Received
from deploy.messaging.topics.topic_pages import topic_pages
from deploy.settings import Settings

log = structlog.get_logger()

#: Between two looks (project choice: what was sent since the last one nobody misses; a look is a round trip to Kafka, and
#: another to Postgres for an hour after anything was handled).
LOOK_SECONDS = 10.0
#: Records of each partition that are looked for in the inbox, once it is ours (project choice: some megabytes at the most).
NEWEST = 50
#: What was handled longer ago is asked no more (project choice: far less than inboxes remember).
_REMEMBERED_SECONDS = 3600.0


class PutBack:
    """Looks at both on behalf of one consumer."""

    def __init__(self, consumer: GroupConsumer, settings: Settings, pool: Pool) -> None:
        self._consumer = consumer
        self._settings = settings
        self._pool = pool
        names = sorted(each.type for each in consumer.subscription.table)
        self._handles = hashlib.sha256("\n".join(names).encode()).hexdigest()[:16]
        self._known: dict[TopicPartition, KnownEnd] = {}
        #: Where they were last written down to end.
        self._ends: dict[TopicPartition, int] = {}
        self._looked_at = float("-inf")

    async def look(self, client: Any) -> None:
        """Write down what either has no more; at most every `LOOK_SECONDS`.

        Raises:
            KafkaError, OSError, …: one of them is away.
        """
        if client is None or time.monotonic() - self._looked_at < LOOK_SECONDS:
            return
        # Of a topic that is gone the client would wait until it comes back.
        ours = [each for each in client.assignment() if client.partitions_for_topic(each.topic)]
        if not ours:
            return
        await self._read(each for each in ours if each not in self._known)
        # Outsiders' records are known to the inbox by other ids.
        if self._consumer.subscription.validate_senders is None:
            await self._look_at_postgres()
        await self._look_at_kafka(client, ours)
        self._looked_at = time.monotonic()

    async def _read(self, partitions: Iterable[TopicPartition]) -> None:
        if asked := [(each.topic, each.partition) for each in partitions]:
            found = await known_ends.read(self._pool, self._consumer.group, self._handles, asked)
            self._known |= {TopicPartition(*place): known for place, known in found.items()}
            self._ends |= {TopicPartition(*place): known.record_offset for place, known in found.items()}

    async def _look_at_kafka(self, client: Any, ours: Iterable[TopicPartition]) -> None:
        ends: Mapping[TopicPartition, int] = await client.end_offsets(ours)
        if earlier := [each for each, end in ends.items() if end < self._ends.get(each, 0)]:
            # Another process of ours may have seen to it, or the topic was made anew. In this order: where it was seen to
            # end once, it ends no earlier afterwards.
            for each in earlier:
                self._known.pop(each, None)
                self._ends.pop(each, None)
            await self._read(earlier)
            ends = {**ends, **await client.end_offsets(earlier)}
            for each in earlier:
                await self._note_kafka(each, ends[each])
        changed = {each: end for each, end in ends.items() if self._ends.get(each) != end}
        if not changed:
            return
        places = {(each.topic, each.partition): end for each, end in changed.items()}
        await known_ends.store(self._pool, self._consumer.group, self._handles, places)
        self._ends |= changed

    async def _note_kafka(self, partition: TopicPartition, end: int) -> None:
        known = self._known.get(partition)
        if known is None or known.record_offset <= end:
            return
        lost = LostRange(KAFKA, partition.topic, partition.partition, end, known.record_offset)
        if await lost_ranges.note_put_back(self._pool, lost, known.seen_at):
            log.critical("kafka.put-back", lost=str(lost), remedy="docs/operations.md, Records lost")

    async def _look_at_postgres(self) -> None:
        """What was read past before the partition became ours, and what we handled ourselves."""
        came_to = dict(self._consumer.positions.came_to)
        passed = [each async for each in self._newest(came_to)] if came_to else []
        now = time.monotonic()
        passed += [each for at, each in self._consumer.passed if now - at < _REMEMBERED_SECONDS]
        if passed:
            await self._ask_inbox(passed)
        for partition, offset in came_to.items():
            if self._consumer.positions.came_to.get(partition) == offset:
                del self._consumer.positions.came_to[partition]

    async def _newest(self, came_to: Mapping[TopicPartition, int]) -> Any:
        """Of records behind what was committed the newest, of partitions that this consumer has heard as it does today."""
        since = {each: known.since for each, known in self._known.items() if known.since is not None}
        asked = {each: offset for each, offset in came_to.items() if each in since}
        for topic in sorted({each.topic for each in asked}):
            async with aclosing(topic_pages(self._settings, topic, asked, newest=NEWEST)) as pages:
                async for page in pages:
                    for each in self._consumer.heard_among(page):
                        place = TopicPartition(topic, each.record.partition)
                        if _written_at(each) > since[place]:
                            yield each

    async def _ask_inbox(self, passed: Sequence[Received]) -> None:
        ids = list({each.event_id for each in passed})
        known = await inbox.known_events(self._pool, self._consumer.known_as, ids)
        missing: dict[tuple[str, int], list[int]] = {}
        for each in passed:
            if each.event_id not in known:
                missing.setdefault((each.record.topic, each.record.partition), []).append(each.record.offset)
        for (topic, partition), offsets in missing.items():
            lost = LostRange(POSTGRES, topic, partition, min(offsets), max(offsets) + 1)
            if await lost_ranges.note_put_back(self._pool, lost):
                log.critical("postgres.put-back", lost=str(lost), remedy="docs/operations.md, Records lost")


def _written_at(received: Received) -> datetime:
    return datetime.fromtimestamp(received.record.timestamp / 1000, UTC)
