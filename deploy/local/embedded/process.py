"""Child processes that cannot outlive us, and sure knowledge of which process is which."""

import contextlib
import os
import queue
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Protocol

from deploy.local.embedded.errors import NotOnThisPlatform

_LAUNCHER = Path(__file__).with_name("launch.py")
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
#: Between two looks at something that offers no event to wait for (project choice: 1 % of a core at most).
_POLL_SECONDS = 0.01


class Identity(StrEnum):
    """As whom a child runs."""

    #: The user who started us.
    SAME = "same"
    #: An unprivileged user inside a new user namespace; outside, its files are ours.
    NAMESPACE = "namespace"
    #: The system's `nobody`.
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class ProcessId:
    """One process for all time: pids are used again, a pid with its start time and boot is not.

    Read from /proc rather than with psutil, whose `create_time()` is wall-clock time: it changes when the clock is set, and
    this value is written to a file, to be compared by another process later.
    """

    pid: int
    started_ticks: int
    boot: str

    @classmethod
    def of(cls, pid: int) -> "ProcessId | None":
        """The process that has this pid now; `None` when there is none, or only its zombie."""
        try:
            stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        except (FileNotFoundError, ProcessLookupError):
            return None
        state, *fields = stat.rpartition(")")[2].split()
        return None if state in "ZX" else cls(pid, int(fields[18]), _boot_id())

    def is_running(self) -> bool:
        """Whether exactly this process still runs."""
        return ProcessId.of(self.pid) == self

    def wait(self, timeout_seconds: float) -> bool:
        """Whether it ended within the time."""
        try:
            descriptor = os.pidfd_open(self.pid)
        except ProcessLookupError:
            return True
        try:
            return not self.is_running() or _is_readable(descriptor, timeout_seconds)
        finally:
            os.close(descriptor)

    def send(self, signal_number: signal.Signals) -> None:
        """Signals exactly this process, or nobody."""
        with contextlib.suppress(ProcessLookupError):
            descriptor = os.pidfd_open(self.pid)
            try:
                if self.is_running():
                    signal.pidfd_send_signal(descriptor, signal_number)
            finally:
                os.close(descriptor)

    def end(self, signals: Sequence[tuple[signal.Signals, float]]) -> bool:
        """Sends each signal and waits its seconds, until the process has ended; whether it has."""
        for signal_number, seconds in signals:
            self.send(signal_number)
            if self.wait(seconds):
                return True
        return not self.is_running()


@cache
def _boot_id() -> str:
    return _BOOT_ID.read_text(encoding="ascii").strip()


def _is_readable(descriptor: int, timeout_seconds: float) -> bool:
    poller = select.poll()
    poller.register(descriptor, select.POLLIN)
    return bool(poller.poll(max(0.0, timeout_seconds) * 1000))


def _state_of(pid: int) -> str:
    """The kernel's letter for it; empty where there is no such process."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return ""
    return stat.rpartition(")")[2].split()[0]


def is_stopped(pid: int) -> bool:
    """Whether somebody stopped it (SIGSTOP): it lives, and does nothing."""
    return _state_of(pid) == "T"


class _Running(Protocol):
    """A child, as `subprocess.Popen` sees it."""

    pid: int

    def poll(self) -> int | None:
        """How it ended; None while it runs."""

    def wait(self, timeout: float | None = None) -> int:
        """How it ended, once it has."""

    def send_signal(self, sig: int) -> None:
        """Signals it, if it runs."""

    def kill(self) -> None:
        """Ends it at once, if it runs."""


class Child:
    """A process that we started, or adopted, and that ends when we do."""

    def __init__(self, popen: _Running) -> None:
        self._popen = popen
        self.pid = popen.pid
        self.id = ProcessId.of(popen.pid)

    @property
    def exit_status(self) -> int | None:
        """How it ended; negative for a signal; `None` while it runs."""
        return self._popen.poll()

    def is_alive(self) -> bool:
        """Whether it still runs; one that has ended is waited for, so that no zombie stays."""
        return self.exit_status is None

    def is_frozen(self) -> bool:
        """Whether somebody stopped it (SIGSTOP): it lives, and does nothing."""
        return is_stopped(self.pid)

    def send(self, signal_number: signal.Signals) -> None:
        """Signals it, if it runs."""
        self._popen.send_signal(signal_number)

    def wait(self, timeout_seconds: float) -> bool:
        """Whether it ended within the time."""
        try:
            self._popen.wait(timeout_seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def end(self, signals: Sequence[tuple[signal.Signals, float]]) -> None:
        """Sends each signal and waits its seconds, until the child has ended, by SIGKILL at the latest."""
        for signal_number, seconds in signals:
            self.send(signal_number)
            if self.wait(seconds):
                return
        self._popen.kill()
        self._popen.wait()


def spawn(
    command: Sequence[str | Path],
    *,
    death_signal: signal.Signals,
    log_file: Path,
    environment: Mapping[str, str] | None = None,
    inherited: Mapping[str, str] | None = None,
    identity: Identity = Identity.SAME,
    directory: Path | None = None,
    stdin: int = subprocess.DEVNULL,
) -> Child:
    """Starts a command that receives `death_signal` when this process ends, however it ends.

    Its output is appended to `log_file`. It runs in a session of its own, so that Ctrl-C reaches only us. `inherited`: what
    `environment` is added to, our own if None.
    """
    require_linux()
    arguments = [
        *(sys.executable, "-I", "-S", _LAUNCHER),
        *(str(os.getpid()), str(int(death_signal)), identity.value),
        *command,
    ]

    def start() -> "subprocess.Popen[bytes]":
        with log_file.open("ab") as log:
            return subprocess.Popen(  # noqa: S603  only our own commands
                arguments,
                stdin=stdin,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**(os.environ if inherited is None else inherited), **(environment or {})},
                cwd=directory,
                start_new_session=True,
            )

    return Child(_in_lasting_thread(start))


def run(
    command: Sequence[str | Path],
    *,
    identity: Identity = Identity.SAME,
    environment: Mapping[str, str] | None = None,
    directory: Path | None = None,
    text: str = "",
) -> "subprocess.CompletedProcess[str]":
    """Runs a short command to its end, killed should we be; its two outputs are in `stdout` together."""
    arguments = [
        *(sys.executable, "-I", "-S", _LAUNCHER),
        *(str(os.getpid()), str(int(signal.SIGKILL)), identity.value),
        *command,
    ]
    return subprocess.run(  # noqa: S603  only our own commands
        arguments,
        input=text,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, **(environment or {})},
        cwd=directory,
        start_new_session=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )


def require_linux() -> None:
    """Return where the kernel can tie a child's life to ours.

    Raises:
        NotOnThisPlatform: this is another system than Linux.
    """
    if not sys.platform.startswith("linux"):
        raise NotOnThisPlatform(platform=sys.platform)


_Start = Callable[[], "subprocess.Popen[bytes]"]
_starts: "queue.SimpleQueue[tuple[_Start, Future[subprocess.Popen[bytes]]]]" = queue.SimpleQueue()
_starting = threading.Lock()


def _in_lasting_thread(start: _Start) -> "subprocess.Popen[bytes]":
    """Starts the child from a thread that lasts as long as this process does.

    The kernel ties a child to the *thread* that made it: one made in a pool's thread would die with it.
    """
    _ensure_lasting_thread(os.getpid())
    future: Future[subprocess.Popen[bytes]] = Future()
    _starts.put((start, future))
    return future.result()


def _ensure_lasting_thread(pid: int) -> None:
    with _starting:
        _lasting_thread(pid)


@cache
def _lasting_thread(_pid: int) -> threading.Thread:
    thread = threading.Thread(target=_start_forever, name="child-starter", daemon=True)
    thread.start()
    return thread


def _start_forever() -> None:
    while True:
        start, future = _starts.get()
        try:
            future.set_result(start())
        except (OSError, subprocess.SubprocessError, ValueError) as error:
            future.set_exception(error)


def wait_until(condition: Callable[[], bool], timeout_seconds: float) -> bool:
    """Whether the condition came true within the time; for states that offer no event to wait for."""
    deadline = time.monotonic() + timeout_seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL_SECONDS)
    return True


def all_processes() -> Iterator[tuple[ProcessId, bytes]]:
    """Every process that runs now, with its command line (NUL between arguments)."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                command = (entry / "cmdline").read_bytes()
                process = ProcessId.of(int(entry.name))
                if process is not None:
                    yield process, command
