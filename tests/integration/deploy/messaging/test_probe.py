"""Whether Kafka is there for us, on a real broker."""

from deploy.messaging.topics.probe import KafkaProbe
from deploy.settings import Settings
from schemas import topics
from schemas.topics import topic_name


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
