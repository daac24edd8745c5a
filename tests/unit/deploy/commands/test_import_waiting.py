"""What an import does where the database is away."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from deploy.commands.import_waiting import NotingPublisher, WaitingRows
from intake.core.known_rows import KnownRow, RowNote
from schemas.errors import Unavailable
from schemas.ids import CaseId


class _Rows:
    """Answers, one claim after the other, as told: whether the database is there."""

    def __init__(self, *there: bool) -> None:
        self._there = list(there)

    async def note(self, list_hash: bytes, rows: Sequence[KnownRow]) -> None:
        """As `claim`."""
        await self.claim(list_hash, rows)

    async def claim(self, list_hash: bytes, rows: Sequence[KnownRow]) -> Mapping[CaseId, RowNote | None]:
        """Knows none."""
        if self._there.pop(0):
            return {}
        raise Unavailable("database")

    @property
    def left(self) -> int:
        """How often it was not asked."""
        return len(self._there)


async def test_one_that_never_answered_is_said_at_once() -> None:
    """Whoever named a wrong one does not sit before a silent screen for a minute."""
    rows = _Rows(False, True)

    with pytest.raises(Unavailable):
        await WaitingRows(rows).claim(b"list", [])

    assert rows.left == 1


async def test_one_that_goes_away_meanwhile_is_waited_for() -> None:
    """Postgres may start anew under an import."""
    rows = _Rows(True, False, False, True)
    waiting = WaitingRows(rows)

    await waiting.claim(b"list", [])
    await waiting.claim(b"list", [])

    assert rows.left == 0


async def test_who_sends_stands_before_the_first_message() -> None:
    """Once, however many go at the same time; while it cannot be written down none does, and Postgres is waited for."""
    done: list[Any] = []
    away = [True, True]

    class Kafka:
        async def publish(self, event: Any) -> None:
            """Takes it."""
            done.append(event)

    async def note() -> None:
        await asyncio.sleep(0)
        if away:
            away.pop()
            raise Unavailable("postgres")
        done.append("who")

    publisher: Any = NotingPublisher(Kafka(), note)
    before = list(done)
    await asyncio.gather(*(publisher.publish(each) for each in range(3)))

    assert ([], ["who", 0, 1, 2]) == (before, done)
