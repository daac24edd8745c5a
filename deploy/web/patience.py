"""Time and size limits for a request's headers and body: nobody keeps a connection open, or fills our memory."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, Final

from starlette.requests import ClientDisconnect, Request
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from deploy.web import unreadable
from deploy.web.problems import HeadersTooLarge, NoHttp, TooSlow
from schemas.errors import HuiyinError

#: Project choices: a browser sends its headers in one piece, and a telephone with hardly any signal so much in a second.
HEADER_SECONDS: Final = 10.0
BODY_SECONDS: Final = 30.0
_BODY_BYTES_PER_SECOND: Final = 8 * 1024
#: Of a request line with its headers, and of whatever else is kept and is no body. Project choice: eight times what browsers
#: and proxies send at most; uvicorn itself keeps as much as comes.
HEADER_BYTES: Final = 64 * 1024
#: After a refusal so long, and so much of it, what still comes is read past: closed at once, the connection would be reset
#: before a browser has read why (project choices: a page's way to a slow telephone; what was on its way already).
_LINGER_SECONDS: Final = 2.0
_LINGER_BYTES: Final = 8 * HEADER_BYTES


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
    _is_refused = False
    _answers: _HeadWithBody

    def connection_made(self, transport: Any) -> None:
        """From now on the first headers are waited for."""
        super().connection_made(transport)
        self._answers = _HeadWithBody(self.transport)
        self._wait_for_headers()

    def data_received(self, data: bytes) -> None:
        """The first byte after an answer begins the next request; headers that come in one piece need no clock."""
        if self._is_refused:
            self._read_past(data)
            return
        self._is_further = False
        super().data_received(data)
        if self._late is None and (self.cycle is None or self.cycle.response_complete):
            self._wait_for_headers()
        self._pending_bytes = 0 if self._is_further else self._pending_bytes + len(data)
        if self._pending_bytes > HEADER_BYTES and not self._is_refused:
            self._refuse(HeadersTooLarge())

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

    def send_400_response(self, _: str) -> None:
        """What cannot be parsed: uvicorn's own words are English, and no page."""
        self._refuse(NoHttp())

    def _refuse(self, error: HuiyinError) -> None:
        """Say why and close the connection; without a word while an answer is under way, which must not be written into."""
        self._is_refused = True
        self._stop_waiting()
        if self._is_answering or self.transport.is_closing():
            self.transport.close()
            return
        self.transport.write(unreadable.answer(error, self.headers or ()))
        if self.cycle is not None:
            # Whoever waits for the rest of a broken body answers nobody.
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self._late = asyncio.get_running_loop().call_later(_LINGER_SECONDS, self.transport.close)

    def _read_past(self, data: bytes) -> None:
        self._pending_bytes += len(data)
        if self._pending_bytes > _LINGER_BYTES:
            self.transport.close()

    @property
    def _is_answering(self) -> bool:
        """Whether somebody waits for another answer first: only to the request whose own body is broken none has begun.

        What waits in `pipeline` waits for the answer to a request before it.
        """
        cycle = self.cycle
        return bool(self.pipeline) or (
            cycle is not None
            and not cycle.response_complete
            and (not cycle.more_body or cycle.response_started)
        )

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
        ClientDisconnect: the caller has left.
        TooSlow: they do not arrive in time.
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
                raise TooSlow from error
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        is_whole = not message.get("more_body", False)
        piece: bytes = message.get("body", b"")
        deadline += len(piece) / _BODY_BYTES_PER_SECOND
        yield piece
