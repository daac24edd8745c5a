"""Who is asking, without asking Postgres each time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest

from deploy.accounts.token_secrets import TokenSecrets
from deploy.web.authentication import BELIEVED_SECONDS, Authenticator
from schemas.errors import NobodyToActFor, TokenEnded, TooMany, Unauthenticated
from schemas.http import Principal
from schemas.words import Role

KEYS = TokenSecrets([(b"f" * 32, b"s" * 32)])
BEARER = {"authorization": "Bearer t"}


class Tokens:
    """A pool, its connection, and the one token that they know."""

    def __init__(self) -> None:
        self.now = 0.0
        self.is_revoked = False
        self.ended: datetime | None = None
        self.asked = 0

    @asynccontextmanager
    async def acquire(self) -> AsyncIterator["Tokens"]:
        """Itself."""
        yield self

    async def fetchrow(self, *asked: object) -> dict[str, Any] | None:
        """The token's row, with the account that its system names, if it is li's."""
        self.asked += 1
        await asyncio.sleep(0)
        li = "li" if asked[-1] == "li" else None
        row: dict[str, Any] = {
            "name": "n",
            "role": "dispatcher",
            "department": None,
            "acts_for_people": True,
            "username": li,
        }
        row |= {"expires_at": self.ended, "has_ended": self.ended is not None}
        return None if self.is_revoked else row


async def test_a_token_is_believed_for_seconds() -> None:
    """One query for many requests; a revoked token works no longer than that."""
    tokens = Tokens()
    authenticator = Authenticator(tokens, KEYS, lambda: tokens.now, sign_in=b"s" * 32)  # type: ignore[arg-type]  # a stand-in
    expected = Principal(role=Role.DISPATCHER, name="n")

    assert [expected] * 3 == [await authenticator.of_api(BEARER) for _ in range(3)]
    assert 1 == tokens.asked
    tokens.is_revoked = True
    tokens.now = BELIEVED_SECONDS - 0.1
    assert expected == await authenticator.of_api(BEARER)
    tokens.now = BELIEVED_SECONDS + 0.1
    with pytest.raises(Unauthenticated):
        await authenticator.of_api(BEARER)


async def test_a_token_that_ended_says_so() -> None:
    """Believed for as long as a revoked one; then its owner is told when it ended, and waits as with an unknown one."""
    tokens = Tokens()
    authenticator = Authenticator(tokens, KEYS, lambda: tokens.now, sign_in=b"s" * 32)  # type: ignore[arg-type]  # a stand-in
    await authenticator.of_api(BEARER)
    tokens.ended, tokens.now = datetime(2026, 12, 31, 16, tzinfo=UTC), BELIEVED_SECONDS + 0.1
    waited: list[bool] = []

    @asynccontextmanager
    async def asking() -> AsyncIterator[None]:
        waited.append(True)
        yield

    with pytest.raises(TokenEnded, match="2026-12-31 at 16:00 UTC"):
        await authenticator.of_api(BEARER, asking)
    with pytest.raises(TokenEnded):
        await authenticator.of_api(BEARER, asking)
    assert [True] == waited


async def test_thousands_at_once_are_one_question() -> None:
    """Whoever listens to a stream asks with all others: when a token is forgotten, and when it was revoked."""
    tokens = Tokens()
    authenticator = Authenticator(tokens, KEYS, lambda: tokens.now, sign_in=b"s" * 32)  # type: ignore[arg-type]  # a stand-in
    await asyncio.gather(*(authenticator.of_api(BEARER) for _ in range(2000)))
    assert 1 == tokens.asked
    tokens.is_revoked, tokens.now = True, BELIEVED_SECONDS + 0.1
    told = await asyncio.gather(*(authenticator.of_api(BEARER) for _ in range(2000)), return_exceptions=True)

    assert {Unauthenticated} == {type(each) for each in told}
    assert 2 == tokens.asked


@pytest.mark.parametrize("said", ["Basic t", "t", "Bearer", "Bearer "])
async def test_what_is_no_bearer_token_is_nobodys(said: str) -> None:
    """Postgres is not asked whose it might be."""
    tokens = Tokens()
    authenticator = Authenticator(tokens, KEYS, sign_in=b"s" * 32)  # type: ignore[arg-type]  # a stand-in
    with pytest.raises(Unauthenticated):
        await authenticator.of_api({"authorization": said})

    assert 0 == tokens.asked


async def test_an_unknown_token_is_asked_for_each_time() -> None:
    """What was refused is not remembered: the next moment it may exist."""
    tokens = Tokens()
    tokens.is_revoked = True
    authenticator = Authenticator(tokens, KEYS, sign_in=b"s" * 32)  # type: ignore[arg-type]  # a stand-in
    for _ in range(2):
        with pytest.raises(Unauthenticated):
            await authenticator.of_api(BEARER)

    assert 2 == tokens.asked


async def test_whoever_invents_tokens_stops_asking_postgres() -> None:
    """Before the query; a token that is somebody's yet is asked for all the same, whoever shares its address."""
    tokens = Tokens()
    authenticator = Authenticator(tokens, KEYS, lambda: tokens.now, sign_in=b"s" * 32)  # type: ignore[arg-type]  # a stand-in
    await authenticator.of_api(BEARER)
    tokens.now = BELIEVED_SECONDS + 0.1

    @asynccontextmanager
    async def too_many() -> AsyncIterator[None]:
        raise TooMany(retry_after_seconds=2)
        yield

    with pytest.raises(TooMany):
        await authenticator.of_api({"authorization": "Bearer invented"}, too_many)
    assert 1 == tokens.asked
    assert "n" == (await authenticator.of_api(BEARER, too_many)).name
    assert 2 == tokens.asked
    tokens.is_revoked, tokens.now = True, 2 * BELIEVED_SECONDS + 0.2
    for refused in (Unauthenticated, TooMany):
        with pytest.raises(refused):
            await authenticator.of_api(BEARER, too_many)
    assert 3 == tokens.asked


async def test_for_whom_a_system_asks_is_remembered_apart() -> None:
    """One token, whoever it names: nobody is taken for another, or for the system, because they asked a moment ago."""
    authenticator = Authenticator(Tokens(), KEYS, sign_in=b"s" * 32)  # type: ignore[arg-type]  # a stand-in
    asked = [
        await authenticator.of_api(BEARER | more)
        for more in ({}, {"acting-for": "li"}, {}, {"acting-for": "li"})
    ]

    assert [("n", False), ("li", True)] * 2 == [(who.name, who.is_person) for who in asked]
    for _ in range(2):
        with pytest.raises(NobodyToActFor):
            await authenticator.of_api(BEARER | {"acting-for": "wang"})
    with pytest.raises(NobodyToActFor):
        await authenticator.of_api(BEARER | {"acting-for": ""})
