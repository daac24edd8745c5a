"""What is in a backup: the database first, then files by their paths below the data directory."""

from collections.abc import Callable, Iterator

from deploy.backup import postgres_tools, sections
from deploy.backup.sealed_file import SealedReader

#: The name of the database's section.
DATABASE = "database"

#: Told what is read or written, and how many bytes of it so far.
Tell = Callable[[str, int], None]


def told(data: Iterator[bytes], name: str, tell: Tell) -> Iterator[bytes]:
    """The same pieces; each tells how many bytes have gone by."""
    done = 0
    for each in data:
        done += len(each)
        tell(name, done)
        yield each


def unpacked(url: str, reader: SealedReader, tell: Tell) -> Iterator[tuple[str, Iterator[bytes]]]:
    """Bring the database of a backup into `url`, and give each file's path and data, to be read or passed over.

    Raises:
        BackupUnreadable, ToolFailed: the backup is worth nothing.
    """
    for name in sections.names(reader):
        data = told(sections.pieces(reader), name, tell)
        if name == DATABASE:
            postgres_tools.restore(url, data)
        else:
            yield name, data
        # Also what nobody has read: the last chunk proves the whole.
        for _ in data:
            pass
