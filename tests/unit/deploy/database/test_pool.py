"""A pool ends with its process, whether Postgres answers or not."""

import asyncio
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any

import asyncpg
import pytest

from deploy.database import pool as module
from deploy.database.pool import open_pool
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
