"""Runs pure work off the event loop, so that heartbeats and commits never wait for it."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Any

from schemas.ports import Prepare


class PrepareExecutor:
    """Runs `prepare` functions in one thread of this process.

    A thread keeps the loop alive (the interpreter switches every few milliseconds); on a machine with more cores,
    more worker processes share the partitions, which a pool of helpers could not do better.
    """

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="prepare")

    async def run(self, prepare: Prepare, events: Sequence[Any]) -> Sequence[Any]:
        """What `prepare` makes of the events: one value for each, in their order."""
        values = await asyncio.get_running_loop().run_in_executor(self._thread, prepare, events)
        if len(values) != len(events):
            raise RuntimeError("a prepare function must give one value for each event")
        return values

    def __enter__(self) -> "PrepareExecutor":
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._thread.shutdown(wait=True, cancel_futures=True)
