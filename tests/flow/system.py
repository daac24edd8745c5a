"""A department's own software, as its maker would write it from our documentation."""

import asyncio
import hashlib
import hmac
import json
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from deploy.messaging.client.client import client_options
from tests.faults.traffic import settings_of
from tests.stack import Stack


class System:
    """A department's own software: one consumer, one producer, one token."""

    def __init__(
        self, city: Stack, department: str, consumer: AIOKafkaConsumer, producer: AIOKafkaProducer
    ) -> None:
        self._prefix = city.prefix
        self._token: str = city.demo["tokens"]["departments"][department]
        self._department = department
        self._consumer = consumer
        self._producer = producer

    async def hear(self, kind: str, **wanted: str) -> dict[str, Any]:
        """The next event of that type whose fields are as wanted."""
        async with asyncio.timeout(40):
            async for record in self._consumer:
                headers = {name: value.decode() for name, value in record.headers}
                body: dict[str, Any] = json.loads(record.value)
                if headers["ce_type"] == kind and wanted.items() <= body.items():
                    return body
        raise AssertionError("a consumer that runs has no last record")

    async def ask(self, action: str, case: dict[str, Any], content: dict[str, Any]) -> dict[str, Any]:
        """Send a command and hear its answer."""
        command_id = await self.send(action, case, content)
        return await self.hear("command.answered.v1", command_id=command_id)

    async def send(
        self,
        action: str,
        case: dict[str, Any],
        content: dict[str, Any],
        *,
        token: str = "",
        command_id: str = "",
        times: int = 1,
    ) -> str:
        """Send a command, signed as `handlers/core/commands.py` says; returns its id. `times`: the same record again."""
        command_id = command_id or str(uuid.uuid4())
        key = hashlib.sha256((token or self._token).encode()).digest()
        canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        signed = "\n".join(
            [command_id, self._department, case["case_id"], action, str(case["version"]), canonical]
        )
        body = {
            "case_id": case["case_id"],
            "version": case["version"],
            "at": datetime.now(UTC).isoformat(),
            "command_id": command_id,
            "department": self._department,
            "signature": hmac.new(key, signed.encode(), hashlib.sha256).hexdigest(),
            **content,
        }
        event_id = str(uuid.uuid4()).encode()
        for _ in range(times):
            await self._producer.send_and_wait(
                f"{self._prefix}.commands.v1",
                json.dumps(body).encode(),
                key=case["case_id"].encode(),
                headers=[("ce_id", event_id), ("ce_type", f"command.{action}.v1".encode())],
            )
        return command_id


@asynccontextmanager
async def system_of(city: Stack, department: str) -> AsyncIterator[System]:
    """The software of that department, listening to its topic from the beginning."""
    options = client_options(settings_of(city))
    consumer = AIOKafkaConsumer(
        f"{city.prefix}.department.{department}.v1", auto_offset_reset="earliest", **options
    )
    async with consumer, AIOKafkaProducer(**options) as producer:
        yield System(city, department, consumer, producer)
