"""How far an import came, kept beside its file, so that one that was stopped goes on where it was."""

import hashlib
from pathlib import Path

import msgspec

from schemas.words import Channel


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """How far an import came: rows done, and of which file. `noted`: accepted, with something not understood."""

    file_sha256: str
    channel: Channel
    name: str
    rows: int = 0
    accepted: int = 0
    rejected: int = 0
    noted: int = 0

    def is_of(self, other: "Progress") -> bool:
        """Whether both are about the same import: one content, one channel, one source."""
        return (self.file_sha256, self.channel, self.name) == (other.file_sha256, other.channel, other.name)


def path_of(file: Path) -> Path:
    """Where the progress of importing `file` is kept."""
    return file.with_name(file.name + ".progress.json")


def beginning(file: Path, *, channel: Channel, name: str) -> Progress:
    """The progress of an import that has not begun: no row of `file` is done."""
    with file.open("rb") as content:
        sha256 = hashlib.file_digest(content, "sha256").hexdigest()
    return Progress(file_sha256=sha256, channel=channel, name=name)


def load(path: Path) -> Progress | None:
    """What was saved there; None where nothing was, or where it cannot be read."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Progress)
    except (FileNotFoundError, msgspec.DecodeError):
        return None


def save(path: Path, progress: Progress) -> None:
    """Replace what was saved there, all of it or nothing: a crash leaves the old one."""
    unfinished = path.with_name(path.name + ".new")
    unfinished.write_bytes(msgspec.json.encode(progress))
    unfinished.replace(path)
