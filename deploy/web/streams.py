"""Endless answers (server-sent events) that end when their reader loses the right to read them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

from deploy.web.authentication import BELIEVED_SECONDS


async def while_admitted(
    chunks: AsyncIterator[bytes],
    is_admitted: Callable[[], Awaitable[bool]],
    seconds: float = BELIEVED_SECONDS,
) -> AsyncIterator[bytes]:
    """`chunks`, until `is_admitted` says no: asked before each chunk, and at least so often."""
    coming = _next(chunks)
    try:
        while True:
            await asyncio.wait({coming}, timeout=seconds)
            if not await is_admitted():
                return
            if coming.done():
                chunk = coming.result()
                if chunk is None:
                    return
                yield chunk
                coming = _next(chunks)
    finally:
        coming.cancel()


def _next(chunks: AsyncIterator[bytes]) -> "asyncio.Task[bytes | None]":
    async def one() -> bytes | None:
        return await anext(chunks, None)

    return asyncio.create_task(one(), name="next of a stream")
