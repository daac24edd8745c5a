"""Who keeps a calendar in memory notices that days were imported, and starts anew: nothing is computed by old days."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog

from deploy import composition
from deploy.database.pool import TRANSIENT
from deploy.processes.runtime import AsksAnew, Process
from deploy.processes.starting import patiently

log = structlog.get_logger()

#: How soon imported days are noticed (project choice: an import happens once a year).
_CALENDAR_SECONDS = 30.0


class CalendarChanged(AsksAnew):
    """Days were imported; this process computes deadlines with the old ones."""


@asynccontextmanager
async def calendar_watched(process: Process) -> AsyncIterator[None]:
    """Inside it the process ends, and loses nothing, once the calendar's days are others than when it was entered.

    Entered before the days are read: what is imported meanwhile is noticed.
    """
    known = await patiently(process, lambda: composition.calendar_stamp(process.pool))
    watch = process.beside(_watch(process, known), "calendar")
    try:
        yield
    finally:
        watch.cancel()
        await asyncio.gather(watch, return_exceptions=True)


async def _watch(process: Process, known: str) -> None:
    # Each asks at moments of its own: where all webs ended at once, nobody would take a message until one is back.
    await asyncio.sleep(random.uniform(0, _CALENDAR_SECONDS))  # noqa: S311  no secret
    while True:
        try:
            if known != await composition.calendar_stamp(process.pool):
                log.info("calendar.changed")
                await process.end(CalendarChanged())
        except TRANSIENT as error:
            log.warning("calendar.unasked", error=type(error).__name__)
        await asyncio.sleep(_CALENDAR_SECONDS)
