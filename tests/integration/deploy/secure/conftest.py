"""One secured Kafka and one secured Postgres for all tests here, and a city that knows no other way in."""

from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack

import aiohttp
import asyncpg
import pytest

from deploy.local.embedded.postgres import EmbeddedPostgres
from tests.integration.deploy.secure.certificates import Authority
from tests.integration.deploy.secure.kafka import SecureKafka, our_rights, secure_kafka, settings_for
from tests.integration.deploy.secure.postgres import SecurePostgres, new_name, programs, secure_postgres
from tests.stack import FEW, Stack, fresh_database, running


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Whom the city trusts."""
    return Authority(tmp_path_factory.mktemp("certificates"), "city")


@pytest.fixture(scope="session")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Whom it does not."""
    return Authority(tmp_path_factory.mktemp("certificates"), "stranger")


@pytest.fixture(scope="session")
def kafka(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecureKafka]:
    """A secured broker."""
    with secure_kafka(tmp_path_factory.mktemp("secure-kafka"), authority) as server:
        yield server


@pytest.fixture(scope="session")
def own_postgres(
    authority: Authority, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[SecurePostgres | None]:
    """A secured Postgres, where this machine has one."""
    folder = programs()
    with ExitStack() as stack:
        directory = tmp_path_factory.mktemp("secure-postgres")
        yield stack.enter_context(secure_postgres(directory, folder, authority)) if folder else None


@pytest.fixture
def postgres(own_postgres: SecurePostgres | None) -> SecurePostgres:
    """A secured Postgres."""
    if own_postgres is None:
        pytest.skip("no Postgres on this machine was built with TLS")
    return own_postgres


@pytest.fixture(scope="session")
async def database_url(own_postgres: SecurePostgres | None, request: pytest.FixtureRequest) -> str:
    """An empty database: behind TLS where this machine can do that."""
    if own_postgres is None:
        server: EmbeddedPostgres = request.getfixturevalue("postgres_server")
        return await fresh_database(server.url)
    name = new_name()
    connection = await asyncpg.connect(own_postgres.url())
    try:
        await connection.execute(f"CREATE DATABASE {name}")
    finally:
        await connection.close()
    return own_postgres.url(name)


@pytest.fixture(scope="session")
async def secure_city(
    kafka: SecureKafka, authority: Authority, database_url: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Stack]:
    """Web, all slices, relay and sweeper, let in through TLS and passwords, with no right more than documented."""
    settings = settings_for(kafka.sasl_ssl, "huiyin", authority.file)
    stack = Stack(tmp_path_factory.mktemp("secure-city"), database_url, settings)
    await kafka.allow("huiyin", our_rights(stack.prefix))
    async with running(stack, *FEW) as city:
        yield city


@pytest.fixture
async def http(secure_city: Stack) -> AsyncIterator[aiohttp.ClientSession]:
    """A caller without a browser."""
    async with aiohttp.ClientSession(secure_city.url) as session:
        yield session
