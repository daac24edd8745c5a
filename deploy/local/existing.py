"""Whether a city was begun in a data directory: what `up --existing` asks before it makes anything."""

from collections.abc import Iterable
from pathlib import Path

from deploy.local.embedded.errors import DataMissing

#: What lies in a folder in which nobody kept anything: our own lock, and what file systems make (ext4).
_OF_NOBODY = frozenset({"lock", "lost+found"})


def check_existing(data: Path, servers: Iterable[str]) -> None:
    """Nothing, where something is kept there. `servers`: those of ours that have a folder of their own in it.

    Raises:
        DataMissing: nothing is, or not of each: begun now, it would be another city, and empty.
    """
    for place in (data, *(data / name for name in servers)):
        if not place.is_dir() or all(each.name in _OF_NOBODY for each in place.iterdir()):
            raise DataMissing(directory=place)
