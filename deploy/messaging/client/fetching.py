"""How our consumers poll Kafka: long fetches in sessions, and questions about offsets on a connection of their own.

A broker answers the requests of one connection in order, and holds a fetch that finds nothing until records come. aiokafka
asks for offsets on the connection of its fetches, so that these answers came half a second late. On a connection of their
own they do not wait, and a fetch may be held for longer; records are still sent at once. Fetches go in sessions
(`fetch_sessions`).

Where several cases are in progress, a fetch waits at the broker for more than the first record (`gather`): one answer, one
batch and one transaction for all of them. A member that is idle, or that hears of one case, gets each record at once.

aiokafka has no public way to either, so two private functions are replaced: the one that every request passes, and the one
that opens a connection, because a client that is being closed could open one that nobody ever closes. A second consumer that
only asks about offsets would need neither, but then nobody would notice a first one whose own connections are silent.
"""

from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary

from aiokafka.client import AIOKafkaClient, ConnectionGroup
from aiokafka.protocol.fetch import FetchRequest
from aiokafka.protocol.offset import OffsetRequest

from deploy.messaging.client.fetch_sessions import FetchSession

#: How long a broker keeps a fetch that finds nothing. Project choice: a member that stays in its group after a rebalance
#: hears nothing until its old fetch is answered.
FETCH_WAIT_MS = 2_000
#: By this aiokafka's client tells its connections to one broker apart: fetches and questions about the cluster go by one,
#: the group's coordination by another.
OFFSETS = "offsets"

#: So many bytes wait for no more: a hundred records of ours (project choice).
_ENOUGH_BYTES = 131_072

_send_as_ever = AIOKafkaClient.send
_connection_as_ever = AIOKafkaClient._get_conn
#: Of each consumer's client, by broker.
_sessions: WeakKeyDictionary[Any, dict[Any, FetchSession]] = WeakKeyDictionary()
#: By consumer's client: for how many seconds its next fetch may wait for more; 0: not at all.
_patience: WeakKeyDictionary[Any, Callable[[], float]] = WeakKeyDictionary()


async def _send(client: Any, node_id: Any, request: Any, *, group: Any = ConnectionGroup.DEFAULT) -> Any:
    """As aiokafka's; a question about offsets goes by its own connection."""
    if isinstance(request, FetchRequest):
        _have_wait(request, _patience[client]() if client in _patience else 0.0)
        session = _sessions.setdefault(client, {}).setdefault(node_id, FetchSession())
        return await session.fetch(lambda asked: _send_as_ever(client, node_id, asked, group=group), request)
    return await _send_as_ever(
        client, node_id, request, group=OFFSETS if isinstance(request, OffsetRequest) else group
    )


def _have_wait(fetch: Any, seconds: float) -> None:
    if seconds:
        fetch._max_wait_ms, fetch._min_bytes = int(seconds * 1000), _ENOUGH_BYTES


def gather(consumer: Any, patience: Callable[[], float]) -> None:
    """From now on each fetch of `consumer` may wait for others for as many seconds as `patience` says; 0: not at all."""
    _patience[consumer._client] = patience


async def _connection(client: Any, node_id: Any, **more: Any) -> Any:
    """As aiokafka's; None, by which it means a node that is not ready, of a client that was closed before or meanwhile."""
    if _is_closed(client):
        return None
    connection = await _connection_as_ever(client, node_id, **more)
    if connection is None or not _is_closed(client):
        return connection
    await connection.close()
    return None


def _is_closed(client: Any) -> bool:
    return client._sync_task is None


def ask_apart() -> None:
    """Have every consumer of this process ask Kafka as this module says. A second call changes nothing.

    tests/integration/deploy/messaging/test_fetching.py fails where a new aiokafka no longer looks here.
    """
    AIOKafkaClient.send = _send
    AIOKafkaClient._get_conn = _connection
