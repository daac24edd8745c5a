"""Whether Kafka is there for us, on real brokers."""

from pathlib import Path

import pytest

from deploy.local.embedded.kafka import EmbeddedKafka
from deploy.messaging import probe as probes
from deploy.messaging.client import open_admin
from deploy.messaging.probe import KafkaProbe
from deploy.messaging.topics import wanted_topics
from deploy.settings import Settings
from schemas import topics
from schemas.city import load_city
from schemas.topics import topic_name
from tests.stack import eventually


async def test_a_topic_that_is_not_there_is_named(settings: Settings, made_topics: None) -> None:
    """The cluster answers, and yet nobody could send."""
    there = KafkaProbe(settings, [topic_name(topics.SUBMISSIONS, settings.topic_prefix)])
    gone = KafkaProbe(settings, [topic_name(topics.SLA, settings.topic_prefix)])
    try:
        assert {"ok": True} == await there.check()
        found = await gone.check()
        assert not found["ok"]
        assert f"topic {settings.topic_prefix}.sla.v1 is missing" == found["reason"]
        assert f"没有主题 {settings.topic_prefix}.sla.v1" == found["reason_zh"]
    finally:
        await there.close()
        await gone.close()


async def test_one_broker_of_three_may_go(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each in turn, the one that we are connected to as well; only when all are gone is Kafka away."""
    monkeypatch.setattr(probes, "GRACE_SECONDS", 12.0)
    with EmbeddedKafka(tmp_path / "kafka", brokers=3) as three:
        own = settings.model_copy(update={**three.client_settings(), "replication_factor": 3})
        name = topic_name(topics.SUBMISSIONS, own.topic_prefix)
        async with open_admin(own) as admin:
            await admin.create_topics([wanted_topics(own, load_city())[name]])
        probe = KafkaProbe(own, [name])
        await eventually(lambda: _is_well(probe))
        for number in (1, 2, 3):
            three.kill_broker(number)
            assert [True] * 5 == [(await probe.check())["ok"] for _ in range(5)]
            three.start_broker(number)
            await eventually(lambda: _has_no_reason(probe), seconds=60)
        for number in (1, 2, 3):
            three.kill_broker(number)
        monkeypatch.setattr(probes, "GRACE_SECONDS", 0.0)
        assert not (await probe.check())["ok"]
        await probe.close()


async def _is_well(probe: KafkaProbe) -> bool:
    return bool((await probe.check())["ok"])


async def _has_no_reason(probe: KafkaProbe) -> bool:
    return {"ok": True} == await probe.check()
