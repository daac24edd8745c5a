"""One supervised process: one of ours, or an embedded server."""

import contextlib
import signal
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from deploy.local.embedded.errors import EmbeddedError
from deploy.local.embedded.files import cut_if_large, set_aside_if_large
from deploy.local.embedded.process import Child, ProcessId, spawn
from deploy.local.supervisor.last_error import in_one_line, last_error_in, size_of
from deploy.local.supervisor.restarts import RestartPolicy, Restarts
from deploy.local.supervisor.silence import SilenceWatch
from deploy.local.supervisor.spec import EventKind, ProcessSpec, Server, SupervisorEvent
from deploy.local.supervisor.state import NOTHING_SAID, ProcessState, ProcessStatus
from deploy.processes.lives import EXIT_ANEW
from schemas.bilingual import Bilingual, joined, plain

#: Between two looks at how large a log is (project choice: a flood of warnings writes some megabytes meanwhile).
LOOK_AT_LOG_SECONDS = 60.0
#: Between two looks at whether a process stands still (project choice: reading one line of /proc).
_LOOK_AT_LIFE_SECONDS = 2.5
#: What asks to be started anew sooner than this after its start is counted like any death (project choice: as often as
#: nobody changes anything, so that none is started anew for ever in silence).
_ASKING_SECONDS = 5.0
_OnEvent = Callable[[SupervisorEvent], None]


def cut_or_leave(log_file: Path) -> None:
    """Keep a log from growing; a full disk is no reason to stop looking after the processes."""
    with contextlib.suppress(OSError):
        cut_if_large(log_file)


class Supervised(Protocol):
    """What the supervisor's loop asks of either kind.

    The loop calls `look` after every signal and whenever `seconds_to_next_look` is over, always from its own thread. None of
    the three may block or raise: what goes wrong is told as a `SupervisorEvent`.
    """

    name: str

    def look(self, now: float) -> None:
        """Notices a death, and starts again what is due."""

    def seconds_to_next_look(self, now: float) -> float | None:
        """Seconds until it wants another look; `None` when only a death would change anything."""

    def states(self) -> tuple[ProcessState, ...]:
        """How each of its processes stands."""


class Begin(Protocol):
    """Starts a command: `process.spawn`, or `ForkServer.spawn`."""

    def __call__(
        self,
        command: Sequence[str],
        /,
        *,
        death_signal: signal.Signals,
        log_file: Path,
        environment: Mapping[str, str],
    ) -> Child:
        """Raises OSError: no room for a log, or for a process."""


class SupervisedProcess:
    """A process of ours, with a log file of its own."""

    def __init__(
        self,
        spec: ProcessSpec,
        logs: Path,
        policy: RestartPolicy,
        on_event: _OnEvent,
        begin: Begin = spawn,
    ) -> None:
        self.spec = spec
        self._begin = begin
        self.name = spec.name
        self._log_file = logs / f"{spec.name}.log"
        self._on_event = on_event
        self._restarts = Restarts(policy, spec.parts)
        self._child: Child | None = None
        self._started = 0.0
        self._due: float | None = 0.0
        self._log_looked_at = 0.0
        #: Where this life's lines begin in the log, and what the one before said last.
        self._log_from = 0
        self._last_error = NOTHING_SAID
        self._life_looked_at = 0.0
        self._frozen_since: float | None = None

    def look(self, now: float) -> None:
        """Notices a death, and starts it when that is due."""
        if self._child is not None and now >= self._life_looked_at + _LOOK_AT_LIFE_SECONDS:
            self._look_at_life(self._child, now)
        if self._child is not None and not self._child.is_alive():
            self._died(self._child, now)
        if self._child is None and self._due is not None and now >= self._due:
            self._start(now)
        if self._child is not None and now >= self._log_looked_at + LOOK_AT_LOG_SECONDS:
            self._look_at_log(now)
        if self._child is not None and self._restarts.ran_until(now, self._started):
            self._on_event(SupervisorEvent(kind=EventKind.RECOVERED, process=self.name))

    def _start(self, now: float) -> None:
        try:
            set_aside_if_large(self._log_file)
            self._log_from = size_of(self._log_file)
            self._child = self._begin(
                self.spec.argv,
                death_signal=signal.SIGTERM,
                log_file=self._log_file,
                environment=self.spec.env,
            )
        except OSError as error:  # no room for a log, or for a process
            self._started = now
            self._last_error = Bilingual(
                zh=f"无法启动：{error.strerror}", en=f"cannot be started: {error.strerror}"
            )
            self._wait_after_death(now, self._last_error)
            return
        self._started, self._due, self._log_looked_at, self._life_looked_at = now, None, now, now
        self._on_event(
            SupervisorEvent(kind=EventKind.STARTED, process=self.name, detail=plain(f"pid {self._child.pid}"))
        )

    def _look_at_life(self, child: Child, now: float) -> None:
        """One that stands still for long is ended, and so started anew: nothing is acknowledged before it is durable."""
        self._life_looked_at = now
        if not child.is_frozen():
            self._frozen_since = None
            return
        self._frozen_since = self._frozen_since or now
        if (seconds := now - self._frozen_since) >= self._restarts.policy.frozen_seconds:
            self._frozen_since = None
            detail = Bilingual(zh=f"停滞了 {seconds:.0f} 秒", en=f"it stood still for {seconds:.0f} s")
            self._on_event(SupervisorEvent(kind=EventKind.KILLED, process=self.name, detail=detail))
            child.end(((signal.SIGKILL, 5),))

    def _look_at_log(self, now: float) -> None:
        self._log_looked_at = now
        cut_or_leave(self._log_file)

    def _died(self, child: Child, now: float) -> None:
        if child.exit_status == EXIT_ANEW and now - self._started >= _ASKING_SECONDS:
            self._child, self._due = None, now
            self._on_event(SupervisorEvent(kind=EventKind.ANEW, process=self.name))
            return
        ended = Bilingual(zh=f"退出状态 {child.exit_status}", en=f"ended with {child.exit_status}")
        said = last_error_in(self._log_file, self._log_from)
        self._last_error = plain(said) if said else ended
        self._wait_after_death(now, joined((ended, plain(said))) if said else ended)

    def _wait_after_death(self, now: float, why: Bilingual) -> None:
        had_failed = self._restarts.has_failed
        delay_seconds = self._restarts.died(now, now - self._started)
        log = Bilingual(zh=f"日志 {self._log_file}", en=f"log {self._log_file}")
        detail = joined((why, _next_start(delay_seconds), log))
        self._child, self._due = None, now + delay_seconds
        is_news = self._restarts.has_failed and not had_failed
        self._on_event(
            SupervisorEvent(
                kind=EventKind.FAILED if is_news else EventKind.DIED, process=self.name, detail=detail
            )
        )

    def seconds_to_next_look(self, now: float) -> float | None:
        """Seconds until its next start, until it may count as recovered, or until the next look at its life and log."""
        if self._due is not None:
            return max(0.0, self._due - now)
        if self._child is None:
            return None
        looks = [self._log_looked_at + LOOK_AT_LOG_SECONDS, self._life_looked_at + _LOOK_AT_LIFE_SECONDS]
        if self._restarts.has_failed:
            looks.append(self._started + self._restarts.seconds_to_trust())
        return max(0.0, min(looks) - now)

    def states(self) -> tuple[ProcessState, ...]:
        """How this process stands: one line of `state.json`."""
        process = self._child.id if self._child is not None and self._child.is_alive() else None
        state = _status(is_alive=process is not None, has_failed=self._restarts.has_failed)
        return (
            ProcessState(
                name=self.name,
                state=state,
                restarts=self._restarts.count,
                id=process,
                last_error=self._last_error,
            ),
        )

    def ask_to_end(self) -> None:
        """SIGTERM, if it runs; it is not started again."""
        self._due = None
        if self._child is not None:
            self._child.send(signal.SIGTERM)

    def has_ended(self) -> bool:
        """Whether it does not run."""
        return self._child is None or not self._child.is_alive()

    def kill(self) -> None:
        """Ends it at once, if it runs."""
        if self._child is not None and self._child.is_alive():
            self._child.end(((signal.SIGKILL, 5),))
            self._on_event(SupervisorEvent(kind=EventKind.KILLED, process=self.name))


class SupervisedServer:
    """An embedded server. A start may take minutes (recovery), so it happens in a thread beside the loop."""

    def __init__(
        self, name: str, server: Server, policy: RestartPolicy, on_event: _OnEvent, wake: Callable[[], None]
    ) -> None:
        self.name = name
        self.server = server
        self._on_event = on_event
        self._wake = wake
        self._restarts = Restarts(policy)
        self._due: float | None = None
        self._started = time.monotonic()
        self._log_looked_at = 0.0
        self._last_error = NOTHING_SAID
        self._starting: threading.Thread | None = None
        self._has_tried = threading.Event()
        self._silence = SilenceWatch(server, policy.silent_seconds, wake)

    def look(self, now: float) -> None:
        """Notices a death, and starts it when that is due."""
        if now >= self._log_looked_at + LOOK_AT_LOG_SECONDS:
            self._log_looked_at = now
            for log_file in getattr(self.server, "log_files", ()):
                cut_or_leave(log_file)
        if self._starting is not None:
            if not self._has_tried.is_set():
                return
            self._starting, self._started = None, now
            self._silence.begin(now)
        if not self.server.is_alive():
            self._revive(now)
            return
        self._end_silent(now)
        if self._restarts.ran_until(now, self._started):
            self._on_event(SupervisorEvent(kind=EventKind.RECOVERED, process=self.name))

    def _end_silent(self, now: float) -> None:
        """What answers nothing for long is ended as by a crash, and so started anew: both servers recover from that."""
        for pid in self._silence.look(now):
            if (process := ProcessId.of(pid)) is None:
                continue
            seconds = self._restarts.policy.silent_seconds
            detail = Bilingual(
                zh=f"pid {pid} 在 {seconds:g} 秒内没有响应",
                en=f"pid {pid} answered nothing for {seconds:g} s",
            )
            self._last_error = detail
            self._on_event(SupervisorEvent(kind=EventKind.KILLED, process=self.name, detail=detail))
            process.send(signal.SIGKILL)

    def _revive(self, now: float) -> None:
        if self._due is None:
            had_failed = self._restarts.has_failed
            delay_seconds = self._restarts.died(now, now - self._started)
            self._due = now + delay_seconds
            is_news = self._restarts.has_failed and not had_failed
            kind = EventKind.FAILED if is_news else EventKind.DIED
            self._on_event(SupervisorEvent(kind=kind, process=self.name, detail=_next_start(delay_seconds)))
        elif now >= self._due:
            self._due = None
            self._has_tried.clear()
            self._starting = threading.Thread(target=self._start, name=f"start-{self.name}")
            self._starting.start()

    def _start(self) -> None:
        try:
            self.server.start()
        except (EmbeddedError, OSError) as error:
            why = error.in_both() if isinstance(error, EmbeddedError) else plain(error)
            self._last_error = Bilingual(zh=in_one_line(why.zh), en=in_one_line(why.en))
            self._on_event(SupervisorEvent(kind=EventKind.DIED, process=self.name, detail=why))
        else:
            self._on_event(SupervisorEvent(kind=EventKind.STARTED, process=self.name))
        finally:
            self._has_tried.set()  # before the wake-up: the thread itself is still alive when the loop looks
            self._wake()

    def seconds_to_next_look(self, now: float) -> float | None:
        """Seconds until its next start, until it may count as recovered, or until it is asked or its log is looked at."""
        if self._starting is not None:
            return None
        if self._due is not None:
            return max(0.0, self._due - now)
        waits = [self._log_looked_at + LOOK_AT_LOG_SECONDS - now]
        if (wait := self._silence.seconds_to_next_look(now)) is not None:
            waits.append(wait)
        if self._restarts.has_failed:
            waits.append(self._started + self._restarts.seconds_to_trust() - now)
        return max(0.0, min(waits))

    def states(self) -> tuple[ProcessState, ...]:
        """How it stands; a cluster has a line for each broker."""
        is_alive = self._starting is None and self.server.is_alive()
        state = _status(is_alive=is_alive, has_failed=self._restarts.has_failed)
        pids = _pids_of(self.server) or (None,)
        return tuple(
            ProcessState(
                name=self.name if len(pids) == 1 else f"{self.name}-{number}",
                state=state,
                restarts=self._restarts.count,
                id=ProcessId.of(pid) if pid is not None else None,
                last_error=self._last_error,
            )
            for number, pid in enumerate(pids, start=1)
        )

    def stop(self, timeout_seconds: float) -> None:
        """Waits for a start in progress, then shuts down cleanly."""
        if self._starting is not None:
            self._starting.join()
        self.server.stop(timeout_seconds)


def _next_start(delay_seconds: float) -> Bilingual:
    return Bilingual(zh=f"{delay_seconds:g} 秒后再次启动", en=f"next start in {delay_seconds:g} s")


def _pids_of(server: Server) -> tuple[int, ...]:
    pids = getattr(server, "pids", None)
    if pids is not None:
        return tuple(pids)
    pid = getattr(server, "pid", None)
    return () if pid is None else (int(pid),)


def _status(*, is_alive: bool, has_failed: bool) -> ProcessStatus:
    if has_failed:
        return ProcessStatus.FAILED
    return ProcessStatus.RUNNING if is_alive else ProcessStatus.RESTARTING
