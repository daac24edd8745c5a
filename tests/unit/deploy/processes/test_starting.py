"""Processes that were started before the servers which they need."""

from typing import Any

import pytest

from deploy import composition
from deploy.processes import serve
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
    monkeypatch.setattr(Process, "pause", no_pause)
    process = Process(name="web", settings=Settings(), pool=_POOL)
    found: Any = await serve._rules_and_calendar(process)

    assert found == ("rules", "calendar")
