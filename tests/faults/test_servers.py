"""kill -9 of Postgres, kill -9 and SIGSTOP of the only broker, while messages flow and citizens write."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp

from deploy.local.embedded.kafka import EmbeddedKafka
from deploy.local.embedded.postgres import EmbeddedPostgres
from tests.faults.traffic import Traffic, check
from tests.stack import Stack, eventually

MESSAGE = {
    "title": "小区门口路灯坏了",
    "text": "东湖区望江路幸福家园南门外的路灯坏了一个多星期，晚上看不清路面。",
}

REFUSED_TITLE, ACCEPTED_TITLE = "小区门口路灯坏了两盏", "小区门口路灯坏了三盏"
FROZEN_TITLE = "小区门口路灯坏了四盏"


async def _post(city: Stack, title: str, key: str = "") -> tuple[int, dict[str, str], Any]:
    body, headers = MESSAGE | {"title": title}, {"Idempotency-Key": key} if key else {}
    async with (
        aiohttp.ClientSession(city.url) as http,
        http.post("/api/v1/submissions", json=body, headers=headers) as answer,
    ):
        return answer.status, dict(answer.headers), await answer.json(content_type=None)


async def _state(city: Stack, accepted: Any) -> str:
    """What the citizen sees."""
    path, headers = (
        f"/api/v1/submissions/{accepted['tracking_code']}",
        {"Access-Code": accepted["access_code"]},
    )
    async with aiohttp.ClientSession(city.url) as http, http.get(path, headers=headers) as answer:
        found = await answer.json()
        assert answer.status == 200, found
        return str(found["state"])


async def _has_gone_on(city: Stack, accepted: Any) -> None:
    async def look() -> str:
        return await _state(city, accepted)

    await eventually(look, is_done=lambda state: state == "assigned")


async def _registered(city: Stack, title: str) -> int:
    return await city.number('SELECT count(*) FROM intake."case" WHERE title = $1', title)


async def test_postgres_may_be_killed(traffic: Traffic, postgres: EmbeddedPostgres) -> None:
    """Meanwhile citizens get their codes, which show that the message is there; then everything goes on."""
    city = traffic.stack
    async with traffic.flowing():
        await traffic.arrive(100)
        await asyncio.to_thread(postgres.kill)
        status, _, accepted = await _post(city, "小区门口路灯坏了一盏")
        assert status == 202, accepted
        assert await _state(city, accepted) == "received"
        await asyncio.to_thread(postgres.start)
        traffic.adopt(await _case_of(traffic, accepted))
        await traffic.arrive(100)
    await _has_gone_on(city, accepted)
    await traffic.quiet()

    await check(traffic)


async def _case_of(traffic: Traffic, accepted: Any) -> str:
    async def look() -> list[Any]:
        query = 'SELECT case_id FROM intake."case" WHERE tracking_code = $1'
        return await traffic.stack.sql(query, accepted["tracking_code"])

    return str((await eventually(look))[0]["case_id"])


async def test_the_broker_may_be_killed(traffic: Traffic, kafka: EmbeddedKafka) -> None:
    """Meanwhile nothing is accepted that could be lost: 503, when to come back, and no case; then everything goes on."""
    city = traffic.stack
    async with traffic.flowing():
        await traffic.arrive(100)
        await asyncio.to_thread(kafka.kill_broker, 1)
        status, headers, problem = await _post(city, REFUSED_TITLE)
        await asyncio.to_thread(kafka.start_broker, 1)
        await traffic.arrive(100)
        after = await eventually(
            lambda: _post(city, ACCEPTED_TITLE), is_done=lambda answer: answer[0] == 202, every=0.3
        )
        traffic.adopt(await _case_of(traffic, after[2]))
    await traffic.quiet()

    assert (status, problem["code"]) == (503, "unavailable")
    assert int(next(value for name, value in headers.items() if name.lower() == "retry-after")) > 0
    assert (await _registered(city, REFUSED_TITLE), await _registered(city, ACCEPTED_TITLE)) == (0, 1)
    await check(traffic)


async def _is_ready(city: Stack) -> bool:
    async with aiohttp.ClientSession(city.url) as http, http.get("/readyz") as answer:
        return answer.status == 200


async def test_the_broker_may_freeze(traffic: Traffic, kafka: EmbeddedKafka) -> None:
    """It takes connections and answers nobody: 503 within seconds, not ready; awake, the same key makes one case of it."""
    city, pids = traffic.stack, kafka.pids
    async with traffic.flowing():
        await traffic.arrive(25)
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        try:
            async with asyncio.timeout(25):
                status, _, problem = await _post(city, FROZEN_TITLE, "frozen")
                await eventually(lambda: _is_ready(city), is_done=lambda ready: not ready, every=0.3)
        finally:
            for pid in pids:
                os.kill(pid, signal.SIGCONT)
        after = await eventually(
            lambda: _post(city, FROZEN_TITLE, "frozen"), is_done=lambda answer: answer[0] == 202, every=0.3
        )
        traffic.adopt(await _case_of(traffic, after[2]))
        await traffic.arrive(25)
    await traffic.quiet()

    assert (status, problem["code"]) == (503, "unavailable")
    # What the broker had in its ears when it froze may count once it wakes: with the same key it is the same case.
    assert await _registered(city, FROZEN_TITLE) == 1
    await check(traffic)
    await eventually(lambda: _is_ready(city))


def _started_again(city: Stack, starts: int) -> Callable[[], Awaitable[bool]]:
    async def look() -> bool:
        return city.log("intake").count("process.started") > starts

    return look


async def test_processes_stop_cleanly_while_kafka_is_away(traffic: Traffic, kafka: EmbeddedKafka) -> None:
    """An outage keeps nobody from shutting down, not even while it starts; started before Kafka, they wait for it."""
    city = traffic.stack
    names = ("web", "intake", "routing", "handlers", "sla", "relay", "sweep")
    await traffic.send(200)
    await asyncio.to_thread(kafka.kill_broker, 1)
    ended = await asyncio.gather(*(asyncio.to_thread(city.terminate, name) for name in names))
    said = {name: city.log(name)[-4000:] for name in names}
    starts = city.log("intake").count("process.started")
    city.start(*names)
    await eventually(_started_again(city, starts))
    ended += [await asyncio.to_thread(city.terminate, "intake")]
    said["intake again"] = city.log("intake")[-4000:]
    city.start("intake")
    await asyncio.to_thread(kafka.start_broker, 1)
    await traffic.quiet()

    statuses = dict(zip((*names, "intake again"), ended, strict=True))
    failed = [name for name, status in statuses.items() if status]
    assert not failed, "\n".join(f"{name}: {statuses[name]}\n{said[name]}" for name in failed)
    await check(traffic)
    await city.ready()
