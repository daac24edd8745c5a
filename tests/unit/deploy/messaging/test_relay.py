"""Where the relay puts rows, and what it asks for; what Kafka and Postgres do with it is tested on them."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from aiokafka.partitioner import DefaultPartitioner

from deploy.database.leases import LEASE_SECONDS, LeaseLost, awake
from deploy.messaging.relay import STATEMENT_SECONDS, PartitionBatch, Relay
from deploy.messaging.signature import EventKeys
from tests.unit.deploy.records import case

KEYS = EventKeys(b"k" * 32)
PARTITIONS = 6
Row = Mapping[str, Any]


class Batch:
    """A batch with room for `most` records."""

    def __init__(self, most: int) -> None:
        self.keys: list[bytes] = []
        self.is_closed = False
        self._most = most

    def append(self, *, timestamp: int, key: bytes, value: bytes, headers: object) -> object:
        """None where there is no room."""
        if len(self.keys) == self._most:
            return None
        self.keys.append(key)
        return object()

    def close(self) -> None:
        """Nothing joins it any more."""
        self.is_closed = True


class Kafka:
    """Takes every batch, and remembers where it was put."""

    def __init__(self, room: int = 100) -> None:
        self.asked: list[str] = []
        self.sent: list[tuple[str, int, list[bytes]]] = []
        self._room = room

    def create_batch(self) -> Batch:
        """An empty one."""
        return Batch(self._room)

    async def partitions_for(self, topic: str) -> Collection[int]:
        """Six, whatever the topic."""
        self.asked.append(topic)
        return range(PARTITIONS)

    async def send_batch(self, batch: Batch, topic: str, *, partition: int) -> "asyncio.Future[Any]":
        """Confirmed at once."""
        assert batch.is_closed
        self.sent.append((topic, partition, batch.keys))
        confirmed = asyncio.get_running_loop().create_future()
        confirmed.set_result(None)
        return confirmed


class Outbox:
    """A connection to an outbox with these rows."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self.rows = list(rows)
        self.waited: list[float] = []

    async def fetch(self, query: str, limit: int, *, timeout: float) -> list[Row]:  # noqa: ASYNC109  asyncpg's signature
        """The oldest rows."""
        self.waited.append(timeout)
        return self.rows[:limit]

    async def execute(self, query: str, ids: list[int], *, timeout: float) -> None:  # noqa: ASYNC109  as above
        """Deletes them."""
        self.waited.append(timeout)
        self.rows = [row for row in self.rows if row["id"] not in ids]


def _row(number: int, *, topic: str = "huiyin.intake.v1", of: int | None = None) -> Row:
    return {
        "id": number, "topic": topic, "case_id": case(number if of is None else of), "event_id": case(1000 + number),
        "type": "case.supplemented.v1", "at": datetime(2026, 11, 23, tzinfo=UTC), "traceparent": None, "body": b"{}",
    }  # fmt: skip


def _relay(outbox: Outbox, kafka: Kafka, batch: int = 100) -> Relay:
    return Relay(outbox, kafka, keys=KEYS, batch=batch)


async def test_a_case_lies_where_every_kafka_client_would_put_it() -> None:
    """By its key: whoever produces with the default partitioner, and whoever reads, finds a case in one place."""
    kafka = Kafka()
    await _relay(Outbox([_row(number) for number in range(60)]), kafka).send_once()
    default, every = DefaultPartitioner(), list(range(PARTITIONS))

    assert all(default(key, every, every) == partition for _, partition, keys in kafka.sent for key in keys)
    assert set(every) == {partition for _, partition, _ in kafka.sent}


async def test_a_topics_partitions_are_asked_for_once() -> None:
    """They never change while we run: one question for each topic, not for each row or lot."""
    kafka, rows = Kafka(), [_row(1), _row(2), _row(3, topic="huiyin.sla.v1"), _row(4)]
    relay = _relay(Outbox(rows), kafka, batch=2)
    await relay.send_once()
    await relay.send_once()

    assert ["huiyin.intake.v1", "huiyin.sla.v1"] == kafka.asked


async def test_a_full_batch_is_followed_by_another_in_order() -> None:
    """Rows of one case stay in their order, over as many batches as they take."""
    kafka = Kafka(room=2)
    outbox = Outbox([_row(number, of=7) for number in range(5)])

    assert 5 == await _relay(outbox, kafka).send_once()
    assert [2, 2, 1] == [len(keys) for _, _, keys in kafka.sent]
    assert 1 == len({partition for _, partition, _ in kafka.sent})
    assert [] == outbox.rows


async def test_each_statement_has_an_end() -> None:
    """A Postgres that does not answer is told from one that is busy, and the relay starts over."""
    outbox = Outbox([_row(1)])
    await _relay(outbox, Kafka()).send_once()

    assert [STATEMENT_SECONDS, STATEMENT_SECONDS] == outbox.waited


async def test_an_empty_outbox_says_nothing() -> None:
    """Neither to Kafka nor to Postgres."""
    kafka, outbox = Kafka(), Outbox([])

    assert 0 == await _relay(outbox, kafka).send_once()
    assert ([], [STATEMENT_SECONDS]) == (kafka.asked, outbox.waited)


@pytest.mark.parametrize(("cases", "is_longer"), [((1, 1, 1, 1), False), ((1, 2, 3), True)])
async def test_rows_of_several_cases_gather(cases: Sequence[int], is_longer: bool) -> None:
    """A case that is alone waits for nobody."""
    relay = _relay(Outbox([_row(number, of=case) for number, case in enumerate(cases)]), Kafka())
    before = relay.rest_seconds
    await relay.send_once()

    assert is_longer == (relay.rest_seconds > before)


def test_a_record_without_room_is_not_counted_as_taken() -> None:
    """It goes into the next batch, once."""
    batch = PartitionBatch("t", 0, Batch(1), KEYS)

    assert (True, False) == (batch.takes(_row(1), b"1"), batch.takes(_row(2), b"2"))
    assert [1] == [row["id"] for row in batch.rows]


async def test_a_relay_that_stood_still_sends_nothing_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """It read rows, froze, and wakes when another may lead: they are the other's to send, and stay."""
    kafka, outbox = Kafka(), Outbox([_row(1)])
    relay = _relay(outbox, kafka)
    relay._lease._holds_from(awake())
    later = awake() + LEASE_SECONDS + 1
    monkeypatch.setattr("deploy.database.leases.awake", lambda: later)
    with pytest.raises(LeaseLost):
        await relay.send_once()

    assert [] == kafka.sent
    assert 1 == len(outbox.rows)


class SlowKafka(Kafka):
    """Confirms when it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.confirmed: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

    async def send_batch(self, batch: Batch, topic: str, *, partition: int) -> "asyncio.Future[Any]":
        """Later."""
        return self.confirmed


async def test_a_relay_leads_on_while_kafka_takes_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """The lease is renewed while it waits for an answer: nobody takes over from one who only waits."""
    kafka = SlowKafka()
    relay = _relay(Outbox([_row(1)]), kafka)
    kept: list[int] = []

    async def keep() -> None:
        kept.append(1)
        if len(kept) == 2:
            kafka.confirmed.set_result(None)

    monkeypatch.setattr(relay._lease, "keep", keep)
    monkeypatch.setattr("deploy.messaging.relay.RENEW_SECONDS", 0.01)

    assert 1 == await relay.send_once()
    assert [1, 1] == kept
