"""The yardsticks' server."""

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from deploy.bench.bare_server import speaking


async def test_a_yardstick_that_fails_says_whose_failure_it_was() -> None:
    """Whoever measures saw "500 Internal Server Error", and no log had more."""

    async def fail(_request: Request) -> Response:
        raise TimeoutError("canceling statement due to lock timeout")

    site = speaking(Starlette(routes=[Route("/api/v1/published", fail)]))
    sent: list[dict[str, object]] = []

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": b""}

    async def send(message: dict[str, object]) -> None:
        sent.append(message)

    scope = {
        "type": "http", "method": "GET", "path": "/api/v1/published", "raw_path": b"/api/v1/published",
        "query_string": b"", "headers": [], "http_version": "1.1", "scheme": "http", "root_path": "",
        "server": ("127.0.0.1", 80), "client": ("127.0.0.1", 1),
    }  # fmt: skip
    # Starlette hands it on to the server, which logs it, once the answer has been sent.
    with pytest.raises(TimeoutError):
        await site(scope, receive, send)  # type: ignore[arg-type]  # ASGI's messages are mappings of anything

    assert sent[0]["status"] == 500
    assert sent[1]["body"] == (
        b"the bare server, GET /api/v1/published: TimeoutError: canceling statement due to lock timeout"
    )
