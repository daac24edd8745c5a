"""Parting with a client of Kafka, however its own goodbye ends."""

import asyncio
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka.errors import KafkaError

from deploy.messaging.client import client as client_module
from deploy.messaging.client import client_parts
from deploy.messaging.client.client import open_producer
from deploy.messaging.client.client_parts import part_with
from deploy.settings import Settings


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


class Connection:
    """One that is open until it is closed."""

    is_open = True

    def close(self) -> None:
        """At once."""
        self.is_open = False


class Client:
    """A client with one task of each kind."""

    def __init__(self) -> None:
        self.tasks = [asyncio.ensure_future(_hang()) for _ in range(5)]
        group, fetching, brokers, heartbeat, commits = self.tasks
        self._coordinator = SimpleNamespace(
            _coordination_task=group, _heartbeat_task=heartbeat, _commit_refresh_task=commits
        )
        self._fetcher = SimpleNamespace(_fetch_task=fetching)
        self.connection = Connection()
        self._client = SimpleNamespace(
            _sync_task=brokers, close=self.close, _conns={"a broker": self.connection}
        )
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


@pytest.mark.parametrize("close", [_end_with_its_request, _fail, _break, _hang])
@pytest.mark.parametrize("found_a_broker", [True, False])
async def test_whatever_becomes_of_its_connections_whoever_parts_with_it_goes_on(
    close: Callable[[], Awaitable[None]], monkeypatch: pytest.MonkeyPatch, *, found_a_broker: bool
) -> None:
    """aiokafka ends with the cancellation that cut a connection's end off before; without a broker there is no task."""
    monkeypatch.setattr(client_parts, "END_SECONDS", 0.05)
    client = Client()
    monkeypatch.setattr(client._client, "close", close)
    if not found_a_broker:
        client._coordinator = client._fetcher = SimpleNamespace()  # before its start
        client._client._sync_task = None
    subscriber: Any = SimpleNamespace(consumer=client, stop=_fail, tasks=[])
    async with asyncio.timeout(10):
        await part_with(subscriber)

    assert (None, True, False) == (subscriber.consumer, client._closed, client.connection.is_open)


class Producer:
    """One that cannot send what it has, and whose every part ends as the test says."""

    ends: Callable[[], Awaitable[None]]

    def __init__(self, **_options: object) -> None:
        self.connection = Connection()
        self._sender = SimpleNamespace(close=self.ends)
        self.client = SimpleNamespace(close=self.ends, _conns={"a broker": self.connection})

    async def start(self) -> None:
        """At once."""

    async def stop(self) -> None:
        """For as long as Kafka is away."""
        await asyncio.Event().wait()


@pytest.mark.parametrize("ends", [_end_with_its_request, _fail, _break, _hang])
async def test_whatever_becomes_of_a_producers_parts_its_end_is_no_error(
    ends: Callable[[], Awaitable[None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its sender waits for an answer that a frozen broker does not give, or ends with a cancellation of its own."""
    for module, name in (
        (client_module, "FLUSH_SECONDS"),
        (client_module, "END_SECONDS"),
        (client_parts, "END_SECONDS"),
    ):
        monkeypatch.setattr(module, name, 0.05)
    monkeypatch.setattr(
        client_module, "_OnOurClock", type("Ending", (Producer,), {"ends": staticmethod(ends)})
    )
    async with asyncio.timeout(10):
        async with open_producer(Settings()) as producer:
            pass

    assert not producer.connection.is_open


async def test_whoever_is_told_to_leave_off_does() -> None:
    """A cancellation that is ours is not swallowed."""
    parting = asyncio.ensure_future(part_with(SimpleNamespace(consumer=None, stop=_hang, tasks=[])))
    await asyncio.sleep(0)
    parting.cancel()

    with pytest.raises(asyncio.CancelledError):
        await parting
