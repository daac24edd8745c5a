"""Caches an answer for a short time, so that all who ask at once share one computation."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Remembered(Generic[T]):
    """Made at most once in `seconds`, and by one at a time, however many ask. A failure is not remembered."""

    def __init__(
        self, make: Callable[[], Awaitable[T]], seconds: float, timer: Callable[[], float] = time.monotonic
    ) -> None:
        self._make = make
        self._seconds = seconds
        self._timer = timer
        self._making: asyncio.Task[T] | None = None
        self._known: tuple[T, float] | None = None

    async def get(self) -> T:
        """The answer, no older than `seconds`.

        Raises:
            Exception: whatever making it raised, for everybody who waited.
        """
        if self._known is not None and self._timer() < self._known[1]:
            return self._known[0]
        if self._making is None:
            self._making = asyncio.create_task(self._remember(), name="made for all who ask")
        # Shielded: one who leaves takes nothing from the others.
        return await asyncio.shield(self._making)

    async def _remember(self) -> T:
        try:
            answer = await self._make()
            self._known = answer, self._timer() + self._seconds
            return answer
        finally:
            self._making = None
