"""What lies on topics."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from aiokafka import AIOKafkaConsumer

from deploy.messaging.client.client import client_options, open_admin
from deploy.messaging.client.record_batches import read_whatever_comes
from deploy.messaging.topics.topics import partitions_of
from deploy.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """One record, as far as tests look."""

    key: str
    event_id: str
    type: str
    value: bytes
    #: Milliseconds since 1970, as its sender stamped it.
    stamp_ms: int = 0

    @property
    def case_id(self) -> str:
        """Whose it is."""
        return self.key

    @property
    def version(self) -> int:
        """The case's version in it."""
        return int(msgspec.json.decode(self.value)["version"])


async def everything_on(settings: Settings, topic: str) -> Sequence[Sent]:
    """All records, in the order of each partition."""
    return (await everything_on_each(settings, [topic]))[topic]


async def everything_on_each(settings: Settings, names: Sequence[str]) -> Mapping[str, Sequence[Sent]]:
    """The same of many topics."""
    found = await records_on_each(settings, names)
    return {name: [_sent(record) for record in records] for name, records in found.items()}


async def records_on_each(settings: Settings, names: Sequence[str]) -> Mapping[str, Sequence[Any]]:
    """aiokafka's own records of these topics, read by one client: to come in costs more than to read."""
    read_whatever_comes()
    async with open_admin(settings) as admin:
        partitions = [one for found in (await partitions_of(admin, names)).values() for one in found]
    consumer = AIOKafkaConsumer(
        **client_options(settings), enable_auto_commit=False, auto_offset_reset="earliest"
    )
    await consumer.start()
    try:
        consumer.assign(partitions)
        ends = await consumer.end_offsets(partitions)
        found: dict[str, list[Any]] = {name: [] for name in names}
        while [p for p in partitions if await consumer.position(p) < ends[p]]:
            for partition, records in (await consumer.getmany(timeout_ms=500)).items():
                found[partition.topic] += records
        return found
    finally:
        await consumer.stop()


def _sent(record: Any) -> Sent:
    headers = dict(record.headers)
    return Sent(
        key=(record.key or b"").decode(errors="replace"),
        event_id=headers.get("ce_id", b"").decode(errors="replace"),
        type=headers.get("ce_type", b"").decode(errors="replace"),
        value=record.value or b"",
        stamp_ms=record.timestamp,
    )
