"""Caches slow counts for a minute; quick ones are counted each time.

For what grows with all that a city ever got, and that no sum is kept of: what a page of it costs does not grow then.
"""

from collections.abc import Awaitable, Callable, Hashable
from datetime import datetime, timedelta
from typing import Generic, TypeVar

N = TypeVar("N")

#: Project choice: so many rows are counted in a few milliseconds, and a small city sees each change at once.
QUICKLY = 5000
#: Project choice: browsers keep such a page for as long.
KEPT = timedelta(minutes=1)


class Reckoned(Generic[N]):
    """Counts by what was asked, each with the moment at which it was counted."""

    def __init__(self, size_of: Callable[[N], int]) -> None:
        self._size_of = size_of
        self._kept: dict[Hashable, tuple[datetime, N]] = {}

    async def get(self, asked: Hashable, now: datetime, count: Callable[[], Awaitable[N]]) -> N:
        """What `count` says, or said less than a minute ago of more than `QUICKLY` rows."""
        if known := self._kept.get(asked):
            at, found = known
            if at <= now < at + KEPT:
                return found
        found = await count()
        self._kept.pop(asked, None)
        if self._size_of(found) > QUICKLY:
            self._kept[asked] = (now, found)
        return found
