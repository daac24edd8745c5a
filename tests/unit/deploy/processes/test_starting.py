"""Processes that were started before the servers which they need."""

import asyncio
from contextlib import AsyncExitStack
from typing import Any

import pytest

from deploy import composition
from deploy.processes import calendar_watch, serve
from deploy.processes.runtime import Process
from deploy.settings import Settings

_POOL: Any = None


async def test_a_web_that_was_started_before_postgres_waits_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """It neither ends nor answers with rules that it does not know."""
    refusals = [ConnectionRefusedError(), ConnectionRefusedError()]

    async def ask(*_: object) -> tuple[str, str]:
        if refusals:
            raise refusals.pop()
        return "rules", "calendar"

    async def no_pause(*_: object) -> None:
        return

    monkeypatch.setattr(composition, "rules_and_calendar", ask)
    monkeypatch.setattr(composition, "calendar_stamp", ask)
    monkeypatch.setattr(Process, "pause", no_pause)
    process = Process(name="web", settings=Settings(), pool=_POOL)
    async with AsyncExitStack() as stack:
        found: Any = await serve._rules_and_calendar(process, stack)

    assert found == ("rules", "calendar")


async def test_a_web_ends_when_days_are_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    """It would compute orders' deadlines by the old days, and call the year unannounced; an outage is no change."""
    said: list[Any] = ["as read", ConnectionRefusedError(), "as read", "imported"]

    async def stamp(_pool: object) -> str:
        answer = said.pop(0) if len(said) > 1 else said[0]
        if isinstance(answer, Exception):
            raise answer
        return str(answer)

    async def known(*_: object) -> tuple[str, str]:
        return "rules", "calendar"

    monkeypatch.setattr(composition, "calendar_stamp", stamp)
    monkeypatch.setattr(composition, "rules_and_calendar", known)
    monkeypatch.setattr(calendar_watch, "_CALENDAR_SECONDS", 0.0)
    process = Process(name="web", settings=Settings(), pool=_POOL)
    async with asyncio.timeout(5), AsyncExitStack() as stack:
        await serve._rules_and_calendar(process, stack)
        await process.stopping.wait()

    assert isinstance(process.failure, calendar_watch.CalendarChanged)
    assert ["imported"] == said


async def test_each_web_asks_for_imported_days_at_moments_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where all ended at once, nobody would take a message until one of them is back."""
    waits: list[float] = []

    async def note(seconds: float) -> None:
        waits.append(seconds)
        raise asyncio.CancelledError

    monkeypatch.setattr(asyncio, "sleep", note)
    for _ in range(20):
        with pytest.raises(asyncio.CancelledError):
            await calendar_watch._watch(Process(name="web", settings=Settings(), pool=_POOL), "as read")

    assert len(set(waits)) == 20
    assert 0 <= min(waits) < max(waits) <= calendar_watch._CALENDAR_SECONDS
