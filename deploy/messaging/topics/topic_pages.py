"""Reads a whole topic once, without a consumer group, for commands."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from datetime import datetime
from typing import Any

from aiokafka import TopicPartition

from deploy.messaging.client.client import open_admin, open_reader
from deploy.messaging.client.record_batches import read_whatever_comes
from deploy.messaging.topics.topics import partitions_of
from deploy.settings import Settings

#: Records at once (project choice: some megabytes at most).
_PAGE = 500


async def topic_pages(
    settings: Settings,
    topic: str,
    up_to: Mapping[TopicPartition, int] | None = None,
    *,
    since: int = 0,
    newest: int | None = None,
    written_since: datetime | None = None,
) -> AsyncGenerator[Sequence[Any], None]:
    """The records that Kafka still keeps, oldest first in each partition, to the present end.

    `up_to`: in the partitions that it names, no further than before that offset; nothing of the others.
    `since`: none before that offset. `newest`: no more than so many of each partition, the last ones.
    `written_since`: none before the first that was written then or later.

    Raises:
        KafkaError: Kafka is away.
    """
    read_whatever_comes()
    async with open_admin(settings) as admin:
        partitions = sorted((await partitions_of(admin, [topic]))[topic])
    async with open_reader(settings, partitions) as reader:
        ends = await reader.end_offsets(partitions)
        if written_since is None:
            starts = await reader.beginning_offsets(partitions)
        else:
            at_ms = int(written_since.timestamp() * 1000)
            found = await reader.offsets_for_times(dict.fromkeys(partitions, at_ms))
            starts = {each: found[each].offset if found[each] else ends[each] for each in partitions}
        if up_to is not None:
            ends = {each: min(end, up_to.get(each, 0)) for each, end in ends.items()}
        for partition in partitions:
            first = since if newest is None else max(since, ends[partition] - newest)
            reader.seek(partition, max(first, starts[partition]))
        reader.resume(*partitions)
        for partition in partitions:
            end = ends[partition]
            while await reader.position(partition) < end:
                batches = await reader.getmany(partition, timeout_ms=1000, max_records=_PAGE)
                yield [record for record in batches.get(partition, []) if record.offset < end]
