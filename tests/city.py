"""One running city for a whole run of tests: web, all slices, relay and sweeper on real Kafka and Postgres."""

from collections.abc import AsyncIterator

import pytest

from deploy.local.embedded.kafka import EmbeddedKafka
from deploy.local.embedded.postgres import EmbeddedPostgres
from tests.family import city_with_a_family
from tests.stack import FEW, Stack, free_port, fresh_database, running

#: Where its letters go, once somebody listens there and `notify` runs.
MAIL_PORT = free_port()


@pytest.fixture(scope="session")
async def city(
    postgres_server: EmbeddedPostgres, kafka_server: EmbeddedKafka, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Stack]:
    """Web, all slices in one process, relay and sweeper; started when the first test asks."""
    directory = tmp_path_factory.mktemp("city")
    stack = Stack(
        directory,
        await fresh_database(postgres_server.url),
        kafka_server.login(),
        SMTP_URL=f"smtp://127.0.0.1:{MAIL_PORT}",
        MAIL_FROM="no-reply@city.example",
        # What a report accuses reaches neither its superior nor its subordinate: the example city has none.
        CITY_DIRECTORY=str(city_with_a_family(directory)),
    )
    async with running(stack, *FEW) as city:
        yield city
