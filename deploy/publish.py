"""Intake's way to Kafka from the web: a producer that is made anew when Kafka comes back."""

import asyncio
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from types import TracebackType

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from opentelemetry.propagate import inject

from deploy.kafka import KafkaPublisher, open_producer
from deploy.refusals import reason_of
from deploy.settings import Settings
from schemas.errors import Unavailable
from schemas.event import Event

log = structlog.get_logger()

#: Between two tries to reach a Kafka that was away at the start.
_RETRY_SECONDS = 1.0
#: An idempotent producer never gives a batch up: what the citizen was told is not submitted would be sent once
#: Kafka is back. This one gives up before `PUBLISH_SECONDS`; what it sends twice has one event id, which inboxes absorb.
_GIVES_UP = {"enable_idempotence": False, "request_timeout_ms": 6_000}


class PatientPublisher:
    """Publishes where Kafka is there, and says `Unavailable` where it is not: the site starts and answers without it."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._publisher: KafkaPublisher | None = None
        self._connecting: asyncio.Task[None] | None = None
        self._stack = AsyncExitStack()

    async def publish(self, event: Event) -> None:
        """See `schemas.ports.Publisher`."""
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
            except KafkaError as error:
                log.warning("publisher.waits", error=type(error).__name__, reason=reason_of(error))
                await asyncio.sleep(_RETRY_SECONDS)
            else:
                self._publisher = KafkaPublisher(producer, self._settings.topic_prefix, _current_traceparent)


def _current_traceparent() -> str | None:
    carrier: dict[str, str] = {}
    inject(carrier)
    return carrier.get("traceparent")
