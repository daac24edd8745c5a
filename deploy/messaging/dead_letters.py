"""Dead letters: records that cannot pass, kept whole on their own topic with the reason; and bringing them back."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import RecordsToDelete

from deploy import clock
from deploy.messaging.client import client_options, gather_confirmed, open_admin
from deploy.messaging.record_batches import read_whatever_comes
from deploy.messaging.signature import KEY_ID, SIGNATURE, EventKeys
from deploy.messaging.topics import partitions_of
from deploy.settings import Settings
from schemas.topics import DEAD_LETTERS, topic_name

_PREFIX = "dlq_"
#: What is kept of a record; with our headers it must fit what the topic takes (`deploy/messaging/client.py`).
MAX_KEPT_BYTES = 3 * 1024 * 1024
#: What is kept of the key and of the value of a larger one, which some clusters let through.
_CUT_BYTES = 512 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """A record as it came, the consumer that could not handle it, and why."""

    record: Any
    stage: str
    reason: str
    #: How often this consumer tried the record before it gave up: with its batch, with halves of it, alone, and each time
    #: that something transient was in the way.
    attempts: int = 1
    #: Whether it counts against the limit that stops a consumer; an outsider's own fault does not.
    is_ours: bool = True

    @property
    def size(self) -> int:
        """Bytes of the record's key, value and headers together."""
        record = self.record
        headers = sum(len(name.encode()) + len(value or b"") for name, value in record.headers)
        return len(record.key or b"") + len(record.value or b"") + headers

    def content(self) -> dict[str, Any]:
        """What is sent: all of it, or the beginning of what is larger than the topic takes."""
        if self.size <= MAX_KEPT_BYTES:
            return {"headers": self.headers(), **_content(self.record)}
        key, value = ((part or b"")[:_CUT_BYTES] for part in (self.record.key, self.record.value))
        cut = (_PREFIX + "cut_from", str(self.size).encode())
        return {"key": key, "value": value, "headers": [cut, *self._facts()]}

    def headers(self) -> list[tuple[str, bytes | None]]:
        """The original headers, byte for byte, then ours."""
        original = [(name, value) for name, value in self.record.headers if not name.startswith(_PREFIX)]
        return [*original, *self._facts()]

    def _facts(self) -> list[tuple[str, bytes | None]]:
        record = self.record
        facts = {
            "reason": self.reason,
            "stage": self.stage,
            "topic": record.topic,
            "partition": record.partition,
            "offset": record.offset,
            "attempts": self.attempts,
            "first_failed_at": clock.now().isoformat(),
            "app_version": version("huiyin"),
        }
        return [(_PREFIX + name, str(fact).encode()) for name, fact in facts.items()]


class DeadLetters:
    """Where consumers put what they cannot handle."""

    def __init__(self, producer: AIOKafkaProducer, prefix: str) -> None:
        self._producer = producer
        self._topic = topic_name(DEAD_LETTERS, prefix)

    async def store(self, letters: Sequence[DeadLetter]) -> None:
        """Return once Kafka has them all.

        Raises:
            KafkaError: it has not; the batch's offsets must not be committed.
        """
        futures = [await self._producer.send(self._topic, **letter.content()) for letter in letters]
        await gather_confirmed(futures)


def _content(record: Any) -> dict[str, bytes | None]:
    """Key and value as they came; the client sends none that lacks both: such a one gets an empty value."""
    value = b"" if record.key is None and record.value is None else record.value
    return {"key": record.key, "value": value}


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredLetter:
    """A dead letter as it lies on the topic."""

    record: Any

    @property
    def id(self) -> str:
        """`PARTITION-OFFSET` on the dead letters' topic."""
        return f"{self.record.partition}-{self.record.offset}"

    def fact(self, name: str) -> str:
        """One of our headers, as text."""
        for header, value in self.record.headers:
            if header == _PREFIX + name:
                return str(value.decode(errors="replace"))
        return ""

    def original_headers(self) -> list[tuple[str, bytes | None]]:
        """The headers it first came with: the event id among them, so that a replay is handled once."""
        return [(name, value) for name, value in self.record.headers if not name.startswith(_PREFIX)]

    def matches(self, *, reason: str | None, topic: str | None, ids: Sequence[str]) -> bool:
        """Whether the filters pick it."""
        return (
            (reason is None or self.fact("reason").startswith(reason))
            and (topic is None or self.fact("topic") == topic)
            and (not ids or self.id in ids)
        )


async def stored_letters(settings: Settings) -> AsyncGenerator[StoredLetter, None]:
    """Every dead letter on the topic that was not dropped, oldest first per partition; ends at the present end."""
    read_whatever_comes()
    topic = topic_name(DEAD_LETTERS, settings.topic_prefix)
    async with open_admin(settings) as admin:
        partitions = (await partitions_of(admin, [topic]))[topic]
    consumer = AIOKafkaConsumer(**client_options(settings), enable_auto_commit=False)
    await consumer.start()
    try:
        consumer.assign(partitions)
        ends = await consumer.end_offsets(partitions)
        starts = await consumer.beginning_offsets(partitions)
        for partition in partitions:
            consumer.seek(partition, starts[partition])
        for partition in sorted(partitions):
            async for kept in _read_to(consumer, partition, ends[partition]):
                yield kept
    finally:
        await consumer.stop()


async def _read_to(
    consumer: AIOKafkaConsumer, partition: TopicPartition, end: int
) -> AsyncGenerator[StoredLetter, None]:
    while await consumer.position(partition) < end:
        batches = await consumer.getmany(partition, timeout_ms=1000, max_records=500)
        for record in batches.get(partition, []):
            if record.offset < end:
                yield StoredLetter(record=record)


async def replay(producer: AIOKafkaProducer, letter: StoredLetter, vouching: EventKeys | None = None) -> None:
    """Send it once more to the topic it came from, with its own key, value, headers and event id.

    Its signature is its own, too; `vouching`: these keys sign it anew, whoever wrote it.
    """
    topic, headers, content = letter.fact("topic"), letter.original_headers(), _content(letter.record)
    if vouching is not None:
        bare = [(name, value) for name, value in headers if name not in (KEY_ID, SIGNATURE)]
        headers = [*vouching.signed(topic, content["key"], content["value"], bare)]
    await producer.send_and_wait(topic, headers=headers, **content)


async def delete_up_to(settings: Settings, partition: int, offset: int) -> None:
    """Delete the letter at `offset` and all before it in its partition.

    Raises:
        KafkaError: the broker refused.
    """
    topic = TopicPartition(topic_name(DEAD_LETTERS, settings.topic_prefix), partition)
    async with open_admin(settings) as admin:
        await admin.delete_records({topic: RecordsToDelete(before_offset=offset + 1)})
