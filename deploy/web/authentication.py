"""Who is asking: a bearer token, or the session cookie of a page."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext

from cachetools import LRUCache, TTLCache

from deploy import clock
from deploy.accounts import sessions, tokens
from deploy.accounts.token_secrets import TokenSecrets
from deploy.database.in_time import within
from deploy.database.pool import Pool
from deploy.web.site.cookies import SESSION, cookie
from schemas.errors import TokenEnded, Unauthenticated
from schemas.http import Principal

#: For this long a token is believed without asking Postgres again: how late a revocation takes effect (project choice).
BELIEVED_SECONDS = 5.0
#: Tokens remembered at once: more than a city has (project choice); beyond it the longest unused is asked for again.
_REMEMBERED = 10_000
#: How long Postgres may take to say who is asking (project choice: with `transactions.CHANGE_SECONDS`, what a person waits).
WHO_SECONDS = 4.0

#: The header in which a system says for which person it asks.
ACTING_FOR = "acting-for"

ANONYMOUS = Principal()


class Authenticator:
    """Looks callers up; remembers tokens for a few seconds, so that a busy department costs one query."""

    def __init__(
        self,
        pool: Pool,
        keys: TokenSecrets,
        timer: Callable[[], float] = time.monotonic,
        *,
        sign_in: Sequence[bytes],
        shows_demo: bool = False,
    ) -> None:
        self._pool = pool
        self._keys = keys
        #: Signs sessions.
        self._sign_in = sign_in
        #: Whether what a demo made lets anybody in.
        self._shows_demo = shows_demo
        #: By token, and for whom its system acts.
        self._known: TTLCache[tuple[str, str | None], Principal] = TTLCache(
            _REMEMBERED, BELIEVED_SECONDS, timer
        )
        self._asking: dict[tuple[str, str | None], asyncio.Task[Principal]] = {}
        #: Tokens that were somebody's when last looked up: whoever shares an address with a guesser is not held up.
        self._genuine: LRUCache[str, bool] = LRUCache(_REMEMBERED)

    async def of_api(
        self,
        headers: Mapping[str, str],
        asking: Callable[[], AbstractAsyncContextManager[None]] = nullcontext,
    ) -> Principal:
        """Who sent this request to the API; nobody in particular without an Authorization header.

        `asking`: around the question to Postgres about a token that was nobody's yet; may raise.

        Raises:
            Unauthenticated: a token that we do not know, or that has ended (`TokenEnded`), or another scheme.
            NobodyToActFor: its system says that it asks for somebody, and may not.
            TimeoutError: Postgres does not say in time.
        """
        authorization = headers.get("authorization")
        if authorization is None:
            return ANONYMOUS
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise Unauthenticated
        acting_for = headers.get(ACTING_FOR)
        if found := self._known.get((token, acting_for)):
            return found
        if token in self._genuine:
            return await self._look_up(token, acting_for)
        async with asyncio.timeout(WHO_SECONDS), asking():
            # Others may have waited before, and know by now.
            return self._known.get((token, acting_for)) or await self._look_up(token, acting_for)

    async def of_page(self, headers: Mapping[str, str]) -> Principal:
        """Who looks at this page; nobody in particular without a live session.

        Raises:
            TimeoutError: Postgres does not say in time.
        """
        session = cookie(headers, SESSION) if "cookie" in headers else ""
        if not session:
            return ANONYMOUS
        return await within(WHO_SECONDS, self._of_session(session)) or ANONYMOUS

    async def _of_session(self, session: str) -> Principal | None:
        async with self._pool.acquire() as db:
            return await sessions.principal_of_session(
                db, self._sign_in, session, clock.now(), shows_demo=self._shows_demo
            )

    async def _look_up(self, token: str, acting_for: str | None) -> Principal:
        """Asked once, however many wait: thousands who listen to a stream forget a token at the same moment."""
        key = token, acting_for
        if key not in self._asking:
            self._asking[key] = asyncio.create_task(self._ask(token, acting_for), name="whose token")
            self._asking[key].add_done_callback(lambda asked: self._answered(key, asked))
        return await asyncio.wait_for(asyncio.shield(self._asking[key]), WHO_SECONDS)

    def _answered(self, key: tuple[str, str | None], asked: "asyncio.Task[Principal]") -> None:
        self._asking.pop(key, None)
        if not asked.cancelled():
            # Whoever asked may have left meanwhile.
            asked.exception()

    async def _ask(self, token: str, acting_for: str | None) -> Principal:
        async with self._pool.acquire() as db:
            try:
                principal = await tokens.principal_of_token(
                    db, self._keys, token, acting_for=acting_for, shows_demo=self._shows_demo
                )
            except TokenEnded:
                self._genuine.pop(token, None)
                raise
        if principal is None:
            self._genuine.pop(token, None)
            raise Unauthenticated
        self._known[token, acting_for], self._genuine[token] = principal, True
        return principal
