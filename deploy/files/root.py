"""The folder of files; nothing is written once it is another folder than when the process began."""

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import structlog

from schemas.errors import HuiyinError, Unavailable

log = structlog.get_logger()


class FolderGone(HuiyinError):
    """It is not the one any more that the process began with."""

    event = "files.gone"
    en = (
        "{folder} is not the folder of files any more that the processes began with: it was removed or replaced, or its "
        "disk is gone. No file is taken, found or forgotten. Put it back; where another is right, start the processes anew"
    )
    zh = (
        "附件目录 {folder} 已不是各进程启动时的目录：已被移走、替换，或磁盘已断开。附件不接收、不读取、不删除。"
        "请放回原目录；如确认现有目录无误，请重新启动各进程"
    )


class FolderUnseen(HuiyinError):
    """It could not be looked at, neither when the process began nor since."""

    event = "files.unseen"
    en = (
        "the folder of files, {folder}, cannot be looked at: {reason}. No file is taken until it can be: "
        "mend its rights, or mount its disk; it is looked at again by itself. Where another is right, set "
        "ATTACHMENTS_DIRECTORY and start the processes anew"
    )
    zh = (
        "无法查看附件目录 {folder}：{reason}。在此之前不接收附件：请修改权限或挂载磁盘，之后会自动恢复；"
        "如应为其他目录，请设置 ATTACHMENTS_DIRECTORY 并重新启动各进程"
    )


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
        if (trouble := self.trouble()) is not None:
            log.error(trouble.event, **trouble.facts)
            raise Unavailable("file store") from trouble

    def trouble(self) -> FolderGone | FolderUnseen | None:
        """Why nothing is kept there just now, for operators; None where something is. Blocks as `check` does."""
        try:
            self._began_with = began_with = self._began_with or _nearest(self.folder)
        except OSError as error:
            return FolderUnseen(folder=str(self.folder), reason=error.strerror)
        try:
            is_there = self._is_there(began_with)
        except (FileNotFoundError, NotADirectoryError):
            is_there = False
        except OSError:
            return None  # what cannot be looked at just now refuses by itself
        return None if is_there else FolderGone(folder=str(self.folder))

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
