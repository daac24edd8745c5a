"""The loop that keeps everything running, until it is told to stop."""

import os
import select
import signal
import socket
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from types import FrameType
from typing import Any

from deploy.local.embedded.errors import DataGone
from deploy.local.embedded.files import DirectoryLock
from deploy.local.embedded.process import ProcessId, spawn
from deploy.local.supervisor.fork_server import ForkServer
from deploy.local.supervisor.restarts import RestartPolicy
from deploy.local.supervisor.spec import EventKind, ProcessSpec, Server, SupervisorEvent
from deploy.local.supervisor.state import NOTHING_SAID, ProcessStatus, State, Status, read_state, write_state
from deploy.local.supervisor.supervised import (
    LOOK_AT_LOG_SECONDS,
    Begin,
    Supervised,
    SupervisedProcess,
    SupervisedServer,
    cut_or_leave,
)
from schemas.bilingual import Bilingual, joined

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD)
#: After so long it is told what everything waits for (project choice: three times what a start takes on a small machine).
_TOLD_AFTER_SECONDS = 60.0
#: While starting, how often readiness is asked for (project choice: a person does not notice so little, and each time
#: Postgres and Kafka are asked, too, which are busy then).
_READINESS_SECONDS = 0.2
#: Before another try to write the state (project choice: somebody makes room).
_WRITE_AGAIN_SECONDS = 2.0
#: Before the second look at data that seems to be gone (project choice: nothing is written meanwhile that would be kept).
_LOOK_AGAIN_SECONDS = 1.0
#: How long a server may take to shut down cleanly: Kafka hands over what it leads, Postgres writes a checkpoint
#: (project choice).
_SERVER_STOP_SECONDS = 60.0
#: What is done to a process that a killed supervisor left behind, and how long each may take (project choice).
_LEFTOVERS = ((signal.SIGTERM, 10.0), (signal.SIGKILL, 5.0))


class Supervisor:
    """Runs processes and keeps servers until SIGINT, SIGTERM or SIGHUP; `run` belongs in the main thread.

    The servers are started already (see `start_together`), and the data directory is locked by the caller (`lock`).
    `unready` is asked what is waited for, by the check that says so, until that is nothing once: from then on the state is
    `running` instead of `starting`. Whoever waits for long is told, and the state is `degraded` then.
    `forks` was begun by the caller, who also ends it; without it each process is started from nothing.
    """

    def __init__(
        self,
        specs: Sequence[ProcessSpec],
        state_file: Path,
        on_event: Callable[[SupervisorEvent], None],
        *,
        servers: Mapping[str, Server] | None = None,
        facts: Mapping[str, Any] | None = None,
        unready: Callable[[], Mapping[str, Bilingual]] = dict,
        told_after_seconds: float = _TOLD_AFTER_SECONDS,
        policy: RestartPolicy | None = None,
        forks: ForkServer | None = None,
        lock: DirectoryLock | None = None,
    ) -> None:
        self._forks = forks
        self._lock = lock
        self._state_file = state_file
        self._on_event = on_event
        self._facts = dict(facts or {})
        self._unready = unready
        self._told_at = time.monotonic() + told_after_seconds
        self._was_ready = False
        self._waits_for: Mapping[str, Bilingual] = {}
        self._stops_asked = 0
        self._waker, self._wakes = socket.socketpair()
        for end in (self._waker, self._wakes):
            end.setblocking(False)
        policy = policy or RestartPolicy()
        logs = state_file.parent / "logs"
        logs.mkdir(mode=0o700, parents=True, exist_ok=True)
        begin: Begin = spawn if forks is None else forks.spawn
        self._processes = [SupervisedProcess(spec, logs, policy, on_event, begin) for spec in specs]
        self._servers = [
            SupervisedServer(name, server, policy, on_event, self._wake)
            for name, server in (servers or {}).items()
        ]
        self._written: State | None = None
        self._is_unwritten = False
        self._own_log = logs / "up.log"
        self._log_looked_at = 0.0

    def run(self) -> None:
        """Starts every process at once, keeps all of them, and when told to stops them in order.

        A second signal while stopping kills what still runs.

        Raises:
            DataGone: what was started on is there no more; everything was stopped.
        """
        with self._listening():
            end_leftovers(self._state_file)
            why = NOTHING_SAID
            try:
                self._keep()
            except DataGone as error:
                why = error.in_both()
                raise
            finally:
                self._stop(why)

    @property
    def _kept(self) -> tuple[Supervised, ...]:
        return (*self._servers, *self._processes)

    def _keep(self) -> None:
        while not self._stops_asked:
            now = time.monotonic()
            self._check_data()
            for kept in self._kept:
                kept.look(now)
            self._ask_readiness(now)
            self._write_state(self._status(), joined(self._waits_for.values()))
            self._look_at_own_log(now)
            if self._forks is not None:
                self._forks.look(now)
            self._wait(self._seconds_to_next())

    def _check_data(self) -> None:
        """Before anything is started again: what is taken meanwhile nobody would find, and a new server is an empty one."""
        twice(self._look_at_data)

    def _look_at_data(self) -> None:
        if self._lock is not None:
            self._lock.check()
        for kept in self._servers:
            kept.server.check()

    def _look_at_own_log(self, now: float) -> None:
        if now >= self._log_looked_at + LOOK_AT_LOG_SECONDS:
            self._log_looked_at = now
            cut_or_leave(self._own_log)

    def _ask_readiness(self, now: float) -> None:
        if self._was_ready or not self._all_run():
            return
        waits_for = self._unready()
        if not waits_for:
            self._was_ready, self._waits_for = True, {}
            self._on_event(SupervisorEvent(kind=EventKind.READY))
        elif now >= self._told_at:
            # A reason that counts seconds is another each time: it is told anew where something else is waited for.
            before, self._waits_for = self._waits_for, waits_for
            if waits_for.keys() != before.keys():
                self._on_event(SupervisorEvent(kind=EventKind.WAITING, detail=joined(waits_for.values())))

    def _seconds_to_next(self) -> float | None:
        now = time.monotonic()
        waits = [wait for kept in self._kept if (wait := kept.seconds_to_next_look(now)) is not None]
        if not self._was_ready:
            waits.append(_READINESS_SECONDS)
        if self._is_unwritten:
            waits.append(_WRITE_AGAIN_SECONDS)
        return min(waits, default=None)

    def _all_run(self) -> bool:
        return all(state.state is ProcessStatus.RUNNING for kept in self._kept for state in kept.states())

    def _status(self) -> Status:
        if any(state.state is ProcessStatus.FAILED for kept in self._kept for state in kept.states()):
            return Status.DEGRADED
        if not self._was_ready:
            return Status.DEGRADED if self._waits_for else Status.STARTING
        return Status.RUNNING if self._all_run() else Status.DEGRADED

    def _write_state(self, status: Status, why: Bilingual = NOTHING_SAID) -> None:
        processes = tuple(state for kept in self._kept for state in kept.states())
        state = State(
            status=status, supervisor=_this_process(), processes=processes, why=why, facts=self._facts
        )
        if state != self._written:
            try:
                if self._lock is not None:
                    self._lock.check()  # another's directory gets none of it
                write_state(self._state_file, state)
            except DataGone:
                return
            except OSError as error:
                # A full disk is no reason to stop: what was written is old, and is written anew when there is room.
                self._tell_unwritten(error)
                return
            self._written, self._is_unwritten = state, False

    def _tell_unwritten(self, error: OSError) -> None:
        if not self._is_unwritten:
            file, why = self._state_file, error.strerror
            detail = Bilingual(zh=f"无法写入 {file}：{why}", en=f"{file} cannot be written: {why}")
            self._on_event(SupervisorEvent(kind=EventKind.UNWRITTEN, detail=detail))
        self._is_unwritten = True

    def _stop(self, why: Bilingual) -> None:
        self._on_event(SupervisorEvent(kind=EventKind.STOPPING, detail=why))
        by_turn = sorted(self._processes, key=lambda kept: kept.spec.stop_turn)
        for _, turn in groupby(by_turn, key=lambda kept: kept.spec.stop_turn):
            self._end(list(turn))
        if self._servers:
            with ThreadPoolExecutor(max_workers=len(self._servers)) as threads:
                list(threads.map(lambda kept: kept.stop(_SERVER_STOP_SECONDS), self._servers))
        self._write_state(Status.STOPPED, why)
        self._on_event(SupervisorEvent(kind=EventKind.STOPPED))

    def _end(self, processes: Sequence[SupervisedProcess]) -> None:
        for process in processes:
            process.ask_to_end()
        deadline = time.monotonic() + max(process.spec.stop_seconds for process in processes)
        while not all(process.has_ended() for process in processes):
            remaining = deadline - time.monotonic()
            if remaining <= 0 or self._stops_asked > 1:
                break
            self._wait(remaining)
        for process in processes:
            process.kill()

    @contextmanager
    def _listening(self) -> Iterator[None]:
        """Signals wake the loop: a child's death as well as the request to stop."""
        before = {number: signal.signal(number, self._on_signal) for number in _SIGNALS}
        wakeup = signal.set_wakeup_fd(self._waker.fileno(), warn_on_full_buffer=False)
        try:
            yield
        finally:
            signal.set_wakeup_fd(wakeup)
            for number, handler in before.items():
                signal.signal(number, handler)
            self._waker.close()
            self._wakes.close()

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        if number != signal.SIGCHLD:
            self._stops_asked += 1

    def _wake(self) -> None:
        try:
            self._waker.send(b"\0")
        except (BlockingIOError, OSError):
            return  # awake already, or past the end

    def _wait(self, seconds: float | None) -> None:
        ready, _, _ = select.select([self._wakes], [], [], seconds)
        if ready:
            self._wakes.recv(4096)


def twice(look: Callable[[], None]) -> None:
    """Nothing, where the second look finds what the first did not: not for one glance is everything stopped.

    Raises:
        DataGone: so said both.
    """
    try:
        look()
    except DataGone:
        time.sleep(_LOOK_AGAIN_SECONDS)
        look()


def announce(state_file: Path, facts: Mapping[str, Any], servers: Collection[str]) -> None:
    """Say that this process starts everything, before it does: whoever asks finds it, and `bring_down` ends it.

    `servers`: by name; each waits for its own leftovers when it starts.
    """
    end_leftovers(state_file, apart_from=servers)
    write_state(state_file, State(status=Status.STARTING, supervisor=_this_process(), facts=facts))


def _this_process() -> ProcessId:
    us = ProcessId.of(os.getpid())
    assert us is not None, "we run"
    return us


def end_leftovers(state_file: Path, apart_from: Collection[str] = ()) -> None:
    """Ends what a killed supervisor left behind; each has had its signal, so this is mostly only a look."""
    state = read_state(state_file)
    if state is None or state.supervisor.is_running():
        return
    for process in state.processes:
        # A cluster has a line for each broker: `kafka-2`.
        if process.id is not None and process.name.partition("-")[0] not in apart_from:
            process.id.end(_LEFTOVERS)
