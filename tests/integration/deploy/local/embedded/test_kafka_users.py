"""Whom the embedded Kafka lets in, and what each may do: everybody else on the machine is nobody."""

import re
import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaConnectionError, KafkaError, TopicAuthorizationFailedError

from deploy.local.embedded.java import ENVIRONMENT, kafka_command
from deploy.local.embedded.kafka import EmbeddedKafka
from deploy.local.embedded.ports import HOST, free_ports
from deploy.local.embedded.process import Child, run, spawn
from deploy.messaging.client.client import client_options, open_admin, open_producer
from deploy.messaging.topics.access import KafkaAccessDenied
from deploy.messaging.topics.rights import ROLES, rights_of, rights_of_department
from deploy.messaging.topics.topic_pages import topic_pages
from deploy.messaging.topics.topics import create_topics
from deploy.settings import Settings
from schemas.city import load_city
from schemas.ids import DepartmentCode
from tests.stack import eventually

HOUSING, TRANSPORT = DepartmentCode("housing"), DepartmentCode("transport")
AUDIT = "huiyin.audit.v1"
SUBMISSIONS, COMMANDS, HANDLERS = "huiyin.submissions.v1", "huiyin.commands.v1", "huiyin.handlers.v1"


@pytest.fixture(scope="module")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedKafka]:
    """A broker as `huiyin up` starts it, and a department's user."""
    rights = {role: rights_of(role, "huiyin") for role in ROLES}
    with EmbeddedKafka(tmp_path_factory.mktemp("kafka"), rights=rights) as server:
        server.add_user("housing", rights_of_department(HOUSING, "huiyin"))
        yield server


@pytest.fixture(scope="module")
async def with_topics(kafka: EmbeddedKafka) -> EmbeddedKafka:
    """The same with its topics, and a record on each of three."""
    settings = kafka.settings().model_copy(update={"topic_partitions": 1, "department_partitions": 1})
    await create_topics(settings, load_city())
    async with open_producer(settings) as producer:
        for topic in (
            SUBMISSIONS,
            HANDLERS,
            "huiyin.department.housing.v1",
            "huiyin.department.transport.v1",
        ):
            await producer.send_and_wait(topic, b"personal", key=b"k")
    return kafka


async def _write(settings: Settings, topic: str) -> None:
    async with open_producer(settings) as producer:
        await producer.send_and_wait(topic, b"written", key=b"k")


async def _read(settings: Settings, topic: str, group: str | None = None) -> list[Any]:
    consumer = AIOKafkaConsumer(
        topic, group_id=group, auto_offset_reset="earliest", **client_options(settings)
    )
    try:
        await consumer.start()
        found = await consumer.getmany(timeout_ms=5000)
        return [record.value for records in found.values() for record in records]
    finally:
        await consumer.stop()


async def test_without_a_password_nobody_reads_writes_or_lists(with_topics: EmbeddedKafka) -> None:
    """Whatever another user of this machine tries by the way that was open before."""
    servers = with_topics.bootstrap_servers
    for client in (
        AIOKafkaConsumer(SUBMISSIONS, bootstrap_servers=servers),
        AIOKafkaProducer(bootstrap_servers=servers),
        AIOKafkaAdminClient(bootstrap_servers=servers),
    ):
        with pytest.raises(KafkaConnectionError):
            await client.start()
        await (client.close() if isinstance(client, AIOKafkaAdminClient) else client.stop())


@pytest.mark.parametrize("mechanism", ["PLAIN", "SCRAM-SHA-512"])
async def test_a_guessed_password_is_refused(with_topics: EmbeddedKafka, mechanism: str) -> None:
    """Also that of the brokers themselves."""
    guessed = {"KAFKA_SASL_PASSWORD": "guessed", "KAFKA_SASL_MECHANISM": mechanism}
    for user in ("administrator", "broker", "nobody"):
        login = {**with_topics.login(), "KAFKA_SASL_USERNAME": user, **guessed}
        settings = Settings.model_validate({name.lower(): text for name, text in login.items()})
        with pytest.raises(KafkaAccessDenied):
            await _write(settings, SUBMISSIONS)


def test_the_controller_answers_nobody(kafka: EmbeddedKafka) -> None:
    """A request without a login ends the connection; the brokers' own port is no way in."""
    text = (kafka.directory / "node-1" / "server.properties").read_text(encoding="utf-8")
    port = int(text.partition("CONTROLLER://127.0.0.1:")[2].split("\n")[0])
    # Metadata (key 3, version 9) of all topics.
    request = b"\0\x03\0\x09\0\0\0\1\0\1x\0\0\0\0\0\0"
    with socket.create_connection((HOST, port), timeout=5) as connection:
        connection.sendall(len(request).to_bytes(4, "big") + request)

        assert b"" == connection.recv(100)


def test_nobody_has_memory_reserved_without_a_password(kafka: EmbeddedKafka) -> None:
    """What announces more than any login holds is cut off: a broker would keep that much free for it, and runs out."""
    text = (kafka.directory / "node-1" / "server.properties").read_text(encoding="utf-8")
    for listener in ("CLIENTS", "CONTROLLER"):
        (port,) = re.findall(rf"{listener}://127.0.0.1:(\d+)", text)
        with socket.create_connection((HOST, int(port)), timeout=5) as connection:
            connection.sendall((16 * 1024).to_bytes(4, "big"))

            assert b"" == connection.recv(1)


async def test_a_department_reads_its_own_topic_and_sends_commands(with_topics: EmbeddedKafka) -> None:
    """And neither reads anything else, nor writes it, nor sees that it is there."""
    housing = with_topics.settings("housing")

    assert [b"personal"] == await _read(housing, "huiyin.department.housing.v1", "department.housing")
    await _write(housing, COMMANDS)
    for topic in (SUBMISSIONS, HANDLERS, "huiyin.department.transport.v1"):
        with pytest.raises(TopicAuthorizationFailedError):
            await _read(housing, topic)
        with pytest.raises(KafkaError):
            await _write(housing, topic)
    async with open_admin(housing) as admin:
        assert {"huiyin.department.housing.v1", COMMANDS} == set(await admin.list_topics())


@pytest.mark.parametrize("role", ROLES)
async def test_only_intake_reads_submissions(with_topics: EmbeddedKafka, role: str) -> None:
    """Of all our own processes."""
    settings = with_topics.settings(role)
    if role == "intake":
        assert b"personal" in await _read(settings, SUBMISSIONS)
    else:
        with pytest.raises(TopicAuthorizationFailedError):
            await _read(settings, SUBMISSIONS)


@pytest.mark.parametrize("role", [role for role in ROLES if role != "relay"])
async def test_only_the_relay_writes_what_slices_say(with_topics: EmbeddedKafka, role: str) -> None:
    """A worker that was taken over forges nothing on the slices' topics."""
    with pytest.raises(KafkaError):
        await _write(with_topics.settings(role), HANDLERS)


@pytest.mark.parametrize("role", ROLES)
async def test_only_the_sweeper_writes_anchors(with_topics: EmbeddedKafka, role: str) -> None:
    """And reads which are there: it needs no more, and nobody else that much."""
    settings = with_topics.settings(role)
    if role == "sweep":
        await _write(settings, AUDIT)
        assert b"written" in [record.value async for page in topic_pages(settings, AUDIT) for record in page]
    else:
        with pytest.raises(KafkaError):
            await _write(settings, AUDIT)


def test_passwords_are_for_their_owner(kafka: EmbeddedKafka) -> None:
    """In files that nobody else opens; that they stay: `test_kafka`, which starts a broker again."""
    for name in ("passwords.json", "node-1/server.properties"):
        assert 0o600 == (kafka.directory / name).stat().st_mode & 0o777


_OLD_SETTINGS = """
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller_port}
controller.listener.names=CONTROLLER
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}
log.dirs={data}
auto.create.topics.enable=false
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
"""


def _an_earlier_release(directory: Path) -> tuple[Child, str]:
    """A broker that lets everybody in, on a directory as releases without passwords left it; and its address."""
    node = directory / "node-1"
    node.mkdir()
    port, controller_port = free_ports(2)
    (directory / "ports").write_text(f"{port} {controller_port}\n", encoding="ascii")
    (directory / "cluster-id").write_text("MkU3OEVBNTcwNTJENDM2Qg\n", encoding="ascii")
    file = node / "server.properties"
    text = _OLD_SETTINGS.format(port=port, controller_port=controller_port, data=node / "data")
    file.write_text(text, encoding="ascii")
    tool = kafka_command("kafka.tools.StorageTool")
    done = run(
        (*tool, "format", "--cluster-id=MkU3OEVBNTcwNTJENDM2Qg", "--config", str(file)),
        environment=ENVIRONMENT,
    )
    assert done.returncode == 0, done.stdout
    (node / "formatted").touch()
    started = (*kafka_command("kafka.Kafka"), str(file))
    broker = spawn(
        started, death_signal=signal.SIGTERM, log_file=directory / "old.log", environment=ENVIRONMENT
    )
    return broker, f"{HOST}:{port}"


async def test_a_directory_of_an_earlier_release_is_secured_and_keeps_everything(tmp_path: Path) -> None:
    """What lay on topics that everybody could read is there after the start, for us alone, at the same address."""
    broker, address = _an_earlier_release(tmp_path)
    admin = AIOKafkaAdminClient(bootstrap_servers=address)

    async def is_up() -> bool:
        try:
            await admin.start()
            # A broker answers before it knows who leads: then nobody could make a topic.
            cluster = await admin.describe_cluster()
        except KafkaError:
            return False
        return bool(cluster["controller_id"] >= 0)

    await eventually(is_up)
    await admin.create_topics([NewTopic("kept", num_partitions=1, replication_factor=1)])
    async with AIOKafkaProducer(bootstrap_servers=address) as producer:
        await producer.send_and_wait("kept", b"from before")
    await admin.close()
    broker.end(((signal.SIGTERM, 30),))

    with EmbeddedKafka(tmp_path, rights={"web": rights_of("web", "huiyin")}) as server:
        assert address == server.bootstrap_servers
        assert [b"from before"] == await _read(server.settings(), "kept")
        with pytest.raises(TopicAuthorizationFailedError):
            await _read(server.settings("web"), "kept")
        outsider = AIOKafkaProducer(bootstrap_servers=address)
        with pytest.raises(KafkaConnectionError):
            await outsider.start()
        await outsider.stop()
