"""Where a consumer continues, and whether Kafka still has the records there.

aiokafka moves a position that Kafka has deleted to the start of the log, and says nothing: the records between are lost
unread, and the lag is 0. Here such a range is written down, and its consumer stops until somebody has dealt with it.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import structlog
from aiokafka import TopicPartition

from deploy.database import lost_ranges
from deploy.database.lost_ranges import LostRange
from deploy.database.pool import Pool
from deploy.messaging.consuming.offsets import by_partition
from schemas.bilingual import Bilingual

log = structlog.get_logger()

#: What an operator does about it.
REMEDY = Bilingual(
    zh="huiyin lost accept，然后 huiyin reconcile（docs/operations.md, Records lost）",
    en="huiyin lost accept, then huiyin reconcile (docs/operations.md, Records lost)",
)


class RecordsLost(Exception):
    """Kafka deleted records before this consumer had read them."""


class _Held(NamedTuple):
    """One partition: the offset to read next, as the group has committed it, and the oldest that the log still holds."""

    partition: TopicPartition
    committed: int | None
    oldest: int


class Positions:
    """How far one consumer has come on each partition."""

    def __init__(self, group: str, pool: Pool) -> None:
        self._group = group
        self._pool = pool
        #: The offset that must come next, of each partition that was looked at since it became ours.
        self._next: dict[TopicPartition, int] = {}
        #: Up to where it had come on partitions that became ours since somebody (`PutBack`) took this.
        self.came_to: dict[TopicPartition, int] = {}

    def forget(self, partitions: Iterable[TopicPartition]) -> None:
        """They go to somebody else, or come anew: their positions are what the group has committed by then."""
        for partition in partitions:
            self._next.pop(partition, None)

    async def check(self, consumer: Any, partitions: Iterable[TopicPartition]) -> None:
        """Look whether the log still begins before what the group reads next, of partitions not looked at yet.

        Raises:
            RecordsLost: it does not, and nobody has accepted the loss. The range is written down.
            KafkaError, OSError, …: Kafka or Postgres is away.
        """
        unknown = [partition for partition in partitions if partition not in self._next]
        if not unknown:
            return
        oldest: Mapping[TopicPartition, int] = await consumer.beginning_offsets(unknown)
        held = [_Held(each, await consumer.committed(each), oldest[each]) for each in unknown]
        await self._refuse([lost for one in held if (lost := await self._lost(consumer, one)) is not None])
        self._next.update({one.partition: max(one.committed or 0, one.oldest) for one in held})
        self.came_to.update({one.partition: one.committed for one in held if one.committed})

    async def follow(self, consumer: Any, records: Sequence[Any]) -> None:
        """Check, before `records` are handled, that Kafka deleted nothing between them and what was handled last.

        Raises:
            As `check`.
        """
        last = by_partition({(record.topic, record.partition): record.offset + 1 for record in records})
        first = by_partition(
            {(record.topic, record.partition): record.offset for record in reversed(records)}
        )
        await self.check(consumer, first)
        jumped = [each for each, offset in first.items() if offset > self._next[each]]
        if jumped:
            await self._look_behind(consumer, jumped)
        self._next.update(last)

    async def _look_behind(self, consumer: Any, jumped: Sequence[TopicPartition]) -> None:
        # A transaction's marks leave holes, too: only what the log does not reach back to is lost.
        oldest = await consumer.beginning_offsets(jumped)
        await self._refuse(
            [
                LostRange(self._group, each.topic, each.partition, self._next[each], oldest[each])
                for each in jumped
                if oldest[each] > self._next[each]
            ]
        )

    async def _lost(self, consumer: Any, held: _Held) -> LostRange | None:
        partition, committed, oldest = held
        if committed is None:
            committed = oldest if await self._misses_nothing(consumer, held) else 0
        if committed >= oldest:
            return None
        return LostRange(self._group, partition.topic, partition.partition, committed, oldest)

    async def _misses_nothing(self, consumer: Any, held: _Held) -> bool:
        """Whether a group without a commit has nothing to miss: a new one, or one that was here after the log's start.

        Kafka forgets the commits of a group that was away for long (`offsets.retention.minutes`).
        """
        if held.oldest == 0:
            return True
        handled_at = await lost_ranges.last_handled(self._pool, self._group)
        if handled_at is None:
            log.warning(
                "consumer.starts-late", group=self._group, **held.partition._asdict(), oldest=held.oldest
            )
            return True
        at_ms = int(handled_at.timestamp() * 1000)
        found = (await consumer.offsets_for_times({held.partition: at_ms}))[held.partition]
        return found is None or found.offset > held.oldest

    async def _refuse(self, lost: Sequence[LostRange]) -> None:
        if lost and (unaccepted := await lost_ranges.note(self._pool, lost)):
            raise RecordsLost("; ".join(map(str, unaccepted)))
