"""The background tasks of one consumer's Kafka client: whether all still run, and how to end them without waiting.

aiokafka leaves a client alone whose inner task has ended by an error that its authors did not expect: the assignment
stays, the lag can be asked for, and nothing is handed out any more. A heartbeat or a look at the commits that ended is
never begun again before the next rebalance, which without heartbeats does not come; the error is handed to whoever asks
for records, at every asking. The library has no public word for any of it (aio-libs/aiokafka issues 983, 1154).
"""

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from typing import Any

#: How long a goodbye to Kafka may take before the client is ended where it stands (project choice).
GOODBYE_SECONDS = 3.0
#: How long the end of its tasks, and then of its connections, may take (project choice: neither asks anybody).
END_SECONDS = 0.5


def failed_part(subscriber: Any) -> str:
    """Which part of `subscriber`'s client has ended and will not come back; empty where all run, or none is there."""
    if subscriber.consumer is None:
        return ""
    lasting, renewed = _lasting(subscriber.consumer), _renewed(subscriber.consumer)
    ended = [name for name, task in lasting.items() if task.done()]
    ended += [name for name, task in renewed.items() if task.done() and _has_failed(task)]
    if subscriber.tasks and all(task.done() for task in subscriber.tasks):
        ended.append("asking for records")
    return ", ".join(ended)


async def part_with(subscriber: Any) -> None:
    """Stop `subscriber`; where its client cannot say goodbye in time, everything of it is ended all the same.

    A heartbeat left over would keep partitions that nobody reads.
    """
    client = subscriber.consumer
    if await ends_well(subscriber.stop(), GOODBYE_SECONDS):
        return
    if client is not None:
        await _end(client, subscriber.tasks)
    subscriber.tasks.clear()
    subscriber.consumer = None


async def begin(start: Awaitable[Any]) -> None:
    """Await a library's own `start`. Whoever is cut off meanwhile leaves it `END_SECONDS` more to come to its end.

    Cut off where it asks its first broker who the others are, aiokafka keeps that connection open and knows it no more.
    """
    starting = asyncio.ensure_future(start)
    try:
        await asyncio.shield(starting)
    except asyncio.CancelledError:
        await ends_well(starting, END_SECONDS)
        raise


async def ends_well(goodbye: Awaitable[Any], seconds: float) -> bool:
    """Whether a library's own `goodbye` came to a good end within `seconds`. No end of it is an error of ours.

    Amid an outage it may end with a cancellation of its own, which is nobody's who stops us: so it goes apart.
    Where it takes longer it is cut off, and left alone if that takes longer than `END_SECONDS`.
    """
    leaving = asyncio.ensure_future(goodbye)
    try:
        _, late = await asyncio.wait({leaving}, timeout=seconds)
    finally:
        leaving.cancel()
    if late:
        await asyncio.wait(late, timeout=END_SECONDS)
    return not late and not leaving.cancelled() and leaving.exception() is None


async def _end(client: Any, asking: Sequence["asyncio.Task[Any]"]) -> None:
    tasks = [*asking, *_lasting(client).values(), *_renewed(client).values()]
    for task in tasks:
        task.cancel()
    if tasks:  # none where it never found a broker
        await asyncio.wait(tasks, timeout=END_SECONDS)
    client._closed = True
    await close_connections(client._client)


async def close_connections(client: Any) -> None:
    """Close the inner `client` of a consumer or a producer; where its own end fails before its connections', those too.

    One left open is closed when Python finds it as rubbish, with a warning that says nothing of where it came from.
    """
    if not await ends_well(client.close(), END_SECONDS):
        for connection in list(client._conns.values()):
            connection.close()


def _lasting(client: Any) -> Mapping[str, "asyncio.Task[Any]"]:
    """Those that run for as long as the client is open."""
    return _there(
        {
            "its place in the group": getattr(client._coordinator, "_coordination_task", None),
            "fetching": getattr(client._fetcher, "_fetch_task", None),
            "looking for brokers": client._client._sync_task,
        }
    )


def _renewed(client: Any) -> Mapping[str, "asyncio.Task[Any]"]:
    """Those that end with every rebalance, and are begun again."""
    return _there(
        {
            "heartbeat": getattr(client._coordinator, "_heartbeat_task", None),
            "looking for commits": getattr(client._coordinator, "_commit_refresh_task", None),
        }
    )


def _there(tasks: Mapping[str, Any]) -> Mapping[str, "asyncio.Task[Any]"]:
    return {name: task for name, task in tasks.items() if task is not None}


def _has_failed(task: "asyncio.Task[Any]") -> bool:
    return not task.cancelled() and task.exception() is not None
