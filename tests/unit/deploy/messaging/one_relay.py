"""A relay beside an outbox and a Kafka that tests make."""

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from deploy.messaging.records.signature import EventKeys
from deploy.messaging.relay import Relay
from tests.unit.deploy.records import AT, case

KEYS = EventKeys(b"k" * 32)
PARTITIONS = 6
Row = Mapping[str, Any]


class Batch:
    """A batch with room for `most` records."""

    def __init__(self, most: int) -> None:
        self.keys: list[bytes] = []
        self.bodies: list[bytes] = []
        self.headers: list[Any] = []
        self.is_closed = False
        self._most = most

    def append(self, *, timestamp: int, key: bytes, value: bytes, headers: object) -> object:
        """None where there is no room."""
        if len(self.keys) == self._most:
            return None
        self.keys.append(key)
        self.bodies.append(value)
        self.headers.append(headers)
        return object()

    def close(self) -> None:
        """Nothing joins it any more."""
        self.is_closed = True


class Kafka:
    """Takes every batch, and remembers where it was put; refuses those that hold one of the bodies in `refuses`."""

    def __init__(self, room: int = 100, refuses: Mapping[bytes, Exception] | None = None) -> None:
        self.asked: list[str] = []
        self.sent: list[tuple[str, int, list[bytes]]] = []
        self.bodies: list[list[bytes]] = []
        self._room = room
        self._refuses = refuses or {}

    def create_batch(self) -> Batch:
        """An empty one."""
        return Batch(self._room)

    async def partitions_for(self, topic: str) -> Collection[int]:
        """Six, whatever the topic."""
        self.asked.append(topic)
        return range(PARTITIONS)

    async def send_batch(self, batch: Batch, topic: str, *, partition: int) -> "asyncio.Future[Any]":
        """Answered at once."""
        assert batch.is_closed
        self.sent.append((topic, partition, batch.keys))
        self.bodies.append(batch.bodies)
        answer = asyncio.get_running_loop().create_future()
        errors = [self._refuses[body] for body in batch.bodies if body in self._refuses]
        answer.set_exception(errors[0]) if errors else answer.set_result(None)
        return answer


class SlowKafka(Kafka):
    """Confirms when it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.confirmed: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

    async def send_batch(self, batch: Batch, topic: str, *, partition: int) -> "asyncio.Future[Any]":
        """Later."""
        await super().send_batch(batch, topic, partition=partition)
        return self.confirmed


class Outbox:
    """A connection to an outbox with these rows."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self.rows = list(rows)
        self.waited: list[float] = []
        #: What was moved away, and why.
        self.quarantine: list[tuple[int, str]] = []
        self.wake: Callable[[], None] = lambda: None

    async def add_listener(self, channel: str, wake: Callable[[], None]) -> None:
        """Whoever listens is woken by `wake`."""
        self.wake = wake

    async def fetch(self, query: str, limit: int, *, timeout: float) -> list[Row]:  # noqa: ASYNC109  asyncpg's signature
        """The oldest rows."""
        self.waited.append(timeout)
        await asyncio.sleep(0)
        return self.rows[:limit]

    async def execute(self, query: str, ids: Any, *reason: str, timeout: float) -> None:  # noqa: ASYNC109  as above
        """Deletes them, or moves one away for a reason."""
        self.waited.append(timeout)
        gone = [ids] if reason else ids
        self.quarantine += [(ids, why) for why in reason]
        self.rows = [row for row in self.rows if row["id"] not in gone]


def row(number: int, *, topic: str = "huiyin.intake.v1", of: int | None = None) -> Row:
    """Of the case with this number, or `of` another."""
    return {
        "id": number, "topic": topic, "case_id": case(number if of is None else of), "event_id": case(1000 + number),
        "type": "case.supplemented.v1", "at": AT, "traceparent": None, "body": b"%d" % number,
    }  # fmt: skip


def relay_of(outbox: Outbox, kafka: Kafka, batch: int = 100) -> Relay:
    """That sends at most so many at once."""
    return Relay(outbox, kafka, keys=KEYS, batch=batch)
