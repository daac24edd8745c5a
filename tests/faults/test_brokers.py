"""Three brokers, three copies of everything: any one of them may die at any time."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from deploy.local.embedded.kafka import EmbeddedKafka
from deploy.local.embedded.postgres import EmbeddedPostgres
from tests.faults.traffic import check, traffic_to
from tests.stack import FEW, Stack, fresh_database, running


@pytest.fixture
async def replicated(
    postgres: EmbeddedPostgres, kafka_cluster: EmbeddedKafka, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Stack]:
    """A city on three brokers."""
    stack = Stack(
        tmp_path_factory.mktemp("replicated"),
        await fresh_database(postgres.url),
        kafka_cluster.login(),
        REPLICATION_FACTOR="3",
    )
    async with running(stack, *FEW) as city:
        yield city


async def test_each_broker_may_be_killed_in_turn(replicated: Stack, kafka_cluster: EmbeddedKafka) -> None:
    """kill -9 of one after the other, with messages flowing all the while and while each is away."""
    async with traffic_to(replicated) as traffic:
        async with traffic.flowing():
            for number in range(1, kafka_cluster.brokers + 1):
                await traffic.arrive(100)
                await asyncio.to_thread(kafka_cluster.kill_broker, number)
                await traffic.arrive(100)
                await asyncio.to_thread(kafka_cluster.start_broker, number)
        await traffic.quiet()

        await check(traffic)
    assert replicated.is_running("relay")
