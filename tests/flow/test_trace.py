"""One trace from the form to the published reply."""

import asyncio
from typing import Any

import aiohttp
from aiokafka import AIOKafkaConsumer

from deploy.messaging.client.client import client_options
from tests.faults.traffic import settings_of
from tests.flow.steps import answer_completely, submit
from tests.stack import Stack

TRACE_ID = "0af7651916cd43dd8448eb211c80319c"
WANTED = {
    "submission.accepted.v1",
    "case.registered.v1",
    "case.routed.v1",
    "case.assigned.v1",
    "deadline.set.v1",
    "case.signed.v1",
    "case.replied.v1",
    "reply.published.v1",
    "case.closed.v1",
}


async def test_the_citizens_trace_reaches_the_published_reply(
    city: Stack, http: aiohttp.ClientSession
) -> None:
    """Every event of the case, over HTTP, Kafka and Postgres, belongs to the trace that the form began."""
    headers = {"traceparent": f"00-{TRACE_ID}-b7ad6b7169203331-01"}
    accepted = await submit(http, title="追踪：路灯不亮", headers=headers)

    await answer_completely(city, http, accepted)
    events = await _events_of(city, accepted["tracking_code"])

    assert WANTED <= events.keys()
    assert {TRACE_ID} == {events[name] for name in WANTED}


async def _events_of(city: Stack, tracking_code: str) -> dict[str, str]:
    """Trace ids by event type, of every record about that case."""
    rows = await city.sql('SELECT case_id FROM intake."case" WHERE tracking_code = $1', tracking_code)
    case_id = str(rows[0]["case_id"]).encode()
    topics = [f"{city.prefix}.{name}.v1" for name in ("submissions", "intake", "routing", "handlers", "sla")]
    consumer = AIOKafkaConsumer(
        *topics,
        **client_options(settings_of(city)),
        auto_offset_reset="earliest",
        enable_auto_commit=False,
    )
    found: dict[str, str] = {}
    async with consumer:
        async with asyncio.timeout(30):
            while not WANTED <= found.keys():
                for records in (await consumer.getmany(timeout_ms=500)).values():
                    found |= dict(_named(record) for record in records if record.key == case_id)
    return found


def _named(record: Any) -> tuple[str, str]:
    headers = {name: value.decode() for name, value in record.headers}
    return headers["ce_type"], headers.get("traceparent", "--").split("-")[1]
