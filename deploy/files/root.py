"""The folder that files lie in, as long as it is the one that the process began with."""

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import structlog

from schemas.errors import Unavailable

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """What there was of the way to a folder. `parent`: the folder that it stood in, where it was there itself."""

    place: Path
    was: os.stat_result
    parent: os.stat_result | None


class Root:
    """The folder, or what there was of the way to it when the process began.

    Where that is removed, or its disk is gone, nothing is kept, found or forgotten in what stands in its place: an empty
    mount point, say. A restore puts another folder in its place, on the same disk and in the same folder. One that cannot
    be looked at when the process begins keeps nothing until it can be: everything else goes on meanwhile.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder.absolute()
        self._began_with: _Seen | None = None
        with suppress(OSError):
            self._began_with = _nearest(self.folder)

    def check(self) -> None:
        """Nothing, while it is there; blocks, so call it from a thread.

        Raises:
            Unavailable: it is gone, or another one is there, or it could never be looked at.
        """
        began_with = self._began_with or self._look_again()
        try:
            is_there = self._is_there(began_with)
        except (FileNotFoundError, NotADirectoryError):
            is_there = False
        except OSError:
            return  # what cannot be looked at just now refuses by itself
        if not is_there:
            log.error("files.gone", folder=str(self.folder))
            raise Unavailable("file store")

    def _look_again(self) -> _Seen:
        try:
            self._began_with = seen = _nearest(self.folder)
        except OSError as error:
            log.error("files.unseen", folder=str(self.folder), reason=error.strerror)
            raise Unavailable("file store") from error
        return seen

    def _is_there(self, began_with: _Seen) -> bool:
        now = began_with.place.stat()
        if began_with.parent is None:
            return os.path.samestat(began_with.was, now)
        is_same_disk = began_with.was.st_dev == now.st_dev
        return is_same_disk and os.path.samestat(began_with.parent, self.folder.parent.stat())


def _nearest(folder: Path) -> _Seen:
    """What is there of the way to it."""
    for place in (folder, *folder.parents):
        with suppress(FileNotFoundError, NotADirectoryError):
            was = place.stat()
            return _Seen(place=place, was=was, parent=folder.parent.stat() if place == folder else None)
    raise FileNotFoundError(folder)
