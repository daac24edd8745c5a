"""The first line of a backup: what it is, whom it belongs to, and what a restored copy must hold."""

import hashlib
from collections.abc import Mapping
from datetime import datetime

import msgspec

from deploy.settings import Settings


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """Readable by everybody who has the file: no word of any case."""

    made_at: datetime
    #: The schema's revision.
    schema: str
    #: Of the master secret: the file opens, and what is sealed in it can be read, under this one alone.
    key: str
    #: Rows of each table.
    rows: Mapping[str, int]

    @property
    def cases(self) -> int:
        """How many cases the copy holds."""
        return self.rows.get("intake.case", 0)

    def line(self) -> bytes:
        """The line of JSON that the copy begins with."""
        return msgspec.json.encode(self)


def read_manifest(line: bytes) -> Manifest:
    """The manifest in a backup's first line.

    Raises:
        msgspec.MsgspecError: there is none.
    """
    return msgspec.json.decode(line, type=Manifest)


def fingerprint(settings: Settings) -> str:
    """What the master secret is known by; nobody learns the secret from it."""
    return hashlib.sha256(settings.derived("backup fingerprint")).hexdigest()[:16]


def backup_key(settings: Settings) -> bytes:
    """What backups are encrypted with."""
    return settings.derived("backup")
