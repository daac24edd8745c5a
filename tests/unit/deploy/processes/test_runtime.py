"""A process says that it lives as soon as it works."""

import asyncio
from typing import Any, cast

import pytest

from deploy.processes import runtime
from deploy.processes.runtime import Process
from deploy.settings import Settings


@pytest.fixture
def beats(monkeypatch: pytest.MonkeyPatch) -> "asyncio.Queue[str]":
    """What was told of whom."""
    told: asyncio.Queue[str] = asyncio.Queue()

    async def tell(process: Process) -> None:
        told.put_nowait(process.name)

    monkeypatch.setattr(runtime, "_beat", tell)
    return told


@pytest.mark.parametrize(("begins", "turn"), [(True, 3600.0), (False, 0.01)])
async def test_the_first_beat_comes_once_it_has_begun(
    beats: "asyncio.Queue[str]", monkeypatch: pytest.MonkeyPatch, *, begins: bool, turn: float
) -> None:
    """Nobody waits a turn for what is there already; one that has trouble to begin still says that it lives."""
    monkeypatch.setattr(runtime, "BEAT_SECONDS", turn)
    process = Process(name="intake", settings=Settings(), pool=cast("Any", None))
    task = asyncio.create_task(runtime._beat_for_ever(process))
    await asyncio.sleep(0)
    assert beats.empty()
    if begins:
        process.begun.set()

    async with asyncio.timeout(30):
        assert await beats.get() == "intake"
    task.cancel()
