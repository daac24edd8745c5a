"""How long records are kept: what we tell Kafka, and what comes of it."""

from itertools import product
from typing import Any

import pytest
from aiokafka.errors import LeaderNotAvailableError, UnknownTopicOrPartitionError

from deploy.messaging.topics.topics import _until_known, retention_days, wanted_topics
from deploy.settings import Settings
from schemas import topics
from schemas.city import load_city
from schemas.topics import topic_name

_DAY_MS = 24 * 3600 * 1000
#: Between two looks of a broker, and before a deleted file is gone: `log.retention.check.interval.ms` and
#: `file.delete.delay.ms`, as Kafka ships them.
_BROKER_MS = 5 * 60_000 + 60_000


@pytest.mark.parametrize(("short", "inbox_days"), list(product(topics.ALL, (8, 20, 31, 400))))
def test_a_record_is_gone_when_we_said_and_before_inboxes_forget_it(short: str, inbox_days: int) -> None:
    """The oldest record of a segment lives a segment's time longer than the retention, and until a broker looks."""
    settings = Settings(inbox_days=inbox_days)
    configs = wanted_topics(settings, load_city())[topic_name(short, settings.topic_prefix)].topic_configs
    oldest_ms = int(configs["retention.ms"]) + int(configs["segment.ms"]) + _BROKER_MS

    assert oldest_ms <= retention_days(short, settings) * _DAY_MS
    assert retention_days(short, settings) < inbox_days
    if short in (topics.SUBMISSIONS, topics.COMMANDS, topics.DEAD_LETTERS):
        assert retention_days(short, settings) == 7
        assert oldest_ms > 6.5 * _DAY_MS


def test_an_inbox_that_forgets_sooner_than_submissions_go_is_refused() -> None:
    """Kafka could bring what nobody remembers."""
    with pytest.raises(ValueError, match=r"INBOX_DAYS|inbox_days"):
        Settings(inbox_days=7)


class _SlowToHear:
    """Brokers of which two that are asked have not heard of the topic yet."""

    def __init__(self) -> None:
        self.asked = 0

    async def describe_topics(self, names: list[str]) -> list[dict[str, Any]]:
        """As aiokafka's admin client tells it."""
        self.asked += 1
        code = {1: UnknownTopicOrPartitionError.errno, 2: LeaderNotAvailableError.errno}.get(self.asked, 0)
        return [{"error_code": code, "topic": name, "partitions": [{"partition": 0}]} for name in names]


async def test_a_new_topic_is_waited_for_until_whoever_is_asked_knows_it() -> None:
    """The first start goes on with topics that are there, whichever broker it asks."""
    brokers: Any = _SlowToHear()

    await _until_known(brokers, ["new"])

    assert 3 == brokers.asked
