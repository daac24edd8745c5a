"""The publisher that intake's tests use keeps the promises of the real one."""

import asyncio
import secrets
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from deploy.local.embedded.kafka import EmbeddedKafka
from deploy.messaging.publisher import PatientPublisher
from deploy.messaging.topics.topics import create_topics
from deploy.settings import Settings
from schemas.city import load_city
from schemas.errors import Unavailable
from schemas.ports import Publisher
from tests.integration.deploy.reading import everything_on
from tests.kafka_in_memory import KafkaInMemory
from tests.stack import eventually
from tests.unit.deploy.records import case, supplemented


class Kafka(ABC):
    """One Kafka, as the contract sees it."""

    publisher: Publisher

    @abstractmethod
    async def cases(self) -> Sequence[str]:
        """Of the events that lie there, in order of publication for one case."""

    @abstractmethod
    async def leave(self) -> None:
        """Be away."""

    @abstractmethod
    async def come_back(self) -> None:
        """Be there again."""


class InMemory(Kafka):
    """The fake."""

    def __init__(self) -> None:
        self.publisher = self._fake = KafkaInMemory()

    async def cases(self) -> Sequence[str]:
        """See the contract."""
        return [event.case_id for event in self._fake.events]

    async def leave(self) -> None:
        """See the contract."""
        self._fake.is_away = True

    async def come_back(self) -> None:
        """See the contract."""
        self._fake.is_away = False


class Real(Kafka):
    """Apache Kafka."""

    def __init__(self, server: EmbeddedKafka, settings: Settings, publisher: PatientPublisher) -> None:
        self.publisher = publisher
        self._server = server
        self._settings = settings

    async def cases(self) -> Sequence[str]:
        """See the contract."""
        sent = await everything_on(self._settings, f"{self._settings.topic_prefix}.intake.v1")
        return [record.case_id for record in sent]

    async def leave(self) -> None:
        """See the contract."""
        await asyncio.to_thread(self._server.kill_broker, 1)

    async def come_back(self) -> None:
        """See the contract."""
        await asyncio.to_thread(self._server.start_broker, 1)


@pytest.fixture(params=["in memory", "Apache Kafka"])
async def kafka(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Kafka]:
    """Each Kafka in turn."""
    if request.param == "in memory":
        yield InMemory()
        return
    monkeypatch.setenv("HUIYIN_DATA", str(tmp_path))
    with EmbeddedKafka(tmp_path / "kafka") as server:
        settings = Settings.model_validate(
            {
                **server.client_settings(),
                "topic_prefix": f"t{secrets.token_hex(4)}",
                "secret_key": "a secret for tests only, long enough",
                "topic_partitions": 1,
                "department_partitions": 1,
            }
        )
        await create_topics(settings, load_city())
        async with PatientPublisher(settings) as publisher:
            yield Real(server, settings, publisher)


async def _gets_through(kafka: Kafka, number: int) -> None:
    async def look() -> bool:
        try:
            await kafka.publisher.publish(supplemented(number))
        except Unavailable:
            return False
        return True

    await eventually(look, every=0.2)


async def test_the_contract(kafka: Kafka) -> None:
    """What `publish` returned for is there, once; what it refused is not, not even later."""
    await _gets_through(kafka, 1)
    await kafka.publisher.publish(supplemented(2))
    await kafka.leave()
    with pytest.raises(Unavailable) as refused:
        await kafka.publisher.publish(supplemented(3))
    await kafka.come_back()
    await _gets_through(kafka, 4)

    assert [case(1), case(2), case(4)] == list(await kafka.cases())
    assert refused.value.facts["retry_after_seconds"]
