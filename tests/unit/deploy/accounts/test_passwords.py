"""Passwords are hashed slowly off the event loop, in turns."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from deploy.accounts.passwords import Passwords
from schemas.errors import TooMany


@pytest.fixture
async def passwords() -> AsyncIterator[Passwords]:
    """Two threads, gone after the test."""
    passwords = Passwords()
    yield passwords
    passwords.close()


async def test_the_right_password_matches(passwords: Passwords) -> None:
    """A password matches its own Argon2id hash of 64 MiB, which does not contain it, and no other password does."""
    kept = await passwords.hash("correct horse")

    assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert "correct horse" not in kept
    assert await passwords.matches("correct horse", kept)
    assert not await passwords.matches("wrong horse", kept)


async def test_no_account_matches_nothing(passwords: Passwords) -> None:
    """Without an account no password is right, not even the one of the stand-in hash."""
    assert not await passwords.matches("nobody has this account", None)


async def test_a_flood_is_turned_away(passwords: Passwords) -> None:
    """Of many at once from one caller a few are checked and the rest refused; another caller is not."""
    kept = await passwords.hash("correct horse")
    flood = asyncio.gather(
        *(passwords.matches("correct horse", kept, caller="stranger") for _ in range(20)),
        return_exceptions=True,
    )
    await asyncio.sleep(0)

    assert await passwords.matches("correct horse", kept, caller="clerk")
    assert sum(isinstance(answer, TooMany) for answer in await flood) == 10
