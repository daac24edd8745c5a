"""A cabinet of files: where they lie, who looks into them, what Postgres knows of them, and how much may lie there."""

import secrets
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Protocol, TypeVar

from intake.core.files.attachments import ONE_SHARE
from intake.store.attachments import StoredFile
from schemas.attachments import CaseAccess
from schemas.ids import AttachmentId, CaseId
from schemas.values import Attachment

T = TypeVar("T")


class Arrived(Protocol):
    """A file that has arrived whole, on disk and nowhere else: it vanishes with its context, or with the process."""

    @property
    def file(self) -> IO[bytes]:
        """The bytes of the file, from its beginning."""
        ...

    @property
    def size(self) -> int:
        """How many bytes the file has."""
        ...

    @property
    def sha256(self) -> bytes:
        """The hash of what was sent."""
        ...


class FileStore(Protocol):
    """Where files lie. A blob is there whole or not at all, whatever happens."""

    def arriving(self, chunks: AsyncIterator[bytes]) -> AbstractAsyncContextManager[Arrived]:
        """Receive a file without ever holding it in memory.

        Raises:
            Unavailable: too many arrive at once, or there is no room.
        """
        ...

    def turn(self) -> AbstractAsyncContextManager[None]:
        """One of the few places of those who look into a file."""
        ...

    def unpacking(self, pixels: int) -> AbstractAsyncContextManager[None]:
        """A turn, and room in memory for a picture of that many pixels, given back afterwards: the large ones in turn.

        Not for whoever has a turn: they would wait for each other.
        """
        ...

    async def off_loop(self, work: Callable[[], T]) -> T:
        """What `work` returns, from a thread."""
        ...

    async def keep(self, blob: str, content: IO[bytes]) -> None:
        """Return once the content lies there, also after a power cut."""
        ...

    async def open(self, blob: str) -> tuple[int, AsyncIterator[bytes]] | None:
        """The blob's size, and its bytes piece by piece; None where there is none."""
        ...

    async def forget(self, blobs: Sequence[str]) -> None:
        """Remove them; those that are not there are no error."""
        ...


class Scanner(Protocol):
    """Scans a file for viruses."""

    async def finds(self, file: IO[bytes]) -> bool:
        """Whether something was found.

        Raises:
            Unavailable: nobody can say; no file is taken on trust.
        """
        ...


class FileRows(Protocol):
    """What Postgres knows of files; each question is a transaction of its own."""

    async def keep(self, file: StoredFile, now: datetime, uploader: bytes | None) -> StoredFile:
        """Keep the row of a file whose bytes lie there; the row that stands for it from now on."""
        ...

    async def find(
        self, ids: Sequence[AttachmentId], since: datetime, case_id: CaseId | None = None
    ) -> Mapping[AttachmentId, Attachment] | None:
        """Those that were uploaded since then, and that no case has but this one; None where nobody can say in time."""
        ...

    async def name(
        self, ids: Sequence[AttachmentId], since: datetime, case_id: CaseId, now: datetime
    ) -> Mapping[AttachmentId, Attachment] | None:
        """The same for a message that is being accepted: they wait for it from now on."""
        ...

    async def contents(self, ids: Sequence[AttachmentId]) -> Mapping[AttachmentId, str] | None:
        """The hash (hex) of what each of them holds, whoever has it; None where nobody can say in time."""
        ...

    async def waiting_bytes(self) -> int:
        """How much the files weigh whose message has not come, as of some seconds ago."""
        ...

    async def waiting_bytes_of(self, uploader: bytes) -> int:
        """The same of one uploader's, as of now."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Cabinet:
    """What taking and giving out files depends on. `key`: signs tickets, and makes ids."""

    files: FileStore
    rows: FileRows
    scanner: Scanner
    access: CaseAccess
    key: bytes
    #: The keys of former master secrets, the latest first: a file that came under one keeps its id.
    former_keys: Sequence[bytes] = ()
    #: Of one file, of one message, and of all files whose message has not come.
    most_bytes: int
    most_files: int
    most_waiting_bytes: int
    entropy: Callable[[int], bytes] = secrets.token_bytes

    @property
    def most_of_one(self) -> int:
        """Of one stranger's files whose message has not come: one whole message at least."""
        return max(round(ONE_SHARE * self.most_waiting_bytes), self.most_files * self.most_bytes)
