"""Whoever may write to the commands' topic writes whatever they like there; the city goes on as if nothing were."""

import asyncio
import json
import re
import time
import uuid
from collections import Counter
from collections.abc import Mapping
from typing import Any

import aiohttp
from aiokafka import AIOKafkaProducer

from deploy.messaging.client.client import client_options
from deploy.messaging.client.record_batches import MAX_INFLATED_BYTES
from deploy.messaging.dead.dead_letters import stored_letters
from deploy.messaging.records.envelope import MAX_RECORD_BYTES
from deploy.messaging.topics.topics import lag_of
from tests.faults.traffic import settings_of
from tests.flow.steps import followed, submit
from tests.flow.system import System, system_of
from tests.raw import CODECS, RawRecord, raw_batch, send_batch
from tests.stack import Stack, eventually

#: Bad commands of each kind that costs little to send.
OF_EACH = 300
OVERSIZED, BOMBS, SIGNED_NONSENSE = 6, 4, 40
MESSAGES = 20
#: A case is on its desk, and a command answered, within this: whoever waited for the flood to be over would wait for
#: longer, and a machine that does much else at the same time takes a few seconds.
IN_TIME_SECONDS = 20.0
PROCESS = "intake+routing+handlers+sla"
NOTE = "外人写了什么都不要紧"


async def test_two_thousand_bad_commands_stop_nothing(city: Stack, http: aiohttp.ClientSession) -> None:
    """Of every kind, while citizens write and a department commands: those are served once and in time, as ever."""
    before, starts = await _refused(city), city.log(PROCESS).count("process.started")
    first = await submit(http, title="外人来之前的路灯")
    department = (await followed(http, first, lambda seen: seen["department"]))["department"]
    async with system_of(city, department) as system:
        case = await system.hear("case.assigned.v1", title=first["title"])
        flood = asyncio.create_task(_flood(city, system, department, case))
        waits = [await _served(http, system, number) for number in range(MESSAGES)]
        sent = await flood
        waits.append(await _served(http, system, MESSAGES))
    await _quiet(city)

    assert sum(sent.values()) >= 2000
    assert sent == await _refused(city) - before
    assert max(max(both) for both in waits) < IN_TIME_SECONDS, waits
    count = "SELECT count(*) FROM handlers.log WHERE action = 'note' AND detail->>'text' = $1"
    assert MESSAGES + 1 == await city.number(count, NOTE)
    assert (True, starts) == (city.is_running(PROCESS), city.log(PROCESS).count("process.started"))
    assert "consumer.halts" not in city.log(PROCESS)
    # Another process counts, and is asked for its figures now and then.
    await eventually(lambda: _metrics(http), is_done=lambda shown: 'reason="command_signature"' in shown)
    running = r'^huiyin_consumer_halted\{[^}]*group="handlers\.commands"[^}]*\} 0\.0$'
    assert re.search(running, await _metrics(http), re.MULTILINE)


async def _metrics(http: aiohttp.ClientSession) -> str:
    async with http.get("/metrics") as answer:
        return await answer.text()


async def _served(http: aiohttp.ClientSession, system: System, number: int) -> tuple[float, float]:
    """Seconds until the department has a new case, and until its command is answered."""
    began = time.monotonic()
    accepted = await submit(http, title=f"外人在写，路灯照修 {number}")
    case = await system.hear("case.assigned.v1", title=accepted["title"])
    assigned = time.monotonic()
    answer = await system.ask("note", case, {"text": NOTE})
    assert answer["ok"], answer
    return assigned - began, time.monotonic() - assigned


async def _flood(city: Stack, system: System, department: str, case: Mapping[str, Any]) -> Counter[str]:
    """Everything at once, to all partitions; returns how many of each reason."""
    topic = f"{city.prefix}.commands.v1"
    forged = _forged(case, department)
    small = {
        "decode": (b'{"case_id": ', _headers()),
        "schema": (b'{"case_id": 1}', _headers()),
        "bad_header": (b"{}", []),
        "unknown_type": (b"{}", _headers("command.dream.v1")),
        "command_signature": (forged, _headers()),
        "command_department": (_forged(case, "moon\x00"), _headers()),
    }
    options = client_options(settings_of(city))
    async with AIOKafkaProducer(**options, max_request_size=2**20) as producer:
        partitions = len(await producer.partitions_for(topic))
        for place in range(OF_EACH):
            partition = place % partitions
            for value, headers in small.values():
                await producer.send(topic, value, key=b"junk", headers=headers, partition=partition)
            records = [
                RawRecord(value=forged, headers=[(b"ce_\xff", b"x")]),
                RawRecord(value=None, headers=[]),
            ]
            compression = tuple(CODECS)[place % len(CODECS)]
            await send_batch(producer, topic, partition, raw_batch(records, compression))
        for place in range(OVERSIZED):
            await producer.send(
                topic, b"x" * (MAX_RECORD_BYTES + 1), headers=_headers(), partition=place % partitions
            )
        bomb = raw_batch([RawRecord(value=bytes(MAX_INFLATED_BYTES), headers=[])], "zstd")
        for place in range(BOMBS):
            await send_batch(producer, topic, place % partitions, bomb)
        # These are answered: they are signed.
        for place in range(SIGNED_NONSENSE):
            await system.send("note", dict(case), {"text": "x"}, command_id=f"nul\x00{place}")
    few = {"oversized": OVERSIZED, "unreadable_batch": BOMBS}
    many = {"bad_header_name": OF_EACH, "bad_header": 2 * OF_EACH}
    return Counter(dict.fromkeys(small, OF_EACH) | few | many)


def _headers(type_: str = "command.sign.v1") -> list[tuple[str, bytes]]:
    return [("ce_id", str(uuid.uuid4()).encode()), ("ce_type", type_.encode())]


def _forged(case: Mapping[str, Any], department: str) -> bytes:
    body = {
        "case_id": case["case_id"], "version": case["version"], "at": "2026-11-23T02:00:00Z",
        "command_id": "1", "department": department, "signature": "0" * 64,
    }  # fmt: skip
    return json.dumps(body).encode()


async def _refused(city: Stack) -> Counter[str]:
    """Dead letters from the commands' topic, by reason."""
    topic = f"{city.prefix}.commands.v1"
    return Counter(
        [
            letter.fact("reason")
            async for letter in stored_letters(settings_of(city))
            if letter.fact("topic") == topic
        ]
    )


async def _quiet(city: Stack) -> None:
    """Return once every command was looked at."""
    groups = {f"{city.prefix}.handlers.commands": [f"{city.prefix}.commands.v1"]}

    async def look() -> int:
        return sum((await lag_of(settings_of(city), groups)).values())

    await eventually(look, is_done=lambda lag: lag == 0, every=0.2)
