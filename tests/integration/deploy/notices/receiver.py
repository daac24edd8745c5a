"""Another system's receiver: a real HTTP server that answers as the test says, and checks signatures as its owner would."""

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web


@dataclass
class Receiver:
    """Keeps what it is sent, and answers `status`; `slow`: only after so many seconds."""

    status: int = 200
    slow: float = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    #: What it answers to some, by their ids.
    answers: Mapping[str, int] = field(default_factory=dict)
    got: list[tuple[Mapping[str, str], bytes]] = field(default_factory=list)
    #: Redirected to, and never asked.
    elsewhere: int = 0
    url: str = ""

    @asynccontextmanager
    async def running(self) -> AsyncIterator[str]:
        """Its address."""
        app = web.Application()
        app.router.add_post("/hook", self._take)
        app.router.add_route("*", "/elsewhere", self._elsewhere)
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port = runner.addresses[0][1]
        try:
            yield f"http://127.0.0.1:{port}/hook"
        finally:
            await runner.cleanup()

    async def _take(self, request: web.Request) -> web.Response:
        self.got.append((dict(request.headers), await request.read()))
        await asyncio.sleep(self.slow)
        status = self.answers.get(request.headers.get("webhook-id", ""), self.status)
        return web.Response(status=status, headers=dict(self.headers))

    async def _elsewhere(self, _: web.Request) -> web.Response:
        self.elsewhere += 1
        return web.Response()

    def bodies(self) -> list[dict[str, Any]]:
        """What it was sent."""
        return [json.loads(body) for _, body in self.got]

    def ids(self) -> list[str]:
        """The ids that it was sent, each try."""
        return [headers["webhook-id"] for headers, _ in self.got]


def is_signed(headers: Mapping[str, str], body: bytes, secret: str) -> bool:
    """By the convention's own words (Standard Webhooks 1.0.0, "Verifying webhook authenticity")."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    said = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    wanted = "v1," + base64.b64encode(hmac.new(key, said, hashlib.sha256).digest()).decode()
    return wanted in headers["webhook-signature"].split(" ")
