"""How long records are kept: what we tell Kafka, and what comes of it."""

from itertools import product

import pytest

from deploy.messaging.topics import retention_days, wanted_topics
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
