"""A broker whose clock is far behind the database's takes no record, and who sends to it says so."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from deploy import clock
from deploy.database.unit_of_work import unit_of_work
from deploy.messaging.publisher import kafka_publisher
from deploy.messaging.topics import refused_time
from deploy.messaging.topics.probe import KafkaProbe
from deploy.processes.relay import relay
from deploy.processes.runtime import Process
from schemas.errors import Unavailable
from tests.integration.deploy.reading import everything_on
from tests.integration.deploy.rig import Rig, events
from tests.stack import eventually
from tests.unit.deploy.records import supplemented


@contextmanager
def _broker_two_hours_behind() -> Iterator[None]:
    """As it is for whoever sends; what was heard of refusals is forgotten afterwards."""
    later = clock.now() + timedelta(hours=2)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(refused_time, "_last", refused_time._Refusal())
        patch.setattr(clock, "now", lambda: later)
        yield


async def test_a_broker_that_refuses_our_time_is_no_kafka_that_is_well(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every message is answered 503 there: the web says so instead of ready, until no refusal has come for a while."""
    probe = KafkaProbe(rig.settings)
    async with kafka_publisher(rig.settings) as publisher:
        with _broker_two_hours_behind():
            with pytest.raises(Unavailable):
                await publisher.publish(supplemented(1))
            refused = await probe.check()
            monkeypatch.setattr(refused_time, "REMEMBERED_SECONDS", 0.0)
            later = await probe.check()
        await publisher.publish(supplemented(2))
    await probe.close()

    sentence = refused_time.SENTENCE
    assert {"ok": False, "reason": sentence.en, "reason_zh": sentence.zh} == refused
    assert {"ok": True} == later


async def test_a_relay_whose_time_is_refused_says_so(rig: Rig) -> None:
    """Nothing of the outbox is lost: once the broker's clock is set, all goes by itself."""
    async with unit_of_work(rig.pool, prefix=rig.settings.topic_prefix) as unit:
        for event in events(2, 1):
            unit.emit(event)
    process = Process(name="relay", settings=rig.settings, pool=rig.pool)

    async def reason() -> str:
        return str(process.health["reason"])

    async def rows_left() -> int:
        return int(await rig.pool.fetchval("SELECT count(*) FROM deploy.outbox"))

    with _broker_two_hours_behind():
        running = asyncio.create_task(relay(process))
        await eventually(reason, is_done=lambda said: said == refused_time.SENTENCE.en)
        waiting = await rows_left()
    await eventually(rows_left, is_done=lambda count: count == 0)
    process.stopping.set()
    await running

    assert 2 == waiting
    assert 2 == len(await everything_on(rig.settings, rig.topic))
