"""Where the relay puts rows, and what it asks for; what Kafka and Postgres do with it is tested on them."""

from collections.abc import Sequence

import pytest
from aiokafka.partitioner import DefaultPartitioner

from deploy.database.leases import LEASE_SECONDS, LeaseLost, awake
from deploy.messaging.relay import STATEMENT_SECONDS, PartitionBatch
from tests.unit.deploy.messaging.one_relay import (
    KEYS,
    PARTITIONS,
    Batch,
    Kafka,
    Outbox,
    SlowKafka,
    relay_of,
    row,
)
from tests.unit.deploy.records import Record


async def test_a_case_lies_where_every_kafka_client_would_put_it() -> None:
    """By its key: whoever produces with the default partitioner, and whoever reads, finds a case in one place."""
    kafka = Kafka()
    await relay_of(Outbox([row(number) for number in range(60)]), kafka).send_once()
    default, every = DefaultPartitioner(), list(range(PARTITIONS))

    assert all(default(key, every, every) == partition for _, partition, keys in kafka.sent for key in keys)
    assert set(every) == {partition for _, partition, _ in kafka.sent}


async def test_a_topics_partitions_are_asked_for_once() -> None:
    """They never change while we run: one question for each topic, not for each row or lot."""
    kafka, rows = Kafka(), [row(1), row(2), row(3, topic="huiyin.sla.v1"), row(4)]
    relay = relay_of(Outbox(rows), kafka, batch=2)
    await relay.send_once()
    await relay.send_once()

    assert ["huiyin.intake.v1", "huiyin.sla.v1"] == kafka.asked


async def test_a_full_batch_is_followed_by_another_in_order() -> None:
    """Rows of one case stay in their order, over as many batches as they take."""
    kafka = Kafka(room=2)
    outbox = Outbox([row(number, of=7) for number in range(5)])

    assert 5 == await relay_of(outbox, kafka).send_once()
    assert [[b"0", b"1"], [b"2", b"3"], [b"4"]] == kafka.bodies
    assert 1 == len({partition for _, partition, _ in kafka.sent})
    assert [] == outbox.rows


def test_what_is_sent_is_signed_as_it_is_sent() -> None:
    """Nobody believes anything else: the signature is of this topic, key, body and id."""
    room, sent = Batch(1), row(1)
    PartitionBatch(sent["topic"], 0, room, KEYS).takes(sent, b"key")
    (headers,) = room.headers
    record = Record(value=sent["body"], key=b"key", topic=sent["topic"], headers=headers)

    assert KEYS.have_signed(record)
    assert str(sent["event_id"]).encode() == dict(headers)["ce_id"]


async def test_each_statement_has_an_end() -> None:
    """A Postgres that does not answer is told from one that is busy, and the relay starts over."""
    outbox = Outbox([row(1)])
    await relay_of(outbox, Kafka()).send_once()

    assert [STATEMENT_SECONDS, STATEMENT_SECONDS] == outbox.waited


async def test_an_empty_outbox_says_nothing() -> None:
    """Neither to Kafka nor to Postgres."""
    kafka, outbox = Kafka(), Outbox([])

    assert 0 == await relay_of(outbox, kafka).send_once()
    assert ([], [STATEMENT_SECONDS]) == (kafka.asked, outbox.waited)


@pytest.mark.parametrize(("cases", "is_longer"), [((1, 1, 1, 1), False), ((1, 2, 3), True)])
async def test_rows_of_several_cases_gather(cases: Sequence[int], is_longer: bool) -> None:
    """A case that is alone waits for nobody."""
    relay = relay_of(Outbox([row(number, of=case) for number, case in enumerate(cases)]), Kafka())
    before = relay.rest_seconds
    await relay.send_once()

    assert is_longer == (relay.rest_seconds > before)


def test_a_record_without_room_is_not_counted_as_taken() -> None:
    """It goes into the next batch, once."""
    batch = PartitionBatch("t", 0, Batch(1), KEYS)

    assert (True, False) == (batch.takes(row(1), b"1"), batch.takes(row(2), b"2"))
    assert [1] == [row["id"] for row in batch.rows]


async def test_a_relay_that_stood_still_sends_nothing_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """It read rows, froze, and wakes when another may lead: they are the other's to send, and stay."""
    kafka, outbox = Kafka(), Outbox([row(1)])
    relay = relay_of(outbox, kafka)
    relay._lease._holds_from(awake())
    later = awake() + LEASE_SECONDS + 1
    monkeypatch.setattr("deploy.database.leases.awake", lambda: later)
    with pytest.raises(LeaseLost):
        await relay.send_once()

    assert [] == kafka.sent
    assert 1 == len(outbox.rows)


async def test_a_relay_leads_on_while_kafka_takes_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """The lease is renewed while it waits for an answer: nobody takes over from one who only waits."""
    kafka = SlowKafka()
    relay = relay_of(Outbox([row(1)]), kafka)
    kept: list[int] = []

    async def keep() -> None:
        kept.append(1)
        if len(kept) == 2:
            kafka.confirmed.set_result(None)

    monkeypatch.setattr(relay._lease, "keep", keep)
    monkeypatch.setattr("deploy.messaging.relay.RENEW_SECONDS", 0.01)

    assert 1 == await relay.send_once()
    assert [1, 1] == kept
