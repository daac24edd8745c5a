"""Everybody who may knock on a running city's door, each with what opens it for them: a token, a session."""

import asyncio
from collections.abc import Mapping, Sequence, Set
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from html import unescape

import aiohttp
import asyncpg

from deploy.accounts import sessions
from deploy.composition import sign_in_keys
from deploy.web.site import csrf
from deploy.web.site.cookies import SESSION
from schemas.http import Route
from schemas.words import Role
from tests.faults.traffic import settings_of
from tests.stack import Stack

#: Seconds for an answer; and for one that has no end.
_READS, _LISTENS = 30.0, 1.5
STAFF = (Role.DISPATCHER, Role.SUPERVISOR, Role.ADMINISTRATOR)


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Somebody, and whether the case that is asked for is theirs."""

    name: str
    role: Role = Role.CITIZEN
    has_the_case: bool = False
    token: str = ""
    #: The cookie's value, and what makes a form one of our own pages'.
    session: str = ""
    form_token: str = ""

    async def status(
        self, http: aiohttp.ClientSession, route: Route, path: str, body: Mapping[str, object]
    ) -> int:
        """How the city answers; what a page's form holds is sent as one."""
        content = {"data": {**body, csrf.FIELD: self.form_token}} if route.page else {"json": body}
        more = content if route.method == "POST" else {}
        async with http.request(
            route.method, path, headers=self.headers(page=route.page), allow_redirects=False, **more
        ) as answer:
            return answer.status

    async def text(self, http: aiohttp.ClientSession, route: Route, path: str) -> str:
        """All that the city answers to a GET; of what has no end, what comes within a moment."""
        parts = bytearray()
        with suppress(TimeoutError):
            async with (
                asyncio.timeout(_LISTENS if route.path.endswith("/stream") else _READS),
                http.get(path, headers=self.headers(page=route.page), allow_redirects=False) as answer,
            ):
                async for part in answer.content.iter_any():
                    parts += part
        # As it was written, in whatever way it was packed.
        return unescape(parts.decode("utf-8", "replace"))

    def headers(self, *, page: bool) -> dict[str, str]:
        """What opens a page, or the API, for them."""
        if page:
            return {"Cookie": f"{SESSION}={self.session}"} if self.session else {}
        return {"Authorization": f"Bearer {self.token}"} if self.token else {}


async def everybody(
    city: Stack, departments: Mapping[str, str], *, with_the_case: Set[str]
) -> Sequence[Caller]:
    """Nobody, every role, and departments by what they are to the case; `with_the_case`: those that it is with."""
    hotline = Caller(name="hotline", role=Role.HOTLINE, token=city.demo["tokens"]["hotline"])
    connection = await asyncpg.connect(city.database_url)
    try:
        staff = [await _signed_in(city, connection, role, role.value) for role in STAFF]
        clerks = [
            replace(
                await _signed_in(city, connection, Role.DEPARTMENT, code),
                name=name, has_the_case=name in with_the_case,
            )
            for name, code in departments.items()
        ]  # fmt: skip
    finally:
        await connection.close()
    return [Caller(name="nobody"), hotline, *staff, *clerks]


async def _signed_in(city: Stack, connection: asyncpg.Connection, role: Role, username: str) -> Caller:
    """Holder of a session; a department without an account gets one that no password opens."""
    await connection.execute(
        """
        INSERT INTO deploy.account (username, password_hash, role, department, disabled, created_at)
        VALUES ($1, '', $2, $3, false, now()) ON CONFLICT (username) DO NOTHING
        """,
        username,
        role.value,
        username if role is Role.DEPARTMENT else None,
    )
    secret = sign_in_keys(settings_of(city))
    session = await sessions.open_session(connection, secret, username, datetime.now(UTC))
    tokens = city.demo["tokens"]
    return Caller(
        name=username,
        role=role,
        token=tokens["departments"].get(username) or tokens[username],
        session=session,
        form_token=csrf.issue(settings_of(city).derived("forms"), session),
    )
