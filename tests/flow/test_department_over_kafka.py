"""A department's system that knows nothing of us but Kafka: it hears its cases there and does everything there."""

import asyncio
import hashlib
import hmac
import json
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import aiohttp
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from tests.flow.steps import RESPONSE, approve, followed, submit
from tests.stack import Stack


async def test_a_department_answers_over_kafka_alone(city: Stack, http: aiohttp.ClientSession) -> None:
    """It hears of its case, signs for it and replies, each answered on its own topic; the citizen reads the reply."""
    accepted = await submit(http, title="卡夫卡上的路灯")
    department = (await followed(http, accepted, lambda seen: seen["department"]))["department"]
    async with _system(city, department) as system:
        assigned = await system.hear("case.assigned.v1", title=accepted["title"])
        assert "13812345678" not in json.dumps(assigned, ensure_ascii=False)

        signed = await system.ask("sign", assigned, {})
        refused = await system.ask("reply", assigned, {"note": "", "response": RESPONSE})
        replied = await system.ask("reply", signed, {"note": "已派人维修。", "response": RESPONSE})

    assert (signed["ok"], signed["state"]) == (True, "in_progress")
    assert (refused["ok"], refused["status"]) in [(False, 409), (False, 422)]
    assert (replied["ok"], replied["state"]) == (True, "replied")
    await approve(city, http, assigned["case_id"])
    closed = await followed(http, accepted, lambda seen: seen["state"] == "closed" and seen.get("response"))
    assert closed["response"]["text"] == RESPONSE


async def test_another_departments_key_opens_nothing(city: Stack, http: aiohttp.ClientSession) -> None:
    """A command signed by a stranger changes nothing and goes to the dead letters."""
    accepted = await submit(http, title="别人的路灯")
    department = (await followed(http, accepted, lambda seen: seen["department"]))["department"]
    async with _system(city, department) as system:
        assigned = await system.hear("case.assigned.v1", title=accepted["title"])
        await system.send("sign", assigned, {}, token="guessed")
        # A later command of the rightful owner is answered after the stranger's was handled.
        answer = await system.ask("note", assigned, {"text": "核实中"})

    assert (answer["ok"], answer["state"]) == (True, "assigned")


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
        raise AssertionError

    async def ask(self, action: str, case: dict[str, Any], content: dict[str, Any]) -> dict[str, Any]:
        """Send a command and hear its answer."""
        command_id = await self.send(action, case, content)
        return await self.hear("command.answered.v1", command_id=command_id)

    async def send(
        self, action: str, case: dict[str, Any], content: dict[str, Any], *, token: str = ""
    ) -> str:
        """Send a command, signed as `handlers/commands.py` says."""
        command_id = str(uuid.uuid4())
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
        await self._producer.send_and_wait(
            f"{self._prefix}.commands.v1",
            json.dumps(body).encode(),
            key=case["case_id"].encode(),
            headers=[("ce_id", str(uuid.uuid4()).encode()), ("ce_type", f"command.{action}.v1".encode())],
        )
        return command_id


@asynccontextmanager
async def _system(city: Stack, department: str) -> AsyncIterator[System]:
    servers = city.environment["KAFKA_BOOTSTRAP_SERVERS"]
    consumer = AIOKafkaConsumer(
        f"{city.prefix}.department.{department}.v1", bootstrap_servers=servers, auto_offset_reset="earliest"
    )
    async with consumer, AIOKafkaProducer(bootstrap_servers=servers) as producer:
        yield System(city, department, consumer, producer)
