"""Passwords are hashed slowly off the event loop, and nobody may try often."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.accounts.passwords import Attempts, Passwords
from schemas.errors import TooMany

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


@pytest.fixture
async def passwords() -> AsyncIterator[Passwords]:
    """Two threads, gone after the test."""
    passwords = Passwords()
    yield passwords
    passwords.close()


async def test_the_right_password_matches(passwords: Passwords) -> None:
    """A password matches its own Argon2id hash, which does not contain it, and no other password does."""
    kept = await passwords.hash("correct horse")

    assert kept.startswith("$argon2id$")
    assert "correct horse" not in kept
    assert await passwords.matches("correct horse", kept)
    assert not await passwords.matches("wrong horse", kept)


async def test_no_account_matches_nothing(passwords: Passwords) -> None:
    """Without an account no password is right, not even the one of the stand-in hash."""
    assert not await passwords.matches("nobody has this account", None)


async def test_a_flood_is_turned_away(passwords: Passwords) -> None:
    """Of many at once a few are checked and the rest refused, instead of queueing for a minute."""
    kept = await passwords.hash("correct horse")
    answers = await asyncio.gather(
        *(passwords.matches("correct horse", kept) for _ in range(20)), return_exceptions=True
    )

    assert answers.count(True) == 8
    assert sum(isinstance(answer, TooMany) for answer in answers) == 12


def test_five_tries_a_minute() -> None:
    """The sixth try of a name from one address waits for the seconds that it is told."""
    attempts = Attempts()
    for second in range(5):
        attempts.note("wang", "10.0.0.1", NOW + timedelta(seconds=second))
    with pytest.raises(TooMany) as refused:
        attempts.note("wang", "10.0.0.1", NOW + timedelta(seconds=10))
    wait = refused.value.facts["retry_after_seconds"]

    assert wait == 51
    attempts.note("wang", "10.0.0.1", NOW + timedelta(seconds=10 + 51))


def test_others_are_not_held_up() -> None:
    """Neither another name nor the same name from elsewhere waits for somebody's mistakes."""
    attempts = Attempts()
    for _ in range(5):
        attempts.note("wang", "10.0.0.1", NOW)

    attempts.note("li", "10.0.0.1", NOW)
    attempts.note("wang", "10.0.0.2", NOW)


def test_one_address_cannot_try_all_names() -> None:
    """Thirty tries a minute from one address, however many names it has."""
    attempts = Attempts()
    for number in range(30):
        attempts.note(f"name{number}", "10.0.0.1", NOW)
    with pytest.raises(TooMany):
        attempts.note("another", "10.0.0.1", NOW)


def test_success_forgives() -> None:
    """Having signed in, somebody may mistype again."""
    attempts = Attempts()
    for _ in range(4):
        attempts.note("wang", "10.0.0.1", NOW)
    attempts.forget("wang", "10.0.0.1")

    for _ in range(5):
        attempts.note("wang", "10.0.0.1", NOW)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("xy"), st.integers(0, 90)), max_size=200))
def test_never_more_than_five_in_a_minute(tries: list[tuple[str, str, int]]) -> None:
    """However the tries come, no name and address passes six times within a minute."""
    attempts = Attempts()
    passed: dict[tuple[str, str], list[int]] = {}
    for name, address, second in sorted(tries, key=lambda one: one[2]):
        try:
            attempts.note(name, address, NOW + timedelta(seconds=second))
        except TooMany:
            continue
        passed.setdefault((name, address), []).append(second)

    for seconds in passed.values():
        assert all(later - earlier >= 60 for earlier, later in zip(seconds, seconds[5:], strict=False))
