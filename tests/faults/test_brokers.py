"""Three brokers, three copies of everything: any one of them may die at any time."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest
from aiokafka.admin import NewTopic

from deploy.local.embedded.kafka import EmbeddedKafka
from deploy.local.embedded.postgres import EmbeddedPostgres
from deploy.messaging.client.client import open_admin
from deploy.messaging.topics import probe as probes
from deploy.messaging.topics.probe import KafkaProbe
from schemas import topics
from tests.faults.traffic import check, settings_of, traffic_to
from tests.stack import FEW, Stack, eventually, fresh_database, running


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedKafka]:
    """Three brokers, for all tests here: to start them is what costs."""
    with EmbeddedKafka(tmp_path_factory.mktemp("cluster"), brokers=3) as server:
        yield server


@pytest.fixture
async def replicated(
    postgres: EmbeddedPostgres, cluster: EmbeddedKafka, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Stack]:
    """A city on three brokers."""
    stack = Stack(
        tmp_path_factory.mktemp("replicated"),
        await fresh_database(postgres.url),
        cluster.login(),
        REPLICATION_FACTOR="3",
    )
    async with running(stack, *FEW) as city:
        yield city


async def _has_no_reason(probe: KafkaProbe) -> bool:
    return {"ok": True} == await probe.check()


async def test_each_broker_may_be_killed_in_turn(replicated: Stack, cluster: EmbeddedKafka) -> None:
    """kill -9 of one after the other, with messages flowing all the while; meanwhile nobody calls Kafka away."""
    probe = KafkaProbe(settings_of(replicated), [topics.topic_name(topics.SUBMISSIONS, replicated.prefix)])
    well: list[tuple[int, bool]] = []
    whole: list[bool] = []
    async with traffic_to(replicated) as traffic:
        async with traffic.flowing():
            for number in range(1, cluster.brokers + 1):
                await traffic.arrive(100)
                await eventually(lambda: _has_no_reason(probe))
                await asyncio.to_thread(cluster.kill_broker, number)
                well += [(number, (await probe.check())["ok"]) for _ in range(5)]
                whole.append(cluster.is_alive())
                await traffic.arrive(100)
                await asyncio.to_thread(cluster.start_broker, number)
                whole.append(cluster.is_alive())
        await traffic.quiet()

        await check(traffic)
    await probe.close()
    assert replicated.is_running("relay")
    assert [] == [number for number, is_well in well if not is_well], (
        "the one that we are connected to as well"
    )
    assert [False, True] * cluster.brokers == whole


async def test_only_when_all_brokers_are_gone_is_kafka_away(
    cluster: EmbeddedKafka, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Said once the time is over that an election may take. The last test here: it leaves none."""
    async with open_admin(cluster.settings()) as admin:
        await admin.create_topics([NewTopic("asked", num_partitions=1, replication_factor=cluster.brokers)])
    probe = KafkaProbe(cluster.settings(), ["asked"])
    await eventually(lambda: _has_no_reason(probe))
    for number in range(1, cluster.brokers + 1):
        await asyncio.to_thread(cluster.kill_broker, number)
    monkeypatch.setattr(probes, "GRACE_SECONDS", 0.0)

    assert not (await probe.check())["ok"]
    await probe.close()
