"""Starts our processes as forks of one that has loaded everything (`deploy/local/forked.py`), or else from nothing."""

import json
import os
import signal
import socket
import struct
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from deploy.local.embedded.adopted import Adopted, adopting, reap_group
from deploy.local.embedded.files import set_aside_if_large
from deploy.local.embedded.process import Child, spawn

#: How long a start waits for the server's first word: loading takes two seconds (project choice: then processes start from
#: nothing).
_LOAD_SECONDS = 30.0
#: How long a division may take before it is given up (project choice: four hundred times what it needs; meanwhile nobody
#: looks after what runs).
_DIVIDE_SECONDS = 2.0
#: Between two servers: one that cannot load is not begun over and over (project choice).
_AGAIN_SECONDS = 60.0
#: What the server is told of our environment: how Python and its libraries load, whom they trust (aiohttp reads that while
#: it loads), and nothing that opens anything.
_TOLD = frozenset(
    {"PATH", "HOME", "USER", "LANG", "LANGUAGE", "TZ", "TMPDIR", "LD_LIBRARY_PATH", "LD_PRELOAD"}
)
_TOLD_PREFIXES = ("LC_", "PYTHON", "MALLOC_", "GLIBC_", "SSL_CERT_", "OPENSSL_", "PROMETHEUS_")
#: Bytes for what `ps` shows of each process: a command with a long path (project choice).
_ROOM_BYTES = 1024
_MODULE = (sys.executable, "-m", "deploy.local.forked")
#: What the server says when it has loaded, and a new process when it waits for its order; what the server is asked.
READY, DIVIDE = b"ready", b"divide"
#: How the number of a new process is written.
NUMBER = struct.Struct("=i")


class ForkServer:
    """One process that is divided for each start. Whatever it cannot do is done without it: it is only a matter of speed.

    A killed one takes nobody with it; the next start is made from nothing, and meanwhile another is loaded.
    """

    def __init__(self, log_file: Path) -> None:
        self._log_file = log_file
        self._server: Child | None = None
        self._control: socket.socket | None = None
        self._is_loaded = False
        self._begun = 0.0

    @property
    def pid(self) -> int:
        """The server that lives; 0 where there is none."""
        return self._server.pid if self._server is not None and self._server.is_alive() else 0

    def begin(self) -> None:
        """Let it load; returns at once. Where there is no room for it, `look` tries again."""
        self._begun = time.monotonic()
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            try:
                self._server = self._loading(theirs.fileno())
            except OSError:
                ours.close()
                return
        self._control = ours

    def _loading(self, stdin: int) -> Child:
        self._log_file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        set_aside_if_large(self._log_file)
        return spawn(
            (*_MODULE, *[""] * _ROOM_BYTES),
            death_signal=signal.SIGKILL,
            log_file=self._log_file,
            inherited=_harmless(os.environ),
            stdin=stdin,
        )

    def wait(self) -> None:
        """Return once it has loaded, or is not going to soon."""
        self._await_ready(_LOAD_SECONDS)

    def look(self, now: float) -> None:
        """Notice its death, and begin another; what goes wrong is tried again a minute later."""
        if self.pid or now < self._begun + _AGAIN_SECONDS:
            return
        self.end()
        self.begin()

    def spawn(
        self,
        command: Sequence[str],
        *,
        death_signal: signal.Signals,
        log_file: Path,
        environment: Mapping[str, str],
    ) -> Child:
        """As `process.spawn`, of which it is a quicker form for `python -m MODULE WORD…`.

        Raises:
            OSError: no room for a log, or for a process.
        """
        divided = self._divided(command, death_signal, log_file, {**os.environ, **environment})
        return divided or spawn(
            command, death_signal=death_signal, log_file=log_file, environment=environment
        )

    def end(self) -> None:
        """It ends; what it was divided into goes on, and what a division left to us is waited for."""
        if self._control is not None:
            self._control.close()
        if self._server is not None:
            self._server.end(((signal.SIGKILL, 5),))
            reap_group(self._server.pid)
        self._server, self._control, self._is_loaded = None, None, False

    def _await_ready(self, seconds: float) -> None:
        """Whether it has loaded is known after so long at the latest."""
        if self._control is None or self._is_loaded:
            return
        self._control.settimeout(seconds)
        try:
            self._is_loaded = self._control.recv(len(READY)) == READY
        except (TimeoutError, BlockingIOError, ConnectionError):
            return

    def _divided(
        self,
        command: Sequence[str],
        death_signal: signal.Signals,
        log_file: Path,
        environment: Mapping[str, str],
    ) -> Child | None:
        self._await_ready(0)
        if self._control is None or not self._is_loaded or tuple(command[:2]) != (sys.executable, "-m"):
            return None
        if self._server is None or self._server.is_frozen():
            self._give_up()
            return None
        order = {
            "command": list(command),
            "environment": dict(environment),
            "death_signal": int(death_signal),
        }
        with log_file.open("ab") as log:
            try:
                return Child(_ordered(self._control, log.fileno(), json.dumps(order).encode()))
            except OSError:
                self._give_up()
                return None

    def _give_up(self) -> None:
        """One that does not answer would make the next start wait as well; `look` reaps it and begins another."""
        self._is_loaded = False
        if self._server is not None:
            self._server.send(signal.SIGKILL)


def _ordered(control: socket.socket, log: int, order: bytes) -> Adopted:
    """A new process that has its order.

    Raises:
        OSError: there is none; `TimeoutError` where nobody answered.
    """
    ours, theirs = socket.socketpair()
    ours.settimeout(_DIVIDE_SECONDS)
    control.settimeout(_DIVIDE_SECONDS)
    with ours, theirs, adopting():
        socket.send_fds(control, [DIVIDE], [theirs.fileno(), log])
        theirs.close()
        child = Adopted(*NUMBER.unpack(_received(ours, NUMBER.size)))
        try:
            _received(ours, len(READY))
            ours.sendall(order)
        except OSError:
            child.discard()
            raise
    return child


def _received(channel: socket.socket, size: int) -> bytes:
    """So many bytes.

    Raises:
        TimeoutError: they do not come.
        ConnectionError: nobody is left who could send them.
    """
    text = channel.recv(size, socket.MSG_WAITALL)
    if len(text) < size:
        raise ConnectionResetError("a division ended within")
    return text


def _harmless(environment: Mapping[str, str]) -> Mapping[str, str]:
    return {
        name: value for name, value in environment.items() if name in _TOLD or name.startswith(_TOLD_PREFIXES)
    }
