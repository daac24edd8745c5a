"""How a site comes to Kafka; what Kafka does with its messages is tested on it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiokafka.errors import KafkaConnectionError
from pydantic import SecretStr

from deploy.messaging import publisher
from deploy.settings import Settings


@pytest.mark.parametrize("error", [KafkaConnectionError("away"), ValueError("a port"), OSError("no file")])
async def test_whatever_keeps_it_from_kafka_it_tries_again(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    """One that gave up would answer every citizen with 503, and nobody would hear why."""
    tries, reached = iter([error, error]), asyncio.Event()

    @asynccontextmanager
    async def open_producer(*_: Any, **__: Any) -> AsyncIterator[None]:
        if (met := next(tries, None)) is not None:
            raise met
        reached.set()
        yield

    monkeypatch.setattr(publisher, "open_producer", open_producer)
    monkeypatch.setattr(publisher, "_RETRY_SECONDS", 0.0)
    settings = Settings(secret_key=SecretStr("a secret for tests only, long enough"))
    async with publisher.PatientPublisher(settings), asyncio.timeout(10):
        await reached.wait()
