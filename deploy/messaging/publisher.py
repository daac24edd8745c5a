"""Intake's way straight to Kafka: from commands, and from the web, where Kafka may be away at the start."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from types import TracebackType

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from deploy import clock
from deploy.access import loggable_reason
from deploy.messaging.client.client import observed, open_producer
from deploy.messaging.records.envelope import headers_of
from deploy.messaging.records.signature import EventKeys, event_keys
from deploy.observability import tracing
from deploy.observability.disk import Room
from deploy.settings import Settings
from schemas import topics
from schemas.errors import Unavailable
from schemas.event import Event, encode

log = structlog.get_logger()

#: Between two tries to reach a Kafka that was away at the start (project choice).
_RETRY_SECONDS = 1.0
#: An idempotent producer never gives a batch up: what the citizen was told is not submitted would be sent once
#: Kafka is back. This one gives up before `PUBLISH_SECONDS`; what it sends twice has one event id, which inboxes absorb.
_GIVES_UP = {"enable_idempotence": False, "request_timeout_ms": 6_000}

#: How long a citizen waits for Kafka before hearing that it is away (project choice: browsers and proxies wait longer).
PUBLISH_SECONDS = 8.0


class KafkaPublisher:
    """`schemas.ports.Publisher` over a producer that somebody else opens and closes."""

    def __init__(self, producer: AIOKafkaProducer, prefix: str, keys: EventKeys) -> None:
        self._producer = producer
        self._prefix = prefix
        self._keys = keys

    async def publish(self, event: Event) -> None:
        """Return once Kafka has it on all in-sync replicas.

        Raises:
            Unavailable: not within `PUBLISH_SECONDS`; a late confirmation is nobody's error any more.
        """
        topic, key, value = (
            topics.topic_name(event.producer, self._prefix),
            event.case_id.encode(),
            encode(event),
        )
        headers = headers_of(clock.new_event_id(), event.type, event.at, tracing.traceparent_now(), key)
        signed = self._keys.signed(topic, key, value, headers)
        try:
            async with asyncio.timeout(PUBLISH_SECONDS):
                future = await self._producer.send(topic, value=value, key=key, headers=signed)
                future.add_done_callback(observed)
                await asyncio.shield(future)
        except (KafkaError, TimeoutError) as error:
            log.warning("publish.failed", type=event.type, error=type(error).__name__)
            raise Unavailable("kafka") from error


@asynccontextmanager
async def kafka_publisher(settings: Settings) -> AsyncIterator[KafkaPublisher]:
    """Publishes straight to Kafka; returns from `publish` once all in-sync replicas have the event."""
    async with open_producer(settings) as producer:
        yield KafkaPublisher(producer, settings.topic_prefix, event_keys(settings))


class PatientPublisher:
    """Publishes where Kafka is there, and says `Unavailable` where it is not: the site starts and answers without it."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._keys = event_keys(settings)
        self._room = Room(settings)
        self._publisher: KafkaPublisher | None = None
        self._connecting: asyncio.Task[None] | None = None
        self._stack = AsyncExitStack()

    async def publish(self, event: Event) -> None:
        """As `KafkaPublisher.publish`.

        Raises:
            Unavailable: also at once, while Kafka has never been reached since the start, or the disk is nearly full.
        """
        self._room.ensure()
        if self._publisher is None:
            raise Unavailable("kafka")
        await self._publisher.publish(event)

    async def __aenter__(self) -> "PatientPublisher":
        self._connecting = asyncio.create_task(self._connect(), name="kafka producer")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._connecting is not None:
            self._connecting.cancel()
            await asyncio.gather(self._connecting, return_exceptions=True)
        await self._stack.aclose()

    def _open(self) -> AbstractAsyncContextManager[AIOKafkaProducer]:
        return open_producer(self._settings, linger_ms=2, **_GIVES_UP)

    async def _connect(self) -> None:
        while self._publisher is None:
            try:
                producer = await self._stack.enter_async_context(self._open())
            except Exception as error:  # noqa: BLE001  whatever it is, it is said, and nobody else would try again
                log.warning("publisher.waits", error=type(error).__name__, reason=loggable_reason(error))
                await asyncio.sleep(_RETRY_SECONDS)
            else:
                self._publisher = KafkaPublisher(producer, self._settings.topic_prefix, self._keys)
