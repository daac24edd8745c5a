"""The folder that files lie in, as long as it is the one that the process began with."""

import os
from contextlib import suppress
from pathlib import Path

import structlog

from schemas.errors import Unavailable

log = structlog.get_logger()


class Root:
    """The folder, or what there was of the way to it when the process began.

    Where that is removed, or its disk is gone, nothing is kept, found or forgotten in what stands in its place: an empty
    mount point, say. A restore puts another folder in its place, on the same disk and in the same folder.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder.absolute()
        self._began_with, self._was = _nearest(self._folder)
        self._parent = self._folder.parent.stat() if self._began_with == self._folder else None

    def check(self) -> None:
        """Nothing, while it is there; blocks, so call it from a thread.

        Raises:
            Unavailable: it is gone, or another one is there.
        """
        try:
            is_there = self._is_there(self._began_with.stat())
        except (FileNotFoundError, NotADirectoryError):
            is_there = False
        except OSError:
            return  # what cannot be looked at just now refuses by itself
        if not is_there:
            log.error("files.gone", folder=str(self._folder))
            raise Unavailable("file store")

    def _is_there(self, now: os.stat_result) -> bool:
        if self._parent is None:
            return os.path.samestat(self._was, now)
        return self._was.st_dev == now.st_dev and os.path.samestat(self._parent, self._folder.parent.stat())


def _nearest(folder: Path) -> tuple[Path, os.stat_result]:
    """What is there of the way to it."""
    for place in (folder, *folder.parents):
        with suppress(FileNotFoundError, NotADirectoryError):
            return place, place.stat()
    raise FileNotFoundError(folder)
