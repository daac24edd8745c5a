"""The present moment, waiting, and fresh ids: the only place that reads the clock for the slices."""

import asyncio
import contextlib
from datetime import UTC, datetime

from uuid_utils import uuid7

from schemas.ids import EventId


def now() -> datetime:
    """The present moment, aware, UTC."""
    return datetime.now(UTC)


async def wait_for(event: asyncio.Event, seconds: float) -> None:
    """Return when `event` is set, or after so many seconds at most; neither is an error."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()


def new_event_id() -> EventId:
    """A UUIDv7: ids made later sort later, so that the inbox's index grows at its end (RFC 9562 §5.7)."""
    return EventId(str(uuid7()))
