"""What lies in a backup, one section after the other: each a name, its data in pieces, and an end."""

from collections.abc import Iterator

from deploy.backup.sealed_file import SealedReader, SealedWriter

# A section names its length in 32 bits, as `struct` packs them.
_LENGTH_BYTES = 4


def begin(file: SealedWriter, name: str) -> None:
    """Begin a section. `name`: `database`, or a file's path below the data directory."""
    _put(file, name.encode())


def piece(file: SealedWriter, data: bytes) -> None:
    """Add to the section; nothing where there is nothing."""
    if data:
        _put(file, data)


def end(file: SealedWriter) -> None:
    """End the section; a second one ends the backup."""
    _put(file, b"")


def names(file: SealedReader) -> Iterator[str]:
    """The sections, in order; read each one's pieces before the next."""
    while name := _get(file):
        yield name.decode()


def pieces(file: SealedReader) -> Iterator[bytes]:
    """The data of the section whose name was read last."""
    while data := _get(file):
        yield data


def _put(file: SealedWriter, data: bytes) -> None:
    file.write(len(data).to_bytes(_LENGTH_BYTES))
    file.write(data)


def _get(file: SealedReader) -> bytes:
    return file.read(int.from_bytes(file.read(_LENGTH_BYTES)))
