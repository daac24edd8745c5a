"""The lean client, against a server that says exactly what a test wants."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.bench.http import Client, Response, UnexpectedAnswer, needed, parse

WHOLE = b'HTTP/1.1 202 Accepted\r\nContent-Type: application/json\r\nContent-Length: 8\r\n\r\n{"a": 1}'


@given(st.integers(0, len(WHOLE) - 1))
def test_an_answer_is_understood_only_when_it_is_whole(received: int) -> None:
    """However the network cuts it."""
    assert parse(WHOLE[:received]) is None
    assert Response(202, b'{"a": 1}') == parse(WHOLE)


def test_an_answer_without_a_length_is_refused() -> None:
    """Better than to wait for an end that does not come."""
    with pytest.raises(UnexpectedAnswer):
        parse(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")


def test_another_status_than_the_needed_one_is_an_error_with_the_body() -> None:
    """A benchmark must not count refusals as successes."""
    assert {"a": 1} == needed(Response(202, b'{"a": 1}'), 202)
    with pytest.raises(UnexpectedAnswer, match="409 instead of 202: stale"):
        needed(Response(409, b"stale"), 202)


async def test_requests_one_after_the_other_share_a_connection() -> None:
    """Keep-alive; the request is what a server expects."""
    async with _server() as (port, seen):
        client = Client("127.0.0.1", port)
        first = await client.post("/a", {"x": 1}, {"idempotency-key": "k"})
        await client.get("/b")
        client.close()

    assert Response(202, b'{"a": 1}') == first
    assert 1 == len(seen)
    assert seen[0].startswith(b"POST /a HTTP/1.1\r\nhost: 127.0.0.1:")
    assert b"idempotency-key: k\r\n" in seen[0]
    assert b'content-length: 7\r\n\r\n{"x":1}GET /b HTTP/1.1\r\n' in seen[0]


async def test_requests_at_the_same_time_have_a_connection_each() -> None:
    """No request waits for another's answer."""
    async with _server() as (port, seen):
        client = Client("127.0.0.1", port)
        await asyncio.gather(*(client.get("/") for _ in range(5)))
        client.close()

    assert 5 == len(seen)


async def test_a_connection_that_breaks_is_an_error() -> None:
    """Not a request that hangs."""
    async with _server(answer=b"") as (port, _):
        with pytest.raises(ConnectionResetError):
            await Client("127.0.0.1", port).get("/")


@asynccontextmanager
async def _server(answer: bytes = WHOLE) -> AsyncIterator[tuple[int, list[bytearray]]]:
    """Answers every request the same, or hangs up; yields its port and what each connection received."""
    seen: list[bytearray] = []

    class Serving(asyncio.Protocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            assert isinstance(transport, asyncio.Transport)
            self.transport = transport
            self.received = bytearray()
            seen.append(self.received)

        def data_received(self, data: bytes) -> None:
            self.received += data
            if answer:
                self.transport.write(answer)
            else:
                self.transport.close()

    server = await asyncio.get_running_loop().create_server(Serving, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1], seen
    finally:
        server.close()
        await server.wait_closed()
