"""Anchors: what the audit log was at a moment, signed, in files that no database role reaches.

`anchors.jsonl` has one line for each; `entries/NUMBER` holds, for each case whose log grew since the anchor before (for
every case in the first), where its log ended: 16 bytes of its id, 4 of the row's number, 16 of the row's hash. So it has
each row of what is kept beside the cases' logs: of a knowledge entry's, and of what dispatchers told; and where the log of
what was done to accounts and tokens ended, whose id is all zeros.
"""

import fcntl
import hashlib
import hmac
import os
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import datetime
from enum import IntEnum
from pathlib import Path
from typing import NamedTuple

import msgspec
from msgspec import UNSET, UnsetType

# A case: its id (16 bytes), the number of its last row (4), and the end of that row's hash (16) (by arithmetic).
_ENTRY_BYTES = 36
#: In a row's number: its hash was made without the key (by definition: the highest of its 32 bits).
_PLAIN = 0x8000_0000

#: What the last anchors told is not told again (project choice: more than are written in a quarter of an hour).
_LAST_LINES = 500


class Log(IntEnum):
    """Of which log an entry tells; two bits of its row's number."""

    #: A case's.
    CASE = 0
    #: A knowledge entry's: the id is the entry's.
    ENTRY = 0x4000_0000
    #: What dispatchers told of a case: the number is the version with which they did.
    TOLD = 0x2000_0000
    #: Where the one log of accounts and tokens ended.
    ACCOUNT = 0x6000_0000


_KIND = Log.ENTRY | Log.TOLD


class Anchor(msgspec.Struct, frozen=True, kw_only=True):
    """One line: what there was, what its entries are, and what came before."""

    number: int
    at: datetime
    #: Every case, not only those whose logs grew.
    full: bool
    #: Counted by the first that the sweeper writes in an hour, and by a command; unset in the others.
    cases: int | UnsetType = UNSET
    rows: int | UnsetType = UNSET
    #: SHA-256 of the entries, in hexadecimal digits.
    entries: str
    #: SHA-256 of the line before; empty in the first.
    previous: str
    #: Which restore the database had come from; unset before the first.
    epoch: str | UnsetType = UNSET
    #: Its entries are also of the logs beside the cases'; unset in anchors of the releases that knew none.
    beside: bool | UnsetType = UNSET
    #: The first row of the accounts' log that did not hold, and accounts and tokens that were not as it left them (their
    #: `key`); unset where nobody compared.
    differing: tuple[str, ...] | UnsetType = UNSET
    #: HMAC-SHA-256 of all that under the audit's key.
    seal: str = ""

    def sealed(self, key: bytes) -> "Anchor":
        """The anchor with its seal."""
        return msgspec.structs.replace(self, seal=self._seal(key))

    def is_sealed_by(self, keys: Sequence[bytes]) -> bool:
        """Whether one of the keys sealed exactly this."""
        return any(hmac.compare_digest(self._seal(key), self.seal) for key in keys)

    def _seal(self, key: bytes) -> str:
        text = msgspec.json.encode(msgspec.structs.replace(self, seal=""))
        return hmac.digest(key, b"anchor\0" + text, "sha256").hex()

    def line(self) -> bytes:
        """As it is kept, and as Kafka gets it."""
        return msgspec.json.encode(self)


class AnchoredCase(msgspec.Struct, frozen=True):
    """Where one case's log ended; or one row of another log."""

    case: bytes
    seq: int
    hash: bytes
    is_plain: bool
    log: Log = Log.CASE


def packed(case: bytes, seq: int, row_hash: bytes, *, is_plain: bool, log: Log = Log.CASE) -> bytes:
    """One entry as it is kept."""
    return case + (seq | log | (_PLAIN if is_plain else 0)).to_bytes(4) + shortened(row_hash)


def shortened(row_hash: bytes) -> bytes:
    """As much of a hash as an entry keeps: 128 bits, which nobody hits by trying."""
    return row_hash[-16:]


def split(entries: bytes | bytearray) -> Iterator[bytes]:
    """Each entry by itself, as it is kept."""
    for start in range(0, len(entries) - _ENTRY_BYTES + 1, _ENTRY_BYTES):
        yield bytes(entries[start : start + _ENTRY_BYTES])


def unpacked(entries: bytes) -> Iterator[AnchoredCase]:
    """All entries of an anchor."""
    for entry in split(entries):
        number = int.from_bytes(entry[16:20])
        yield AnchoredCase(
            entry[:16], number & ~(_PLAIN | _KIND), entry[20:], bool(number & _PLAIN), Log(number & _KIND)
        )


def readable(line: bytes) -> Anchor | None:
    """The anchor of a line; None where it is none."""
    try:
        return msgspec.json.decode(line, type=Anchor)
    except msgspec.MsgspecError:
        return None


def digest(text: bytes) -> str:
    """SHA-256 of the text, in hexadecimal digits."""
    return hashlib.sha256(text).hexdigest()


class LastLines(NamedTuple):
    """Where the lines end: how many were written to their end, in how many bytes, and the last of them."""

    number: int
    size: int
    lines: Sequence[bytes]


class AnchorFiles:
    """The files of one directory; only its owner may read them."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._lines = directory / "anchors.jsonl"

    def lines(self) -> Sequence[bytes]:
        """Every line that was written to its end."""
        try:
            text = self._lines.read_bytes()
        except FileNotFoundError:
            return ()
        return text.split(b"\n")[:-1]

    def ending(self) -> LastLines:
        """As `lines`, without holding a year of them."""
        number, size, last = 0, 0, deque[bytes](maxlen=_LAST_LINES)
        with suppress(FileNotFoundError), self._lines.open("rb") as stream:
            for line in stream:
                if line.endswith(b"\n"):
                    number, size = number + 1, size + len(line)
                    last.append(line[:-1])
        return LastLines(number, size, tuple(last))

    def entries_of(self, anchor: Anchor) -> bytes:
        """Its entries; none where their file is gone."""
        try:
            return self._entries(anchor.number).read_bytes()
        except FileNotFoundError:
            return b""

    def entries_since(self, moment: datetime) -> set[bytes]:
        """Each entry of the last anchors, of those that were written since then."""
        found: set[bytes] = set()
        for line in reversed(self.ending().lines):
            anchor = readable(line)
            if anchor is None or anchor.at < moment:
                break
            found.update(split(self.entries_of(anchor)))
        return found

    def writing(self) -> AbstractContextManager[None]:
        """Nobody else adds an anchor while this is open.

        Raises:
            BlockingIOError: somebody else does.
        """
        return self._alone("lock")

    def sending(self) -> AbstractContextManager[None]:
        """Nobody else sends anchors while this is open; they are written all the same.

        Raises:
            BlockingIOError: somebody else does.
        """
        return self._alone("sending")

    @contextmanager
    def _alone(self, name: str) -> Iterator[None]:
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(self.directory / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield
        finally:
            os.close(handle)

    def append(self, anchor: Anchor, entries: bytes) -> None:
        """Add one, durably: its entries first, then its line."""
        if entries:
            file = self._entries(anchor.number)
            file.parent.mkdir(mode=0o700, exist_ok=True)
            _write_from(file, 0, entries)
        # What a crash left half written is no line.
        _write_from(self._lines, self.ending().size, anchor.line() + b"\n")

    def _entries(self, number: int) -> Path:
        return self.directory / "entries" / f"{number:08d}"


def _write_from(file: Path, start: int, text: bytes) -> None:
    """Make `text` the file's end, durably."""
    handle = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        os.ftruncate(handle, start)
        os.lseek(handle, start, os.SEEK_SET)
        with open(handle, "wb", closefd=False) as stream:
            stream.write(text)
        os.fsync(handle)
    finally:
        os.close(handle)
