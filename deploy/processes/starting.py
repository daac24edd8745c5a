"""A start that waits for its servers, and stops waiting when the process is told to stop."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import structlog
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, stop_after_delay, wait_exponential

from deploy.access import AccessDenied
from deploy.processes.runtime import OUTAGES, Process

log = structlog.get_logger()

T = TypeVar("T")

#: How long a start waits for Kafka and Postgres before the process gives up (project choice: then its supervisor waits).
START_SECONDS = 60.0


async def patiently(process: Process, start: Callable[[], Awaitable[T]]) -> T:
    """What `start` gives, once Kafka and Postgres are there.

    Raises:
        AccessDenied: at once; waiting does not mend a password.
        KafkaError, OSError, …: the last error, when they stay away for long or the process is to stop.
    """
    in_vain = stop_after_delay(START_SECONDS)
    async for attempt in AsyncRetrying(
        retry=retry_if_exception(
            lambda error: isinstance(error, OUTAGES) and not isinstance(error, AccessDenied)
        ),
        stop=lambda state: process.stopping.is_set() or in_vain(state),
        wait=wait_exponential(multiplier=0.2, max=3),
        sleep=process.pause,
        before_sleep=_tell,
        reraise=True,
    ):
        with attempt:
            return await _unless_stopping(process, start)
    raise AssertionError("a retry ends with an answer or with its last error")


async def _unless_stopping(process: Process, start: Callable[[], Awaitable[T]]) -> T:
    """What `start` gives. A process that is told to stop does not wait for a group that is slow to take it in.

    Raises:
        TimeoutError: it was told to stop first.
    """
    starting, told = asyncio.ensure_future(start()), asyncio.ensure_future(process.stopping.wait())
    try:
        await asyncio.wait({starting, told}, return_when=asyncio.FIRST_COMPLETED)
        if not starting.done():
            raise TimeoutError
        return await starting
    finally:
        told.cancel()
        starting.cancel()
        await asyncio.gather(starting, return_exceptions=True)


def _tell(state: RetryCallState) -> None:
    error = None if state.outcome is None else state.outcome.exception()
    log.warning("process.waits-for-servers", attempt=state.attempt_number, error=type(error).__name__)
