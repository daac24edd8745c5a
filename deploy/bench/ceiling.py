"""The ceiling: what Kafka and Postgres allow on this machine when nothing of ours stands around the same work.

The same processes, consumer groups, topics, events, tables and indexes, in a database of their own on the same
servers: a group takes as many records at a time as ours (`BATCH_SIZE`), decodes them with msgspec, writes inbox, state
and outbox rows in one transaction, with one statement for each event type, and commits its offsets; the relay takes as
many rows as ours (`OUTBOX_BATCH`), sends them and deletes them.

Left out: masking, encryption, the search for look-alikes, classification, deadlines, the audit chain's hashes,
versions and every rule of the lifecycle; retries, dead letters, halving a batch, rebalances, traces, metrics and
watchdogs; FastStream. It loses messages when anything goes wrong, which here nothing does.
"""

import asyncio
import sys
from collections.abc import Sequence
from typing import Any

import asyncpg
import uvloop
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from deploy import clock
from deploy.bench.ceiling_hops import GROUPS
from deploy.bench.ceiling_statement import Group
from deploy.bench.environment import CHAIN, Servers, open_installation
from deploy.bench.figures import say
from deploy.bench.full_load import Run, full_load
from deploy.database.outbox import store_rows
from deploy.database.pool import PLAN_ONCE, connect
from deploy.messaging.client.client import client_options, open_producer
from deploy.settings import Settings
from schemas.event import Event, decode, encode
from schemas.topics import topic_name

#: Between two looks at an outbox that was empty (project choice: as soon as ours).
_REST_SECONDS = 0.01

Heard = dict[type[Event], tuple[list[str], list[Event]]]


async def measure(on: Servers, when: str, cases: int) -> Run:
    """One run at full load, the same as ours."""
    say(f"the ceiling, {when}")
    async with open_installation(on, f"ceiling{when}") as raw:
        for name in CHAIN:
            raw.start_python(name, "-m", "deploy.bench.ceiling", name)
        run = await full_load(raw, cases)
    say(f"{run.cases_per_second:,} cases/s at the ceiling")
    return run


async def follow(settings: Settings, group: Group) -> None:
    """Read, decode, write, commit, for ever."""
    consumer = AIOKafkaConsumer(
        *(topic_name(short, settings.topic_prefix) for short in group.topics),
        **client_options(settings),
        group_id=f"{settings.topic_prefix}.{group.name}",
        enable_auto_commit=False,
        auto_offset_reset="earliest",
    )
    await consumer.start()
    async with connect(settings, PLAN_ONCE) as db:
        while True:
            records = await consumer.getmany(timeout_ms=100, max_records=settings.batch_size)
            if records:
                heard = _decoded(group, [record for batch in records.values() for record in batch])
                await _write(db, settings, group, heard)
                await consumer.commit()


def _decoded(group: Group, records: Sequence[Any]) -> Heard:
    wanted = {hop.event.type.encode(): hop.event for hop in group.hops}
    heard: Heard = {}
    for record in records:
        headers = dict(record.headers)
        event_class = wanted.get(headers["ce_type"])
        if event_class is not None:
            ids, events = heard.setdefault(event_class, ([], []))
            ids.append(headers["ce_id"].decode())
            events.append(decode(event_class, record.value))
    return heard


async def _write(db: Any, settings: Settings, group: Group, heard: Heard) -> None:
    """All of a batch in one transaction, as ours."""
    said: list[tuple[str, Event]] = []
    async with db.transaction():
        for hop in group.hops:
            if hop.event in heard:
                ids, events = heard[hop.event]
                found = await _asked(db, hop.asks, events) if hop.asks else events
                await db.execute(hop.statement, [group.name] * len(ids), ids, *hop.columns(found))
                said += hop.says(found) if hop.says else ()
        await tell(db, settings, said)


async def tell(db: Any, settings: Settings, said: Sequence[tuple[str, Event]]) -> None:
    """Events into the outbox, the way ours go there."""
    await store_rows(
        db,
        [
            (
                topic_name(topic, settings.topic_prefix),
                event.case_id,
                clock.new_event_id(),
                event.type,
                event.at,
                None,
                encode(event),
            )
            for topic, event in said
        ],
    )


async def _asked(db: Any, query: str, events: Sequence[Event]) -> Sequence[Any]:
    """The events, each with the row of its case."""
    rows = {row["case_id"]: row for row in await db.fetch(query, [event.case_id for event in events])}
    return [(event, rows[event.case_id]) for event in events]


async def relay(settings: Settings) -> None:
    """Take rows, send them, delete them, for ever."""
    async with connect(settings, PLAN_ONCE) as db, open_producer(settings) as producer:
        while True:
            rows = await db.fetch(
                "SELECT id, topic, case_id, event_id, type, at, body FROM deploy.outbox ORDER BY id LIMIT $1",
                settings.outbox_batch,
            )
            if rows:
                await asyncio.gather(*[await _send(producer, row) for row in rows])
                await db.execute(
                    "DELETE FROM deploy.outbox WHERE id = ANY($1::bigint[])", [row["id"] for row in rows]
                )
            if len(rows) < settings.outbox_batch:
                await asyncio.sleep(_REST_SECONDS)


async def _send(producer: AIOKafkaProducer, row: asyncpg.Record) -> "asyncio.Future[Any]":
    headers = [
        ("ce_specversion", b"1.0"),
        ("ce_id", str(row["event_id"]).encode()),
        ("ce_type", row["type"].encode()),
        ("ce_source", b"/huiyin"),
        ("ce_time", row["at"].isoformat().encode()),
        ("content-type", b"application/json"),
    ]
    key = str(row["case_id"]).encode()
    confirmed: asyncio.Future[Any] = await producer.send(
        row["topic"], value=row["body"], key=key, headers=headers
    )
    return confirmed


async def _work(name: str) -> None:
    settings = Settings()
    if name == "relay":
        await relay(settings)
    else:
        await asyncio.gather(*(follow(settings, group) for group in GROUPS[name]))


if __name__ == "__main__":
    uvloop.run(_work(sys.argv[1]))
