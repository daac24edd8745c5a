"""Restarts a process that keeps a calendar in memory once days were imported."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import structlog

from deploy import composition
from deploy.database.pool import TRANSIENT
from deploy.processes.runtime import AsksAnew, Process, told_of
from deploy.processes.starting import patiently

log = structlog.get_logger()

#: How soon imported days are noticed (project choice: an import happens once a year).
_CALENDAR_SECONDS = 30.0


class CalendarChanged(AsksAnew):
    """Days were imported; this process computes deadlines with the old ones."""


@asynccontextmanager
async def calendar_watched(
    process: Process, renew: Callable[[], Awaitable[None]] | None = None
) -> AsyncIterator[None]:
    """Inside it `renew` reads the calendar's days whenever they are others than before; without it the process ends then.

    Entered before the days are read: what is imported meanwhile is noticed. Whoever ends loses nothing. A `renew` that
    fails is tried again at each look: until then all stays as it was.
    """
    known = await patiently(process, lambda: composition.calendar_stamp(process.pool))
    watch = process.beside(
        _watch(process, known, renew or (lambda: process.end(CalendarChanged()))), "calendar"
    )
    try:
        yield
    finally:
        watch.cancel()
        await asyncio.gather(watch, return_exceptions=True)


async def _watch(process: Process, known: str, renew: Callable[[], Awaitable[None]]) -> None:
    # Each asks at moments of its own: where all consumers ended at once, no clock would start until one is back.
    await asyncio.sleep(random.uniform(0, _CALENDAR_SECONDS))  # noqa: S311  no secret
    while True:
        try:
            if known != (now := await composition.calendar_stamp(process.pool)):
                log.info("calendar.changed")
                known = now if await _is_renewed(renew) else known
        except TRANSIENT as error:
            log.warning("calendar.unasked", error=type(error).__name__)
        await asyncio.sleep(_CALENDAR_SECONDS)


async def _is_renewed(renew: Callable[[], Awaitable[None]]) -> bool:
    try:
        await renew()
    except TRANSIENT:
        raise
    except Exception as error:  # noqa: BLE001  rules amid an edit, days of no whole year: told at each look until it is mended
        log.error("calendar.not-renewed", **told_of(error))
        return False
    return True
