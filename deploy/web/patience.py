"""How long a request may take to arrive, and how long its headers may be: nobody keeps a connection, or fills our memory."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, Final

from starlette.requests import ClientDisconnect, Request
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

#: Project choices: a browser sends its headers in one piece, and a telephone with hardly any signal so much in a second.
HEADER_SECONDS: Final = 10.0
BODY_SECONDS: Final = 30.0
_BODY_BYTES_PER_SECOND: Final = 8 * 1024
#: Of a request line with its headers, and of whatever else is kept and is no body. Project choice: eight times what browsers
#: and proxies send at most; uvicorn itself keeps as much as comes.
HEADER_BYTES: Final = 64 * 1024
_TOO_LARGE: Final = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
)


#: In the state that goes with a request, once all of it is here.
_ARRIVED: Final = "arrived"


class _HeadWithBody:
    """Where a connection's answers are written, one after the other.

    An answer's head and the first of its body leave in one packet, where both come in one turn of the event loop.
    """

    __slots__ = ("_held", "_transport")

    def __init__(self, transport: Any) -> None:
        self._transport = transport
        self._held = b""

    def write(self, data: bytes) -> None:
        """Now, behind what is held; what comes first is held until the event loop's next turn at most."""
        if self._held:
            held, self._held = self._held, b""
            self._transport.write(held + data)
        else:
            self._held = data
            asyncio.get_running_loop().call_soon(self.flush)

    def flush(self) -> None:
        """Send what is held: nothing more of its answer comes in this turn."""
        if self._held:
            held, self._held = self._held, b""
            self._transport.write(held)

    def close(self) -> None:
        """Close the connection once everything was written."""
        self.flush()
        self._transport.close()

    def is_closing(self) -> bool:
        """Whether the connection is being closed."""
        return bool(self._transport.is_closing())


class PatientProtocol(HttpToolsProtocol):
    """Uvicorn's HTTP; a connection whose headers do not arrive in time, or never end, is closed."""

    header_seconds = HEADER_SECONDS
    _late: asyncio.TimerHandle | None = None
    #: Bytes since the parser last handed something on: a beginning, a trailer, or a chunk's extension.
    _pending_bytes = 0
    _is_further = False
    _answers: _HeadWithBody

    def connection_made(self, transport: Any) -> None:
        """From now on the first headers are waited for."""
        super().connection_made(transport)
        self._answers = _HeadWithBody(self.transport)
        self._wait_for_headers()

    def data_received(self, data: bytes) -> None:
        """The first byte after an answer begins the next request; headers that come in one piece need no clock."""
        self._is_further = False
        super().data_received(data)
        if self._late is None and (self.cycle is None or self.cycle.response_complete):
            self._wait_for_headers()
        self._pending_bytes = 0 if self._is_further else self._pending_bytes + len(data)
        if self._pending_bytes > HEADER_BYTES and not self.transport.is_closing():
            self._refuse()

    def on_headers_complete(self) -> None:
        """The headers came in time: stop waiting for them."""
        self._is_further = True
        self._stop_waiting()
        super().on_headers_complete()
        if self.cycle is not None:
            self.cycle.transport = self._answers  # type: ignore[assignment]  # it has all that is asked for

    def on_body(self, body: bytes) -> None:
        """A piece of the body: how long that may be is for the application to limit."""
        self._is_further = True
        super().on_body(body)

    def on_message_complete(self) -> None:
        """The request is complete: nothing of it waits in the parser any more, and whoever reads its body need not wait."""
        self._is_further = True
        self.scope["state"][_ARRIVED] = True
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """A head without a body leaves at once: the server may stop in this very turn."""
        self._answers.flush()
        super().on_response_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection has ended: stop waiting for headers."""
        self._stop_waiting()
        super().connection_lost(exc)

    def _refuse(self) -> None:
        """Close the connection, with a 431 first unless an answer is under way, which must not be written into."""
        if self.cycle is None or self.cycle.response_complete:
            self.transport.write(_TOO_LARGE)
        self.transport.close()

    def _wait_for_headers(self) -> None:
        self._late = asyncio.get_running_loop().call_later(self.header_seconds, self.transport.close)

    def _stop_waiting(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None


async def at_once(request: Request) -> bytes | None:
    """The whole body where all of it is here, as nearly always; None where pieces of it may come.

    Raises:
        ClientDisconnect: the caller has left.
    """
    if _ARRIVED not in request.scope.get("state", ()):
        return None
    message = await request.receive()
    if message["type"] == "http.disconnect":
        raise ClientDisconnect
    body: bytes = message["body"]
    return body


async def arriving(request: Request, seconds: float = BODY_SECONDS) -> AsyncIterator[bytes]:
    """The pieces of a request's body, as they come; more bytes have more time.

    Raises:
        ClientDisconnect: they do not arrive in time, which counts as a caller who left.
    """
    deadline = asyncio.get_running_loop().time() + seconds
    is_whole = False
    while not is_whole:
        # What is here already, as nearly always, is read without a clock beside it.
        if _ARRIVED in request.scope.get("state", ()):
            message = await request.receive()
        else:
            try:
                async with asyncio.timeout_at(deadline):
                    message = await request.receive()
            except TimeoutError as error:
                raise ClientDisconnect from error
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        is_whole = not message.get("more_body", False)
        piece: bytes = message.get("body", b"")
        deadline += len(piece) / _BODY_BYTES_PER_SECOND
        yield piece
