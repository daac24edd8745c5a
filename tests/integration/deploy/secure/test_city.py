"""The whole city, over TLS and with passwords, with the rights that docs/many-machines.md asks for and none more."""

import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.errors import TopicAuthorizationFailedError

from deploy.commands.doctor import examine
from deploy.composition import SLICES, subscriptions
from deploy.database.pool import open_pool
from deploy.messaging.client.client import client_options, open_producer
from deploy.messaging.consuming.groups import group_id, topic_names
from deploy.messaging.dead.dead_letters import StoredLetter, stored_letters
from deploy.messaging.topics.rights import rights_of_department
from deploy.messaging.topics.topics import lag_of
from tests.flow.steps import followed, submit
from tests.flow.system import System
from tests.integration.deploy.secure.certificates import Authority
from tests.integration.deploy.secure.kafka import PASSWORDS, SecureKafka, settings_for
from tests.integration.deploy.secure.postgres import PASSWORD, SecurePostgres
from tests.stack import Stack, eventually, settings_in

_WORKER = "intake+routing+handlers+sla"


async def test_a_message_becomes_an_assigned_case(secure_city: Stack, http: aiohttp.ClientSession) -> None:
    """Submission, routing, the desk and the deadline all pass through the secured servers."""
    accepted = await submit(http, title="小区北门路灯坏了")

    assigned = await followed(http, accepted, lambda seen: seen["state"] == "assigned" and seen["due_at"])

    assert assigned["department"]


async def test_every_connection_to_postgres_is_encrypted(
    secure_city: Stack, postgres: SecurePostgres
) -> None:
    """Pools, the relay's own connection and the migrations' alike."""
    connections = "FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE application_name LIKE 'huiyin%'"

    assert await secure_city.number(f"SELECT count(*) {connections} AND ssl") >= 4
    assert 0 == await secure_city.number(f"SELECT count(*) {connections} AND NOT ssl")


async def test_a_department_has_a_user_of_its_own(
    secure_city: Stack, http: aiohttp.ClientSession, kafka: SecureKafka, authority: Authority
) -> None:
    """It hears its cases and sends commands, and reads neither what citizens write nor another department's cases."""
    accepted = await submit(http, title="小区西门路灯坏了")
    department = (await followed(http, accepted, lambda seen: seen["department"]))["department"]
    await kafka.allow("department", rights_of_department(department, secure_city.prefix))
    options = client_options(settings_in(settings_for(kafka.sasl_ssl, "department", authority.file)))

    async with _system(secure_city, department, options) as system:
        assigned = await system.hear("case.assigned.v1", title=accepted["title"])
        signed = await system.ask("sign", assigned, {})

    assert (signed["ok"], signed["state"]) == (True, "in_progress")
    for short in ("submissions", "department.housing" if department != "housing" else "department.transport"):
        with pytest.raises(TopicAuthorizationFailedError):
            await _read(f"{secure_city.prefix}.{short}.v1", options)


@asynccontextmanager
async def _system(city: Stack, department: str, options: dict[str, Any]) -> AsyncIterator[System]:
    consumer = AIOKafkaConsumer(
        f"{city.prefix}.department.{department}.v1",
        group_id=f"department.{department}",
        auto_offset_reset="earliest",
        **options,
    )
    async with consumer, AIOKafkaProducer(**options) as producer:
        yield System(city, department, consumer, producer)


async def _read(topic: str, options: dict[str, Any]) -> None:
    consumer = AIOKafkaConsumer(topic, auto_offset_reset="earliest", **options)
    try:
        await consumer.start()
        await consumer.getmany(timeout_ms=2000)
    finally:
        await consumer.stop()


async def test_dead_letters_are_listed_and_dropped(secure_city: Stack) -> None:
    """The administrator's commands go through the same settings."""
    settings = settings_in(secure_city.environment)
    async with open_producer(settings) as producer:
        await producer.send_and_wait(f"{secure_city.prefix}.routing.v1", value=b"junk", key=b"k")

    async def kept() -> list[StoredLetter]:
        return [letter async for letter in stored_letters(settings)]

    await eventually(kept, seconds=30)
    lines = secure_city.command("dead-letters", "list", "--json").stdout.splitlines()
    letters = [json.loads(line) for line in lines]
    assert {f"{secure_city.prefix}.routing.v1"} == {letter["topic"] for letter in letters}
    # The last of each partition goes with all before it.
    for last in {letter["id"].partition("-")[0]: letter["id"] for letter in letters}.values():
        secure_city.command("dead-letters", "drop", last)
    assert "" == secure_city.command("dead-letters", "list", "--json").stdout


async def test_lag_is_measured(secure_city: Stack) -> None:
    """Of every consumer group: what `huiyin status` shows."""
    settings = settings_in(secure_city.environment)
    async with open_pool(settings) as pool:
        heard = await subscriptions(settings, pool, SLICES)
    groups = {group_id(one, settings): topic_names(one, settings) for one in heard}

    async def lags() -> dict[str, int]:
        return await lag_of(settings, groups)

    found = await eventually(lags, is_done=lambda seen: not any(seen.values()), seconds=20)
    assert groups.keys() == found.keys()


async def test_the_doctor_finds_nothing_and_says_how_we_speak(
    secure_city: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every server's line is well, with its encryption."""
    for name, value in secure_city.environment.items():
        monkeypatch.setenv(name, value)

    by_name = {finding.check: finding for finding in await examine(secure_city.directory)}

    assert ["ok"] * 5 == [by_name[name].state for name in ("postgres", "schema", "kafka", "topics", "rights")]
    assert by_name["kafka"].found.en == "1 brokers, SASL_SSL as huiyin"


async def test_no_password_is_shown(secure_city: Stack, http: aiohttp.ClientSession) -> None:
    """Neither in a log nor in what the web tells."""
    told = [secure_city.log(name) for name in ("web", _WORKER, "relay", "sweep")]
    for path in ("/asyncapi", "/openapi.json", "/readyz", "/metrics"):
        async with http.get(path) as answer:
            told.append(await answer.text())

    assert not [secret for secret in (*PASSWORDS.values(), PASSWORD, "pg-pass") if secret in "".join(told)]


async def test_a_worker_stops_in_good_time(secure_city: Stack) -> None:
    """It waits for no goodbye that brokers do not give over TLS: it would be cut short, and end with 1."""
    started = time.monotonic()

    assert 0 == secure_city.terminate(_WORKER)
    assert time.monotonic() - started < 12
    secure_city.start(_WORKER)
