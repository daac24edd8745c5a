"""The publisher for commands: `huiyin import` and the demo."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from deploy.kafka import KafkaPublisher, open_producer
from deploy.settings import Settings


@asynccontextmanager
async def kafka_publisher(settings: Settings) -> AsyncIterator[KafkaPublisher]:
    """Publishes straight to Kafka; returns from `publish` once all in-sync replicas have the event."""
    async with open_producer(settings) as producer:
        yield KafkaPublisher(producer, settings.topic_prefix)
