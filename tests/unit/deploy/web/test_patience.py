"""Requests that arrive too slowly end, on a real socket."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext, suppress
from typing import Any

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from uvicorn.server import ServerState

from deploy.web.patience import HEADER_BYTES, PatientProtocol, _HeadWithBody, arriving, at_once
from deploy.web.problems import TooSlow
from tests.stack import eventually, free_port


class Hasty(PatientProtocol):
    """Waits hardly at all for headers."""

    header_seconds = 0.2


async def _echo(request: Request) -> Response:
    try:
        return Response(b"".join([piece async for piece in arriving(request, seconds=0.2)]))
    except TooSlow as error:
        return Response(error.code, status_code=error.status)
    except ClientDisconnect:
        return Response(status_code=400)


@asynccontextmanager
async def _connected() -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    site = Starlette(routes=[Route("/", _echo, methods=["GET", "POST"])])
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(site, port=port, http=Hasty, log_config=None, lifespan="off"))
    server.capture_signals = nullcontext  # type: ignore[assignment]  # they are pytest's
    running = asyncio.create_task(server.serve())

    async def is_up() -> bool:
        return server.started

    await eventually(is_up)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        async with asyncio.timeout(10):
            yield reader, writer
    finally:
        writer.close()
        server.should_exit = True
        await running


async def test_headers_that_never_end_are_not_waited_for() -> None:
    """The connection is closed, without an answer."""
    async with _connected() as (reader, writer):
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n")

        assert await reader.read() == b""


async def test_a_silent_connection_is_closed() -> None:
    """Not one byte."""
    async with _connected() as (reader, _):
        assert await reader.read() == b""


async def test_the_second_request_is_not_waited_for_either() -> None:
    """Answered once, and then slow."""
    async with _connected() as (reader, writer):
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"GET / HT")

        assert await reader.read() == b""


async def test_a_body_that_never_ends_is_not_waited_for() -> None:
    """Whoever is still there is told that it came too slowly."""
    async with _connected() as (reader, writer):
        writer.write(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc")

        assert (await reader.readline()).startswith(b"HTTP/1.1 408")


async def test_whoever_is_in_time_is_answered() -> None:
    """As always."""
    async with _connected() as (reader, writer):
        writer.write(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc")

        assert (await reader.read()).endswith(b"abc")


_POST = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    ("begin", "more"),
    [
        (b"GET /", b"a"),
        (b"GET / HTTP/1.1\r\nHost: x\r\nX: ", b"a"),
        (b"GET / HTTP/1.1\r\nHost: x\r\n", b"X: y\r\n"),
        (_POST + b"1\r\na\r\n0\r\n", b"X: y\r\n"),
        (_POST + b"1;", b"a"),
    ],
    ids=["address", "header", "headers", "trailers", "extension"],
)
async def test_what_never_ends_and_is_no_body_is_not_kept(begin: bytes, more: bytes) -> None:
    """Refused long before it fills our memory, however fast it comes."""
    async with _connected() as (reader, writer):
        writer.write(begin)
        sent = 0
        with suppress(ConnectionError):
            while sent < 64 * HEADER_BYTES:
                writer.write(more * (HEADER_BYTES // 4 // len(more)))
                await writer.drain()
                await asyncio.sleep(0)
                sent += HEADER_BYTES // 4
            await reader.read()

    assert sent < 64 * HEADER_BYTES


async def test_long_headers_are_refused_with_their_status() -> None:
    """431, so that whoever sent them knows why."""
    async with _connected() as (reader, writer):
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * (HEADER_BYTES + 1))

        assert (await reader.readline()).startswith(b"HTTP/1.1 431")


_BROWSER = b"Accept: text/html,*/*\r\nAccept-Language: en\r\n"


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (b"GET / HTTP/1.1\r\nHost: x\r\n%sX: " + b"a" * (HEADER_BYTES + 1), 431),
        (b"GET / HTTP/1.1\r\nHost: x\r\n%sContent-Length: few\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: x\r\n%sTransfer-Encoding: chunked\r\n\r\nnone\r\n", 400),
    ],
    ids=["headers", "length", "chunk"],
)
@pytest.mark.parametrize("is_browser", [True, False], ids=["browser", "program"])
async def test_what_never_was_a_request_is_refused_in_words(
    request_bytes: bytes, status: int, is_browser: bool
) -> None:
    """A page in the reader's language, or a problem document for a program, wherever the connection broke off."""
    async with _connected() as (reader, writer):
        writer.write(request_bytes % (_BROWSER if is_browser else b"Accept-Language: en\r\n"))
        head, _, body = (await reader.read()).partition(b"\r\n\r\n")

    assert head.startswith(b"HTTP/1.1 %d " % status)
    if is_browser:
        assert b"content-type: text/html" in head
        assert b'<html lang="en">' in body
        assert b"content-security-policy: " in head
    else:
        assert b"content-type: application/problem+json" in head
        assert status == json.loads(body)["status"]
    assert b"content-length: %d" % len(body) in head


@pytest.mark.parametrize("behind", [b"no HTTP\r\n\r\n", _POST + b"none\r\n"], ids=["line", "chunk"])
async def test_an_answer_that_is_awaited_is_not_written_into(behind: bytes) -> None:
    """What comes behind a request and is broken ends the connection once that is answered, or without a word."""
    async with _connected() as (reader, writer):
        writer.write(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc" + behind)

        assert not (await reader.read()).startswith(b"HTTP/1.1 4")


async def test_a_long_body_is_no_header() -> None:
    """Many times the limit of headers, in chunks and whole."""
    body = b"a" * (8 * HEADER_BYTES)
    async with _connected() as (reader, writer):
        writer.write(
            b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\nConnection: close\r\n\r\n" % len(body)
        )
        writer.write(body)

        assert (await reader.read()).endswith(body)


class _Wire:
    """What a connection is given to send, packet by packet, and whether it was closed then."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []

    def write(self, data: bytes) -> None:
        self.sent.append(data)

    def close(self) -> None:
        self.sent.append(b"closed")

    def is_closing(self) -> bool:
        return False

    def get_extra_info(self, _name: str) -> None:
        return None

    def resume_reading(self) -> None:
        """Nobody reads here."""


async def test_a_head_and_its_body_leave_together() -> None:
    """In one packet, and in their order."""
    wire = _Wire()
    answer = _HeadWithBody(wire)

    for piece in (b"head", b"body", b"more", b"end"):
        answer.write(piece)

    assert wire.sent == [b"headbody", b"moreend"]


async def test_a_head_that_comes_alone_is_not_kept() -> None:
    """A stream says nothing for minutes; its reader sees that it began."""
    wire = _Wire()
    _HeadWithBody(wire).write(b"head")

    await asyncio.sleep(0)

    assert wire.sent == [b"head"]


async def test_nothing_held_is_lost_where_the_connection_is_closed() -> None:
    """Behind an answer without a body."""
    wire = _Wire()
    answer = _HeadWithBody(wire)
    answer.write(b"head")
    answer.close()

    await asyncio.sleep(0)

    assert wire.sent == [b"head", b"closed"]


async def test_a_body_that_is_here_is_read_at_once() -> None:
    """Whole; one that still comes is not."""

    async def ask(state: dict[str, bool]) -> bytes | None:
        async def receive() -> dict[str, object]:
            return {"type": "http.request", "body": b"abc", "more_body": False}

        return await at_once(Request({"type": "http", "state": state}, receive))

    assert await ask({"arrived": True}) == b"abc"
    assert await ask({}) is None


async def test_the_answer_to_a_head_is_sent_before_anything_else_happens() -> None:
    """Nothing comes behind it; and the server may close the connection in the very same turn."""
    wire, sent = _Wire(), list[bytes]()

    async def site(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"3")]})
        await send({"type": "http.response.body", "body": b"abc"})
        sent.extend(wire.sent)

    config = uvicorn.Config(site, log_config=None, lifespan="off")
    config.load()
    protocol = PatientProtocol(config=config, server_state=ServerState(), app_state={})
    protocol.connection_made(wire)
    protocol.data_received(b"HEAD / HTTP/1.1\r\nHost: x\r\n\r\n")

    async def is_done() -> bool:
        return protocol.cycle.response_complete

    await eventually(is_done)
    protocol.connection_lost(None)

    assert [each.partition(b"\r\n")[0] for each in sent] == [b"HTTP/1.1 200 OK"]
