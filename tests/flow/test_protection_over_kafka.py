"""On the real topics: whoever is accused reads nothing of the case on its own, from the moment when the citizen says so."""

import asyncio
import json

import aiohttp
from aiokafka import AIOKafkaConsumer

from deploy.messaging.client.client import client_options
from tests.faults.traffic import settings_of
from tests.flow.steps import followed, submit
from tests.flow.system import system_of
from tests.stack import Stack, eventually

ACCUSING = "你们局的工作人员收钱不办事，索要好处费，请查"


async def test_an_accused_department_hears_nothing_more(city: Stack, http: aiohttp.ClientSession) -> None:
    """Its topic ends with what it knew before; its desk knows no such case; a dispatcher has it."""
    accepted = await submit(http, title="收钱不办事的路灯")
    department = (await followed(http, accepted, lambda seen: seen["department"]))["department"]
    async with system_of(city, department) as system:
        assigned = await system.hear("case.assigned.v1", title=accepted["title"])
        assert assigned["accused"] == []
    path = f"/api/v1/submissions/{accepted['tracking_code']}"
    async with http.post(
        f"{path}/supplement", json={"text": ACCUSING}, headers={"Access-Code": accepted["access_code"]}
    ) as answer:
        assert answer.status in (200, 202), await answer.text()
    await followed(http, accepted, lambda seen: seen["state"] == "in_review")

    async def refused() -> bool:
        desk = f"/api/v1/desk/cases/{assigned['case_id']}"
        async with http.get(desk, headers=city.token(department)) as answer:
            return answer.status == 404

    await eventually(refused, seconds=30)
    other = await submit(http, title="后来的路灯")
    await followed(http, other, lambda seen: seen["department"] == department)

    told = await _told_until(city, department, other["title"])
    assert ["case.assigned.v1"] == told[assigned["case_id"]]


async def _told_until(city: Stack, department: str, title: str) -> dict[str, list[str]]:
    """The types of what the topic holds, by case, from its beginning to the assignment of that title; no accusation."""
    told: dict[str, list[str]] = {}
    topic = f"{city.prefix}.department.{department}.v1"
    options = client_options(settings_of(city))
    async with (
        asyncio.timeout(40),
        AIOKafkaConsumer(topic, auto_offset_reset="earliest", **options) as consumer,
    ):
        async for record in consumer:
            body = json.loads(record.value)
            assert ACCUSING[:10] not in record.value.decode()
            kind = dict(record.headers)["ce_type"].decode()
            if kind != "deadline.near.v1":
                told.setdefault(body["case_id"], []).append(kind)
            if body.get("title") == title:
                return told
    raise AssertionError
