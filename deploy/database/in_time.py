"""A time limit for reads: the caller stops waiting, and the connection is returned once Postgres lets go of the query."""

import asyncio
from collections.abc import Awaitable
from typing import Any, TypeVar

T = TypeVar("T")

#: What nobody waits for any more, until it has ended: asyncio itself keeps no task alive.
_left: set[asyncio.Future[Any]] = set()


async def within(seconds: float, work: Awaitable[T]) -> T:
    """The result of `work`, if it comes in time; else `work` is cancelled, and ends without holding the caller up.

    `asyncio.timeout` waits for that end: a statement that is cancelled has ended once Postgres says so, and a Postgres that
    hangs says nothing for a minute.

    Raises:
        TimeoutError: it takes longer.
    """
    task = asyncio.ensure_future(work)
    _left.add(task)
    task.add_done_callback(_ended)
    try:
        await asyncio.wait({task}, timeout=seconds)
        if not task.done():
            raise TimeoutError
        return task.result()
    finally:
        task.cancel()


def _ended(task: asyncio.Future[Any]) -> None:
    _left.discard(task)
    if not task.cancelled():
        # Perhaps nobody is left to look at it.
        task.exception()
