"""How many partitions our own Kafka's topics have: decided once, for life."""

from pathlib import Path

import pytest

from deploy.local.partitions import kept_partitions
from deploy.settings import Settings

FEW = {"TOPIC_PARTITIONS": "4", "DEPARTMENT_PARTITIONS": "1"}


def _started(data: Path) -> None:
    """A broker's storage is there, as after its first start."""
    (data / "kafka" / "node-1").mkdir(parents=True, exist_ok=True)
    (data / "kafka" / "node-1" / "formatted").touch()


def test_a_new_kafka_has_few_and_keeps_them(tmp_path: Path) -> None:
    """Also when somebody says something else later: they are for life."""
    assert FEW == kept_partitions(tmp_path, Settings())
    _started(tmp_path)

    assert FEW == kept_partitions(tmp_path, Settings(topic_partitions=9))


def test_whoever_says_so_before_the_first_start_has_more(tmp_path: Path) -> None:
    """What the operator did not set stays few."""
    told = kept_partitions(tmp_path, Settings(topic_partitions=24))
    _started(tmp_path)

    assert {**FEW, "TOPIC_PARTITIONS": "24"} == told == kept_partitions(tmp_path, Settings())


def test_a_start_that_failed_decides_nothing(tmp_path: Path) -> None:
    """No topic was made: what the operator says next holds."""
    kept_partitions(tmp_path, Settings())
    (tmp_path / "kafka").mkdir(exist_ok=True)

    assert {**FEW, "TOPIC_PARTITIONS": "24"} == kept_partitions(tmp_path, Settings(topic_partitions=24))


def test_a_kafka_that_goes_to_another_machine_is_as_it_was(tmp_path: Path) -> None:
    """What is moved or put back is its folder: beside a restored database nothing else of the old machine may be left."""
    (tmp_path / "lost").mkdir()
    told = kept_partitions(tmp_path / "lost", Settings(topic_partitions=24))
    _started(tmp_path / "lost")
    (tmp_path / "new").mkdir()
    (tmp_path / "lost" / "kafka").rename(tmp_path / "new" / "kafka")

    assert told == kept_partitions(tmp_path / "new", Settings())


def test_a_directory_that_knew_its_partitions_before_keeps_them(tmp_path: Path) -> None:
    """They were written above Kafka's folder."""
    _started(tmp_path)
    (tmp_path / "partitions.json").write_text('{"topic_partitions": 4, "department_partitions": 1}')

    assert FEW == kept_partitions(tmp_path, Settings(topic_partitions=9))


def test_a_kafka_of_an_earlier_release_is_as_its_topics_are(tmp_path: Path) -> None:
    """Whatever the settings say by now: counted once in what its brokers keep, each some, and written down."""
    _started(tmp_path)
    for node, topic, numbers in (
        (1, "submissions.v1", (0, 2, 10)), (2, "submissions.v1", (1, 11)), (1, "department.housing.v1", (0, 1)),
        (2, "department.district-a.v1", (2,)), (1, "audit.v1", (0,)),
    ):  # fmt: skip
        for number in numbers:
            (tmp_path / "kafka" / f"node-{node}" / "data" / f"huiyin.{topic}-{number}").mkdir(parents=True)
    (tmp_path / "kafka" / "node-1" / "data" / "huiyin.submissions.v1-77.0a1b-delete").mkdir()
    told = kept_partitions(tmp_path, Settings(topic_partitions=9))

    assert {"TOPIC_PARTITIONS": "12", "DEPARTMENT_PARTITIONS": "3"} == told
    assert (tmp_path / "kafka" / "partitions.json").exists()


def test_a_kafka_without_topics_says_nothing_of_them(tmp_path: Path) -> None:
    """They are made as the settings say, and counted at the next start."""
    _started(tmp_path)

    assert {} == kept_partitions(tmp_path, Settings())
    assert not (tmp_path / "kafka" / "partitions.json").exists()


def test_the_environment_sets_them_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As it sets everything else."""
    monkeypatch.setenv("DEPARTMENT_PARTITIONS", "3")

    assert {**FEW, "DEPARTMENT_PARTITIONS": "3"} == kept_partitions(tmp_path, Settings())
