"""Alerts as they are raised, as server-sent events.

Each listener looks for itself: supervisors are few, and a look is one step at the end of an index. No transaction
stays open between two looks.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager

import msgspec

from schemas.errors import Unavailable
from schemas.http import Call, Stream
from schemas.ports import Database
from sla.store import watching
from sla.web.shown import alert_of

#: Gives a connection for one look.
Connections = Callable[[], AbstractAsyncContextManager[Database]]

LOOK_SECONDS = 2.0
#: So many looks without an alert, and a comment tells proxies that the line is alive.
_PING_LOOKS = 7
#: Alerts get their numbers before they commit: this many are looked at again for latecomers.
_OVERLAP = 1000


async def stream_alerts(call: Call, *, connections: Connections | None) -> Stream:
    """Alerts from now on, or from just after the `Last-Event-ID` that a reconnecting browser sends.

    Raises:
        Unavailable: this process has no database to look at.
    """
    if connections is None:
        raise Unavailable("database")
    resume = call.headers.get("last-event-id", "")
    return Stream(chunks=_chunks(connections, int(resume) if resume.isdecimal() and len(resume) < 19 else None))


async def _chunks(connections: Connections, last: int | None) -> AsyncIterator[bytes]:
    async with connections() as db:
        known = await watching.latest_alert(db)
        told = set(await watching.alert_numbers(db, above=known - _OVERLAP))
    last = known if last is None else last
    told = {number for number in told if number <= last}
    yield b": listening\n\n"
    quiet = 0
    while True:
        async with connections() as db:
            rows = await watching.alerts_above(db, last - _OVERLAP, but=told, limit=_OVERLAP)
        for row in rows:
            yield b"id: %d\nevent: alert\ndata: %s\n\n" % (row["seq"], msgspec.json.encode(alert_of(row)))
        told.update(row["seq"] for row in rows)
        last = max(last, *told, 0)
        told = {number for number in told if number > last - _OVERLAP}
        quiet = 0 if rows else quiet + 1
        if quiet % _PING_LOOKS == _PING_LOOKS - 1:
            yield b": ping\n\n"
        await asyncio.sleep(LOOK_SECONDS)
