"""What topics of earlier releases are set to: all of it at once, and all of it named where we may not."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka.admin.config_resource import ConfigResource

from deploy.commands.checks import kafka as kafka_checks
from deploy.messaging.topics import topics as topics_on_brokers
from deploy.messaging.topics.topics import create_topics, wanted_topics
from deploy.settings import Settings
from schemas import topics
from schemas.city import load_city
from schemas.topics import topic_name

SETTINGS = Settings()
AUDIT, COMMANDS = (topic_name(each, SETTINGS.topic_prefix) for each in (topics.AUDIT, topics.COMMANDS))
#: Both as an earlier release left them, or somebody by hand: all that is set on the topic itself.
EARLIER = {
    AUDIT: {"retention.ms": "604800000", "flush.messages": "1"},
    COMMANDS: {
        "retention.ms": "2592000000",
        "message.timestamp.type": "CreateTime",
        "max.message.bytes": "1048576",
    },
}


class _SlowToHear:
    """Brokers with all topics, of which those that are asked have heard of no change yet."""

    def __init__(self) -> None:
        self.altered: list[tuple[str, Mapping[str, str]]] = []

    async def list_topics(self) -> list[str]:
        """As aiokafka's admin client tells it, and so are the others."""
        return list(wanted_topics(SETTINGS, load_city()))

    async def describe_configs(self, asked: Sequence[ConfigResource]) -> list[Any]:
        return [
            SimpleNamespace(resources=[(0, "", 2, each.name, self._entries(each.name)) for each in asked])
        ]

    def _entries(self, name: str) -> list[tuple[str, str, bool, int]]:
        return [(key, value, False, 1) for key, value in EARLIER.get(name, {}).items()]

    async def alter_configs(self, asked: Sequence[ConfigResource]) -> list[Any]:
        self.altered += [(each.name, each.configs) for each in asked]
        return [SimpleNamespace(resources=[(0, "", 2, each.name) for each in asked])]


@pytest.fixture
def brokers(monkeypatch: pytest.MonkeyPatch) -> _SlowToHear:
    """Brokers whose topics are those of an earlier release."""
    found = _SlowToHear()

    @asynccontextmanager
    async def opened(_settings: Settings) -> AsyncIterator[_SlowToHear]:
        yield found

    for module in (topics_on_brokers, kafka_checks):
        monkeypatch.setattr(module, "open_admin", opened)
    return found


async def test_a_broker_that_has_not_heard_of_a_change_yet_does_not_have_it_taken_back(
    brokers: _SlowToHear,
) -> None:
    """Whoever changes one setting says all of them again: what was shortened just before would be as long as it was."""
    wanted = wanted_topics(SETTINGS, load_city())[COMMANDS].topic_configs

    await create_topics(SETTINGS, load_city())

    changes = [configs for name, configs in brokers.altered if name == COMMANDS]
    assert [
        {
            "retention.ms": wanted["retention.ms"],
            "message.timestamp.type": "LogAppendTime",
            "max.message.bytes": "1048576",
        }
    ] == changes
    kept = {
        "retention.ms": "-1",
        "flush.messages": "1",
    }
    assert [kept] == [configs for name, configs in brokers.altered if name == AUDIT]


async def test_the_remedy_names_all_that_is_to_be_set(brokers: _SlowToHear) -> None:
    """Anchors that go and commands that their senders stamp at once: whoever does what is said has mended both."""
    finding = await kafka_checks.check_topics(SETTINGS)

    assert finding.remedy is not None
    for said in (finding.remedy.zh, finding.remedy.en):
        assert "retention.bytes=-1" in said
        assert "message.timestamp.type=LogAppendTime" in said
        assert "huiyin audit verify" in said
    assert not brokers.altered
