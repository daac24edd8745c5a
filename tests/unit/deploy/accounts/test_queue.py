"""Who signs in takes turns with the others."""

import asyncio

import pytest

from deploy.accounts.queue import FairQueue
from schemas.errors import TooMany


class Desk:
    """Serves one after the other, and remembers whom."""

    def __init__(self) -> None:
        self.queue = FairQueue(1)
        self.served: list[str] = []

    async def serve(self, caller: str, *, is_known: bool = False) -> None:
        """One of this caller's."""

        async def work() -> None:
            self.served.append(caller)
            await asyncio.sleep(0)

        await self.queue.run(caller, work, is_known=is_known)


async def test_a_crowd_holds_nobody_up() -> None:
    """Whoever comes after eight of a stranger's waits for one of them, and one of each other stranger's."""
    desk = Desk()
    crowd = [asyncio.create_task(desk.serve(f"stranger{n % 4}")) for n in range(32)]
    await asyncio.sleep(0)
    await desk.serve("clerk")

    assert desk.served.index("clerk") <= 6
    await asyncio.gather(*crowd)
    assert len(desk.served) == 33


async def test_one_caller_may_not_wait_without_end() -> None:
    """The ninth is told to come later; others are not."""
    desk = Desk()
    crowd = asyncio.gather(*(desk.serve("stranger") for _ in range(20)), return_exceptions=True)
    await asyncio.sleep(0)
    await desk.serve("clerk")

    assert sum(isinstance(outcome, TooMany) for outcome in await crowd) == 11


async def test_those_we_know_come_first() -> None:
    """However many addresses strangers have, a known device neither waits for them nor is turned away."""
    desk = Desk()
    crowd = asyncio.gather(*(desk.serve(f"stranger{n}") for n in range(500)), return_exceptions=True)
    await asyncio.sleep(0)
    await desk.serve("clerk", is_known=True)

    assert desk.served.index("clerk") <= 2
    assert sum(isinstance(outcome, TooMany) for outcome in await crowd) > 400


async def test_whoever_leaves_takes_no_place() -> None:
    """A closed browser keeps nobody waiting."""
    desk = Desk()
    leaving = [asyncio.create_task(desk.serve("stranger")) for _ in range(5)]
    await asyncio.sleep(0)
    for task in leaving:
        task.cancel()
    await asyncio.gather(*leaving, return_exceptions=True)

    async with asyncio.timeout(5):
        await desk.serve("clerk")


async def test_a_failure_frees_its_place() -> None:
    """The next is served."""
    queue = FairQueue(1)

    async def fail() -> None:
        raise ConnectionResetError

    for _ in range(3):
        with pytest.raises(ConnectionResetError):
            await queue.run("clerk", fail)
