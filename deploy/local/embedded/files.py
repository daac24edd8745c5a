"""Files of a data directory: one owner at a time, written whole or not at all."""

import contextlib
import fcntl
import glob
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

from deploy.local.embedded.errors import DataGone, DirectoryInUse
from deploy.local.embedded.holders import holder_of

#: A log is set aside when it is this large at a start (project choice: what an editor still opens).
LOG_LIMIT_BYTES = 10 * 1024 * 1024
LOGS_KEPT = 3
#: Ends the name of a file that is not whole yet (project choice: two writers at once never meet).
_MARK_BYTES = 4
#: Ends the name of one that its writer holds locked. The releases before had neither ending nor lock: theirs stay.
_LOCKED = ".locked"


class DirectoryLock:
    """One process at a time owns a directory; the kernel frees it when that process ends, however it ends.

    Our own rather than `filelock`, which does the same with flock but costs each of our processes 28 ms and 3 MB to import
    (4.3, measured), and does not say who holds the lock.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._descriptor: int | None = None
        #: Held open, too: no other directory gets its number meanwhile.
        self._folder: int | None = None
        #: What it was when it was taken: where another thread releases it during a check, a descriptor is another file's.
        self._taken: os.stat_result | None = None

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
            words = holder_of(self.directory / "lock", told=holder)
            raise DirectoryInUse(directory=self.directory, holder=words) from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode("ascii"), 0)
        self._descriptor = descriptor
        self._folder = os.open(self.directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        self._taken = os.fstat(self._folder)

    def check(self) -> None:
        """Nothing, while the directory is the one that was taken, and when it is not held.

        Raises:
            DataGone: it was removed, moved or replaced.
        """
        if (taken := self._taken) is not None and not _is_named(taken, self.directory):
            raise DataGone(directory=self.directory)

    def release(self) -> None:
        """Gives it back; harmless when it is not held."""
        descriptors = (self._descriptor, self._folder)
        self._descriptor = self._folder = self._taken = None
        for descriptor in descriptors:
            if descriptor is not None:
                os.close(descriptor)

    def __enter__(self) -> "DirectoryLock":
        self.acquire()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


def _is_named(taken: os.stat_result, path: Path) -> bool:
    """Whether the folder has that name still. What cannot be looked at just now has it, for all we know."""
    try:
        return os.path.samestat(taken, path.stat())
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True


def check_made(*files: Path) -> None:
    """Nothing, while each is there.

    Raises:
        DataGone: one is not; names the directory that it stood in.
    """
    for file in files:
        try:
            file.stat()
        except (FileNotFoundError, NotADirectoryError):
            raise DataGone(directory=file.parent) from None
        except OSError:
            continue  # what cannot be looked at just now may be there


def is_owned(directory: Path) -> bool:
    """Whether a process has the directory's lock just now."""
    with contextlib.suppress(FileNotFoundError), (directory / "lock").open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def write_whole(path: Path, text: str, mode: int = 0o600) -> None:
    """Readers see the old text or the new, never half of one, also after a power cut."""
    with replacing(path, mode) as file:
        file.write(text.encode())


@contextlib.contextmanager
def replacing(path: Path, mode: int = 0o600) -> Iterator[BinaryIO]:
    """What is written takes the file's name in the end, whole and on the disk; what killed writers left beside it goes."""
    _forget_left_over(path)
    file, temporary = _begun_beside(path, mode)
    with file:
        try:
            yield file
            file.flush()
            os.fsync(file.fileno())
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise


def _begun_beside(path: Path, mode: int) -> tuple[BinaryIO, Path]:
    """A new file, locked while it is written: one without a lock is nobody's any more."""
    while True:
        temporary = path.with_name(f".{path.name}.{secrets.token_hex(_MARK_BYTES)}{_LOCKED}")
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        if os.fstat(descriptor).st_nlink:
            return os.fdopen(descriptor, "wb"), temporary
        os.close(descriptor)  # taken for a killed writer's before it was locked


def _forget_left_over(path: Path) -> None:
    for left in path.parent.glob(f".{glob.escape(path.name)}.{'[0-9a-f]' * 2 * _MARK_BYTES}{_LOCKED}"):
        # One that another writes just now stays.
        with contextlib.suppress(OSError), left.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            left.unlink()


@contextlib.contextmanager
def scratch_folder(purpose: str) -> Iterator[Path]:
    """A folder among the system's temporary ones, gone in the end; those that killed runs left there go first."""
    # Locked ones have a name of their own: an older release's, `huiyin-PURPOSE-`, may live without a lock.
    beginning = f"huiyin-locked-{purpose}-"
    _forget_folders(beginning)
    folder, lock = _begun_folder(beginning)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def _begun_folder(beginning: str) -> tuple[Path, int]:
    """A new folder and its lock, as of `_begun_beside`."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix=beginning))
        with contextlib.suppress(FileNotFoundError):
            lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            fcntl.flock(lock, fcntl.LOCK_EX)
            if folder.exists():
                return folder, lock
            os.close(lock)


def _forget_folders(beginning: str) -> None:
    for left in Path(tempfile.gettempdir()).glob(f"{beginning}*"):
        # One that is in use, gone meanwhile, or another user's stays.
        with contextlib.suppress(OSError):
            lock = os.open(left, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
            try:
                if os.fstat(lock).st_uid == os.geteuid():
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    shutil.rmtree(left)
            finally:
                os.close(lock)


def set_aside_if_large(log_file: Path, limit_bytes: int = LOG_LIMIT_BYTES, kept: int = LOGS_KEPT) -> None:
    """Renames a large log to `NAME.1`, and older ones to `.2` and so on; the oldest goes."""
    if not log_file.exists() or log_file.stat().st_size < limit_bytes:
        return
    _make_room(log_file, kept)
    log_file.replace(numbered(log_file, 1))


def cut_if_large(log_file: Path, limit_bytes: int = LOG_LIMIT_BYTES) -> None:
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
    _make_room(log_file, LOGS_KEPT)
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
