"""Streams end when their reader may no longer read."""

import asyncio
from collections.abc import AsyncIterator

from deploy.web.streams import while_admitted


async def _silent() -> AsyncIterator[bytes]:
    yield b"first"
    await asyncio.Event().wait()


async def _three() -> AsyncIterator[bytes]:
    for chunk in (b"1", b"2", b"3"):
        yield chunk


async def test_a_silent_stream_ends_too() -> None:
    """Whoever may no longer read is noticed though nothing comes."""
    answers = iter([True, True, False])

    async def is_admitted() -> bool:
        return next(answers)

    async with asyncio.timeout(5):
        assert [b"first"] == [chunk async for chunk in while_admitted(_silent(), is_admitted, 0.01)]


async def test_a_chunk_is_held_back_from_whoever_may_no_longer_read() -> None:
    """Asked before each, not after."""
    answers = iter([True, False])

    async def is_admitted() -> bool:
        return next(answers)

    assert [b"1"] == [chunk async for chunk in while_admitted(_three(), is_admitted)]


async def test_whoever_may_read_hears_all() -> None:
    """In order, to the end."""

    async def is_admitted() -> bool:
        return True

    assert [b"1", b"2", b"3"] == [chunk async for chunk in while_admitted(_three(), is_admitted)]
