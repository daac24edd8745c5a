"""A made-up slice on real Kafka and Postgres: one topic in, one table to write to."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import msgspec
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from deploy import clock
from deploy.bench import sending
from deploy.database.outbox import RelayNotifier
from deploy.database.pool import Pool
from deploy.messaging.client.client import client_options, open_admin
from deploy.messaging.consuming.broker import build_broker
from deploy.messaging.consuming.consumer import GroupConsumer
from deploy.messaging.consuming.consumer_context import ConsumerContext
from deploy.messaging.consuming.executor import PrepareExecutor
from deploy.messaging.consuming.groups import group_id
from deploy.messaging.dead.dead_letter_seal import letter_seal
from deploy.messaging.dead.dead_letters import DeadLetters, StoredLetter, stored_letters
from deploy.messaging.records.envelope import headers_of
from deploy.messaging.records.signature import EventKeys, FirstSigned, Genuine, event_keys
from deploy.settings import Settings
from schemas import topics
from schemas.errors import DataRefused
from schemas.event import Event, encode
from schemas.events.intake import CaseSupplemented
from schemas.ports import Handler, Prepare, Subscription, Unit, ValidateSenders
from tests.stack import eventually
from tests.unit.deploy.records import Headers, supplemented

#: Texts that the step cannot handle, each in its own way.
REFUSED, DEFECT, NUL = "refused", "defect", "a\x00b"

Before = Callable[[Sequence[Event]], Awaitable[None]]


async def nothing(_: Sequence[Event]) -> None:
    """Write as usual."""


@dataclass(slots=True, kw_only=True)
class Rig:
    """What a test needs to send, consume and look."""

    settings: Settings
    pool: Pool
    producer: AIOKafkaProducer
    #: Awaited in the step, inside the transaction, with what is about to be written.
    before: Before = nothing
    prepare: Prepare | None = None
    #: Given, outsiders write the topic.
    validate_senders: ValidateSenders | None = None
    retry_seconds: float = 10
    dead_letter_limit: int = 100
    #: Where signed records begin.
    first_signed: FirstSigned = field(default_factory=dict)
    #: How many events each call of the step had.
    calls: list[int] = field(default_factory=list)
    #: What consumers ended for.
    ended: list[BaseException] = field(default_factory=list)
    #: Texts that are handled like any other: what a fix of the code does.
    fixed: set[str] = field(default_factory=set)

    @property
    def topic(self) -> str:
        """What the slice hears."""
        return topics.topic_name(topics.INTAKE, self.settings.topic_prefix)

    @property
    def subscription(self) -> Subscription:
        """The slice's only line."""
        line = Handler(event=CaseSupplemented, step=self.step, prepare=self.prepare)
        return Subscription(
            name="scratch", topics=[topics.INTAKE], handlers=[line], validate_senders=self.validate_senders
        )

    async def step(
        self, unit: Unit, events: Sequence[CaseSupplemented], prepared: Sequence[Any] = ()
    ) -> None:
        """Write one row for each event, and say so; some texts cannot be handled."""
        self.calls.append(len(events))
        await self.before(events)
        for text in {event.text for event in events} - self.fixed:
            if text == REFUSED:
                raise DataRefused("refused_by_step")
            if text == DEFECT:
                raise KeyError(text)
        await unit.db.execute(
            "INSERT INTO scratch.seen (case_id, version, text) SELECT * FROM unnest($1::uuid[], $2::int[], $3::text[])",
            [event.case_id for event in events],
            [event.version for event in events],
            list(prepared or (event.text for event in events)),
        )
        for event in events:
            unit.emit(event)

    @property
    def keys(self) -> EventKeys:
        """What our slices sign with."""
        return event_keys(self.settings)

    # --- in

    async def send(
        self, event: Event, *, event_id: str | None = None, partition: int | None = None, **changed: Any
    ) -> tuple[bytes | None, bytes | None, Headers]:
        """`event` onto the topic, with `key`, `value` or `headers` instead of its own; returns what was sent."""
        content = {
            "key": event.case_id.encode(),
            "value": encode(event),
            "headers": headers_of(event_id or clock.new_event_id(), event.type, event.at, None),
        } | changed
        if content["headers"]:
            content["headers"] = self.keys.signed(
                self.topic, content["key"], content["value"], content["headers"]
            )
        await self.producer.send_and_wait(self.topic, partition=partition, **content)
        return content["key"], content["value"], content["headers"]

    async def send_many(self, events: Sequence[Event]) -> None:
        """All of them, in order."""
        for event in events:
            await sending.send(self.producer, event, self.topic, self.keys)
        await self.producer.flush()

    # --- through

    @asynccontextmanager
    async def consuming(self) -> AsyncIterator[GroupConsumer]:
        """A consumer of the group through FastStream, as `huiyin work` runs it; drained on leaving."""
        async with RelayNotifier(self.pool).running() as notifier:
            with PrepareExecutor() as executor:
                consumer = GroupConsumer(self.subscription, self.context(notifier, executor))
                broker = build_broker(self.settings, [consumer])
                await broker.start()
                watch = asyncio.create_task(_watch(consumer, broker.subscribers))
                try:
                    yield consumer
                finally:
                    watch.cancel()
                    await consumer.leave()
                    await broker.stop()

    def context(self, notifier: RelayNotifier, executor: PrepareExecutor) -> ConsumerContext:
        """As `huiyin work` makes them; the end of the process is written down."""
        return ConsumerContext(
            pool=self.pool,
            dead_letters=DeadLetters(self.producer, self.settings.topic_prefix, letter_seal(self.settings)),
            is_genuine=Genuine(self.keys, self.first_signed),
            executor=executor,
            notifier=notifier,
            prefix=self.settings.topic_prefix,
            audit_key=b"a" * 32,
            retry_seconds=self.retry_seconds,
            dead_letter_limit=self.dead_letter_limit,
            inbox_days=self.settings.inbox_days,
            end_process=self._end,
        )

    async def _end(self, error: BaseException) -> None:
        self.ended.append(error)
        await asyncio.Event().wait()

    # --- out

    async def seen(self) -> list[tuple[int, int]]:
        """Case (its number) and version of each row, in the order of writing."""
        rows = await self.pool.fetch("SELECT case_id, version FROM scratch.seen ORDER BY id")
        return [(row["case_id"].int, row["version"]) for row in rows]

    async def has_seen(self, count: int, *, seconds: float = 30) -> list[tuple[int, int]]:
        """The rows, once there are so many."""
        return await eventually(self.seen, is_done=lambda rows: len(rows) >= count, seconds=seconds)

    async def letters(self) -> list[StoredLetter]:
        """The dead letters."""
        return [letter async for letter in stored_letters(self.settings)]

    async def has_letters(self, count: int) -> list[StoredLetter]:
        """The dead letters, once there are so many."""
        return await eventually(self.letters, is_done=lambda letters: len(letters) >= count, every=0.2)

    async def has_ended(self) -> BaseException:
        """What the consumer ended for, once it has."""

        async def look() -> list[BaseException]:
            return self.ended

        return (await eventually(look, seconds=20))[0]

    async def committed(self) -> dict[int, int]:
        """The group's offset in each partition that has one."""
        async with open_admin(self.settings) as admin:
            offsets = await admin.list_consumer_group_offsets(group_id(self.subscription, self.settings))
        return {partition.partition: found.offset for partition, found in offsets.items()}

    async def has_committed(self, count: int) -> dict[int, int]:
        """The offsets, once they add up to so many records."""
        return await eventually(
            self.committed, is_done=lambda offsets: sum(offsets.values()) == count, every=0.1, seconds=15
        )

    async def forget_offsets(self) -> None:
        """Put the group back to the start: what a crash before the commit leaves."""
        group = group_id(self.subscription, self.settings)
        consumer = AIOKafkaConsumer(**client_options(self.settings), group_id=group, enable_auto_commit=False)
        await consumer.start()
        try:
            consumer.assign([TopicPartition(self.topic, number) for number in range(self.partitions)])
            await consumer.commit(dict.fromkeys(consumer.assignment(), 0))
        finally:
            await consumer.stop()

    @property
    def partitions(self) -> int:
        """Partitions of the topic."""
        return self.settings.topic_partitions


async def _watch(consumer: GroupConsumer, subscribers: Sequence[Any]) -> None:
    """Look at the positions once the partitions are there, as the watchdog of `huiyin work` does."""
    client = subscribers[0].consumer

    async def look() -> Any:
        return client.assignment()

    await eventually(look, seconds=60)
    await consumer.look_at_positions(client)


def events(cases: int, versions: int = 1) -> list[CaseSupplemented]:
    """So many versions of so many cases, one version of all after the other."""
    return [
        supplemented(number + 1, version=version + 1)
        for version in range(versions)
        for number in range(cases)
    ]


def with_text(event: CaseSupplemented, text: str) -> CaseSupplemented:
    """The same event with another text."""
    return msgspec.structs.replace(event, text=text)
