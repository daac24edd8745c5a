"""Questions asked together: one at a time, each asker gets their own answer, and nobody spoils another's."""

import asyncio
from collections.abc import Mapping, Sequence

import pytest

from deploy.database.coalescing import Coalescer


class Oracle:
    """Answers when told to, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[Sequence[str]] = []
        self.may_answer = asyncio.Event()
        self.error: Exception | None = None

    async def ask(self, keys: Sequence[str]) -> Mapping[str, str]:
        """Every key but "unknown" in capitals."""
        self.asked.append(keys)
        await self.may_answer.wait()
        if self.error is not None:
            raise self.error
        return {key: key.upper() for key in keys if key != "unknown"}


async def _begin(coalescer: Coalescer[str, str], *keys: str) -> list["asyncio.Task[str | None]"]:
    tasks = [asyncio.create_task(coalescer.get(key)) for key in keys]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    return tasks


async def test_the_first_is_asked_alone_and_the_rest_together() -> None:
    """Nobody waits for company; what comes meanwhile is one question."""
    oracle = Oracle()
    coalescer = Coalescer(oracle.ask)

    first = await _begin(coalescer, "a")
    others = await _begin(coalescer, "b", "unknown", "b")
    oracle.may_answer.set()

    assert ["A"] == await asyncio.gather(*first)
    assert ["B", None, "B"] == await asyncio.gather(*others)
    assert [["a"], ["b", "unknown"]] == oracle.asked


async def test_an_error_reaches_everybody_who_asked_and_nobody_later() -> None:
    """The next question is a new one."""
    oracle = Oracle()
    coalescer = Coalescer(oracle.ask)
    oracle.may_answer.set()
    oracle.error = ConnectionError("away")

    failed = await asyncio.gather(*await _begin(coalescer, "a", "b"), return_exceptions=True)
    oracle.error = None

    assert [ConnectionError, ConnectionError] == [type(error) for error in failed]
    assert "A" == await coalescer.get("a")


async def test_one_who_gives_up_takes_nothing_from_the_others() -> None:
    """Two ask for the same key; the first leaves."""
    oracle = Oracle()
    coalescer = Coalescer(oracle.ask)

    leaving, staying = await _begin(coalescer, "a", "a")
    leaving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await leaving
    oracle.may_answer.set()

    assert "A" == await staying
