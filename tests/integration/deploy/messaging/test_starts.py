"""A client of Kafka whose start is cut off, by a process that stops or by a time that is over."""

import asyncio
from typing import Any

import pytest
from aiokafka.conn import AIOKafkaConnection
from aiokafka.protocol.metadata import MetadataRequest

from deploy.messaging.client.client import open_admin
from tests.integration.deploy.rig import Rig


async def test_a_start_that_is_cut_off_leaves_no_connection_to_python(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cut off where it asks its first broker who the others are: by then nobody but aiokafka's own start knows it."""
    opened: list[AIOKafkaConnection] = []
    asks, send = asyncio.Event(), AIOKafkaConnection.send

    def say_that_it_asks(connection: AIOKafkaConnection, request: Any, **options: Any) -> Any:
        if isinstance(request, MetadataRequest):
            opened.append(connection)
            asks.set()
        return send(connection, request, **options)

    monkeypatch.setattr(AIOKafkaConnection, "send", say_that_it_asks)

    async def use() -> None:
        async with open_admin(rig.settings):
            pytest.fail("it was cut off before")

    using = asyncio.create_task(use())
    await asks.wait()
    using.cancel()
    await asyncio.wait({using})
    assert using.cancelled()
    assert not any(connection.connected() for connection in opened)
