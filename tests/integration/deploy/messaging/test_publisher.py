"""Intake's way to Kafka from the web, while brokers come and go."""

import asyncio
import time
from datetime import timedelta

import pytest

from deploy import clock
from deploy.local.embedded.kafka import EmbeddedKafka
from deploy.messaging.publisher import PatientPublisher, kafka_publisher
from deploy.settings import Settings
from schemas.errors import Unavailable
from schemas.event import Event
from tests.integration.deploy.reading import everything_on
from tests.integration.deploy.rig import Rig
from tests.stack import eventually
from tests.unit.deploy.records import case, supplemented


async def _gets_through(publisher: PatientPublisher, event: Event) -> None:
    async def look() -> bool:
        try:
            await publisher.publish(event)
        except Unavailable:
            return False
        return True

    await eventually(look, every=0.1)


async def test_what_was_refused_is_never_sent(own_kafka: EmbeddedKafka, own_settings: Settings) -> None:
    """Kafka away: `Unavailable` within seconds; when it is back, new events go through and the refused one does not."""
    async with PatientPublisher(own_settings) as publisher:
        await _gets_through(publisher, supplemented(1))
        await asyncio.to_thread(own_kafka.kill_broker, 1)
        began = time.monotonic()
        with pytest.raises(Unavailable) as refused:
            await publisher.publish(supplemented(2))
        took = time.monotonic() - began
        await asyncio.to_thread(own_kafka.start_broker, 1)
        await _gets_through(publisher, supplemented(3))

    sent = await everything_on(own_settings, f"{own_settings.topic_prefix}.intake.v1")
    assert {case(1), case(3)} == {record.case_id for record in sent}
    assert took < 12
    assert refused.value.facts["retry_after_seconds"]


async def test_a_site_that_starts_before_kafka(own_kafka: EmbeddedKafka, own_settings: Settings) -> None:
    """It refuses at once instead of waiting, and publishes as soon as Kafka is there."""
    await asyncio.to_thread(own_kafka.kill_broker, 1)
    async with PatientPublisher(own_settings) as publisher:
        began = time.monotonic()
        with pytest.raises(Unavailable):
            await publisher.publish(supplemented(1))
        took = time.monotonic() - began
        await asyncio.to_thread(own_kafka.start_broker, 1)
        await _gets_through(publisher, supplemented(2))

    assert took < 1


async def test_a_message_bears_the_time_that_all_go_by(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """A web on a machine whose own clock is an hour ahead of the broker's would have every message refused."""
    earlier = clock.now() - timedelta(hours=2)
    monkeypatch.setattr(clock, "now", lambda: earlier)
    async with kafka_publisher(rig.settings) as publisher:
        await publisher.publish(supplemented(1))

    (sent,) = await everything_on(rig.settings, f"{rig.settings.topic_prefix}.intake.v1")
    assert int(earlier.timestamp() * 1000) == sent.stamp_ms
