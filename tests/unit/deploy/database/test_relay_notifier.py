"""Whom a commit wakes: a relay of this process by a call, any other through Postgres."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import pytest

from deploy.database import outbox
from deploy.database.outbox import NearRelay, RelayNotifier


class Pool:
    """Notes what it is asked to say."""

    def __init__(self) -> None:
        self.said: asyncio.Queue[str] = asyncio.Queue()

    @asynccontextmanager
    async def acquire(self) -> AsyncIterator["Pool"]:
        """Itself."""
        yield self

    async def execute(self, statement: str) -> None:
        """A statement."""
        self.said.put_nowait(statement)


class Dying(Pool):
    """Its connections die of this as soon as they are used."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self._error = error

    async def execute(self, statement: str) -> None:
        """A statement that gets no answer."""
        await super().execute(statement)
        raise self._error


async def test_a_relay_of_this_process_is_woken_by_a_call() -> None:
    """Once for each commit, and Postgres is not asked to."""
    woken: list[bool] = []
    pool, near = Pool(), NearRelay()
    near.wake = lambda: woken.append(True)
    async with RelayNotifier(pool, near).running() as notifier:
        notifier.notify()
        notifier.notify()
        await asyncio.sleep(0)

    assert ([True, True], True) == (woken, pool.said.empty())


async def test_any_other_is_notified_through_postgres() -> None:
    """Also after the one of this process has ended, or lost the lead: another may have it."""
    pool: Any = Pool()
    near = NearRelay()
    near.wake = lambda: None
    async with RelayNotifier(pool, near).running() as notifier:
        near.wake = None
        notifier.notify()
        async with asyncio.timeout(10):
            said = await pool.said.get()

    assert "NOTIFY huiyin_outbox" in said


@pytest.mark.parametrize(
    "error",
    [asyncpg.InternalClientError("gone"), asyncpg.InterfaceError("gone"), asyncpg.TooManyConnectionsError()],
)
async def test_a_connection_that_dies_ends_no_notifications(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    """Whatever it dies of: the poll finds those rows, and the next ones are told of again."""
    monkeypatch.setattr(outbox, "NOTIFY_SECONDS", 0.0)
    pool: Any = Dying(error)
    async with RelayNotifier(pool).running() as notifier:
        for _ in range(2):
            notifier.notify()
            async with asyncio.timeout(10):
                await pool.said.get()
