"""What comes before the start: where both servers are away one of them is named, once."""

import asyncio
import gc
from typing import Any

import pytest

from deploy.local import prepare as preparing
from deploy.settings import Settings


async def test_two_servers_that_are_away_are_one_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    """The database's; that Kafka refused as well is no error that nobody saw."""
    unseen: list[Any] = []
    # What tests before it have left behind says nothing of it.
    gc.collect()
    asyncio.get_running_loop().set_exception_handler(lambda _, told: unseen.append(told))

    async def no_kafka(*_: Any) -> None:
        raise ConnectionError("no Kafka")

    async def no_database(*_: Any) -> None:
        await asyncio.sleep(0)
        raise ConnectionRefusedError("no Postgres")

    monkeypatch.setattr(preparing, "create_topics", no_kafka)
    monkeypatch.setattr(preparing, "migrate", no_database)
    with pytest.raises(ConnectionRefusedError, match="no Postgres"):
        await preparing.prepare(Settings())
    gc.collect()

    assert [] == unseen
