"""ClamAV's daemon is asked by its own protocol, and no file is taken where it does not say that it is clean."""

import asyncio
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from deploy.files.clamd import Clamd, Unscanned
from schemas.errors import Unavailable

CONTENT = bytes(range(256)) * 2000


class Daemon:
    """Speaks INSTREAM as clamd(8) describes it, strictly: a command, pieces behind their lengths, an end, one answer."""

    def __init__(self, answer: bytes) -> None:
        self._answer = answer
        self.received = b""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        assert b"zINSTREAM\0" == await reader.readexactly(10)
        while length := int.from_bytes(await reader.readexactly(4), "big"):
            self.received += await reader.readexactly(length)
        writer.write(self._answer)
        await writer.drain()
        writer.close()


@asynccontextmanager
async def daemon(answer: bytes) -> AsyncIterator[tuple[Daemon, Clamd]]:
    """A daemon that answers so, and who asks it."""
    one = Daemon(answer)
    server = await asyncio.start_server(one.serve, "127.0.0.1", 0)
    async with server:
        host, port = server.sockets[0].getsockname()[:2]
        yield one, Clamd(f"{host}:{port}")


async def test_a_clean_file_is_clean() -> None:
    """The daemon gets all of it, also where somebody has read in it before."""
    file = io.BytesIO(CONTENT)
    file.read(7)
    async with daemon(b"stream: OK\0") as (one, clamd):
        assert not await clamd.finds(file)
        assert CONTENT == one.received


async def test_what_is_found_is_found() -> None:
    """By any name."""
    async with daemon(b"stream: Win.Test.EICAR_HDB-1 FOUND\0") as (_, clamd):
        assert await clamd.finds(io.BytesIO(CONTENT))


@pytest.mark.parametrize(
    "answer", [b"INSTREAM size limit exceeded. ERROR\0", b"", b"stream: OK", b"UNKNOWN COMMAND\0"]
)
async def test_anything_else_is_no_yes(answer: bytes) -> None:
    """A file that nobody has looked into is not taken."""
    async with daemon(answer) as (_, clamd):
        with pytest.raises(Unavailable):
            await clamd.finds(io.BytesIO(CONTENT))


async def test_a_daemon_that_is_away_is_said_so() -> None:
    """Nobody listens; or nobody answers in time."""
    with pytest.raises(Unavailable):
        await Clamd("127.0.0.1:1").finds(io.BytesIO(CONTENT))
    with pytest.raises(Unavailable):
        await Clamd("/nowhere/clamd.sock").finds(io.BytesIO(CONTENT))

    async def says_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    silent = await asyncio.start_server(says_nothing, "127.0.0.1", 0)
    async with silent:
        port = silent.sockets[0].getsockname()[1]
        with pytest.raises(Unavailable):
            await Clamd(f"127.0.0.1:{port}", seconds=0.2).finds(io.BytesIO(b"x"))


async def test_without_a_daemon_nothing_is_found() -> None:
    """Scanning is a city's choice."""
    assert not await Unscanned().finds(io.BytesIO(CONTENT))
