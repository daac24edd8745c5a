"""An import waits, bounded, where Kafka or the database is away."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeVar

from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_delay, wait_random_exponential

from deploy.observability.disk import Room
from intake.core.known_rows import KnownRow, RowNote, SentRows
from schemas.errors import Unavailable
from schemas.event import Event
from schemas.ids import CaseId
from schemas.ports import Publisher

_T = TypeVar("_T")

#: How long either may be away before an import stops; run again, it goes on from there (project choice: what starts anew is
#: back by then).
_PATIENCE_SECONDS = 60.0


def _patience() -> AsyncRetrying:
    """Wait, bounded, where Kafka or the database is away: an import should survive a restart of either."""
    return AsyncRetrying(
        retry=retry_if_exception_type(Unavailable),
        stop=stop_after_delay(_PATIENCE_SECONDS),
        wait=wait_random_exponential(multiplier=0.2, max=5),
        reraise=True,
    )


class WaitingRows:
    """Asks the database again where it went away meanwhile: to note a row twice is to note it once.

    One that never answered is said at once: what names it may be wrong.
    """

    def __init__(self, sent: SentRows) -> None:
        self._sent = sent
        self._has_answered = False

    async def note(self, list_hash: bytes, rows: Sequence[KnownRow]) -> None:
        """As `intake.core.known_rows.SentRows`, and again while the database is away."""
        await self._answer(self._sent.note, list_hash, rows)

    async def claim(self, list_hash: bytes, rows: Sequence[KnownRow]) -> Mapping[CaseId, RowNote | None]:
        """As `intake.core.known_rows.SentRows`, and again while the database is away."""
        return await self._answer(self._sent.claim, list_hash, rows)

    async def _answer(
        self,
        ask: Callable[[bytes, Sequence[KnownRow]], Awaitable[_T]],
        list_hash: bytes,
        rows: Sequence[KnownRow],
    ) -> _T:
        asked = _patience().wraps(ask) if self._has_answered else ask
        answer = await asked(list_hash, rows)
        self._has_answered = True
        return answer


class WaitingPublisher:
    """A publisher that tries again, see `_patience`."""

    def __init__(self, publisher: Publisher, room: Room) -> None:
        self._publisher = publisher
        self._room = room

    async def publish(self, event: Event) -> None:
        """As `schemas.ports.Publisher`, and again while Kafka is away."""
        async for attempt in _patience():
            with attempt:
                self._room.ensure()
                await self._publisher.publish(event)


class NotingPublisher:
    """A publisher before whose first message it is written down who sends them; where none is sent, nobody is."""

    def __init__(self, publisher: Publisher, note: Callable[[], Awaitable[None]]) -> None:
        self._publisher = publisher
        self._note = note
        self._noting = asyncio.Lock()
        self._is_noted = False

    async def publish(self, event: Event) -> None:
        """As `schemas.ports.Publisher`, once the row stands."""
        async with self._noting:
            if not self._is_noted:
                async for attempt in _patience():
                    with attempt:
                        await self._note()
                self._is_noted = True
        await self._publisher.publish(event)
