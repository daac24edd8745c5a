"""By what time commands stamp what they send to Kafka."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from deploy import clock
from deploy.commands import dead_letters

#: As the database has it, whatever this machine says.
THERE = datetime(2031, 11, 24, tzinfo=UTC)
_CLOSE = timedelta(minutes=10)


class _Database:
    async def fetchval(self, _query: str) -> datetime:
        """What time it is there."""
        return THERE

    async def close(self, **_: float) -> None:
        """Nothing is open."""


@pytest.fixture
def there(monkeypatch: pytest.MonkeyPatch) -> None:
    """A database that has another time than this machine, and nothing was heard of it yet."""

    async def connected(*_: object) -> _Database:
        return _Database()

    monkeypatch.setattr(clock, "_heard", clock._DatabaseTime())
    monkeypatch.setattr("deploy.database.pool.plain_connection", connected)


def _run(*arguments: str, **more: str) -> Result:
    app = typer.Typer()
    dead_letters.register(app)
    return CliRunner().invoke(app, [*arguments], env={"HUIYIN_SECRET_KEY": "0123456789abcdef" * 4, **more})


def test_a_replay_goes_by_the_databases_time(there: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its records are stamped as those of the relay are."""
    sent_at: list[datetime] = []

    @asynccontextmanager
    async def producer(_: object) -> AsyncIterator[None]:
        yield

    async def found(*_: object) -> list[Any]:
        return [object()]

    async def replay(*_: object) -> None:
        sent_at.append(clock.now())

    async def no_row(*_: object, **_more: object) -> None:
        pass

    for name, stand_in in (("open_producer", producer), ("_found", found), ("replay", replay)):
        monkeypatch.setattr(dead_letters, name, stand_in)
    monkeypatch.setattr(dead_letters, "_note_replay", no_row)
    monkeypatch.setattr(dead_letters, "_summary", lambda _: {})
    monkeypatch.setattr(dead_letters, "_text_line", lambda _: "")
    assert 0 == _run("dead-letters", "replay").exit_code

    assert [True] == [abs(at - THERE) < _CLOSE for at in sent_at]
