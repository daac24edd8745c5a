"""What a relay does before it sends anything."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import SecretStr

from deploy import clock
from deploy.processes import relay as process_relay
from deploy.processes.runtime import Process
from deploy.settings import Settings

#: As the database has it, whatever this machine says.
THERE = datetime(2031, 11, 24, tzinfo=UTC)


class _Database:
    async def fetchval(self, _query: str) -> datetime:
        """What time it is there."""
        return THERE

    async def close(self, **_: float) -> None:
        """Nothing is open."""


async def _connected(*_: object) -> _Database:
    return _Database()


@asynccontextmanager
async def _open_producer(*_: object) -> AsyncIterator[None]:
    yield


async def test_it_knows_the_time_before_it_sends(monkeypatch: pytest.MonkeyPatch) -> None:
    """What it sends first is stamped as all that follows: a broker refuses what a wrong clock says, and readers see it."""
    sent_at: list[datetime] = []

    class Sending:
        def __init__(self, *_: object, **__: object) -> None:
            """Whatever it is given."""

        async def run(self, stopping: Any) -> None:
            """Sends at once, and ends."""
            sent_at.append(clock.now())
            stopping.set()

    monkeypatch.setattr(clock, "_heard", clock._DatabaseTime())
    monkeypatch.setattr("deploy.database.pool.plain_connection", _connected)
    for name, stand_in in (("open_producer", _open_producer), ("Relay", Sending)):
        monkeypatch.setattr(process_relay, name, stand_in)
    settings = Settings(secret_key=SecretStr("a secret for tests only, long enough"))
    pool: Any = None
    await process_relay.relay(Process(name="relay", settings=settings, pool=pool))

    assert abs(sent_at[0] - THERE) < timedelta(minutes=10)
