"""Whether a city was already begun in a data directory; `up --existing` asks before it makes anything."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from deploy.local.embedded.errors import DataGone, DataMissing
from deploy.local.embedded.files import check_made
from deploy.local.embedded.kafka_node import made_by_brokers
from deploy.local.embedded.postgres_home import made_by_postgres

#: What lies in a folder in which nobody kept anything: our own lock, and what file systems make (ext4).
_OF_NOBODY = frozenset({"lock", "lost+found"})


def check_existing(data: Path, servers: Iterable[str], brokers: int) -> None:
    """Nothing, where something is kept there, and by each server what it made. `servers`: those of ours that lie in it.

    Raises:
        DataMissing: it is not; names what holds nothing. Begun now, it would be another city, and empty.
    """
    if not data.is_dir() or all(each.name in _OF_NOBODY for each in data.iterdir()):
        raise DataMissing(directory=data)
    made: Mapping[str, Callable[[Path], Sequence[Path]]] = {
        "postgres": made_by_postgres,
        "kafka": lambda folder: made_by_brokers(folder, brokers),
    }
    try:
        for name in servers:
            check_made(*made[name](data / name))
    except DataGone as gone:
        raise DataMissing(**gone.facts) from gone
