"""Servers that were made once, to be copied: making one is the dearest part."""

import shutil
from pathlib import Path

import pytest

from deploy.local.embedded.kafka import EmbeddedKafka
from deploy.local.embedded.postgres import EmbeddedPostgres


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory of a Postgres that was made and stopped."""
    directory = tmp_path_factory.mktemp("made")
    EmbeddedPostgres(directory).__enter__().stop()
    return directory


@pytest.fixture
def again(made: Path, tmp_path: Path) -> Path:
    """A directory in which a Postgres ran before; it has no log and no port yet."""
    copy_of_postgres(made, tmp_path)
    return tmp_path


def copy_of_postgres(made: Path, directory: Path) -> None:
    """Let `directory` be one in which a Postgres ran before."""
    ignored = shutil.ignore_patterns("port", "postgres.log")
    shutil.copytree(made, directory, dirs_exist_ok=True, ignore=ignored)


@pytest.fixture
def formatted(kafka_server: EmbeddedKafka, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory with the storage of a broker that never ran: Kafka's tool for that is a Java of its own.

    Named as a city may name it, and begun by an init that speaks no language: Java reads paths in its own way.
    """
    monkeypatch.setenv("LC_ALL", "C")
    directory = tmp_path / "城市, 一号"
    for name in (
        "cluster-id",
        "node-1/formatted",
        "node-1/data/meta.properties",
        "node-1/data/bootstrap.checkpoint",
    ):
        (directory / name).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        shutil.copyfile(kafka_server.directory / name, directory / name)
    return directory
