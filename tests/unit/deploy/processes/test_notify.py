"""The sender of notices beside the sweeper."""

import asyncio
from collections.abc import Callable
from typing import Any, cast

import pytest

from deploy.processes import notify, sweeper
from deploy.processes.runtime import Process
from deploy.settings import Settings
from tests.stack import eventually


def _process() -> Process:
    return Process(name="sweep+notify", settings=Settings(), pool=cast("Any", None))


@pytest.fixture
def swept(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the sweeper did: it begins, and ends when its process is to stop."""
    done: list[str] = []

    async def sweep(process: Process) -> None:
        done.append("began")
        await process.stopping.wait()
        done.append("ended")

    monkeypatch.setattr(sweeper, "sweep", sweep)
    monkeypatch.setattr(notify, "_AGAIN_SECONDS", 0.01)
    return done


async def _has_said(process: Process, is_so: Callable[[str], bool]) -> None:
    async def said() -> bool:
        return is_so(process.health.get("notices", ""))

    await eventually(said, seconds=10, every=0.005)


async def test_the_sweeper_goes_on_where_no_notice_can_be_sent(
    monkeypatch: pytest.MonkeyPatch, swept: list[str]
) -> None:
    """A mail server that nobody can read is a warning; once it can be, the sender begins anew and takes it back."""
    is_mended = False

    class Sender:
        def __init__(self, *_: object) -> None:
            if not is_mended:
                raise ValueError("SMTP_URL names no server")
            self.delivery = type("Nobody", (), {"carriers": {}})()

        async def look_around(self) -> bool:
            return False

    monkeypatch.setattr(notify, "NoticeSender", Sender)
    process = _process()
    both = asyncio.create_task(notify.sweep_and_notify(process))
    await _has_said(process, lambda said: said.startswith("no notice is sent"))

    assert (["began"], None) == (swept, process.failure)

    is_mended = True
    await _has_said(process, lambda said: not said)
    process.stopping.set()
    await asyncio.wait_for(both, 10)

    assert (["began", "ended"], None) == (swept, process.failure)


async def test_both_end_together(monkeypatch: pytest.MonkeyPatch, swept: list[str]) -> None:
    """What is being sent when the process is to stop is sent to its end."""
    sent: list[str] = []
    sends = asyncio.Event()

    async def send(process: Process, _: object) -> None:
        sends.set()
        await process.stopping.wait()
        await asyncio.sleep(0.05)
        sent.append("the last one")

    monkeypatch.setattr(notify, "send_notices", send)
    process = _process()
    both = asyncio.create_task(notify.sweep_and_notify(process))
    await asyncio.wait_for(sends.wait(), 10)
    process.stopping.set()
    await asyncio.wait_for(both, 10)

    assert (["began", "ended"], ["the last one"]) == (swept, sent)
