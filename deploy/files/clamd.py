"""Looking for viruses with ClamAV's daemon, by its own protocol (INSTREAM, as clamd(8) describes it)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import IO

import structlog

from schemas.errors import Unavailable

log = structlog.get_logger()

#: Project choices: what is sent at once, and how long a file may take; a picture takes some tenths of a second.
_PIECE = 128 * 1024
_SECONDS = 60.0


class Clamd:
    """A daemon at `host:port`, or at the path of a socket."""

    def __init__(self, address: str, seconds: float = _SECONDS) -> None:
        self._address = address
        self._seconds = seconds

    async def finds(self, file: IO[bytes]) -> bool:
        """Whether the daemon finds something in the file.

        Raises:
            Unavailable: it does not answer, or could not look into all of it.
        """
        try:
            async with asyncio.timeout(self._seconds), self._connection() as (reader, writer):
                answer = await _ask(file, reader, writer)
        except (OSError, EOFError, TimeoutError) as error:
            log.warning("clamd.away", error=type(error).__name__)
            raise Unavailable("clamd") from error
        if answer.endswith(b"FOUND"):
            log.warning("clamd.found", what=answer.removeprefix(b"stream: ").decode("ascii", "replace"))
            return True
        if answer != b"stream: OK":
            log.warning("clamd.refused", answer=answer.decode("ascii", "replace"))
            raise Unavailable("clamd")
        return False

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        host, colon, port = self._address.rpartition(":")
        if self._address.startswith("/") or not colon:
            reader, writer = await asyncio.open_unix_connection(self._address)
        else:
            reader, writer = await asyncio.open_connection(host, int(port))
        try:
            yield reader, writer
        finally:
            writer.close()


async def _ask(file: IO[bytes], reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
    """What the daemon says. It gets pieces, each behind its length, and a piece of none; its answer ends with a NUL."""
    file.seek(0)
    writer.write(b"zINSTREAM\0")
    while piece := await asyncio.to_thread(file.read, _PIECE):
        writer.write(len(piece).to_bytes(4, "big") + piece)
        await writer.drain()
    writer.write(bytes(4))
    await writer.drain()
    answer = await reader.readuntil(b"\0")
    return answer.rstrip(b"\0").strip()


class Unscanned:
    """Where no daemon is named: nothing is looked for, and nothing found."""

    async def finds(self, _file: IO[bytes]) -> bool:
        """Never: without a scanner nothing is found."""
        return False
