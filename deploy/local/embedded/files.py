"""Files of a data directory: one owner at a time, written whole or not at all."""

import contextlib
import fcntl
import os
import secrets
import shutil
from pathlib import Path
from types import TracebackType

from deploy.local.embedded.errors import DirectoryInUse
from schemas.bilingual import Bilingual

#: A log is set aside when it is this large at a start (project choice: what an editor still opens).
LOG_LIMIT_BYTES = 10 * 1024 * 1024
LOGS_KEPT = 3


class DirectoryLock:
    """One process at a time owns a directory; the kernel frees it when that process ends, however it ends.

    Our own rather than `filelock`, which does the same with flock but costs each of our processes 28 ms and 3 MB to import
    (4.3, measured), and does not say who holds the lock.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._descriptor: int | None = None

    def acquire(self) -> None:
        """Takes the directory, and makes it (0700) if need be.

        Raises:
            DirectoryInUse: another process has it; the message names it.
        """
        if self._descriptor is not None:
            return
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(self.directory / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(descriptor, 32, 0).decode("ascii", errors="replace").strip()
            os.close(descriptor)
            raise DirectoryInUse(
                directory=self.directory,
                holder=Bilingual(
                    zh=f"进程 {holder} " if holder else "另一进程",
                    en=f"process {holder}" if holder else "another process",
                ),
            ) from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode("ascii"), 0)
        self._descriptor = descriptor

    def release(self) -> None:
        """Gives it back; harmless when it is not held."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def __enter__(self) -> "DirectoryLock":
        self.acquire()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


def write_whole(path: Path, text: str, mode: int = 0o600) -> None:
    """Readers see the old text or the new, never half of one, also after a power cut."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    try:
        with open(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(descriptor)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def set_aside_if_large(log_file: Path, limit_bytes: int = LOG_LIMIT_BYTES, kept: int = LOGS_KEPT) -> None:
    """Renames a large log to `NAME.1`, and older ones to `.2` and so on; the oldest goes."""
    if not log_file.exists() or log_file.stat().st_size < limit_bytes:
        return
    _make_room(log_file, kept)
    log_file.replace(numbered(log_file, 1))


def cut_if_large(log_file: Path, limit_bytes: int = LOG_LIMIT_BYTES, kept: int = LOGS_KEPT) -> None:
    """The same for a log that a process goes on writing: it is copied and emptied, for the writer keeps its file.

    What is written between the two is lost: some lines in ten megabytes.
    """
    if not log_file.exists() or log_file.stat().st_size < limit_bytes:
        return
    copy = log_file.with_name(f".{log_file.name}.copy")
    try:
        shutil.copyfile(log_file, copy)
    except OSError:
        copy.unlink(missing_ok=True)  # half of it: no room
        raise
    os.truncate(log_file, 0)
    copy.chmod(log_file.stat().st_mode)
    _make_room(log_file, kept)
    copy.replace(numbered(log_file, 1))


def _make_room(log_file: Path, kept: int) -> None:
    for number in range(kept - 1, 0, -1):
        with contextlib.suppress(FileNotFoundError):
            numbered(log_file, number).replace(numbered(log_file, number + 1))


def numbered(log_file: Path, number: int) -> Path:
    """Where the log set aside `number` times ago lies."""
    return log_file.with_name(f"{log_file.name}.{number}")


def tail_of(log_file: Path, lines: int = 8) -> str:
    """The last lines, for a message; empty when there is no log."""
    try:
        text = log_file.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return ""
    return "\n".join(text.splitlines()[-lines:])
