"""How much room there is on the disks that we write to, and when to take nothing more in.

Neither Kafka nor Postgres survives a full disk: both end themselves, and start again when there is room. So where they lie
on our own disk, messages are refused (503, "try again") while there is still a reserve, in which what was accepted is
finished.
"""

import errno
import os
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import structlog

from deploy.observability import metrics
from deploy.settings import Settings
from schemas.errors import NoRoomLeft

log = structlog.get_logger()

#: Below this a disk is soon full (project choice: about what a demo and its logs take in a month).
ENOUGH_BYTES = 2 * 1024**3
#: Between two looks (project choice: at full speed a reserve of 512 MiB lasts for half a minute).
_LOOK_SECONDS = 1.0
#: After so long whoever was refused may try again (project choice: somebody has to make room).
_RETRY_SECONDS = 60
#: Below a server's folder: a broker and its data; Postgres' data, its write-ahead log and whatever else is beside that, and
#: its tablespaces. Not the folders of single partitions and databases, of which there are many.
_WHERE_SERVERS_WRITE = ("*", "*/*", "*/pg_tblspc/*")
#: Whose files may lie in folders of the data, by these names.
_SERVERS = ("kafka", "postgres")


#: What the system says of a write for which there is no room: on the disk, in a quota, or under a limit.
FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def no_room() -> NoRoomLeft:
    """The refusal for a write that the disk has no room for."""
    return NoRoomLeft("disk", retry_after_seconds=_RETRY_SECONDS)


def free_bytes(place: Path) -> int:
    """What we may still write at `place`, or where it will be made."""
    found = os.statvfs(_there(place))
    return found.f_bavail * found.f_frsize


def read_only(settings: Settings) -> Sequence[str]:
    """Which of `places_of` lies, or will be made, on a disk that takes nobody's writes: it failed, or is mounted so."""
    return [name for name, at in places_of(settings).items() if _is_read_only(at)]


def closed(settings: Settings) -> Sequence[str]:
    """Which of our own folders the current user may not write to, because another user owns them.

    Postgres' own folders are Postgres' alone.
    """
    ours = {name: at for name, at in places_of(settings).items() if name.split("/")[0] not in _SERVERS}
    return [name for name, at in ours.items() if not os.access(_there(at), os.W_OK)]


def _is_read_only(place: Path) -> bool:
    # Whatever hinders a look hinders no message.
    try:
        return bool(os.statvfs(_there(place)).f_flag & os.ST_RDONLY)
    except OSError:
        return False


def _there(place: Path) -> Path:
    """`place`, or what can be seen of the way to it."""
    for each in (place.absolute(), *place.absolute().parents):
        with suppress(OSError):
            each.stat()
            return each
    raise FileNotFoundError(place)


def places_of(settings: Settings) -> Mapping[str, Path]:
    """The folders that we write to, and which of the data's lie on a disk of their own, by their names below it."""
    data = settings.data
    apart = [
        *_on_other_disks(data, ("*",)),
        *(each for server in _servers_in(data) for each in disks_of(server)[1:]),
    ]
    places = {"data": data} | {each.relative_to(data).as_posix(): each for each in apart}
    return places if settings.attachments_bucket else places | {"attachments": settings.attachment_folder}


def servers_on(settings: Settings, name: str) -> Sequence[str]:
    """Whose files lie, at least in part, on the disk of that one of `places_of`: Kafka's, Postgres', or of neither."""
    if name == "data":
        apart = places_of(settings)
        return [server.name for server in _servers_in(settings.data) if server.name not in apart]
    return [server.name for server in _servers_in(settings.data) if name.split("/")[0] == server.name]


def disks_of(server: Path) -> Sequence[Path]:
    """The folder of a server of ours, and what of it lies on a disk of its own: a mount, or a link to one."""
    return [server, *_on_other_disks(server, _WHERE_SERVERS_WRITE)]


def _on_other_disks(folder: Path, patterns: Sequence[str]) -> Sequence[Path]:
    # Whatever hinders a look hinders no message.
    try:
        found = [each for pattern in patterns for each in sorted(folder.glob(pattern)) if each.is_dir()]
        return [each for each in found if _device(each) != _device(each.parent)]
    except OSError:
        return []


def _device(place: Path) -> int:
    return place.stat().st_dev


def short_at(settings: Settings) -> Path | None:
    """Where our own servers lie and less than the reserve is left, so that no message is taken; None while there is room."""
    places = (place for server in _servers_in(settings.data) for place in disks_of(server))
    return next((place for place in places if _free(place) < settings.disk_reserve_bytes), None)


class Room:
    """Whether there is room for another message, looked at once a second at most."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._looked_at = float("-inf")
        #: Where only the reserve is left; None while there is room.
        self._short: Path | None = None

    def ensure(self) -> None:
        """Return while there is room.

        Raises:
            NoRoomLeft: what is left is the reserve, for what was accepted.
        """
        if self.is_short():
            raise no_room()

    def is_short(self) -> bool:
        """Whether less than the reserve is left where our own servers lie."""
        if time.monotonic() - self._looked_at >= _LOOK_SECONDS:
            self._looked_at = time.monotonic()
            was_short, self._short = self._short, short_at(self._settings)
            if was_short != self._short:
                if self._short:
                    log.error("disk.short", place=str(self._short))
                else:
                    log.info("disk.has-room", place=str(was_short))
        return self._short is not None


def _servers_in(data: Path) -> Sequence[Path]:
    """Where Kafka's and Postgres' own files lie, if they lie here."""
    return [data / name for name in _SERVERS if (data / name).is_dir()]


def _free(place: Path) -> int:
    # Whatever hinders a look hinders no message.
    try:
        return free_bytes(place)
    except OSError:
        return ENOUGH_BYTES


def measured(settings: Settings) -> dict[str, int]:
    """Free bytes of each place, as the metric says them, too."""
    found = {name: _free(place) for name, place in places_of(settings).items()}
    for name, free in found.items():
        metrics.DISK_FREE.labels(name).set(free)
    return found
