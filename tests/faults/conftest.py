"""A city on servers of its own, so that tests may kill them."""

from collections.abc import AsyncIterator, Iterator

import pytest

from deploy.local.embedded.kafka import EmbeddedKafka
from deploy.local.embedded.postgres import EmbeddedPostgres
from tests.faults.traffic import Traffic, traffic_to
from tests.stack import ALL, Stack, fresh_database, running


@pytest.fixture(scope="package")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    """Whoever kills it starts it again."""
    with EmbeddedPostgres(tmp_path_factory.mktemp("postgres")) as server:
        yield server


@pytest.fixture(scope="package")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedKafka]:
    """Whoever kills it starts it again."""
    with EmbeddedKafka(tmp_path_factory.mktemp("kafka")) as server:
        yield server


@pytest.fixture(scope="package")
async def city(
    postgres: EmbeddedPostgres, kafka: EmbeddedKafka, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Stack]:
    """Each process by itself."""
    # A client that never comes back after an outage (aiokafka knows several ways) is ended by the watchdog and started again
    # as `up` would: within the time that a test waits.
    settings = {**kafka.login(), "STUCK_SECONDS": "45"}
    stack = Stack(tmp_path_factory.mktemp("city"), await fresh_database(postgres.url), settings)
    async with running(stack, *ALL) as city:
        yield city


@pytest.fixture(scope="package")
async def traffic(city: Stack) -> AsyncIterator[Traffic]:
    """Messages to it; one ledger over all tests, so that each finds what an earlier one lost."""
    async with traffic_to(city) as traffic:
        yield traffic
