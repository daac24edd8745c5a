"""Real servers for tests: one Postgres and one Kafka for the whole run, started when the first test asks."""

from collections.abc import Iterator

import pytest

from deploy.local.embedded.kafka import EmbeddedKafka
from deploy.local.embedded.postgres import EmbeddedPostgres

#: Nothing waits for the disk. What was committed outlives kill -9 all the same: only a crash of the machine takes it. Not
#: `synchronous_commit = off`: the last commits would be in the server's own memory alone.
_FORGETFUL = "fsync = off\nfull_page_writes = off\n"
#: Nor does it look through a hundred databases again and again for rows that nobody needs any more (project choice: longer
#: than most parts run).
_UNSWEPT = "autovacuum_naptime = 5min\n"


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    """A Postgres server with an empty database; its role may create more databases. No test cuts its power."""
    directory = tmp_path_factory.mktemp("postgres")
    (directory / "postgresql.local.conf").write_text(_FORGETFUL + _UNSWEPT, encoding="utf-8")
    with EmbeddedPostgres(directory) as server:
        yield server


@pytest.fixture(scope="session")
def kafka_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedKafka]:
    """A Kafka broker without topics."""
    with EmbeddedKafka(tmp_path_factory.mktemp("kafka")) as server:
        yield server
