"""Offsets: few commits, none that was noted forgotten, none of what is no longer ours."""

import asyncio
import gc
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.client import AIOKafkaClient
from aiokafka.consumer.group_coordinator import GroupCoordinator
from aiokafka.consumer.subscription_state import SubscriptionState
from aiokafka.errors import CommitFailedError, IllegalStateError, UnknownMemberIdError
from aiokafka.structs import OffsetAndMetadata
from structlog.testing import capture_logs

from deploy.messaging.consuming.offsets import Offsets, retrieve_commit_errors
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
    monkeypatch.setattr("deploy.messaging.consuming.offsets._LAST_SECONDS", 0.05)
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
    monkeypatch.setattr("deploy.messaging.consuming.offsets.COMMIT_SECONDS", 0.05)
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


async def test_of_a_client_that_is_gone_nothing_is_committed_any_more() -> None:
    """Its partitions may be somebody else's, who is further; what the next client reads is noted anew."""
    gone, fresh = Consumer(0, 1), Consumer(0, 1)
    offsets = Offsets("g")
    offsets.note(_records((0, 5), (1, 7)), gone)
    offsets.forget()
    forgotten = dict(offsets.handled)
    offsets.note(_records((1, 3)), fresh)
    await offsets.commit()

    assert {} == forgotten
    assert ([], [{1: 4}]) == (gone.commits, fresh.commits)
    assert {TopicPartition(TOPIC, 1): 4} == offsets.handled


async def test_what_is_handled_is_known_whatever_became_of_its_commit() -> None:
    """Of every partition, as far as it was noted and no further."""
    consumer = Consumer(0, 1)
    consumer.error = CommitFailedError()
    offsets = Offsets("g")
    offsets.note(_records((0, 1), (1, 4)), consumer)
    await offsets.commit()
    offsets.note(_records((0, 2)), consumer)

    assert {TopicPartition(TOPIC, 0): 3, TopicPartition(TOPIC, 1): 5} == offsets.handled


async def test_after_a_refusal_each_partition_is_said_as_far_as_it_was_handled() -> None:
    """The newer offset where more was handled, the refused one where nothing was."""
    consumer = Consumer(0, 1)
    consumer.error = CommitFailedError()
    offsets = Offsets("g")
    offsets.note(_records((0, 1), (1, 4)), consumer)
    await offsets.commit()
    consumer.error = None
    offsets.note(_records((0, 2)), consumer)
    await offsets.commit()
    await offsets.commit()

    assert [{0: 3, 1: 5}] == consumer.commits


async def test_what_is_handled_during_a_commit_that_is_refused_is_newer() -> None:
    """It is said next, not what was refused."""
    consumer = Consumer(0)
    consumer.may_confirm.clear()
    consumer.error = CommitFailedError()
    offsets = Offsets("g")
    offsets.note(_records((0, 1)), consumer)
    refused = asyncio.create_task(offsets.commit())
    await consumer.begun.wait()
    offsets.note(_records((0, 2)), consumer)
    consumer.may_confirm.set()
    await refused
    consumer.error = None
    await offsets.commit()

    assert [{0: 3}] == consumer.commits


async def test_no_commit_begins_while_another_is_under_way() -> None:
    """An older one that Kafka took last would take back what is committed."""
    consumer = Consumer(0)
    consumer.may_confirm.clear()
    offsets = Offsets("g")
    offsets.note(_records((0, 1)), consumer)
    first = asyncio.create_task(offsets.commit())
    await consumer.begun.wait()
    consumer.begun.clear()
    offsets.note(_records((0, 2)), consumer)
    second = asyncio.create_task(offsets.commit())
    for _ in range(5):
        await asyncio.sleep(0)
    meanwhile = consumer.begun.is_set()
    consumer.may_confirm.set()
    await asyncio.gather(first, second)

    assert not meanwhile
    assert [{0: 2}, {0: 3}] == consumer.commits


class Broker:
    """Knows no member of any group, and says so when told."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.may_answer = asyncio.Event()

    async def send(self, *_: object, **__: object) -> Any:
        """The answer to a commit."""
        self.asked.set()
        await self.may_answer.wait()
        return SimpleNamespace(topics=[(TOPIC, [(0, UnknownMemberIdError.errno)])])


@asynccontextmanager
async def _coordinator(broker: Broker, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Any]:
    client = AIOKafkaClient()
    monkeypatch.setattr(client, "send", broker.send)
    coordinator = GroupCoordinator(client, SubscriptionState(), group_id="g", enable_auto_commit=False)
    coordinator.coordinator_id = 1
    yield coordinator
    await coordinator.close()


async def test_a_commit_that_is_refused_when_nobody_waits_any_more_is_no_error_of_anybody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """After a stall: we gave it up, the group did us, and aiokafka's task hears of it alone."""
    said: list[Mapping[str, Any]] = []
    gc.collect()  # what an earlier test left is not of this one
    asyncio.get_running_loop().set_exception_handler(lambda _, context: said.append(context))
    retrieve_commit_errors()
    broker = Broker()
    async with _coordinator(broker, monkeypatch) as coordinator:
        commit = _committing(coordinator)
        await broker.asked.wait()
        commit.cancel()
        await asyncio.wait({commit})
        broker.may_answer.set()
        await coordinator._rejoin_needed_fut
    gc.collect()

    assert commit.cancelled()
    assert [] == said


async def test_whoever_waits_for_a_commit_hears_that_it_was_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """As aiokafka has it."""
    retrieve_commit_errors()
    broker = Broker()
    broker.may_answer.set()
    async with _coordinator(broker, monkeypatch) as coordinator:
        with pytest.raises(CommitFailedError):
            await _committing(coordinator)


def _committing(coordinator: Any) -> "asyncio.Task[None]":
    offsets = {TopicPartition(TOPIC, 0): OffsetAndMetadata(1, "")}
    return asyncio.create_task(coordinator.commit_offsets(None, offsets))
