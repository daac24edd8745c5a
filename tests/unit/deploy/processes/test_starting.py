"""Processes that were started before the servers which they need."""

import asyncio
from contextlib import AsyncExitStack
from datetime import date
from typing import Any

import pytest
from structlog.testing import capture_logs

from deploy import composition
from deploy.processes import calendar_watch, serve
from deploy.processes.runtime import Process
from deploy.settings import Settings
from sla.core.calendar import CalendarTooShort

_POOL: Any = None


async def _no_renewal() -> None:
    raise AssertionError("nothing was imported")


async def test_a_web_that_was_started_before_postgres_waits_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """It neither ends nor answers with rules that it does not know."""
    refusals = [ConnectionRefusedError(), ConnectionRefusedError()]
    found: list[Any] = []

    async def ask(*_: object) -> tuple[str, str]:
        if refusals:
            raise refusals.pop()
        return "rules", "calendar"

    async def no_pause(*_: object) -> None:
        return

    def make(*read: Any) -> Any:
        found.append(read)

    monkeypatch.setattr(composition, "rules_and_calendar", ask)
    monkeypatch.setattr(composition, "calendar_stamp", ask)
    monkeypatch.setattr(Process, "pause", no_pause)
    process = Process(name="web", settings=Settings(), pool=_POOL)
    async with AsyncExitStack() as stack:
        await serve.kept_current(process, stack, make)

    assert [("rules", "calendar")] == found


async def test_a_web_answers_by_the_days_that_were_imported_and_refuses_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It listens all the while; an outage is no change, and whoever came before is answered by the former days."""
    said: list[Any] = ["as read", ConnectionRefusedError(), "as read", "imported"]
    days: list[Any] = ["former", ConnectionRefusedError(), "new"]
    came, finished, made = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def stamp(_pool: object) -> str:
        return str(_next(said))

    async def known(*_: object) -> tuple[str, str]:
        if days == ["new"]:
            await came.wait()
        return "rules", _next(days)

    def make(_rules: Any, calendar: Any) -> Any:
        async def site(*_: Any) -> None:
            if calendar == "former":
                came.set()
                await finished.wait()
            answers.append(calendar)

        if calendar == "new":
            made.set()
        return site

    answers: list[str] = []
    monkeypatch.setattr(composition, "calendar_stamp", stamp)
    monkeypatch.setattr(composition, "rules_and_calendar", known)
    monkeypatch.setattr(calendar_watch, "_CALENDAR_SECONDS", 0.001)
    process = Process(name="web", settings=Settings(), pool=_POOL)
    async with asyncio.timeout(5), AsyncExitStack() as stack:
        site: Any = await serve.kept_current(process, stack, make)
        before = asyncio.create_task(site({}, None, None))
        await made.wait()
        await asyncio.sleep(0)
        await site({}, None, None)
        finished.set()
        await before

    assert ["new", "former"] == answers
    assert (["imported"], ["new"], False) == (said, days, process.stopping.is_set())


async def test_a_web_whose_rules_cannot_be_read_anew_answers_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Days are imported while somebody edits the rules' file: it says so, and takes both up once they can be read."""
    said: list[Any] = ["as read", "imported"]
    days: list[Any] = ["former", ValueError("amid an edit"), CalendarTooShort(date(2031, 1, 1)), "new"]
    made: list[str] = []
    renewed = asyncio.Event()

    async def stamp(_pool: object) -> str:
        return str(_next(said))

    async def known(*_: object) -> tuple[str, str]:
        return "rules", _next(days)

    def make(_rules: Any, calendar: Any) -> Any:
        async def site(*_: Any) -> None:
            made.append(calendar)

        if calendar == "new":
            renewed.set()
        return site

    monkeypatch.setattr(composition, "calendar_stamp", stamp)
    monkeypatch.setattr(composition, "rules_and_calendar", known)
    monkeypatch.setattr(calendar_watch, "_CALENDAR_SECONDS", 0.001)
    process = Process(name="web", settings=Settings(), pool=_POOL)
    with capture_logs() as logs:
        async with asyncio.timeout(5), AsyncExitStack() as stack:
            site: Any = await serve.kept_current(process, stack, make)
            await site({}, None, None)
            await renewed.wait()
            await asyncio.sleep(0)
            await site({}, None, None)

    errors = [entry["error"] for entry in logs if entry["event"] == "calendar.not-renewed"]
    assert (["former", "new"], ["ValueError", "CalendarTooShort"], None) == (made, errors, process.failure)


def _next(told: list[Any]) -> Any:
    """What is told next, or raised; the last one for good."""
    answer = told.pop(0) if len(told) > 1 else told[0]
    if isinstance(answer, Exception):
        raise answer
    return answer


async def test_consumers_end_when_days_are_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    """They would compute deadlines by the old days; they are started anew, and lose nothing."""
    said: list[Any] = ["as read", "imported"]

    async def stamp(_pool: object) -> str:
        return str(_next(said))

    monkeypatch.setattr(composition, "calendar_stamp", stamp)
    monkeypatch.setattr(calendar_watch, "_CALENDAR_SECONDS", 0.0)
    process = Process(name="sla", settings=Settings(), pool=_POOL)
    async with asyncio.timeout(5), calendar_watch.calendar_watched(process):
        await process.stopping.wait()

    assert isinstance(process.failure, calendar_watch.CalendarChanged)


async def test_each_asks_for_imported_days_at_moments_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where all consumers ended at once, no clock would start until one of them is back."""
    waits: list[float] = []

    async def note(seconds: float) -> None:
        waits.append(seconds)
        raise asyncio.CancelledError

    monkeypatch.setattr(asyncio, "sleep", note)
    for _ in range(20):
        with pytest.raises(asyncio.CancelledError):
            await calendar_watch._watch(
                Process(name="sla", settings=Settings(), pool=_POOL), "as read", _no_renewal
            )

    assert len(set(waits)) == 20
    assert 0 <= min(waits) < max(waits) <= calendar_watch._CALENDAR_SECONDS
