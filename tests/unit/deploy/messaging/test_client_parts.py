"""Parting with a client of Kafka, however its own goodbye ends."""

import asyncio
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka.errors import KafkaError

from deploy.messaging import client_parts
from deploy.messaging.client_parts import part_with


async def _last_request() -> None:
    await asyncio.Event().wait()


async def _end_with_its_request() -> None:
    """As aiokafka's fetcher: it cancels a request that waits to be tried again, and then awaits it."""
    request = asyncio.ensure_future(_last_request())
    await asyncio.sleep(0)
    request.cancel()
    await request


async def _fail() -> None:
    raise KafkaError("away")


async def _break() -> None:
    raise AssertionError("what its authors did not expect")


async def _hang() -> None:
    await asyncio.Event().wait()


class Client:
    """A client with one task of each kind."""

    def __init__(self) -> None:
        self.tasks = [asyncio.ensure_future(_hang()) for _ in range(5)]
        group, fetching, brokers, heartbeat, commits = self.tasks
        self._coordinator = SimpleNamespace(
            _coordination_task=group, _heartbeat_task=heartbeat, _commit_refresh_task=commits
        )
        self._fetcher = SimpleNamespace(_fetch_task=fetching)
        self._client = SimpleNamespace(_sync_task=brokers, close=self.close)
        self._closed = False
        self.is_cut = False

    async def close(self) -> None:
        """Its connections."""
        self.is_cut = True


@pytest.mark.parametrize("goodbye", [_end_with_its_request, _fail, _break, _hang])
async def test_whatever_becomes_of_its_goodbye_everything_of_it_ends(
    goodbye: Callable[[], Awaitable[None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """No heartbeat is left, and whoever parts with it goes on: a process that was told to stop ends well."""
    monkeypatch.setattr(client_parts, "GOODBYE_SECONDS", 0.05)
    client, asking = Client(), asyncio.ensure_future(_hang())
    subscriber: Any = SimpleNamespace(consumer=client, stop=goodbye, tasks=[asking])
    async with asyncio.timeout(10):
        await part_with(subscriber)

    assert all(task.cancelled() for task in (asking, *client.tasks))
    assert (None, [], True) == (subscriber.consumer, subscriber.tasks, client.is_cut)


async def test_whoever_is_told_to_leave_off_does() -> None:
    """A cancellation that is ours is not swallowed."""
    parting = asyncio.ensure_future(part_with(SimpleNamespace(consumer=None, stop=_hang, tasks=[])))
    await asyncio.sleep(0)
    parting.cancel()

    with pytest.raises(asyncio.CancelledError):
        await parting
