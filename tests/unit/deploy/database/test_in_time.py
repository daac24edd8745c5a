"""Whoever asks goes on in time, however long what was asked takes to end."""

import asyncio

import pytest

from deploy.database.in_time import within


async def test_what_comes_in_time_is_returned_or_raised() -> None:
    """As if nobody had looked at the clock."""

    async def fail() -> None:
        raise KeyError("own")

    assert "done" == await within(5, asyncio.sleep(0, "done"))
    with pytest.raises(KeyError):
        await within(5, fail())


async def test_nobody_waits_for_what_is_late_to_end() -> None:
    """It is cancelled, and ends by itself: nobody hears what comes of it."""
    is_told, may_end, has_ended = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def let_go_slowly() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            is_told.set()
            await may_end.wait()
            has_ended.set()

    async with asyncio.timeout(5) as patience:
        with pytest.raises(TimeoutError):
            await within(0.01, let_go_slowly())
        await is_told.wait()
        assert not has_ended.is_set()
        may_end.set()
        await has_ended.wait()
    assert not patience.expired()


async def test_whoever_leaves_takes_what_they_asked_along() -> None:
    """A caller who is cancelled asks for nothing any more."""
    is_asked, is_told = asyncio.Event(), asyncio.Event()

    async def ask() -> None:
        is_asked.set()
        try:
            await asyncio.Event().wait()
        finally:
            is_told.set()

    caller = asyncio.create_task(within(60, ask()))
    async with asyncio.timeout(5):
        await is_asked.wait()
        caller.cancel()
        await is_told.wait()
