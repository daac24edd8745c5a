"""The outbox on real Postgres and Kafka: every committed event reaches its topic, in its case's order."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import asyncpg
import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaConnectionError

from deploy import clock
from deploy.database import outbox
from deploy.database.outbox import RelayNotifier, store_rows
from deploy.database.pool import connect, open_pool
from deploy.database.unit_of_work import PostgresUnit, unit_of_work
from deploy.local.embedded.kafka import EmbeddedKafka
from deploy.messaging.client.client import open_producer
from deploy.messaging.relay import Relay
from deploy.processes.relay import relay
from deploy.processes.runtime import Process
from deploy.settings import Settings
from schemas.ids import DepartmentCode
from tests.integration.deploy.reading import Sent, everything_on
from tests.integration.deploy.rig import Rig, events
from tests.stack import eventually
from tests.unit.deploy.records import AT, case, supplemented


@pytest.fixture
async def rows_left(rig: Rig) -> Any:
    """Asks how many rows wait."""

    async def look() -> int:
        return int(await rig.pool.fetchval("SELECT count(*) FROM deploy.outbox"))

    return look


@asynccontextmanager
async def relaying(
    rig: Rig, producer: Any = None, *, batch: int = 100, settings: Settings | None = None
) -> AsyncIterator[Relay]:
    """A relay of its own connection; what ended it is raised on leaving."""
    stopping = asyncio.Event()
    async with connect(settings or rig.settings) as connection:
        made = Relay(connection, producer or rig.producer, keys=rig.keys, batch=batch)
        running = asyncio.create_task(made.run(stopping))
        try:
            yield made
        finally:
            stopping.set()
            await running


async def emit(rig: Rig, wanted: Sequence[Any]) -> None:
    """Write `wanted` in one transaction, as a step does."""
    async with unit_of_work(rig.pool, prefix=rig.settings.topic_prefix) as unit:
        for event in wanted:
            unit.emit(event)


def _versions(sent: Sequence[Sent]) -> dict[str, list[int]]:
    """Of each case in the order of its topic; what came twice with one event id counts once."""
    found: dict[str, list[int]] = defaultdict(list)
    for record in {record.event_id: record for record in reversed(sent)}.values():
        found[record.case_id].insert(0, record.version)
    return dict(found)


async def test_everything_is_sent_in_its_cases_order(rig: Rig, rows_left: Any) -> None:
    """Twenty-five versions of twenty cases: each once, none backwards, with its id in the header."""
    await emit(rig, events(20, 25))
    ids = {str(row["event_id"]) for row in await rig.pool.fetch("SELECT event_id FROM deploy.outbox")}
    async with relaying(rig):
        await eventually(rows_left, is_done=lambda count: count == 0)
    sent = await everything_on(rig.settings, rig.topic)

    assert ids == {record.event_id for record in sent}
    assert len(sent) == 500
    assert _versions(sent) == {case(number + 1): list(range(1, 26)) for number in range(20)}


async def test_records_bear_the_time_that_all_go_by(
    rig: Rig, rows_left: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A broker refuses what is an hour ahead of it: a relay on a machine with a wrong clock would send nothing."""
    earlier = clock.now() - timedelta(hours=2)
    monkeypatch.setattr(clock, "now", lambda: earlier)
    await emit(rig, events(2, 1))
    async with relaying(rig):
        await eventually(rows_left, is_done=lambda count: count == 0)

    sent = await everything_on(rig.settings, rig.topic)
    assert {int(earlier.timestamp() * 1000)} == {record.stamp_ms for record in sent}


async def test_what_is_for_a_department_goes_to_its_own_topic(rig: Rig) -> None:
    """`emit(event, to=…)` and `emit(event)` name two topics."""
    unit = PostgresUnit(rig.pool, AT, prefix=rig.settings.topic_prefix)
    unit.emit(supplemented(1))
    unit.emit(supplemented(1), to=DepartmentCode("housing"))
    await unit.flush()

    rows = await rig.pool.fetch("SELECT topic FROM deploy.outbox ORDER BY id")
    prefix = rig.settings.topic_prefix
    assert [f"{prefix}.intake.v1", f"{prefix}.department.housing.v1"] == [row["topic"] for row in rows]


class Held:
    """A real producer whose confirmations are held back, or lost."""

    def __init__(self, real: AIOKafkaProducer, error: Exception | None = None) -> None:
        self.go_on = asyncio.Event()
        self.sent = 0
        self._real = real
        self._error = error

    def create_batch(self) -> Any:
        """As the real one makes it."""
        return self._real.create_batch()

    async def send_batch(self, batch: Any, *args: Any, **kwargs: Any) -> "asyncio.Future[Any]":
        """Send it, and confirm when told."""
        self.sent += batch.record_count()
        return asyncio.ensure_future(self._confirmed(await self._real.send_batch(batch, *args, **kwargs)))

    async def partitions_for(self, topic: str) -> Any:
        """As the real one says."""
        return await self._real.partitions_for(topic)

    async def _confirmed(self, future: Any) -> Any:
        await self.go_on.wait()
        if self._error is not None:
            raise self._error
        return await future


async def test_nothing_is_deleted_before_kafka_confirms(rig: Rig, rows_left: Any) -> None:
    """Rows stay while a confirmation is missing, and go when it is there."""
    await emit(rig, events(30))
    held = Held(rig.producer)

    async def all_sent() -> bool:
        return held.sent == 30

    async with relaying(rig, held):
        await eventually(all_sent)
        before = await rows_left()
        held.go_on.set()
        await eventually(rows_left, is_done=lambda count: count == 0)

    assert before == 30


async def test_a_batch_that_kafka_refused_is_sent_again_with_the_same_ids(rig: Rig, rows_left: Any) -> None:
    """One lost confirmation: nothing is deleted, the error ends the relay, the next sends all once more."""
    await emit(rig, events(30))
    refusing = Held(rig.producer, KafkaConnectionError("lost"))
    refusing.go_on.set()
    with pytest.raises(KafkaConnectionError):
        await _relayed(rig, refusing)
    kept = await rows_left()

    async with relaying(rig):
        await eventually(rows_left, is_done=lambda count: count == 0)

    sent = await everything_on(rig.settings, rig.topic)
    assert kept == 30
    assert (len(sent), len({record.event_id for record in sent})) == (60, 30)


async def _relayed(rig: Rig, producer: Held) -> None:
    async with relaying(rig, producer):
        await eventually(_true_when(lambda: producer.sent == 30))


def _true_when(condition: Any) -> Any:
    async def look() -> bool:
        return bool(condition())

    return look


async def test_a_lower_id_that_commits_late_is_sent_all_the_same(rig: Rig, rows_left: Any) -> None:
    """Ids are given before the commit: a relay that remembered the highest would lose this one."""
    late = await rig.pool.acquire()
    transaction = late.transaction()
    await transaction.start()
    unit = PostgresUnit(late, AT, prefix=rig.settings.topic_prefix)
    unit.emit(supplemented(1))
    await unit.flush()
    await emit(rig, [supplemented(2)])

    async with relaying(rig):
        await eventually(rows_left, is_done=lambda count: count == 0)
        first = await everything_on(rig.settings, rig.topic)
        await transaction.commit()
        await rig.pool.release(late)
        sent = await eventually(
            lambda: everything_on(rig.settings, rig.topic), is_done=lambda sent: len(sent) == 2, every=0.2
        )

    assert [case(2)] == [record.case_id for record in first]
    assert {case(1), case(2)} == {record.case_id for record in sent}


async def test_one_of_two_relays_leads_and_the_other_takes_over(rig: Rig, rows_left: Any) -> None:
    """The second sends nothing while the first lives; when the leader's connection dies, it goes on at once."""
    held = Held(rig.producer)
    waiting: list[int] = []

    async def lose_the_leader() -> None:
        async with relaying(rig, held) as first:
            await eventually(_true_when(lambda: first.is_leader))
            async with relaying(rig) as second:
                await emit(rig, events(40))
                await eventually(_true_when(lambda: held.sent == 40))
                assert not second.is_leader
                waiting.append(await rows_left())
                await rig.pool.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted"
                )
                await eventually(rows_left, is_done=lambda count: count == 0)
                assert second.is_leader
            held.go_on.set()

    with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, ConnectionError)):
        await lose_the_leader()

    sent = await everything_on(rig.settings, rig.topic)
    assert waiting == [40]
    assert _versions(sent) == {case(number + 1): [1] for number in range(40)}


@pytest.mark.parametrize(
    "size", [2_000_000, 5_000_000], ids=["refused by the broker", "refused by the client"]
)
async def test_a_row_that_kafka_never_takes_is_quarantined(rig: Rig, rows_left: Any, size: int) -> None:
    """It is kept whole with the reason, and the events around it go on, those of its own case too."""
    rows = [_row(rig, version, b"{}") for version in range(1, 8)]
    rows[3] = _row(rig, 4, b'"' + b"x" * size + b'"')
    async with rig.pool.acquire() as db:
        await store_rows(db, rows)
    process = Process(name="relay", settings=rig.settings, pool=rig.pool)
    running = asyncio.create_task(relay(process))
    await eventually(rows_left, is_done=lambda count: count == 0)
    process.stopping.set()
    await running

    (kept,) = await rig.pool.fetch("SELECT event_id, body, reason FROM deploy.quarantine")
    assert (str(kept["event_id"]), kept["body"]) == (rows[3][2], rows[3][6])
    assert kept["reason"]
    sent = [record.event_id for record in await everything_on(rig.settings, rig.topic)]
    assert [row[2] for row in rows if row is not rows[3]] == list(dict.fromkeys(sent))


def _row(rig: Rig, number: int, body: bytes) -> outbox.OutboxRow:
    return (rig.topic, case(1), clock.new_event_id(), "case.supplemented.v1", AT, None, body)


async def test_a_notification_wakes_the_relay(
    rig: Rig, rows_left: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Long before the poll would have found it; and again after the notifier's connection was lost."""
    monkeypatch.setattr("deploy.messaging.relay.POLL_SECONDS", 60.0)
    monkeypatch.setattr("deploy.messaging.relay.FINISH_SECONDS", 0.1)
    # Nor by itself, right after it sent something.
    monkeypatch.setattr("deploy.messaging.relay.NOTIFY_SECONDS", 0.0)
    # Nothing but notifications goes by it, so that it is known by its last statement.
    async with (
        open_pool(rig.settings, size=1) as pool,
        RelayNotifier(pool).running() as notifier,
        relaying(rig) as running,
    ):
        await eventually(_true_when(lambda: running.is_leader))
        await emit(rig, [supplemented(1)])
        notifier.notify()
        await eventually(rows_left, is_done=lambda count: count == 0, seconds=5)
        lost = await _notifiers(rig)
        await _cut(rig, lost)
        await emit(rig, [supplemented(2)])

        async def notified() -> int:
            notifier.notify()
            return int(await rows_left())

        await eventually(notified, is_done=lambda count: count == 0, seconds=5)
        assert lost
        assert not lost & await _notifiers(rig)


#: Connections whose last statement notified.
_NOTIFIERS = """SELECT pid FROM pg_stat_activity
    WHERE datname = current_database() AND query LIKE '%NOTIFY%' AND pid <> pg_backend_pid()"""


async def _notifiers(rig: Rig) -> set[int]:
    return {row["pid"] for row in await rig.pool.fetch(_NOTIFIERS)}


async def _cut(rig: Rig, pids: set[int]) -> None:
    for pid in pids:
        await rig.pool.execute("SELECT pg_terminate_backend($1)", pid)


async def test_the_notifier_outlives_its_connection(rig: Rig) -> None:
    """Postgres was restarted: notifications that got lost cost a poll, later ones are heard."""
    async with open_pool(rig.settings, size=1) as pool, RelayNotifier(pool).running() as notifier:

        async def pids() -> set[int]:
            notifier.notify()
            return await _notifiers(rig)

        before = await eventually(pids)
        await _cut(rig, before)

        await eventually(pids, seconds=10, is_done=lambda now: bool(now - before))


async def test_a_lost_notification_costs_only_the_poll(rig: Rig, rows_left: Any) -> None:
    """Nobody notifies: the relay looks by itself."""
    async with relaying(rig) as running:
        await eventually(_true_when(lambda: running.is_leader))
        await emit(rig, [supplemented(1)])

        await eventually(rows_left, is_done=lambda count: count == 0, seconds=5)


async def test_a_relay_that_waits_for_kafka_stops_when_told(
    rig: Rig, rows_left: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SIGTERM while Kafka does not answer: it leaves, and the rows stay."""
    monkeypatch.setattr("deploy.messaging.relay.FINISH_SECONDS", 0.2)
    await emit(rig, events(5))
    silent = Held(rig.producer)
    async with asyncio.timeout(10), relaying(rig, silent):
        await eventually(_true_when(lambda: silent.sent == 5))

    assert await rows_left() == 5


async def test_a_broker_that_dies_while_rows_are_sent(
    rig: Rig, own_kafka: EmbeddedKafka, own_settings: Settings, rows_left: Any
) -> None:
    """kill -9 in the middle and back: what was not confirmed stays, and in the end all is there, in order."""
    total = 4000
    own = Rig(settings=own_settings, pool=rig.pool, producer=rig.producer)
    await emit(own, events(40, total // 40))
    process = Process(
        name="relay", settings=own_settings.model_copy(update={"outbox_batch": 50}), pool=rig.pool
    )
    running = asyncio.create_task(relay(process))
    await eventually(rows_left, is_done=lambda count: count < total - 200, every=0.001)
    await asyncio.to_thread(own_kafka.kill_broker, 1)
    left = await rows_left()
    await asyncio.to_thread(own_kafka.start_broker, 1)
    await eventually(rows_left, is_done=lambda count: count == 0)
    process.stopping.set()
    await running

    sent = await everything_on(own_settings, own.topic)
    assert left > 0
    assert _versions(sent) == {case(number + 1): list(range(1, total // 40 + 1)) for number in range(40)}


async def test_a_producer_stops_within_seconds_while_kafka_is_away(
    own_kafka: EmbeddedKafka, own_settings: Settings
) -> None:
    """Otherwise no process could be stopped during an outage."""
    async with asyncio.timeout(20):
        async with open_producer(own_settings) as producer:
            await producer.send_and_wait(f"{own_settings.topic_prefix}.intake.v1", b"1")
            await asyncio.to_thread(own_kafka.kill_broker, 1)
            await producer.send(f"{own_settings.topic_prefix}.intake.v1", b"2")
        with pytest.raises(KafkaConnectionError):
            async with open_producer(own_settings):
                raise AssertionError("it started without Kafka")
    await asyncio.to_thread(own_kafka.start_broker, 1)
