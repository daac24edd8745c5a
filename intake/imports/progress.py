"""How far an import came, kept beside its file, so that one that was stopped goes on where it was."""

import hashlib
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from schemas.words import Channel


class SheetMark(msgspec.Struct, frozen=True, kw_only=True):
    """What the count of a sheet's rows rests on. The hashes say nothing to whoever lacks the file (`marks.key_of`)."""

    #: As `Table.header_line`.
    header_line: int
    #: A hash of the header, and of what stands above the first row.
    header: str
    #: A hash of the last row that is done.
    row: str


class ImportProgress(msgspec.Struct, frozen=True, kw_only=True):
    """How far an import came: rows done, and of which file. `noted`: accepted, with something not understood."""

    file_sha256: str
    channel: Channel
    source: str
    #: Which sheets and columns were asked for: another choice gives other rows.
    choice: str = ""
    rows: int = 0
    #: Of these, by sheet: another release may read a sheet more, and finds here all the same which rows are done. What a
    #: release wrote that did not say it yet has rows, and none by sheet.
    by_sheet: Mapping[str, int] = {}
    #: By sheet what that count rests on; a release that did not say it yet leaves none.
    marks: Mapping[str, SheetMark] = {}
    #: How far places are given that tell rows apart, by what they begin with: none is given twice, whoever goes on.
    places: Mapping[str, int] = {}
    accepted: int = 0
    rejected: int = 0
    noted: int = 0
    #: Sent before, with another list.
    known: int = 0
    #: By file that rows were put aside in: its length in bytes. What a crash left beyond it is written again.
    put_aside: Mapping[str, int] = {}
    #: The file, beside this one, of rows that an earlier import of the name had put aside; empty: there was none.
    earlier_rejected: str = ""

    def is_of(self, other: "ImportProgress") -> bool:
        """Whether both are about the same import: one content, one channel, one source, one choice."""
        return self.list_hash == other.list_hash

    @property
    def list_hash(self) -> bytes:
        """What the rows are of: one content, by one channel, source and choice."""
        said = (self.file_sha256, self.channel, self.source, self.choice)
        return hashlib.sha256(msgspec.json.encode(said)).digest()


def path_of(file: Path) -> Path:
    """Where the progress of importing `file` is kept."""
    return file.with_name(file.name + ".progress.json")


def sha256_of(file: Path) -> str:
    """What the file's content is known by."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def load(path: Path) -> ImportProgress | None:
    """What was saved there; None where nothing was, or where it cannot be read."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=ImportProgress)
    except (FileNotFoundError, msgspec.DecodeError):
        return None


def save(path: Path, progress: ImportProgress) -> None:
    """Replace what was saved there, all of it or nothing: a crash leaves the old one."""
    unfinished = path.with_name(path.name + ".new")
    unfinished.write_bytes(msgspec.json.encode(progress))
    unfinished.replace(path)


def put_aside(path: Path, lines: Sequence[bytes], length: int) -> int:
    """Write these lines where the file had `length` bytes, or at its end where somebody took of them; returns how long it
    is then."""
    if not lines:
        return length
    # What citizens wrote: readable by its owner only.
    with open(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "r+b") as file:
        file.seek(min(length, file.seek(0, os.SEEK_END)))
        file.truncate()
        file.writelines(lines)
        return file.tell()
