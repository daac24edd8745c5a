"""Alerts as they are raised, as server-sent events.

Each listener looks for itself: supervisors are few, and a look is one step at the end of an index. No
transaction stays open between two looks.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from itertools import count

import msgspec

from schemas.errors import Unavailable
from schemas.http import Call, Stream
from schemas.ports import Database
from schemas.words import CaseField
from sla.core.readings import NumberedAlert
from sla.steps.watch import AlertFeed

#: Gives a connection for one look.
Connections = Callable[[], AbstractAsyncContextManager[Database]]

#: Project choice: an alert is a matter of minutes at the soonest.
LOOK_SECONDS = 2.0
#: Every so many looks a comment tells proxies that the line is alive. Project choice: well within the minute after
#: which they commonly cut a quiet one.
_PING_LOOKS = 7
_NUMBER = re.compile(r"[0-9]{1,18}")


async def stream_alerts(call: Call, *, connections: Connections | None) -> Stream:
    """Alerts from now on, or from just after the `Last-Event-ID` that a reconnecting browser sends.

    Raises:
        Unavailable: this process has no database to look at.
    """
    if connections is None:
        raise Unavailable("database")
    resume = call.headers.get("last-event-id", "")
    return Stream(chunks=_chunks(call, connections, int(resume) if _NUMBER.fullmatch(resume) else None))


async def _chunks(call: Call, connections: Connections, resume: int | None) -> AsyncIterator[bytes]:
    async with connections() as db:
        feed = await AlertFeed.open(db, resume=resume)
    yield b": listening\n\n"
    for look in count(1):
        async with connections() as db:
            found = await feed.look(db)
        for alert in found:
            call.shows(alert.alert.case_id, CaseField.ALERT)
            yield _event(alert)
        if look % _PING_LOOKS == 0:
            yield b": ping\n\n"
        await asyncio.sleep(LOOK_SECONDS)


def _event(numbered: NumberedAlert) -> bytes:
    return b"id: %d\nevent: alert\ndata: %s\n\n" % (numbered.number, msgspec.json.encode(numbered.alert))
