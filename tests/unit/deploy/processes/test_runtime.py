"""A process says that it lives as soon as it works, and how it ends."""

import asyncio
import resource
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, cast

import asyncpg
import pytest
from aiokafka.errors import KafkaConnectionError

from deploy import clock
from deploy.processes import runtime
from deploy.processes.runtime import EndedUnasked, Process
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


class _Beats:
    """A pool with the one connection that beats go by; remembers the metrics of each."""

    def __init__(self) -> None:
        self.metrics: list[str | None] = []

    @asynccontextmanager
    async def acquire(self, *, timeout: float) -> AsyncIterator["_Beats"]:  # noqa: ASYNC109  as asyncpg has it
        """The connection."""
        yield self

    async def fetchval(self, _query: str, *values: Any) -> datetime:
        """What time it is there."""
        self.metrics.append(values[-1])
        return datetime.now(UTC)


async def test_metrics_are_told_with_some_beats_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Writing them down is most of what a process costs that has nothing to do."""
    beats, seconds = _Beats(), iter([0.0, 2.0, 9.9, 10.0, 12.0])
    monkeypatch.setattr(clock, "counted", lambda: next(seconds))
    monkeypatch.setattr(clock, "note_database_time", lambda *_, **__: None)
    monkeypatch.setattr(clock, "ahead_seconds", lambda: 0.0)
    process = Process(name="intake", settings=Settings(), pool=cast("Any", beats))

    for _ in range(5):
        await runtime._beat(process)

    assert [True, False, False, True, False] == [told is not None for told in beats.metrics]


_AWAY = KafkaConnectionError("away")
_OUTAGES = [_AWAY, asyncpg.InterfaceError("connection is closed"), TimeoutError()]


def _process() -> Process:
    return Process(name="handlers", settings=Settings(), pool=cast("Any", None))


async def _cut_off_by_a_library() -> None:
    request = asyncio.ensure_future(asyncio.Event().wait())
    await asyncio.sleep(0)
    request.cancel()
    await request


@pytest.mark.parametrize("error", _OUTAGES)
async def test_an_outage_while_it_stops_is_no_failure(error: Exception) -> None:
    """Whoever told it to stop is not told that it failed, whichever part of it met the outage."""
    process = _process()
    process.stopping.set()

    async def meet() -> None:
        raise error

    task = process.beside(meet(), "watchdog")
    ending = asyncio.create_task(process.end(error))
    await runtime._until_done(process, lambda _: meet())
    await asyncio.gather(task, return_exceptions=True)
    ending.cancel()

    assert process.failure is None


@pytest.mark.parametrize(("is_told", "error"), [(False, _AWAY), (True, KeyError("a defect"))])
async def test_an_outage_before_and_a_defect_at_any_time_are_failures(
    error: Exception, *, is_told: bool
) -> None:
    """What ends a process that nobody told to stop is its failure, and a defect is one in any case."""
    process = _process()
    if is_told:
        process.stopping.set()

    async def meet(_: Process) -> None:
        raise error

    await runtime._until_done(process, meet)

    assert process.failure is error
    assert process.stopping.is_set()


@pytest.mark.parametrize("is_told", [True, False])
async def test_a_cancellation_that_a_library_lets_out_ends_the_process_in_order(*, is_told: bool) -> None:
    """It is nobody's who told us to leave off: no failure of one that was to end, and one of any other."""
    process = _process()
    if is_told:
        process.stopping.set()
    await runtime._until_done(process, lambda _: _cut_off_by_a_library())

    assert (process.failure is None) is is_told
    assert is_told or isinstance(process.failure, EndedUnasked)


async def test_a_cancellation_of_ours_is_not_swallowed() -> None:
    """Whoever cancels the process's work sees it cancelled."""
    work = asyncio.create_task(runtime._until_done(_process(), lambda _: asyncio.sleep(3600)))
    await asyncio.sleep(0)
    work.cancel()

    with pytest.raises(asyncio.CancelledError):
        await work


@pytest.fixture
def _few_files() -> Iterator[None]:
    """A soft limit as of a login, far below the hard one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(512, hard), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.usefixtures("_few_files")
def test_a_process_opens_as_many_files_as_it_may(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever connects beyond the soft limit would be turned away without a word."""

    async def allowed(*_: Any) -> int:
        return resource.getrlimit(resource.RLIMIT_NOFILE)[0]

    for each in ("_collect_garbage_seldom", "logs.configure"):
        monkeypatch.setattr(f"deploy.processes.runtime.{each}", lambda *_: None)
    monkeypatch.setattr(runtime, "_run", allowed)

    soft = runtime.run("web", Settings(), cast("Any", None))

    assert resource.getrlimit(resource.RLIMIT_NOFILE)[1] == soft
