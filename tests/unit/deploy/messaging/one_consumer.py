"""One consumer with everything around it in memory: what it does with batches is seen without Kafka and Postgres.

The same is asked of it on both in `tests/integration/deploy/messaging`: `test_consumer.py`, `test_outsiders.py`,
`test_positions.py`.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import asyncpg
from aiokafka import TopicPartition

from deploy.messaging.consuming.consumer import GroupConsumer
from deploy.messaging.dead.dead_letters import DeadLetter
from deploy.messaging.records.envelope import Received
from schemas.events.intake import CaseSupplemented
from schemas.ports import Handler, ReadFaulty, Subscription, ValidateSenders
from tests.unit.deploy.records import Record, record_of, supplemented

TOPIC = "huiyin.intake.v1"
PLACE = TopicPartition(TOPIC, 0)
#: What Postgres says of two that wait for each other: another try mends it.
PASSING = asyncpg.DeadlockDetectedError("deadlock")


def event_id_of(number: int) -> str:
    """An event's id that says nothing of when it was made."""
    return str(UUID(int=number, version=4))


def record(number: int, *, offset: int | None = None, event_id: str = "") -> Record:
    """The event of one case, at the place of its number."""
    found = record_of(supplemented(number, text=f"{number}"), event_id=event_id or event_id_of(number))
    key = supplemented(number).case_id.encode()
    return replace(found, key=key, topic=TOPIC, offset=number if offset is None else offset)


def broken(number: int) -> Record:
    """Says that it is one of our events, and is not."""
    return replace(record(number), value=b"{}")


def unheard(number: int) -> Record:
    """An event of ours that this group does not hear."""
    headers = [
        (name, b"case.withdrawn.v1" if name == "ce_type" else value) for name, value in record(number).headers
    ]
    return replace(record(number), headers=headers)


@dataclass
class Transactions:
    """Instead of Postgres: notes what is handled, and refuses what a test says."""

    refuse: Callable[[Sequence[int]], Exception | None] = lambda _: None
    tried: list[list[int]] = field(default_factory=list)
    done: list[int] = field(default_factory=list)

    async def set_aside(self, *_: object) -> None:
        """Nobody asks for it here."""

    async def prepare(self, batch: Sequence[Received]) -> Mapping[Any, Any]:
        """Nothing."""
        return {}

    async def handle(self, batch: Sequence[Received], prepared: Mapping[Any, Any]) -> None:
        """All of it, or nothing."""
        numbers = [UUID(received.event.case_id).int for received in batch]
        self.tried.append(numbers)
        if (error := self.refuse(numbers)) is not None:
            raise error
        self.done += numbers


class Letters:
    """Keeps dead letters."""

    def __init__(self) -> None:
        self.kept: list[DeadLetter] = []

    async def store(self, letters: Sequence[DeadLetter]) -> None:
        """On a topic of their own."""
        self.kept += letters

    @property
    def said(self) -> list[tuple[int, str, int, bool]]:
        """Offset, reason, attempts, and whether it is ours; each says which consumer put it aside."""
        assert {each.stage for each in self.kept} <= {"discipline"}
        return [(each.record.offset, each.reason, each.attempts, each.is_ours) for each in self.kept]


class Kafka:
    """A client with one partition: everything is there, and commits are kept."""

    def __init__(self) -> None:
        self.commits: list[int] = []
        self.oldest = 0
        #: How often it was asked where the log begins.
        self.asked = 0

    def assignment(self) -> set[TopicPartition]:
        """The one."""
        return {PLACE}

    async def beginning_offsets(self, partitions: Sequence[TopicPartition]) -> Mapping[TopicPartition, int]:
        """Where the log begins."""
        self.asked += 1
        return dict.fromkeys(partitions, self.oldest)

    async def committed(self, partition: TopicPartition) -> int | None:
        """So far that nothing is lost."""
        return self.oldest

    async def commit(self, offsets: Mapping[TopicPartition, int]) -> None:
        """Keep it."""
        self.commits.append(offsets[PLACE])


class Bench:
    """One consumer, and what it did."""

    def __init__(
        self,
        *,
        retry_seconds: float = 10.0,
        limit: int = 100,
        senders: ValidateSenders | None = None,
        is_genuine: bool = True,
        read_faulty: ReadFaulty | None = None,
    ) -> None:
        self.transactions, self.letters, self.kafka = Transactions(), Letters(), Kafka()
        self.ended: list[BaseException] = []
        context: Any = SimpleNamespace(
            pool=None, prefix="huiyin", dead_letters=self.letters, dead_letter_limit=limit, retry_seconds=retry_seconds,
            inbox_days=10, is_genuine=lambda *_: is_genuine, end_process=self._end,
        )  # fmt: skip
        line = Handler(event=CaseSupplemented, step=self._step)
        subscription = Subscription(
            name="discipline",
            topics=["intake"],
            handlers=[line],
            validate_senders=senders,
            read_faulty=read_faulty,
        )
        self.consumer = GroupConsumer(subscription, context)
        self.consumer._transaction = self.transactions  # type: ignore[assignment]  # instead of Postgres

    async def _end(self, error: BaseException) -> None:
        self.ended.append(error)
        await asyncio.Event().wait()

    async def _step(self, *_: object) -> None:
        raise AssertionError("the transactions of this test call no step")

    async def handle(self, *records: Record) -> None:
        """One batch, and what it leads to."""
        await self.consumer.handle(records, self.kafka)
        await asyncio.sleep(0)

    async def committed_by_itself(self) -> list[int]:
        """What Kafka was told so far."""
        return self.kafka.commits

    async def committed(self) -> list[int]:
        """What Kafka was told to the last."""
        await self.consumer._offsets.commit()
        return self.kafka.commits
