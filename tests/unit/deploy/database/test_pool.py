"""A pool ends with its process, whether Postgres answers or not."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from types import SimpleNamespace
from typing import Any

import asyncpg
import pytest

from deploy.database import pool as module
from deploy.database.pool import LeavingOne, open_pool, staying
from deploy.settings import Settings


async def _hang() -> None:
    await asyncio.Event().wait()


async def _fail() -> None:
    raise asyncpg.InterfaceError("pool is closing")


@pytest.mark.parametrize("close", [_hang, _fail])
async def test_a_postgres_that_says_no_goodbye_keeps_nobody(
    close: Callable[[], Awaitable[None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A frozen server answers no goodbye: what is left of the connections is cut."""
    cut: list[bool] = []

    class Pool(SimpleNamespace):
        def __await__(self) -> Any:
            return asyncio.sleep(0, self).__await__()

    def create(*_: object, **__: object) -> Pool:
        return Pool(close=close, terminate=lambda: cut.append(True))

    monkeypatch.setattr(module, "CLOSE_SECONDS", 0.05)
    monkeypatch.setattr(asyncpg, "create_pool", create)
    async with asyncio.timeout(10):
        async with open_pool(Settings()):
            pass

    assert cut == [True]


class Connections:
    """So many, and no more; who asks for one beyond waits."""

    def __init__(self, size: int) -> None:
        self._free = asyncio.Semaphore(size)

    @asynccontextmanager
    async def acquire(self) -> AsyncIterator[None]:
        """One of them."""
        async with self._free:
            yield


@pytest.mark.parametrize("size", [2, 3, 10])
async def test_transactions_leave_one_connection_to_short_questions(size: int) -> None:
    """However many transactions hold or want one, who asks the pool itself waits for none of them."""
    pool = Connections(size)
    shared = LeavingOne(pool, size)
    async with AsyncExitStack() as held:
        for _ in range(size - 1):
            await held.enter_async_context(shared.acquire())
        waiting = asyncio.create_task(held.enter_async_context(shared.acquire()))
        await asyncio.sleep(0)
        async with asyncio.timeout(10), pool.acquire():
            assert not waiting.done()
        waiting.cancel()


async def test_a_pool_of_one_is_everybodys() -> None:
    """Then there is nothing to leave."""
    async with asyncio.timeout(10), LeavingOne(Connections(1), 1).acquire():
        pass


async def test_a_lost_connection_hides_nothing_that_failed_before() -> None:
    """The bucket's failure is what is told; the connection's stands beside it."""

    async def lost(_: str) -> None:
        raise asyncpg.ConnectionDoesNotExistError("closed in the middle")

    connection: Any = SimpleNamespace(execute=lost)

    async def clear_bucket(error: Exception | None) -> None:
        async with staying(connection):
            await asyncio.sleep(0)
            if error:
                raise error

    with pytest.raises(RuntimeError, match="bucket") as raised:
        await clear_bucket(RuntimeError("the bucket does not answer"))
    with pytest.raises(asyncpg.ConnectionDoesNotExistError):
        await clear_bucket(None)

    assert ["closed in the middle" in note for note in raised.value.__notes__] == [True]
