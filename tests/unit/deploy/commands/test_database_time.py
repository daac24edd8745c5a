"""By what time commands stamp what they send to Kafka."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from deploy import clock
from deploy.commands import dead_letters, import_
from tests.kafka_in_memory import KafkaInMemory

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


@pytest.fixture
def away(monkeypatch: pytest.MonkeyPatch) -> None:
    """No database answers."""

    async def refused(*_: object) -> _Database:
        raise ConnectionRefusedError

    monkeypatch.setattr(clock, "_heard", clock._DatabaseTime())
    monkeypatch.setattr("deploy.database.pool.plain_connection", refused)


@pytest.fixture
def kafka(monkeypatch: pytest.MonkeyPatch) -> KafkaInMemory:
    """Where the import sends to."""
    kept = KafkaInMemory()

    @asynccontextmanager
    async def publisher(_: object) -> AsyncIterator[KafkaInMemory]:
        yield kept

    monkeypatch.setattr(import_, "kafka_publisher", publisher)
    return kept


def _run(*arguments: str, **more: str) -> Result:
    app = typer.Typer()
    dead_letters.register(app)
    import_.register(app)
    return CliRunner().invoke(app, [*arguments], env={"HUIYIN_SECRET_KEY": "0123456789abcdef" * 4, **more})


def _import(folder: Path, **more: str) -> Result:
    file = folder / "a.csv"
    file.write_text("内容\n路灯坏了三天\n", encoding="utf-8")
    return _run("import", str(file), "--channel", "letter", **more)


def test_an_import_goes_by_the_databases_time(there: None, kafka: KafkaInMemory, tmp_path: Path) -> None:
    """It needs no database to send rows; what it sends is from the moment that everybody else has."""
    done = _import(tmp_path, LC_ALL="en_GB.UTF-8")

    assert 0 == done.exit_code
    assert "cannot be reached" not in done.stderr
    assert [True] == [abs(event.at - THERE) < _CLOSE for event in kafka.events]


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

    for name, stand_in in (("open_producer", producer), ("_found", found), ("replay", replay)):
        monkeypatch.setattr(dead_letters, name, stand_in)
    monkeypatch.setattr(dead_letters, "_summary", lambda _: {})
    monkeypatch.setattr(dead_letters, "_text_line", lambda _: "")
    assert 0 == _run("dead-letters", "replay").exit_code

    assert [True] == [abs(at - THERE) < _CLOSE for at in sent_at]


@pytest.mark.parametrize(
    ("locale", "said"),
    [
        (
            "en_GB.UTF-8",
            "the database cannot be reached: what is sent now is stamped by this machine's own clock",
        ),
        ("zh_CN.UTF-8", "数据库无法连接：本次发送的内容按本机时钟记时"),
    ],
)
def test_without_a_database_it_is_said_whose_time_counts(
    away: None, kafka: KafkaInMemory, tmp_path: Path, locale: str, said: str
) -> None:
    """An import goes on without Postgres, by its machine's own clock."""
    done = _import(tmp_path, LC_ALL=locale)

    assert 0 == done.exit_code
    assert said in done.stderr
    assert [True] == [abs(event.at - clock.own_now()) < _CLOSE for event in kafka.events]
