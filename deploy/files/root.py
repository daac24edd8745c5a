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
    mount point, say.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._began_with, self._was = _nearest(folder)

    def check(self) -> None:
        """Nothing, while it is there; blocks, so call it from a thread.

        Raises:
            Unavailable: it is gone, or another one is there.
        """
        try:
            is_there = os.path.samestat(self._was, self._began_with.stat())
        except (FileNotFoundError, NotADirectoryError):
            is_there = False
        except OSError:
            return  # what cannot be looked at just now refuses by itself
        if not is_there:
            log.error("files.gone", folder=str(self._folder))
            raise Unavailable("file store")


def _nearest(folder: Path) -> tuple[Path, os.stat_result]:
    """What is there of the way to it."""
    for place in (folder.absolute(), *folder.absolute().parents):
        with suppress(FileNotFoundError, NotADirectoryError):
            return place, place.stat()
    raise FileNotFoundError(folder)
