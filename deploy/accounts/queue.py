"""A fair queue for password checks: addresses take turns, and browsers we know come first."""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from schemas.errors import TooMany

R = TypeVar("R")

#: Project choices: passwords of one caller that may wait at once (a department behind one address signs in within
#: seconds in the morning), and callers that may wait.
_MOST_OF_ONE: Final = 8
_MOST_CALLERS: Final = 64

_Lane = OrderedDict[str, "deque[asyncio.Future[None]]"]


class FairQueue:
    """Lets `places` run at once. Waiting callers are served in turn, one job of each, known callers before others."""

    def __init__(self, places: int) -> None:
        self._free = places
        self._known: _Lane = OrderedDict()
        self._others: _Lane = OrderedDict()

    async def run(self, caller: str, work: Callable[[], Awaitable[R]], *, is_known: bool = False) -> R:
        """What `work` returns, once it is its caller's turn.

        Raises:
            TooMany: this caller has too many waiting already, or too many callers wait.
        """
        await self._turn(caller, self._known if is_known else self._others)
        try:
            return await work()
        finally:
            self._free += 1
            self._call_next()

    async def _turn(self, caller: str, lane: _Lane) -> None:
        waiting = lane.get(caller)
        if len(waiting or ()) >= _MOST_OF_ONE or (waiting is None and len(lane) >= _MOST_CALLERS):
            raise TooMany(retry_after_seconds=5)
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        lane.setdefault(caller, deque()).append(turn)
        self._call_next()
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._free += 1
                self._call_next()
            raise

    def _call_next(self) -> None:
        while self._free:
            turn = _next(self._known) or _next(self._others)
            if turn is None:
                return
            self._free -= 1
            turn.set_result(None)


def _next(lane: _Lane) -> "asyncio.Future[None] | None":
    """The turn of the caller who waits for longest; that caller's others come after everybody else's."""
    while lane:
        caller, turns = lane.popitem(last=False)
        turn = turns.popleft()
        if turns:
            lane[caller] = turns
        if not turn.cancelled():
            return turn
    return None
