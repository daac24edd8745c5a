"""The embedded Kafka: one broker, and what it survives. Three: `tests/faults/test_brokers`."""

import shutil
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka.admin import NewTopic

from deploy.local.embedded import jars, java
from deploy.local.embedded.errors import DataGone, DirectoryInUse, JarsUnusable
from deploy.local.embedded.kafka import EmbeddedKafka
from deploy.local.embedded.kafka_connection import Login
from deploy.local.embedded.kafka_probe import known_brokers
from deploy.messaging.client.client import client_options, open_admin, open_producer
from tests.integration.deploy.local.embedded.killed import server_of_a_killed_parent

_PARENT = """
import sys, time
from pathlib import Path
from deploy.local.embedded.kafka import EmbeddedKafka
server = EmbeddedKafka(Path(sys.argv[1]))
server.start()
print(server.pids[0], flush=True)
time.sleep(600)
"""


async def _make_topic(server: EmbeddedKafka, name: str) -> None:
    async with open_admin(server.settings()) as admin:
        await admin.create_topics([NewTopic(name, num_partitions=1, replication_factor=1)])


async def _send(server: EmbeddedKafka, topic: str, *values: bytes) -> None:
    async with open_producer(server.settings()) as producer:
        for value in values:
            await producer.send_and_wait(topic, value)


async def _received(server: EmbeddedKafka, topic: str, count: int) -> list[bytes]:
    async with AIOKafkaConsumer(
        topic, auto_offset_reset="earliest", **client_options(server.settings())
    ) as consumer:
        return [(await consumer.getone()).value for _ in range(count)]


async def test_what_was_sent_is_there_after_a_crash_and_after_a_restart(formatted: Path) -> None:
    """kill -9 of the broker and a clean stop both keep the messages, the address and the passwords."""
    with EmbeddedKafka(formatted) as server:
        address, login = server.bootstrap_servers, server.login()
        await _make_topic(server, "kept")
        await _send(server, "kept", b"one")
        server.kill_broker(1)
        was_alive = server.is_alive()
        server.start()
        await _send(server, "kept", b"two")

    with EmbeddedKafka(formatted) as server:
        assert not was_alive
        assert address == server.bootstrap_servers
        assert login == server.login()
        assert await _received(server, "kept", 2) == [b"one", b"two"]


async def test_what_was_removed_while_it_ran_is_not_made_anew(formatted: Path) -> None:
    """Started again it would be an empty one, under the same address."""
    with EmbeddedKafka(formatted) as server:
        server.check()
        server.kill_broker(1)
        shutil.rmtree(formatted / "node-1")
        for _ in range(2):
            with pytest.raises(DataGone, match="was removed, moved or replaced"):
                server.start()

    assert not (formatted / "node-1").exists()


async def test_a_killed_parent_leaves_no_broker_and_the_next_start_succeeds(formatted: Path) -> None:
    """kill -9 of us: the broker shuts down by itself."""
    broker = server_of_a_killed_parent(_PARENT, formatted)

    with EmbeddedKafka(formatted) as server:
        assert not broker.is_running()
        assert server.is_alive()


async def test_topics_are_not_made_by_accident(kafka_server: EmbeddedKafka) -> None:
    """A mistyped topic is an error, not a new topic."""
    async with open_admin(kafka_server.settings()) as admin:
        found = await admin.describe_topics(["mistyped"])

    assert found[0]["error_code"] == 3  # UNKNOWN_TOPIC_OR_PARTITION


async def test_the_log_is_a_file_and_the_runtime_says_nothing(kafka_server: EmbeddedKafka) -> None:
    """Operators look in one place."""
    node = kafka_server.directory / "node-1"

    assert "Kafka Server started" in (node / "server.log").read_text(encoding="utf-8")
    assert (node / "java.log").read_text(encoding="utf-8") == ""


async def test_two_owners_of_one_directory_are_refused(kafka_server: EmbeddedKafka) -> None:
    """The second is told who has it."""
    with pytest.raises(DirectoryInUse, match="huiyin down"):
        EmbeddedKafka(kafka_server.directory).start()


async def test_a_port_where_nobody_answers_knows_no_brokers(tmp_path: Path) -> None:
    """The probe says so instead of failing."""
    assert frozenset() == known_brokers(1, Login(user="broker", password="any"))


async def test_missing_and_altered_jars_are_told_apart(tmp_path: Path) -> None:
    """Each says which jar and what to do."""
    first = jars.locked_jars()[0]
    with pytest.raises(JarsUnusable, match=rf"{first.file_name}.*is missing.*make setup"):
        jars.verified_jars(tmp_path)

    (tmp_path / first.file_name).write_bytes(b"not a jar")
    with pytest.raises(JarsUnusable, match="wrong checksum"):
        jars.verified_jars(tmp_path)


async def test_the_runtime_is_new_enough() -> None:
    """Kafka 4 needs Java 17."""
    assert java.find_java().version >= java.OLDEST_VERSION
