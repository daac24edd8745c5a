"""What the flow tests speak with."""

from collections.abc import AsyncIterator

import aiohttp
import pytest

from tests.stack import Stack


@pytest.fixture
async def http(city: Stack) -> AsyncIterator[aiohttp.ClientSession]:
    """A browserless caller."""
    async with aiohttp.ClientSession(city.url) as session:
        yield session
