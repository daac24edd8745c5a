"""A lean HTTP/1.1 client: it shares the two cores with what it measures, so it does only what our API needs.

Keep-alive, one request at a time on a connection, answers with a Content-Length. No redirects, cookies or TLS.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import msgspec

_HEAD_END = b"\r\n\r\n"
#: A connection that stays silent for this long has failed (project choice).
_PATIENCE_SECONDS = 30.0
#: A connection that was idle for longer is not used again: the server (uvicorn: 5 s) may be closing it (project choice: well
#: below that).
_IDLE_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Response:
    """A status and a body."""

    status: int
    body: bytes

    def json(self) -> Any:
        """The answer's JSON body as Python values."""
        return msgspec.json.decode(self.body)


class UnexpectedAnswer(Exception):
    """Not what this client understands, or not the status that was needed."""


class _Connection(asyncio.Protocol):
    def __init__(self) -> None:
        self._transport: asyncio.WriteTransport | None = None
        self._received = bytearray()
        self._waiting: asyncio.Future[Response] | None = None
        self.used_at = time.monotonic()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]  # uvloop's is no subclass of asyncio's

    def data_received(self, data: bytes) -> None:
        self._received += data
        waiting = self._waiting
        if waiting is None or waiting.done():
            return
        try:
            found = parse(self._received)
        except UnexpectedAnswer as error:
            waiting.set_exception(error)
            return
        if found is not None:
            self._received.clear()
            self.used_at = time.monotonic()
            waiting.set_result(found)

    def connection_lost(self, error: Exception | None) -> None:
        self._transport = None
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(error or ConnectionResetError("closed by the server"))

    @property
    def is_open(self) -> bool:
        return self._transport is not None

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    async def send(self, request: bytes) -> Response:
        if self._transport is None:
            raise ConnectionResetError("closed by the server")
        self._waiting = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        async with asyncio.timeout(_PATIENCE_SECONDS):
            return await self._waiting


def parse(received: bytes | bytearray) -> Response | None:
    """The answer in `received`; None while it is not all there.

    Raises:
        UnexpectedAnswer: it has no Content-Length.
    """
    end = received.find(_HEAD_END)
    if end < 0:
        return None
    head = bytes(received[:end]).lower()
    start = end + len(_HEAD_END)
    place = head.find(b"\r\ncontent-length:")
    if place < 0:
        raise UnexpectedAnswer(head.decode("latin-1"))
    length = int(head[place + 17 :].split(b"\r\n", 1)[0])
    if len(received) < start + length:
        return None
    return Response(int(head[9:12]), bytes(received[start : start + length]))


class Client:
    """Sends requests over as many connections as are asked for at once."""

    def __init__(self, host: str, port: int) -> None:
        self._host, self._port = host, port
        self._head = f"host: {host}:{port}\r\naccept: application/json\r\n"
        self._idle: list[_Connection] = []

    async def get(self, path: str, headers: Mapping[str, str] | None = None) -> Response:
        """GET `path`, which is already quoted."""
        return await self._send("GET", path, headers, b"")

    async def post(self, path: str, body: object, headers: Mapping[str, str] | None = None) -> Response:
        """POST `body` as JSON; returns the answer."""
        return await self._send("POST", path, headers, msgspec.json.encode(body))

    async def _send(self, method: str, path: str, headers: Mapping[str, str] | None, body: bytes) -> Response:
        lines = "".join(f"{name}: {value}\r\n" for name, value in (headers or {}).items())
        if body:
            lines += f"content-type: application/json\r\ncontent-length: {len(body)}\r\n"
        request = f"{method} {path} HTTP/1.1\r\n{self._head}{lines}\r\n".encode() + body
        connection = await self._free()
        answer = await connection.send(request)
        self._idle.append(connection)
        return answer

    async def _free(self) -> _Connection:
        while self._idle:
            connection = self._idle.pop()
            if connection.is_open and time.monotonic() - connection.used_at < _IDLE_SECONDS:
                return connection
            connection.close()
        loop = asyncio.get_running_loop()
        _, connection = await loop.create_connection(_Connection, self._host, self._port)
        return connection

    def close(self) -> None:
        """Close the connections that nobody uses at the moment."""
        while self._idle:
            self._idle.pop().close()


@asynccontextmanager
async def client(host: str, port: int) -> AsyncIterator[Client]:
    """A client, closed at the end."""
    found = Client(host, port)
    try:
        yield found
    finally:
        found.close()


def needed(answer: Response, status: int) -> Any:
    """The JSON of an answer that must have this status.

    Raises:
        UnexpectedAnswer: another status; says which, and the body.
    """
    if answer.status != status:
        raise UnexpectedAnswer(
            f"{answer.status} instead of {status}: {answer.body[:500].decode(errors='replace')}"
        )
    return answer.json()
