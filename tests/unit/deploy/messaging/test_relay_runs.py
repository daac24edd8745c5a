"""When the relay looks, rests, leads and ends; which of two leads is asked of Postgres."""

import asyncio
import math
from collections.abc import Sequence
from contextlib import suppress
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka.errors import KafkaConnectionError

from deploy.database.leases import LeaseLost
from deploy.database.outbox import NearRelay
from deploy.messaging.relay import Relay
from tests.stack import eventually
from tests.unit.deploy.messaging.one_relay import KEYS, Kafka, Outbox, Row, SlowKafka, row


class Lease:
    """Had after so many tries; says in `told` what is asked of it."""

    def __init__(self, tries: int = 1) -> None:
        self.told: list[str] = []
        self.lost = False
        self._tries = tries

    async def take(self) -> bool:
        """Whether this was the last try."""
        self.told.append("take")
        return self.told.count("take") == self._tries

    async def keep(self) -> None:
        """Renewed, unless it was lost."""
        self.told.append("keep")
        if self.lost:
            raise LeaseLost

    def check(self) -> None:
        """Nobody else leads."""


class WatchedOutbox(Outbox):
    """Tells the lease's list of every look."""

    def __init__(self, rows: Sequence[Row], told: list[str]) -> None:
        super().__init__(rows)
        self.told = told

    async def fetch(self, query: str, limit: int, *, timeout: float) -> list[Row]:  # noqa: ASYNC109  asyncpg's signature
        """The oldest rows."""
        self.told.append("look")
        return await super().fetch(query, limit, timeout=timeout)


class Rig:
    """A relay that takes two rows at most, and what is around it."""

    def __init__(self, *rows: Row, kafka: Kafka | None = None, tries: int = 1) -> None:
        self.lease, self.near, self.stopping = Lease(tries), NearRelay(), asyncio.Event()
        self.outbox = WatchedOutbox(rows, self.lease.told)
        self.kafka = kafka or Kafka()
        self.relay = Relay(self.outbox, self.kafka, keys=KEYS, batch=2, near=self.near)
        self.relay._lease = self.lease  # type: ignore[assignment]  # as far as a relay asks it
        self.running: asyncio.Task[None] = asyncio.create_task(self.relay.run(self.stopping))

    async def until(self, condition: Any) -> None:
        """Return when `condition` holds."""

        async def look() -> bool:
            return bool(condition())

        await eventually(look, seconds=10, every=0.001)

    async def stop(self) -> None:
        """As a process does that has to go."""
        self.stopping.set()
        async with asyncio.timeout(10):
            await self.running


@pytest.fixture(autouse=True)
def _follows_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("deploy.messaging.relay.FOLLOW_SECONDS", 0.001)


async def test_whoever_does_not_lead_sends_nothing() -> None:
    """It asks again until it does; meanwhile nobody wakes it for a row that is not its own to send."""
    rig = Rig(row(1), tries=math.inf)  # type: ignore[arg-type]  # never
    at_first = rig.relay.is_leader
    await rig.until(lambda: len(rig.lease.told) > 3)
    led = (rig.relay.is_leader, rig.near.wake)
    await rig.stop()

    assert {"take"} == set(rig.lease.told)
    assert (False, False, None) == (at_first, *led)
    assert [] == rig.kafka.sent


async def test_a_leader_makes_sure_of_its_lease_before_each_look() -> None:
    """It was told no twice; from then on it sends, and is woken from within its process until it ends."""
    rig = Rig(row(1), tries=3)
    await rig.until(lambda: not rig.outbox.rows)
    led = (rig.relay.is_leader, rig.near.wake is not None)
    await rig.stop()

    assert ["take"] * 3 == rig.lease.told[:3]
    assert {("keep", "look")} == set(zip(rig.lease.told[3::2], rig.lease.told[4::2], strict=False))
    assert (True, True) == led
    assert rig.near.wake is None


async def test_a_relay_that_lost_its_lease_ends_before_it_looks() -> None:
    """The process hears why, and starts anew."""
    rig = Rig()
    rig.lease.lost = True
    with pytest.raises(LeaseLost):
        await rig.running

    assert "look" not in rig.lease.told
    assert rig.near.wake is None


async def test_a_full_lot_is_followed_by_the_next_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """It rests when a look found fewer than it could take, and not before."""
    left: list[int] = []
    rig = Rig(*[row(number, of=7) for number in range(1, 6)])

    async def rest() -> None:
        left.append(len(rig.outbox.rows))
        await rig.stopping.wait()

    monkeypatch.setattr(rig.relay, "_rest", rest)
    await rig.until(lambda: left)
    await rig.stop()

    assert [0] == left
    assert [[b"1", b"2"], [b"3", b"4"], [b"5"]] == rig.kafka.bodies


@pytest.mark.parametrize("is_near", [False, True])
async def test_a_relay_without_work_is_woken_by_whoever_writes(
    monkeypatch: pytest.MonkeyPatch, is_near: bool
) -> None:
    """By Postgres, or from within its process; once, so that it sleeps again afterwards."""
    monkeypatch.setattr("deploy.messaging.relay.POLL_SECONDS", 600)
    monkeypatch.setattr("deploy.messaging.relay.NOTIFY_SECONDS", 0)
    rig = Rig()
    await rig.until(lambda: "look" in rig.lease.told)
    rig.outbox.rows.append(row(1))
    wake = rig.near.wake if is_near else rig.outbox.wake
    assert wake is not None
    wake()
    await rig.until(lambda: not rig.outbox.rows)
    for _ in range(20):
        await asyncio.sleep(0)
    looks = rig.lease.told.count("look")
    rig.running.cancel()
    await asyncio.wait({rig.running})

    assert 2 == looks


async def test_a_row_that_nobody_tells_of_is_found_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """The relay looks by itself, for as long as it is not told to stop."""
    monkeypatch.setattr("deploy.messaging.relay.POLL_SECONDS", 0.001)
    monkeypatch.setattr("deploy.messaging.relay.FINISH_SECONDS", 0.001)
    rig = Rig()
    await rig.until(lambda: rig.lease.told.count("look") > 5 or rig.running.done())
    rig.outbox.rows.append(row(1))
    await rig.until(lambda: not rig.outbox.rows or rig.running.done())
    await rig.stop()

    assert [[b"1"]] == rig.kafka.bodies


async def test_a_refusal_ends_the_relay_and_keeps_the_rows() -> None:
    """Whoever runs it hears which, and starts anew."""
    rig = Rig(row(1), row(2), kafka=Kafka(refuses={b"1": KafkaConnectionError("lost")}))
    with pytest.raises(KafkaConnectionError):
        await rig.running

    assert 2 == len(rig.outbox.rows)
    assert rig.near.wake is None


async def test_a_relay_that_stops_finishes_what_it_has_in_hand() -> None:
    """And begins nothing else: the other rows are sent by whoever leads next."""
    kafka = SlowKafka()
    rig = Rig(*[row(number, of=7) for number in range(1, 6)], kafka=kafka)
    await rig.until(lambda: kafka.sent)
    rig.stopping.set()
    for _ in range(5):
        await asyncio.sleep(0)
    kafka.confirmed.set_result(None)
    await rig.stop()

    assert [3, 4, 5] == [left["id"] for left in rig.outbox.rows]
    assert [[b"1", b"2"]] == kafka.bodies


async def test_a_relay_that_stops_waits_for_no_outage(monkeypatch: pytest.MonkeyPatch) -> None:
    """What Kafka has not confirmed by then stays, and is sent once more."""
    monkeypatch.setattr("deploy.messaging.relay.FINISH_SECONDS", 0.05)
    kafka = SlowKafka()
    rig = Rig(row(1), kafka=kafka)
    await rig.until(lambda: kafka.sent)
    await rig.stop()
    kafka.confirmed.set_result(None)
    await asyncio.sleep(0)

    assert 1 == len(rig.outbox.rows)


async def test_whoever_is_cancelled_leaves_no_work_behind() -> None:
    """Nothing is deleted afterwards, whatever Kafka says."""
    kafka = SlowKafka()
    rig = Rig(row(1), kafka=kafka)
    await rig.until(lambda: kafka.sent)
    rig.running.cancel()
    with suppress(asyncio.CancelledError):
        await rig.running
    left = [task.get_name() for task in asyncio.all_tasks()]

    assert "relay" not in left
    assert 1 == len(rig.outbox.rows)


@pytest.mark.parametrize(
    ("took", "rests"), [(0.0, 0.005), (0.003, 0.005), (0.02, 0.02), (0.05, 0.05), (3.0, 0.05)]
)
async def test_between_two_lots_a_relay_rests_as_long_as_sending_took(
    monkeypatch: pytest.MonkeyPatch, took: float, rests: float
) -> None:
    """Within bounds: rows gather, and nobody waits for long."""
    now = 1000.0
    kafka = SlowKafka()
    monkeypatch.setattr("deploy.messaging.relay.time", SimpleNamespace(monotonic=lambda: now))
    rig = Rig(row(1), kafka=kafka)
    await rig.until(lambda: kafka.sent)
    rested = asyncio.Event()

    async def rest() -> None:
        rested.set()
        await rig.stopping.wait()

    monkeypatch.setattr(rig.relay, "_rest", rest)
    now += took
    kafka.confirmed.set_result(None)
    await rested.wait()
    seconds = rig.relay.rest_seconds
    await rig.stop()

    assert rests == pytest.approx(seconds)


async def test_after_each_rest_that_brought_nothing_the_next_is_longer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """By half, up to the usual one; one that was longer already stays."""
    relay = Relay(Outbox([]), Kafka(), keys=KEYS, batch=2)
    relay._sent_at = 1000.0
    monkeypatch.setattr("deploy.messaging.relay.time", SimpleNamespace(monotonic=lambda: 1000.0))
    rests: list[float] = []

    async def rest(seconds: float) -> None:
        rests.append(seconds)

    monkeypatch.setattr(asyncio, "sleep", rest)
    for _ in range(4):
        await relay._rest()
    relay._rest_seconds = 0.03
    await relay._rest()

    assert [0.005, 0.0075, 0.01125, 0.012, 0.03] == pytest.approx(rests)
    assert 0.03 == relay.rest_seconds
