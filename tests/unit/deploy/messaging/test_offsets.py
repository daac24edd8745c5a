"""Offsets: few commits, none that was noted forgotten, none of what is no longer ours."""

import asyncio
from collections.abc import Mapping

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import CommitFailedError, IllegalStateError
from structlog.testing import capture_logs

from deploy.messaging.offsets import Offsets
from tests.stack import eventually
from tests.unit.deploy.records import Record

TOPIC = "huiyin.intake.v1"


class Consumer:
    """Keeps what was committed; confirms when told."""

    def __init__(self, *partitions: int) -> None:
        self.commits: list[Mapping[int, int]] = []
        self.may_confirm = asyncio.Event()
        self.may_confirm.set()
        self.begun = asyncio.Event()
        self.error: Exception | None = None
        self._ours = {TopicPartition(TOPIC, number) for number in partitions}

    def assignment(self) -> set[TopicPartition]:
        """The partitions that are ours."""
        return self._ours

    async def commit(self, offsets: Mapping[TopicPartition, int]) -> None:
        """Keep it."""
        self.begun.set()
        await self.may_confirm.wait()
        if self.error is not None:
            raise self.error
        self.commits.append({partition.partition: offset for partition, offset in offsets.items()})


def _records(*places: tuple[int, int]) -> list[Record]:
    return [
        Record(topic=TOPIC, partition=partition, offset=offset, value=None, headers=())
        for partition, offset in places
    ]


async def test_what_is_ours_is_committed_as_the_next_offset() -> None:
    """What was taken from us meanwhile is not."""
    consumer = Consumer(1)
    offsets = Offsets("g")
    offsets.note(_records((0, 5), (1, 6), (1, 7)), consumer)

    await offsets.commit()

    assert [{1: 8}] == consumer.commits


async def test_many_batches_are_few_commits() -> None:
    """The first at once, what follows within the next moment as one."""
    consumer = Consumer(0)
    offsets = Offsets("g")
    for offset in range(20):
        offsets.note(_records((0, offset)), consumer)
        await asyncio.sleep(0)

    async def last() -> Mapping[int, int]:
        return consumer.commits[-1]

    await eventually(last, is_done=lambda commit: commit == {0: 20}, seconds=10)
    assert len(consumer.commits) <= 3


async def test_what_is_noted_during_a_commit_is_in_the_next() -> None:
    """And nothing overtakes: the later offset is committed last."""
    consumer = Consumer(0)
    consumer.may_confirm.clear()
    offsets = Offsets("g")
    offsets.note(_records((0, 1)), consumer)
    await consumer.begun.wait()
    offsets.note(_records((0, 2)), consumer)
    last = asyncio.create_task(offsets.commit())
    await asyncio.sleep(0)
    consumer.may_confirm.set()
    await last

    assert [{0: 2}, {0: 3}] == consumer.commits


async def test_a_refused_commit_is_tried_again() -> None:
    """Without another record; the inbox absorbs what comes again before."""
    consumer = Consumer(0)
    consumer.error = CommitFailedError()
    offsets = Offsets("g")
    offsets.note(_records((0, 1)), consumer)
    await consumer.begun.wait()
    consumer.error = None

    async def commits() -> int:
        return len(consumer.commits)

    await eventually(commits, seconds=10)
    assert [{0: 2}] == consumer.commits


async def test_what_kafka_confirmed_is_not_said_again() -> None:
    """One commit, however long nothing comes after it."""
    consumer = Consumer(0)
    offsets = Offsets("g")
    offsets.note(_records((0, 1)), consumer)

    await offsets.commit()
    await offsets.commit()

    assert [{0: 2}] == consumer.commits
    assert {TopicPartition(TOPIC, 0): 2} == offsets.handled


async def test_whoever_leaves_commits_what_was_noted() -> None:
    """At once, before its partitions are somebody else's."""
    consumer = Consumer(0)
    offsets = Offsets("g")
    offsets.note(_records((0, 1)), consumer)

    await offsets.commit_at_last()

    assert [{0: 2}] == consumer.commits


async def test_nobody_leaves_later_because_kafka_is_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    """The last commit is given up: whoever gets the partitions gets their records once more."""
    monkeypatch.setattr("deploy.messaging.offsets._LAST_SECONDS", 0.05)
    consumer = Consumer(0)
    consumer.may_confirm.clear()
    offsets = Offsets("g")
    offsets.note(_records((0, 1)), consumer)

    with capture_logs() as logs:
        async with asyncio.timeout(5):
            await offsets.commit_at_last()

    assert consumer.begun.is_set()
    assert [] == consumer.commits
    assert [
        {"event": "consumer.commit-failed", "group": "g", "error": "TimeoutError", "log_level": "warning"}
    ] == logs


@pytest.mark.parametrize("error", [CommitFailedError(), IllegalStateError(), TimeoutError()])
async def test_a_commit_that_failed_is_told(error: Exception) -> None:
    """Of which group, and why; what was noted meanwhile is newer and stands."""
    consumer = Consumer(0)
    consumer.error = error
    offsets = Offsets("g")
    offsets.note(_records((0, 1)), consumer)

    with capture_logs() as logs:
        await offsets.commit()
    consumer.error = None
    offsets.note(_records((0, 2)), consumer)
    await offsets.commit()

    said = {"event": "consumer.commit-failed", "group": "g", "error": type(error).__name__}
    assert [{**said, "log_level": "warning"}] == logs
    assert [{0: 3}] == consumer.commits


async def test_a_silent_kafka_has_ten_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    """aiokafka itself would wait for ever, and every later commit behind it."""
    monkeypatch.setattr("deploy.messaging.offsets.COMMIT_SECONDS", 0.05)
    consumer = Consumer(0)
    consumer.may_confirm.clear()
    offsets = Offsets("g")
    offsets.note(_records((0, 1)), consumer)

    async with asyncio.timeout(5):
        await offsets.commit()
    consumer.may_confirm.set()
    await offsets.commit()

    assert [{0: 2}] == consumer.commits


async def test_whoever_has_noted_nothing_asks_nothing() -> None:
    """Not even which partitions are ours: there may be no consumer yet."""
    await Offsets("g").commit()
    await Offsets("g").commit_at_last()
