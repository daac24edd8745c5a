"""Alerts as they are raised, as server-sent events.

Each listener looks for itself: supervisors are few, and a look is one step at the end of an index. No
transaction stays open between two looks.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from itertools import count
from typing import Any

import msgspec

from schemas.errors import Unavailable
from schemas.http import Call, Stream
from schemas.ports import Database
from sla.store import watching
from sla.web.shown import alert_of

#: Gives a connection for one look.
Connections = Callable[[], AbstractAsyncContextManager[Database]]

LOOK_SECONDS = 2.0
#: Every so many looks a comment tells proxies that the line is alive.
_PING_LOOKS = 7
#: Alerts get their numbers before they commit: this many are looked at again for latecomers.
_OVERLAP = 1000
_NUMBER = re.compile(r"[0-9]{1,18}")


async def stream_alerts(call: Call, *, connections: Connections | None) -> Stream:
    """Alerts from now on, or from just after the `Last-Event-ID` that a reconnecting browser sends.

    Raises:
        Unavailable: this process has no database to look at.
    """
    if connections is None:
        raise Unavailable("database")
    resume = call.headers.get("last-event-id", "")
    return Stream(chunks=_chunks(connections, int(resume) if _NUMBER.fullmatch(resume) else None))


async def _chunks(connections: Connections, resume: int | None) -> AsyncIterator[bytes]:
    async with connections() as db:
        newest = await watching.newest_alert(db)
        start = newest if resume is None else max(min(resume, newest), newest - _OVERLAP)
        told = await watching.alert_numbers(db, above=start - _OVERLAP, up_to=start)
    yield b": listening\n\n"
    for look in count(1):
        async with connections() as db:
            rows = await watching.alerts_above(db, start - _OVERLAP, but=told, limit=_OVERLAP)
        for row in rows:
            yield _event(row)
        told |= {row["seq"] for row in rows}
        start = max(start, *told) if told else start
        told = {number for number in told if number > start - _OVERLAP}
        if look % _PING_LOOKS == 0:
            yield b": ping\n\n"
        await asyncio.sleep(LOOK_SECONDS)


def _event(row: Any) -> bytes:
    return b"id: %d\nevent: alert\ndata: %s\n\n" % (row["seq"], msgspec.json.encode(alert_of(row)))
