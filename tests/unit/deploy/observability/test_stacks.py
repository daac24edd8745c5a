"""Where tasks and threads stand, for whoever asks a process that seems to stand still."""

import asyncio
import os
import signal
import threading

import structlog

from deploy.observability.stacks import task_stacks, thread_stacks
from deploy.processes.runtime import _stop_on_signals
from tests.stack import eventually

_SECRET = "13800138000"


async def _inner(secret: str) -> None:
    await asyncio.Event().wait()
    raise AssertionError(secret)


async def _outer() -> None:
    await _inner(_SECRET)


async def test_a_task_tells_where_it_waits_and_what_waits_for_it() -> None:
    """The places from the outermost to the innermost, and never what they hold."""
    task = asyncio.create_task(_outer(), name="offsets of scratch")
    await asyncio.sleep(0)
    told = task_stacks()
    task.cancel()

    outer, inner, last = told["offsets of scratch"]
    assert ("_outer", "_inner", "wait") == tuple(place.split()[-1] for place in (outer, inner, last))
    assert "unit/deploy/observability/test_stacks.py" not in outer  # not the whole path
    assert "observability/test_stacks.py:" in inner
    assert _SECRET not in str(told)


def test_a_thread_tells_where_it_stands() -> None:
    """By its name, also while no event loop turns."""
    go_on, stands = threading.Event(), threading.Event()

    def stand(_secret: str) -> None:
        stands.set()
        go_on.wait()

    thread = threading.Thread(target=stand, args=(_SECRET,), name="prepare")
    thread.start()
    stands.wait()
    told = thread_stacks()
    go_on.set()
    thread.join()

    assert any("stand" in place for place in told["prepare"])
    assert _SECRET not in str(told)


async def test_a_signal_asks_and_stops_nothing() -> None:
    """SIGUSR1, which would otherwise kill the process."""
    stopping = asyncio.Event()
    _stop_on_signals(stopping)
    with structlog.testing.capture_logs() as lines:

        async def told() -> bool:
            return bool(lines)

        os.kill(os.getpid(), signal.SIGUSR1)
        await eventually(told)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGUSR1):
        asyncio.get_running_loop().remove_signal_handler(number)

    (line,) = lines
    assert ("process.stacks", "asked") == (line["event"], line["why"])
    assert any("test_stacks" in place for places in line["tasks"].values() for place in places)
    assert line["threads"]
    assert not stopping.is_set()
