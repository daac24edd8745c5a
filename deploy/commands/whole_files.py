"""Writes files atomically: the old content stays until the new one is complete."""

import errno
import hashlib
import os
import re
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path
from tempfile import TemporaryFile, mkstemp
from typing import BinaryIO

#: What a folder says that takes no file beside the one it has, or a file that another may not replace: mounted alone.
_KEPT_IN_PLACE = frozenset({errno.EACCES, errno.EPERM, errno.EROFS, errno.EBUSY, errno.EXDEV})


#: Bytes of a name that may stand in an unfinished file's: with the rest a file system takes 255 (project choice).
_NAME_BYTES = 200


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """What is written takes the file's name at the end; a pipe or a device is written to as it comes.

    Until then nobody but the caller reads it, and then whoever might read what was there; each writer has a file of its
    own, and the last to end is what stands. Whoever is killed leaves `.….unfinished`, which the next that writes
    there removes. Where the folder takes no other file, or none in its place, the file is written over at the end.

    Raises:
        OSError: it cannot be written; what was there is as it was, unless it was just written over.
    """
    if path.exists() and not path.is_file():
        with path.open("wb") as file:
            yield file
        return
    target = path.resolve()
    _forget_left_over(target)
    with _beside(target, path) as file:
        yield file


def write_whole(path: Path, body: bytes) -> None:
    """The file holds this, or what it held before.

    Raises:
        OSError: as `whole_file`.
    """
    with whole_file(path) as file:
        file.write(body)


@contextmanager
def _beside(target: Path, asked: Path) -> Iterator[BinaryIO]:
    """A file that becomes the target when the block ends; what the system refuses of it is told of the one asked for."""
    try:
        file, unfinished = _begun(target)
    except OSError as error:
        if error.errno not in _KEPT_IN_PLACE or not os.access(target, os.W_OK):
            raise OSError(error.errno, error.strerror, str(asked)) from error
        with TemporaryFile() as aside:
            yield aside
            _write_over(target, aside)
        return
    with file:
        try:
            yield file
            file.flush()
            os.fsync(file.fileno())
            _give_name(file, unfinished, target)
        except BaseException as error:
            _forget(unfinished)
            if isinstance(error, OSError) and error.filename == str(unfinished):
                raise OSError(error.errno, error.strerror, str(asked)) from error
            raise


def _begun(target: Path) -> tuple[BinaryIO, Path]:
    """A new file of the caller's alone, locked while it is written: one without a lock is nobody's any more."""
    while True:
        number, name = mkstemp(prefix=f".{_short(target.name)}.", suffix=".unfinished", dir=target.parent)
        file = os.fdopen(number, "w+b")
        with suppress(OSError):
            # Where a file system knows no locks nothing is removed either.
            flock(file, LOCK_EX)
        if os.fstat(number).st_nlink:
            _open_no_wider(file, target)
            return file, Path(name)
        file.close()  # taken for a killed run's before it was locked


def _short(name: str) -> str:
    """The name, or what stands for a long one, so that there is room for what marks an unfinished file."""
    whole = os.fsencode(name)
    return name if len(whole) <= _NAME_BYTES else hashlib.sha256(whole).hexdigest()


def _open_no_wider(file: BinaryIO, target: Path) -> None:
    """Who may read it stays as somebody chose; not a group of the caller's where its own cannot be given."""
    if not target.exists():
        return
    standing = target.stat()
    mode = stat.S_IMODE(standing.st_mode)
    try:
        os.fchown(file.fileno(), -1, standing.st_gid)
    except PermissionError:
        mode &= ~stat.S_IRWXG
    os.fchmod(file.fileno(), mode)


def _give_name(file: BinaryIO, unfinished: Path, target: Path) -> None:
    if not target.exists():
        os.fchmod(file.fileno(), 0o666 & ~_umask())
    try:
        unfinished.replace(target)
    except OSError as error:
        if error.errno not in _KEPT_IN_PLACE:
            raise
        _write_over(target, file)
        _forget(unfinished)


def _write_over(target: Path, file: BinaryIO) -> None:
    file.seek(0)
    with target.open("wb") as over:
        shutil.copyfileobj(file, over)
        over.flush()
        os.fsync(over.fileno())


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def _forget_left_over(target: Path) -> None:
    """Remove what killed runs left of this file: nobody holds a lock on it."""
    left = re.compile(rf"\.{re.escape(_short(target.name))}\.\w{{8}}\.unfinished")
    with suppress(OSError):
        for file in target.parent.iterdir():
            if left.fullmatch(file.name):
                _forget_unlocked(file)


def _forget_unlocked(unfinished: Path) -> None:
    # One that another writes just now, or another user's, stays.
    with suppress(OSError), os.fdopen(os.open(unfinished, os.O_RDWR | os.O_NOFOLLOW)) as file:
        flock(file, LOCK_EX | LOCK_NB)
        unfinished.unlink()


def _forget(unfinished: Path) -> None:
    # Where nothing can be written it is not there, and why not is told already.
    with suppress(OSError):
        unfinished.unlink(missing_ok=True)
