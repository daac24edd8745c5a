"""Alerts as they are raised, as server-sent events.

One reader for each process looks, and hands what it finds to everybody who listens: a look is one step at the end of an
index, however many listen, and no transaction stays open between two.
"""

import asyncio
import re
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, aclosing
from itertools import count
from typing import Literal, NamedTuple

import msgspec

from schemas.errors import Unavailable
from schemas.http import Call, Stream
from schemas.ids import CaseId
from schemas.ports import Database
from schemas.words import CaseField, Role
from sla.core.readings import NumberedAlert
from sla.steps.watch import AlertFeed
from sla.web.topic_watch import TopicLook, TopicWatch

#: Gives a connection for one look.
Connections = Callable[[], AbstractAsyncContextManager[Database]]

#: Project choice: what one supervisor would wait for a page; a look costs the same for one listener and for thousands.
LOOK_SECONDS = 1.0
#: Every so many looks a comment tells proxies that the line is alive. Project choice: well within the minute after
#: which they commonly cut a quiet one.
_PING_LOOKS = 15
#: Whoever lies so many looks behind is let go, and comes back with the number of the last event that it has read (project
#: choice).
WAITING_LOOKS = 64
#: When a browser whose line ended comes back (milliseconds). Project choice: soon, and not all at once with the next look.
_RETRY = b"retry: 3000\n"
_NUMBER = re.compile(r"[0-9]{1,18}")


class StreamQuery(msgspec.Struct, frozen=True, kw_only=True):
    """What is sent: alerts and topics; only that there are alerts, for a page that then asks what it shows; or topics."""

    only: Literal["alerts", "changes", "topics"] = "alerts"


class StreamFrame(NamedTuple):
    """What one look found, written once for all who listen. No alerts: the line is alive."""

    alerts: Sequence[NumberedAlert]
    events: bytes
    #: What has become of topics: it has no number, since whoever comes back is told what is hot.
    topics: bytes = b""

    @property
    def change(self) -> bytes:
        """The same without a word of any case."""
        return (
            b"id: %d\nevent: changed\ndata: {}\n\n" % self.alerts[-1].number if self.alerts else self.events
        )


_PING = StreamFrame((), b": ping\n\n")
#: Topics are looked for so seldom (project choice: they are found within a minute of the messages).
TOPIC_LOOKS = 30
_Waiting = asyncio.Queue[StreamFrame | None]


class AlertHub:
    """The one reader of a process; it looks as long as anybody listens."""

    def __init__(self, connections: Connections, topics: TopicLook | None = None) -> None:
        self._connections = connections
        self._topics = TopicWatch(topics) if topics else None
        self._listeners: set[_Waiting] = set()
        self._reading: asyncio.Task[None] | None = None

    @property
    def listeners(self) -> int:
        """How many listen to this process's stream now."""
        return len(self._listeners)

    async def listen(self, resume: int | None) -> AsyncGenerator[StreamFrame]:
        """What is raised from now on, or from just after the alert numbered `resume`; ends where its reader falls behind."""
        waiting: _Waiting = asyncio.Queue(WAITING_LOOKS)
        await self._start()
        self._listeners.add(waiting)
        try:
            missed = await self._missed(resume) if resume is not None else []
            yield _batch(missed) if missed else StreamFrame((), b": listening\n" + _RETRY + b"\n")
            if hot := self._topics.state() if self._topics else b"":
                yield StreamFrame((), b"", hot)
            seen = {alert.number for alert in missed}
            while (batch := await waiting.get()) is not None:
                if (left := _without(batch, seen)).events or left.topics:
                    yield left
        finally:
            self._leave(waiting)

    async def _missed(self, resume: int) -> Sequence[NumberedAlert]:
        async with self._connections() as db:
            return await (await AlertFeed.open(db, resume=resume)).look(db)

    async def _start(self) -> None:
        """From now on is from before somebody listens: nothing is raised in between and told to nobody."""
        if self._reading is not None and not self._reading.done():
            return
        async with self._connections() as db:
            feed = await AlertFeed.open(db, resume=None)
        await self._look_for_topics()
        if self._reading is None or self._reading.done():
            self._reading = asyncio.create_task(self._read(feed), name="reader of alerts")
            self._reading.add_done_callback(_heard)

    async def _look_for_topics(self) -> bytes:
        """What has become of them; deadlines wait for no topic, so that one that cannot be read holds up nobody."""
        if self._topics is None:
            return b""
        try:
            async with self._connections() as db:
                return await self._topics.look(db)
        except Exception:  # noqa: BLE001  whoever looks has said why; the next look asks once more
            return b""

    async def _read(self, feed: AlertFeed) -> None:
        try:
            for look in count(1):
                async with self._connections() as db:
                    found = await feed.look(db)
                if found:
                    self._hand(_batch(found))
                if look % TOPIC_LOOKS == 0 and (topics := await self._look_for_topics()):
                    self._hand(StreamFrame((), b"", topics))
                if look % _PING_LOOKS == 0:
                    self._hand(_PING)
                await asyncio.sleep(LOOK_SECONDS)
        finally:
            if self._reading is asyncio.current_task():
                self._end()

    def _end(self) -> None:
        """Without a reader nobody is told anything: all come back, and the first of them starts another."""
        self._reading = None
        for waiting in list(self._listeners):
            self._drop(waiting)

    def _hand(self, batch: StreamFrame) -> None:
        for waiting in list(self._listeners):
            try:
                waiting.put_nowait(batch)
            except asyncio.QueueFull:
                self._drop(waiting)

    def _drop(self, waiting: _Waiting) -> None:
        """What waits is given up: its listener asks for it again, by number."""
        self._listeners.discard(waiting)
        while not waiting.empty():
            waiting.get_nowait()
        waiting.put_nowait(None)

    def _leave(self, waiting: _Waiting) -> None:
        self._listeners.discard(waiting)
        if not self._listeners and self._reading is not None:
            self._reading.cancel()
            self._reading = None


def _heard(task: "asyncio.Task[None]") -> None:
    """What ended it is told to whoever comes next, who meets the same."""
    if not task.cancelled():
        task.exception()


async def stream_alerts(call: Call, *, hub: AlertHub | None) -> Stream:
    """Alerts from now on, or from just after the `Last-Event-ID` that a reconnecting browser sends.

    Raises:
        Unavailable: this process has no database to look at.
    """
    if hub is None:
        raise Unavailable("database")
    resume = call.headers.get("last-event-id", "")
    query: StreamQuery = call.query or StreamQuery()
    listening = hub.listen(int(resume) if _NUMBER.fullmatch(resume) else None)
    # Deadlines of all departments are the supervisors': dispatchers hear of topics alone.
    if query.only == "topics" or call.principal.role is Role.DISPATCHER:
        return Stream(chunks=_topics(listening))
    return Stream(chunks=_changes(listening) if query.only == "changes" else _alerts(call, listening))


async def _alerts(call: Call, batches: AsyncGenerator[StreamFrame]) -> AsyncGenerator[bytes]:
    async with aclosing(batches):
        async for batch in batches:
            for case_id in _cases(batch):
                call.shows(case_id, CaseField.ALERT)
            yield batch.events + batch.topics


async def _topics(batches: AsyncGenerator[StreamFrame]) -> AsyncGenerator[bytes]:
    """No alert, nor that there is one."""
    async with aclosing(batches):
        async for batch in batches:
            if told := batch.topics or (b"" if batch.alerts else batch.events):
                yield told


async def _changes(batches: AsyncGenerator[StreamFrame]) -> AsyncGenerator[bytes]:
    async with aclosing(batches):
        async for batch in batches:
            if batch.change:
                yield batch.change


def _cases(batch: StreamFrame) -> Sequence[CaseId]:
    return list(dict.fromkeys(alert.alert.case_id for alert in batch.alerts))


def _without(batch: StreamFrame, seen: set[int]) -> StreamFrame:
    """What was told as missed is not told again."""
    if not any(alert.number in seen for alert in batch.alerts):
        return batch
    return _batch([alert for alert in batch.alerts if alert.number not in seen])


def _batch(found: Sequence[NumberedAlert]) -> StreamFrame:
    return StreamFrame(found, b"".join(_event(alert) for alert in found))


def _event(numbered: NumberedAlert) -> bytes:
    return b"id: %d\nevent: alert\ndata: %s\n\n" % (numbered.number, msgspec.json.encode(numbered.alert))
