"""A way to a server that stands still when it is told to: connections stay, and nothing comes any more."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit, urlunsplit


class Way:
    """Carries bytes to and fro, until it stands still."""

    def __init__(self) -> None:
        self._goes = asyncio.Event()
        self._goes.set()
        self._last: bytes | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def stand_still(self) -> None:
        """From now on nothing passes, and no connection ends."""
        self._goes.clear()

    def stand_still_behind(self, word: bytes) -> None:
        """The same as soon as this was said, which is still heard."""
        self._last = word

    def go_on(self) -> None:
        """Whatever waited passes, and all that comes."""
        self._last = None
        self._goes.set()

    async def serve(self, port: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, for as long as it lasts."""
        there, back = await asyncio.open_connection("127.0.0.1", port)
        for source, target in ((reader, back), (there, writer)):
            task = asyncio.create_task(self._carry(source, target))
            self._tasks.add(task)

    async def _carry(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        try:
            while piece := await source.read(65536):
                await self._goes.wait()
                target.write(piece)
                if self._last is not None and self._last in piece:
                    self.stand_still()
            await self._goes.wait()
        except ConnectionError:
            return
        finally:
            target.close()

    async def end(self) -> None:
        """Every connection ends."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


@asynccontextmanager
async def way_to(url: str) -> AsyncIterator[tuple[str, Way]]:
    """The same server's URL by such a way, and the way."""
    parts, way = urlsplit(url), Way()
    port = parts.port or 5432
    server = await asyncio.start_server(lambda *ends: way.serve(port, *ends), "127.0.0.1", 0)
    here = server.sockets[0].getsockname()[1]
    credentials = parts.netloc.rpartition("@")[0]
    try:
        yield urlunsplit(parts._replace(netloc=f"{credentials}@127.0.0.1:{here}")), way
    finally:
        server.close()
        await way.end()
