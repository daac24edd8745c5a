"""The present moment, waiting, and fresh ids: the only place that reads the clock for the slices."""

import asyncio
import contextlib
import os
import time
from datetime import UTC, datetime

from schemas.ids import EventId


def now() -> datetime:
    """Aware, UTC."""
    return datetime.now(UTC)


async def wait_for(event: asyncio.Event, seconds: float) -> None:
    """Until it is set, or so long at most."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()


def new_event_id() -> EventId:
    """A UUIDv7: ids made later sort later, so that the inbox's index grows at its end (RFC 9562 §5.7)."""
    milliseconds = time.time_ns() // 1_000_000
    value = (milliseconds << 80) | int.from_bytes(os.urandom(10), "big")
    value = (value & ~(0xF << 76)) | (0x7 << 76)
    value = (value & ~(0x3 << 62)) | (0x2 << 62)
    text = f"{value:032x}"
    return EventId(f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}")
