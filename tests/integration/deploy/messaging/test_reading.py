"""Topics that are read or measured without a group: what lies there is not waited for."""

import asyncio
import logging
from collections.abc import Sequence
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer

from deploy.messaging.consuming.groups import group_id
from deploy.messaging.topics.topic_pages import topic_pages
from deploy.messaging.topics.topics import lag_of
from schemas import topics
from tests.integration.deploy.rig import Rig, events


@pytest.fixture
def said(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """What aiokafka says of its asking."""
    caplog.set_level(logging.DEBUG, "aiokafka.consumer.fetcher")
    return caplog


def _arguments(said: pytest.LogCaptureFixture, begins: str) -> Sequence[Any]:
    return [record.args for record in said.records if str(record.msg).startswith(begins)]


async def test_a_topic_is_fetched_from_where_it_begins(
    rig: Rig, said: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However long that is asked for: a fetch at its end would be answered half a second later."""
    asked = AIOKafkaConsumer.beginning_offsets

    async def slowly(reader: Any, partitions: Any) -> Any:
        await asyncio.sleep(0.3)
        return await asked(reader, partitions)

    monkeypatch.setattr(AIOKafkaConsumer, "beginning_offsets", slowly)
    await rig.send_many(events(20))
    said.clear()
    pages = [page async for page in topic_pages(rig.settings, rig.topic)]

    offsets = [offset for _, offset in _arguments(said, "Adding fetch request")]
    assert 20 == sum(map(len, pages))
    assert [0] * rig.partitions == offsets[: rig.partitions]


async def test_lags_are_asked_of_topics_that_are_known(rig: Rig, said: pytest.LogCaptureFixture) -> None:
    """Each that is not would be asked about again a tenth of a second later."""
    group = group_id(rig.subscription, rig.settings)
    await rig.send_many(events(20))
    async with rig.consuming():
        await rig.has_committed(20)
    await rig.send_many(events(3))
    said.clear()
    names = [rig.topic, topics.topic_name(topics.DEAD_LETTERS, rig.settings.topic_prefix)]

    assert {group: 3} == await lag_of(rig.settings, {group: names})
    assert [] == _arguments(said, "Partition %s is unknown")
