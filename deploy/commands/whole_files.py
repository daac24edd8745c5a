"""Files that a command writes: whole under their name, or not at all; what was there stays until then."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """What is written takes the file's name at the end; a pipe or a device is written to as it comes.

    Whoever is killed leaves `.NAME.unfinished`, which the next that writes there overwrites.

    Raises:
        OSError: it cannot be written; what was there is as it was.
    """
    target = path.resolve()
    if target.exists() and not target.is_file():
        with path.open("wb") as file:
            yield file
        return
    unfinished = target.with_name(f".{target.name}.unfinished")
    try:
        with unfinished.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        _give_name(unfinished, target)
    except BaseException as error:
        _forget(unfinished)
        if isinstance(error, OSError) and error.filename == str(unfinished):
            raise OSError(error.errno, error.strerror, str(path)) from error
        raise


def write_whole(path: Path, body: bytes) -> None:
    """The file holds this, or what it held before.

    Raises:
        OSError: as `whole_file`.
    """
    with whole_file(path) as file:
        file.write(body)


def _forget(unfinished: Path) -> None:
    # Where nothing can be written it is not there, and why not is told already.
    with suppress(OSError):
        unfinished.unlink(missing_ok=True)


def _give_name(unfinished: Path, target: Path) -> None:
    if target.exists():
        # Who may read it stays as somebody chose.
        shutil.copymode(target, unfinished)
    unfinished.replace(target)
