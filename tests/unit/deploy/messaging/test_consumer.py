"""What a consumer does when the client that feeds it is in trouble, or when it has to leave."""

import asyncio
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka.errors import ConsumerStoppedError, GroupAuthorizationFailedError, KafkaError

from deploy.messaging import consumer as module
from deploy.messaging.client import FLUSH_SECONDS
from deploy.messaging.client_parts import END_SECONDS, GOODBYE_SECONDS
from deploy.messaging.consumer import GroupConsumer
from deploy.processes.runtime import STOP_SECONDS
from schemas.ports import Subscription


def _consumer() -> tuple[GroupConsumer, list[BaseException]]:
    ended: list[BaseException] = []

    async def end(error: BaseException) -> None:
        ended.append(error)

    context: Any = SimpleNamespace(
        pool=None,
        executor=None,
        dead_letters=None,
        dead_letter_limit=1,
        retry_seconds=0.0,
        end_process=end,
        remembered_since_ms=lambda: 0,
    )
    return GroupConsumer(Subscription(name="scratch", topics=["intake"], handlers=[]), context), ended


class _Positions:
    """Asks nobody; waits for Kafka where `is_away`."""

    def __init__(self, *, is_away: bool = False) -> None:
        self._is_away = is_away
        self.asked = asyncio.Event()

    async def follow(self, _consumer: Any, _records: Sequence[Any]) -> None:
        """As the real one, which asks the brokers of fresh partitions."""
        self.asked.set()
        if self._is_away:
            await asyncio.Event().wait()


class _Client:
    """Hands out what is to be said."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    async def getmany(self, **_: object) -> dict[Any, Any]:
        """The error that the group was in trouble with."""
        raise self._error


@pytest.mark.parametrize(
    "error", [GroupAuthorizationFailedError("scratch"), KafkaError("unexpected"), ConsumerStoppedError()]
)
async def test_a_group_in_trouble_ends_no_process(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is in hand is handled; the trouble is the client's to mend, or the watchdog's."""
    consumer, ended = _consumer()
    monkeypatch.setattr(consumer, "positions", _Positions())
    monkeypatch.setattr(module, "QUIET_SECONDS", float("inf"))
    await consumer.handle([], _Client(error))

    assert (ended, consumer._is_done) == ([], False)


async def test_leaving_waits_for_no_outage(monkeypatch: pytest.MonkeyPatch) -> None:
    """A batch that waits for a Kafka that is away is given up, and comes again: a stop takes less than it may."""
    monkeypatch.setattr(module, "LEAVE_SECONDS", 0.05)
    consumer, ended = _consumer()
    positions = _Positions(is_away=True)
    monkeypatch.setattr(consumer, "positions", positions)
    handling = asyncio.create_task(consumer.handle([], None))
    await positions.asked.wait()
    async with asyncio.timeout(10):
        await consumer.leave()
        await asyncio.gather(handling, return_exceptions=True)

    assert (True, False, []) == (handling.cancelled(), consumer.is_busy, ended)


def test_leaving_fits_into_a_stop() -> None:
    """A batch in hand, a goodbye to Kafka and what a producer has not sent come one after another."""
    assert module.LEAVE_SECONDS + GOODBYE_SECONDS + 2 * END_SECONDS + FLUSH_SECONDS < STOP_SECONDS
