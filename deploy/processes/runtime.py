"""What every process of ours does: logs, signals, heartbeats, and an exit when it is stuck.

A process that cannot go on ends with a non-zero status and is started anew by whoever supervises it (`huiyin up`,
Kubernetes): nothing is lost by that, because nothing is acknowledged before it is durable.
"""

import asyncio
import contextlib
import gc
import math
import os
import resource
import signal
import socket
import sys
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, NoReturn, Self

import asyncpg
import msgspec
import structlog
import uvloop
from aiokafka.errors import KafkaError
from prometheus_client import generate_latest

from deploy import clock, composition
from deploy.access import AccessDenied, loggable_reason
from deploy.database import beats
from deploy.database.pool import PLAIN, TRANSIENT, Pool, open_pool
from deploy.messaging.topics import refused_time
from deploy.observability import logs, metrics, stacks, tracing
from deploy.observability.listener import listening
from deploy.processes.event_loop import Loop
from deploy.processes.lives import EXIT_ANEW
from deploy.settings import Settings, secret_fault
from schemas.bilingual import Bilingual, joined
from schemas.errors import Misconfigured

log = structlog.get_logger()

#: What a database without this release's tables says.
_UNMIGRATED = (asyncpg.UndefinedTableError, asyncpg.UndefinedColumnError, asyncpg.InvalidSchemaNameError)
#: Between two beats: soon enough for `/readyz`, and a row in Postgres that often costs nothing (project choice).
BEAT_SECONDS = 2.0
#: Between two looks at the metrics: whoever collects them asks every fifteen seconds or so, and each takes milliseconds of
#: processor time to write down (project choice).
METRICS_SECONDS = 10.0
#: An event loop that did not turn for this long will not turn again (project choice: well beyond Kafka's session timeout,
#: after which somebody else has the partitions anyway).
FROZEN_SECONDS = 90.0
#: A process that was silent for this long counts as gone (project choice: a few beats may be late on a busy machine).
SILENT_SECONDS = 5 * BEAT_SECONDS
#: How long a process may take to stop before it ends where it stands (project choice: less than the 30 s after which
#: Kubernetes and `huiyin up` kill it; what its parts may take one after the other is less).
STOP_SECONDS = 25.0
EXIT_FAILED = 1
#: As of any command that is given what it cannot use (docs/faults.md).
EXIT_MISCONFIGURED = 2
#: EX_SOFTWARE of sysexits.h.
EXIT_STUCK = 70


#: Kafka or Postgres is away.
OUTAGES = (KafkaError, *TRANSIENT)


class EndedUnasked(Exception):
    """Work came to its end, or was cut off by a library, while nobody had told it to stop."""


def well() -> dict[str, Any]:
    """The health of a process while nothing is wrong, as its beat carries it."""
    return {"ok": True, "reason": "", "reason_zh": ""}


def unwell(why: Bilingual) -> dict[str, Any]:
    """The health of a process that is not well: the reason in English for scripts and probes, in Chinese for people."""
    return {"ok": False, "reason": why.en, "reason_zh": why.zh}


def reason_of(health: Mapping[str, Any]) -> Bilingual:
    """Why the process is not well, as it reported; an earlier release reports it in English alone."""
    said = str(health.get("reason", ""))
    return Bilingual(zh=str(health.get("reason_zh") or said), en=said)


class AsksAnew(Exception):
    """Nothing failed: what this process keeps in memory is no longer so, and whoever keeps it running starts it anew."""


@dataclass(slots=True, kw_only=True)
class Process:
    """The running process, as its parts see it."""

    name: str
    settings: Settings
    pool: Pool
    #: Which of its kind: two of one name may run, on one machine or on several.
    replica: str = field(default_factory=lambda: f"{socket.gethostname()}#{os.getpid()}")
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    #: Set once it does its work: the first beat need not wait its turn.
    begun: asyncio.Event = field(default_factory=asyncio.Event)
    failure: BaseException | None = None
    #: What the beat says; the parts keep it current.
    health: dict[str, Any] = field(default_factory=lambda: {**well(), "lag": {}})
    #: When a beat last told the metrics, by `clock.counted`.
    measured_at: float = -math.inf

    #: Where it works for several, those by name: it is as well as they are.
    parts: dict[str, "Process"] = field(default_factory=dict)

    def said(self) -> dict[str, Any]:
        """The health of the process and of each of its parts, as beats and probes get it."""
        if not self.parts:
            return self.health
        healths = {name: part.health for name, part in self.parts.items()}
        said = {name: reason_of(health) for name, health in healths.items() if not health["ok"]}
        lag = {group: left for health in healths.values() for group, left in health["lag"].items()}
        why = joined(Bilingual(zh=f"{name}：{why.zh}", en=f"{name}: {why.en}") for name, why in said.items())
        return {**(unwell(why) if said else well()), "lag": lag, "parts": healths}

    async def end(self, error: BaseException) -> NoReturn:
        """Stop everything and exit with a failure. Never returns: the process ends first."""
        self.note_failure(error)
        await asyncio.Event().wait()
        raise AssertionError

    def note_failure(self, error: BaseException) -> None:
        """Stop the process because of this error; an outage that comes while it stops as it was told to is no failure."""
        if self.stopping.is_set() and isinstance(error, OUTAGES):
            log.warning("process.stops-amid-outage", error=type(error).__name__)
            return
        self.failure = self.failure or error
        self.stopping.set()

    def note_cut_off(self) -> None:
        """Stop the process: a library's own cancellation ended our work. Does nothing where the process stops anyway."""
        if not self.stopping.is_set():
            log.critical("process.cut-off", part=self.name)
            self.note_failure(EndedUnasked())

    async def pause(self, seconds: float) -> None:
        """Wait so long, or until the process is to stop."""
        await clock.wait_for(self.stopping, seconds)

    def beside(self, work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
        """Run `work` beside everything else; if it fails, so does the process."""
        task = asyncio.create_task(work, name=name)
        task.add_done_callback(self._noticed)
        return task

    def _noticed(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            log.critical("process.part-failed", part=task.get_name(), **told_of(error))
            self.note_failure(error)


Main = Callable[[Process], Awaitable[None]]


def run(name: str, settings: Settings, main: Main, *, server_settings: Mapping[str, str] = PLAIN) -> int:
    """Run `main` until SIGTERM or SIGINT; returns the exit status. `server_settings`: see `open_pool`.

    Raises:
        Misconfigured: there is no such city.
    """
    # Every process needs it, and with a wrong one none waits for servers first.
    composition.city_of(settings)
    logs.configure(settings.log_level, name)
    tracing.start(settings, name)
    _collect_garbage_seldom()
    _open_as_many_as_allowed()
    try:
        return uvloop.run(_run(name, settings, main, server_settings), loop_factory=Loop)
    except KeyboardInterrupt:
        return 0


def _collect_garbage_seldom() -> None:
    """Have the garbage collector look seldom: what is imported stays for good, and a batch's values form no cycles."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


def _open_as_many_as_allowed() -> None:
    """Raise the limit of open files: a web needs one for each connection, and a login's usual 1,024 are too few."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


async def _run(name: str, settings: Settings, main: Main, server_settings: Mapping[str, str]) -> int:
    async with open_pool(settings, server_settings=server_settings) as pool:
        process = Process(name=name, settings=settings, pool=pool)
        _stop_on_signals(process.stopping)
        with _frozen_loop_ends_process() as pulse, listening(process, pulse.age_seconds):
            async with _beating(process):
                log.info("process.started", pid=os.getpid())
                await _until_done(process, main)
    log.info("process.stopped", failed=not isinstance(process.failure, AsksAnew | None))
    if isinstance(process.failure, Misconfigured):
        return EXIT_MISCONFIGURED
    if isinstance(process.failure, AsksAnew):
        return EXIT_ANEW
    return 0 if process.failure is None else EXIT_FAILED


async def _until_done(process: Process, main: Main) -> None:
    try:
        await main(process)
    except Exception as error:  # noqa: BLE001  whatever it is ends the process, and is told
        process.note_failure(error)
        if process.failure is error:
            log.critical("process.failed", **told_of(error))
    except asyncio.CancelledError:
        if is_cancelled():
            raise
        process.note_cut_off()


def is_cancelled() -> bool:
    """Whether somebody has cancelled this task. If not, the `CancelledError` that reached us was a library's own."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def told_of(error: BaseException) -> dict[str, Any]:
    """What a log line says of an error: where it happened, unless it says by itself what is wrong and what to do."""
    while isinstance(error, BaseExceptionGroup):  # of several that work side by side one ended the others
        error = error.exceptions[0]
    told = {"error": type(error).__name__}
    if isinstance(error, _UNMIGRATED):
        told["reason"] = f"the database is not this release's ({error}). Remedy: run huiyin migrate"
    if isinstance(error, Misconfigured):
        return told | {"reason": str(error)}
    if isinstance(error, AccessDenied):
        return told | {"reason": loggable_reason(error)}
    return told | {"exc_info": error}


def _stop_on_signals(stopping: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()

    def stop() -> None:
        stopping.set()
        loop.call_later(STOP_SECONDS, _give_up)

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    # An operator's question to a process that seems to stand still (docs/operations.md).
    loop.add_signal_handler(signal.SIGUSR1, stacks.tell, "asked")


def _give_up() -> None:
    """End the process without closing connections to servers that are gone; what is not committed comes again."""
    log.warning("process.stops-short", seconds=STOP_SECONDS)
    stacks.tell("stops short")
    os._exit(EXIT_FAILED)


@asynccontextmanager
async def _beating(process: Process) -> AsyncIterator[None]:
    task = process.beside(_beat_for_ever(process), "beat")
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await _say_goodbye(process)


async def _say_goodbye(process: Process) -> None:
    """Delete this process's beat, so that nobody misses it. Where Postgres is away the row grows too old to count."""
    with contextlib.suppress(*TRANSIENT, *_UNMIGRATED):
        async with asyncio.timeout(2), process.pool.acquire() as db:
            await beats.forget(db, name=process.name, replica=process.replica)


async def _beat_for_ever(process: Process) -> None:
    """Tell at the start and every two seconds that we live.

    A database that refuses us from the start ends the process, later it does not.
    """
    was_admitted = False
    await clock.wait_for(process.begun, BEAT_SECONDS)
    while True:
        try:
            await _beat(process)
            was_admitted = True
        except TRANSIENT as error:
            log.warning("beat.failed", error=type(error).__name__, reason=loggable_reason(error))
            if isinstance(error, AccessDenied) and not was_admitted:
                raise
        started = time.monotonic()
        await asyncio.sleep(BEAT_SECONDS)
        metrics.LOOP_LAG.set(time.monotonic() - started - BEAT_SECONDS)


async def _beat(process: Process) -> None:
    metrics.CLOCK_AHEAD.set(clock.ahead_seconds())
    async with process.pool.acquire(timeout=5) as db:
        asked_at = clock.counted()
        is_due = asked_at - process.measured_at >= METRICS_SECONDS
        moment = await beats.store_beat(
            db,
            name=process.name,
            replica=process.replica,
            pid=os.getpid(),
            health=msgspec.json.encode(process.said() | _about(process)).decode(),
            metrics=generate_latest(metrics.REGISTRY).decode() if is_due else None,
            silent_seconds=SILENT_SECONDS,
        )
    clock.note_database_time(moment, asked_at=asked_at)
    if is_due:
        process.measured_at = asked_at


def _about(process: Process) -> dict[str, Any]:
    """What the beat carries for `huiyin doctor`: what must be alike in all processes, and what Kafka told this one alone."""
    about: dict[str, Any] = {
        "clock_ahead": round(clock.ahead_seconds(), 3),
        "time_refused": bool(refused_time.reason()),
    }
    if secret_fault(process.settings.secret_key.get_secret_value()):
        return about
    return about | {"secret": process.settings.fingerprint}


class _frozen_loop_ends_process:
    """A thread that ends the process when the event loop stands still: heartbeats share that loop."""

    def __init__(self) -> None:
        self._turned_at = time.monotonic()
        self._done = threading.Event()
        self._task: asyncio.Task[None] | None = None

    def __enter__(self) -> Self:
        self._task = asyncio.create_task(self._turn(), name="loop pulse")
        threading.Thread(target=self._watch, name="loop watchdog", daemon=True).start()
        return self

    def age_seconds(self) -> float:
        """How long ago the loop turned; safe from any thread."""
        return time.monotonic() - self._turned_at

    def __exit__(self, *_: object) -> None:
        self._done.set()
        if self._task is not None:
            self._task.cancel()

    async def _turn(self) -> None:
        while True:
            self._turned_at = time.monotonic()
            await asyncio.sleep(1)

    def _watch(self) -> None:
        while not self._done.wait(5):
            if self.age_seconds() > FROZEN_SECONDS:
                with contextlib.suppress(OSError):
                    told = {"event": "process.frozen", "level": "critical", "threads": stacks.thread_stacks()}
                    sys.stderr.write(f"{msgspec.json.encode(told).decode()}\n")
                os._exit(EXIT_STUCK)
