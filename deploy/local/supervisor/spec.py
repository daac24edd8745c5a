"""Which processes the supervisor keeps running, and what is reported about each."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from schemas.bilingual import Bilingual


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessSpec:
    """One process of ours: what to start, and how to stop it."""

    name: str
    argv: tuple[str, ...]
    #: Added to our own environment.
    env: Mapping[str, str] = field(default_factory=dict)
    #: Those with the lowest number are stopped first, all at once; what they feed comes later.
    stop_turn: int = 0
    #: How long it may take to end after SIGTERM, before it is killed.
    stop_seconds: float = 15
    #: Parts of ours that share it.
    parts: int = 1


class Server(Protocol):
    """An embedded server, as far as it needs keeping: `EmbeddedPostgres`, `EmbeddedKafka`.

    It is started before the supervisor runs, asked after every signal whether it is alive, started again when it is not,
    and stopped once at the end. `start` and `stop` may take minutes and are called from threads, one at a time.
    """

    def start(self) -> None:
        """Return when it answers; harmless when it runs. What a start that failed left behind must not hinder the next.

        Raises:
            EmbeddedError: it did not start in time, or cannot run here; the supervisor tries again later.
        """

    def is_alive(self) -> bool:
        """Whether all of its processes run. Called from the supervisor's loop: must not block."""

    def silent(self) -> Sequence[int]:
        """Those of its processes that run and answer nothing now. Called from a thread, while no start is under way."""

    def check(self) -> None:
        """Nothing, while what it was started on is there. Called from the supervisor's loop: must not block.

        Raises:
            DataGone: it is not: nothing may be started there any more.
        """

    def stop(self, timeout_seconds: float = 60) -> None:
        """Shut down cleanly, and kill what still runs after so long; harmless when it does not run."""


class EventKind(StrEnum):
    """What the supervisor tells whoever started it."""

    #: A process was started.
    STARTED = "started"
    #: A process ended by itself, and will be started again.
    DIED = "died"
    #: A process asked to be started anew, and is: nothing failed.
    ANEW = "starts anew"
    #: A process keeps dying.
    FAILED = "failed"
    #: A failed process has run long enough to be trusted again.
    RECOVERED = "recovered"
    #: Everything runs, and for long something of it has not been ready.
    WAITING = "waiting for"
    #: Everything answers.
    READY = "ready"
    #: How it stands cannot be written down.
    UNWRITTEN = "unwritten"
    #: The end has begun.
    STOPPING = "stopping"
    #: A process did not end in time, or stood still.
    KILLED = "killed"
    #: Everything has ended.
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True, kw_only=True)
class SupervisorEvent:
    """One thing that happened; `process` is empty when it concerns all."""

    kind: EventKind
    process: str = ""
    detail: Bilingual | None = None


def start_together(servers: Sequence[Server]) -> None:
    """Starts servers at the same time and returns when all answer; when one fails, the others are stopped.

    Raises:
        EmbeddedError: what the first that failed raised.
    """
    if not servers:
        return
    with ExitStack() as undo, ThreadPoolExecutor(max_workers=len(servers)) as threads:
        for server in servers:
            undo.callback(server.stop)
        for started in [threads.submit(server.start) for server in servers]:
            started.result()
        undo.pop_all()
