"""How often the brokers are asked about a consumer, and what an outage does to its new client."""

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import KafkaConnectionError

from deploy.processes import watchdog
from deploy.processes.runtime import Process
from deploy.processes.watchdog import Watchdog
from deploy.settings import Settings

PART = TopicPartition("huiyin.intake.v1", 0)


class Client:
    """One partition, of which so much is left."""

    def __init__(self) -> None:
        self.left = 0
        self.asked = 0

    def assignment(self) -> set[TopicPartition]:
        """What is ours."""
        return {PART}

    async def end_offsets(self, parts: set[TopicPartition]) -> dict[TopicPartition, int]:
        """Where it ends."""
        self.asked += 1
        return dict.fromkeys(parts, 10)

    async def position(self, _: TopicPartition) -> int:
        """How far we are."""
        return 10 - self.left


async def _nothing(_: object) -> None:
    """Neither server was put back."""


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The clock that the watchdog reads, as one number."""
    at = [1000.0]
    monkeypatch.setattr(watchdog, "time", SimpleNamespace(monotonic=lambda: at[0]))
    monkeypatch.setattr(watchdog, "failed_part", lambda _: "")
    monkeypatch.setattr(watchdog, "PutBack", lambda *_: SimpleNamespace(look=_nothing))
    monkeypatch.setattr(watchdog, "missing_topics", lambda *_: [])
    monkeypatch.setattr(watchdog, "unfit_for", lambda *_: [])
    return at


def _watched(client: Client, **settings: Any) -> tuple[Watchdog, Any]:
    async def look_at_positions(_: object) -> None:
        return

    consumer = SimpleNamespace(
        group="intake",
        subscription=SimpleNamespace(name="intake", topics=("intake",)),
        is_busy=False,
        is_halted=False,
        lost="",
        handled_at=0.0,
        progressed_at=1000.0,
        look_at_positions=look_at_positions,
    )
    process = Process(name="intake", settings=Settings(**settings), pool=cast("Any", None))
    broker = SimpleNamespace(subscribers=[SimpleNamespace(group_id="huiyin.intake", consumer=client)])
    return Watchdog(process, cast("Any", broker), [cast("Any", consumer)]), consumer


async def _looks(watch: Watchdog, now: list[float], seconds: int) -> None:
    for _ in range(seconds):
        now[0] += 1
        await watch.look()


async def test_of_a_consumer_without_work_they_are_asked_seldom(now: list[float]) -> None:
    """Every five seconds, and at every look from the moment on at which it has handled something or something is left."""
    client = Client()
    watch, consumer = _watched(client)
    await _looks(watch, now, 10)
    idle, client.asked = client.asked, 0
    consumer.handled_at = now[0] + 0.5
    await _looks(watch, now, 1)
    handled, client.asked = client.asked, 0
    client.left = 3
    await _looks(watch, now, 5)
    client.asked = 0
    await _looks(watch, now, 5)

    assert (2, 1, 5) == (idle, handled, client.asked)


async def test_whoever_has_little_time_is_asked_sooner(now: list[float]) -> None:
    """A consumer that counts as still after four seconds is never idle for longer than one unasked."""
    client = Client()
    watch, consumer = _watched(client, stuck_seconds=16.0)
    await _looks(watch, now, 6)

    assert (6, now[0]) == (client.asked, consumer.progressed_at)


async def test_an_outage_while_a_client_is_replaced_ends_no_process(
    now: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Kafka goes away for everybody between the old client's end and the new one's start: the new one waits for it."""
    outages, started, let_go = [KafkaConnectionError("away"), KafkaConnectionError("away")], [], []

    async def start() -> None:
        if outages:
            raise outages.pop()
        started.append(now[0])

    async def part_with(_: object) -> None:
        let_go.append(now[0])

    async def no_wait(*_: object) -> None:
        return

    watch, consumer = _watched(Client())
    consumer.let_go = no_wait
    watch._watched[0].subscriber.start = start
    monkeypatch.setattr(watchdog, "part_with", part_with)
    monkeypatch.setattr(watchdog, "failed_part", lambda _: "" if started else "fetching")
    health: list[bool] = []
    consumer.look_at_positions = no_wait

    async def pause(process: Process, _: float) -> None:
        health.append(process.health["ok"])

    monkeypatch.setattr(Process, "pause", pause)
    async with asyncio.timeout(10):
        await _looks(watch, now, 1)

    assert health == [False, False], "whoever asks hears that it waits"
    assert (None, 1, 3) == (watch._process.failure, len(started), len(let_go))
