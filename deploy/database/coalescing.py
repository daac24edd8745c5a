"""Merges questions that are asked at once: whoever asks while a query runs shares the next one."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Coalescer(Generic[K, V]):
    """Asks one question at a time, for everybody who waits: a question costs nearly the same however much it asks.

    Nobody waits for company: a question with nothing under way is asked at once, alone.
    """

    def __init__(self, ask: Callable[[Sequence[K]], Awaitable[Mapping[K, V]]]) -> None:
        self._ask = ask
        self._waiting: dict[K, asyncio.Future[V | None]] = {}
        self._asking: asyncio.Task[None] | None = None

    async def get(self, key: K) -> V | None:
        """The answer for `key`; None where there is none.

        Raises:
            Exception: whatever asking raised, for everybody whose question went along.
        """
        answer = self._waiting.get(key)
        if answer is None:
            answer = self._waiting[key] = asyncio.get_running_loop().create_future()
        if self._asking is None:
            self._asking = asyncio.create_task(self._ask_all(), name="questions asked together")
        # Shielded: one who gives up takes no answer away from the others.
        return await asyncio.shield(answer)

    async def _ask_all(self) -> None:
        try:
            while self._waiting:
                waiting, self._waiting = self._waiting, {}
                await self._answer(waiting)
        finally:
            self._asking = None

    async def _answer(self, waiting: Mapping[K, "asyncio.Future[V | None]"]) -> None:
        answers: Mapping[K, V | Exception]
        try:
            answers = await self._ask(list(waiting))
        except Exception as error:  # noqa: BLE001  each asker handles it as its own
            answers = dict.fromkeys(waiting, error)
        for key, answer in waiting.items():
            settle(answer, answers.get(key))


def settle(answer: "asyncio.Future[Any]", outcome: Any) -> None:
    """Give the waiting caller of `answer` its outcome, or raise it there."""
    if isinstance(outcome, Exception):
        answer.set_exception(outcome)
        # Whoever asked may have given up; then nobody is left to look.
        answer.exception()
    else:
        answer.set_result(outcome)
