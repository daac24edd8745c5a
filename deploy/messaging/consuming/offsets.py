"""The offsets of handled records, committed a little later: after a crash the inbox recognises what comes again."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from typing import Any

import structlog
from aiokafka import TopicPartition
from aiokafka.consumer.group_coordinator import GroupCoordinator
from aiokafka.errors import IllegalStateError, KafkaError

log = structlog.get_logger()

#: How long the brokers may take to confirm (project choice: aiokafka itself would try for ever).
COMMIT_SECONDS = 10.0
#: The same for the last commit before partitions go: whoever gets them waits for it (project choice).
_LAST_SECONDS = 2.0
#: A commit is a round trip and a record on a topic of Kafka's own: not one for every small batch (project choice, measured:
#: docs/measurements.md).
_APART_SECONDS = 1.0

_commit_as_ever = GroupCoordinator._do_commit_offsets


def retrieve_commit_errors() -> None:
    """Look at every commit's error, also where nobody waits for it any more. A second call changes nothing.

    aiokafka shields what it sends from whoever gives up: after a stall the refusal of a commit that took too long for us
    would be logged as an error that nobody retrieved. We have said by then that it was not confirmed, and the client says
    why it was refused.
    """
    GroupCoordinator._do_commit_offsets = _commit


def _commit(coordinator: Any, assignment: Any, offsets: Any) -> "asyncio.Task[None]":
    """Commit as aiokafka does; the error, if any, is looked at in any case."""
    commit: asyncio.Task[None] = asyncio.ensure_future(_commit_as_ever(coordinator, assignment, offsets))
    commit.add_done_callback(_retrieve_error)
    return commit


def _retrieve_error(commit: "asyncio.Task[None]") -> None:
    if not commit.cancelled():
        commit.exception()


def by_partition(offsets: Mapping[tuple[str, int], int]) -> dict[TopicPartition, int]:
    """`offsets` of topics and numbers, each named once: for every record it would cost more than all the rest about it."""
    return {TopicPartition(*place): offset for place, offset in offsets.items()}


class Offsets:
    """Of one consumer. Noted when handled; committed soon, or at once when asked."""

    def __init__(self, group: str) -> None:
        self._group = group
        self._noted: dict[TopicPartition, int] = {}
        #: For each partition that is ours: everything below is handled, committed or not.
        self.handled: dict[TopicPartition, int] = {}
        self._consumer: Any = None
        self._committed_at = 0.0
        #: One commit at a time, so that none overtakes a later one.
        self._committing = asyncio.Lock()
        self._soon: asyncio.Task[None] | None = None

    def note(self, records: Sequence[Any], consumer: Any) -> None:
        """Every one of `records` is handled: `consumer` commits their offsets soon."""
        self._consumer = consumer
        self._noted |= by_partition(
            {(record.topic, record.partition): record.offset + 1 for record in records}
        )
        self.handled |= self._noted
        if self._soon is None:
            self._soon = asyncio.create_task(self._commit_soon(), name=f"offsets of {self._group}")

    def forget(self) -> None:
        """Nothing of it is committed any more: the client that read it is gone."""
        self._noted.clear()
        self.handled.clear()

    async def commit(self) -> None:
        """Commit what was noted, of the partitions that are still ours."""
        async with self._committing:
            noted, self._noted = self._noted, {}
            ours = self._consumer.assignment() if noted else ()
            offsets = {partition: offset for partition, offset in noted.items() if partition in ours}
            if offsets and not await self._confirmed(offsets):
                # Said again with the next ones; should a crash come first, the inbox absorbs what comes again.
                self._noted = offsets | self._noted
            self._committed_at = time.monotonic()

    async def commit_at_last(self) -> None:
        """Commit what was noted before the process stops; an outage keeps it no longer than `_LAST_SECONDS`."""
        try:
            async with asyncio.timeout(_LAST_SECONDS):
                await self.commit()
        except TimeoutError:
            log.warning("consumer.commit-failed", group=self._group, error="TimeoutError")

    async def _commit_soon(self) -> None:
        try:
            # What is noted during a commit may miss it, and goes with the next.
            while self._noted:
                await asyncio.sleep(self._committed_at + _APART_SECONDS - time.monotonic())
                await self.commit()
        finally:
            self._soon = None

    async def _confirmed(self, offsets: dict[TopicPartition, int]) -> bool:
        try:
            async with asyncio.timeout(COMMIT_SECONDS):
                await self._consumer.commit(offsets)
        except (KafkaError, IllegalStateError, TimeoutError) as error:
            log.warning("consumer.commit-failed", group=self._group, error=type(error).__name__)
            return False
        return True
