"""Files on their way in: written to disk as they arrive, without a name, so that a process that dies leaves nothing."""

import asyncio
import hashlib
import tempfile
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, TypeVar

import structlog

from deploy.files.root import Root
from deploy.observability.disk import FULL, Room, no_room
from schemas.errors import Unavailable

log = structlog.get_logger()

T = TypeVar("T")

#: Project choices. What is written at once; how many arrive at once before others are asked to wait (twice the file handles
#: that each takes are a common limit's 1,024); threads that write.
_PIECE = 128 * 1024
MOST_AT_ONCE = 400
_THREADS = 4


@dataclass(slots=True, kw_only=True)
class ArrivedFile:
    """A file without a name, its bytes counted and hashed as they came."""

    file: IO[bytes]
    size: int = 0
    _hash: Any = field(default_factory=hashlib.sha256)

    @property
    def sha256(self) -> bytes:
        """The digest of what was sent so far."""
        digest: bytes = self._hash.digest()
        return digest

    def add(self, piece: bytes) -> None:
        """Write a piece down; blocks, so call it from a thread."""
        self.file.write(piece)
        self._hash.update(piece)
        self.size += len(piece)


class Arrivals:
    """The folder that files arrive in. `folder`: on the disk that has room for them; `room`: whether it has.

    `root`: what it lies in. It is made anew where it alone is missing: nothing stays in it.
    """

    def __init__(self, folder: Path, room: Room, root: Root) -> None:
        self._folder = folder
        self._root = root
        self._room = room
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="files")
        self._arriving = 0

    async def off_loop(self, work: Callable[[], T]) -> T:
        """What `work` returns, from one of the threads."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    @asynccontextmanager
    async def arriving(self, chunks: AsyncIterator[bytes]) -> AsyncIterator[ArrivedFile]:
        """The file that the chunks make, once all have come: never more than a piece of it is in memory.

        Raises:
            Unavailable: too many arrive, the disk is full or nearly so, or its folder is closed or gone (see the log).
        """
        if self._arriving >= MOST_AT_ONCE:
            raise Unavailable("attachments")
        self._room.ensure()
        self._arriving += 1
        try:
            file = await self.off_loop(self._nameless)
            try:
                arrived = ArrivedFile(file=file)
                await self._receive(arrived, chunks)
                yield arrived
            finally:
                await self.off_loop(file.close)
        except OSError as error:
            if error.errno in FULL:
                raise no_room() from error
            raise
        finally:
            self._arriving -= 1

    def _nameless(self) -> IO[bytes]:
        self._root.check()
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            return tempfile.TemporaryFile(dir=self._folder)
        except OSError as error:
            if error.errno in FULL:
                raise
            log.error("files.unwritable", folder=str(self._folder), reason=error.strerror)
            raise Unavailable("file store") from error

    async def _receive(self, arrived: ArrivedFile, chunks: AsyncIterator[bytes]) -> None:
        pending = bytearray()
        async for chunk in chunks:
            pending += chunk
            if len(pending) >= _PIECE:
                self._room.ensure()
                piece, pending = bytes(pending), bytearray()
                await self.off_loop(lambda piece=piece: arrived.add(piece))  # type: ignore[misc]  # bound at once
        await self.off_loop(lambda: arrived.add(bytes(pending)))
