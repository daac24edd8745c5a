"""Limits uploads: how many one address may send at once, and only while the disk has room.

A body may come slowly, as from a telephone with hardly any signal. Whoever sends many would so hold the places of all.
"""

from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

from deploy.observability.disk import Room
from deploy.web.rate_limits import caller_of, is_this_machine
from schemas.errors import TooMany

#: Project choices: an office behind one address is not stopped, and nobody holds more than a tenth of the places that there
#: are for files (`deploy.files.arriving.MOST_AT_ONCE`); the next of theirs has its place by then.
MOST_OF_ONE = 40
_AGAIN_SECONDS = 10


class LargeBodies:
    """Who is sending how many. One for a process."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._coming: Counter[str] = Counter()

    @contextmanager
    def place(self, address: str) -> Iterator[None]:
        """One of the places of that address, given back afterwards.

        Raises:
            TooMany: it has all of its own; never this machine, see `Limits.count`.
        """
        if is_this_machine(address):
            yield
            return
        caller = caller_of(address)
        if self._coming[caller] >= MOST_OF_ONE:
            raise TooMany(retry_after_seconds=_AGAIN_SECONDS)
        self._coming[caller] += 1
        try:
            yield
        finally:
            self._coming -= Counter([caller])

    async def while_there_is_room(
        self, chunks: AsyncIterator[bytes], unasked_bytes: int
    ) -> AsyncIterator[bytes]:
        """`chunks`, as they come; the first `unasked_bytes`, in which a form without files ends, whatever room there is.

        Whose words alone came learns from the page itself that there is none, and loses nothing of them.

        Raises:
            NoRoomLeft: what is left of the disk is the reserve.
        """
        size = 0
        async for chunk in chunks:
            size += len(chunk)
            if size > unasked_bytes:
                self._room.ensure()
            yield chunk
