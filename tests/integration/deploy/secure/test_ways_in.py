"""Every way in that the settings offer, and what a way without rights leads to."""

import asyncio
import ssl
from datetime import timedelta
from typing import Any

import pytest
from aiokafka.errors import KafkaConnectionError

from deploy.database.access import PostgresAccessDenied
from deploy.database.pool import connect
from deploy.messaging.client.client import open_admin, open_producer
from deploy.messaging.consuming.broker import build_broker
from deploy.messaging.topics.access import KafkaAccessDenied
from deploy.messaging.topics.acl import ensure_rights
from deploy.messaging.topics.rights import Acl, Operation, Resource
from deploy.messaging.topics.topics import create_topics
from deploy.settings import Settings
from schemas.city import load_city
from schemas.words import Language
from tests.integration.deploy.secure.certificates import Authority, Certificate
from tests.integration.deploy.secure.kafka import (
    SecureKafka,
    our_rights,
    settings_for,
)
from tests.integration.deploy.secure.postgres import SecurePostgres
from tests.integration.deploy.secure.said import process_said
from tests.stack import Stack, settings_in


async def _connected(settings: Settings) -> int:
    """How many brokers our own client finds, once FastStream's has been let in, too."""
    broker = build_broker(settings, [])
    try:
        await broker.start()
    finally:
        await broker.stop()
    async with open_admin(settings) as admin:
        return len((await admin.describe_cluster())["brokers"])


@pytest.mark.parametrize("mechanism", ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"])
async def test_tls_with_a_password(kafka: SecureKafka, authority: Authority, mechanism: str) -> None:
    """By each mechanism."""
    environment = settings_for(kafka.sasl_ssl, "huiyin", authority.file, KAFKA_SASL_MECHANISM=mechanism)

    assert 1 == await _connected(settings_in(environment))


async def test_a_password_without_tls(kafka: SecureKafka, authority: Authority) -> None:
    """Where the network is the city's own."""
    more = {"KAFKA_SECURITY_PROTOCOL": "SASL_PLAINTEXT", "KAFKA_SSL_CA_FILE": ""}
    environment = settings_for(kafka.sasl_plaintext, "huiyin", authority.file) | more

    assert 1 == await _connected(settings_in({name: text for name, text in environment.items() if text}))


@pytest.mark.parametrize("password", ["", "what locks the key"])
async def test_a_certificate_of_our_own(kafka: SecureKafka, authority: Authority, password: str) -> None:
    """With its key in a file of its own, or, locked, in the same file."""
    ours = authority.issue(f"machine{len(password)}", password=password)
    settings = settings_in(_mutual(kafka, authority, ours, password))

    assert 1 == await _connected(settings)


def _mutual(
    kafka: SecureKafka, authority: Authority, ours: Certificate | None, password: str = ""
) -> dict[str, str]:
    environment = {
        "KAFKA_BOOTSTRAP_SERVERS": kafka.mutual,
        "KAFKA_SECURITY_PROTOCOL": "SSL",
        "KAFKA_SSL_CA_FILE": str(authority.file),
    }
    if ours is None:
        return environment
    if password:
        return environment | {
            "KAFKA_SSL_CERTIFICATE_FILE": str(ours.both),
            "KAFKA_SSL_KEY_PASSWORD": password,
        }
    return environment | {
        "KAFKA_SSL_CERTIFICATE_FILE": str(ours.certificate),
        "KAFKA_SSL_KEY_FILE": str(ours.key),
    }


@pytest.mark.parametrize("whose", ["nobody", "stranger"])
async def test_without_a_certificate_that_it_trusts(
    kafka: SecureKafka, authority: Authority, stranger: Authority, whose: str
) -> None:
    """A broker that asks for one lets nobody else in."""
    ours = stranger.issue("machine") if whose == "stranger" else None

    with pytest.raises(KafkaAccessDenied, match=r"for want of our certificate .*KAFKA_SSL_CERTIFICATE_FILE"):
        await _connected_as_admin(settings_in(_mutual(kafka, authority, ours)))


async def _connected_as_admin(settings: Settings) -> None:
    async with open_admin(settings):
        return


async def test_a_mechanism_that_the_listener_has_not(kafka: SecureKafka, authority: Authority) -> None:
    """Is named."""
    more = {"KAFKA_SECURITY_PROTOCOL": "SASL_PLAINTEXT", "KAFKA_SASL_MECHANISM": "SCRAM-SHA-256"}
    environment = settings_for(kafka.sasl_plaintext, "huiyin", authority.file, **more)

    with pytest.raises(KafkaAccessDenied, match="does not know the SASL mechanism SCRAM-SHA-256"):
        await _connected_as_admin(settings_in(environment))


@pytest.mark.parametrize("protocol", ["PLAINTEXT", "SSL"])
async def test_another_protocol_than_the_listeners(
    kafka: SecureKafka, authority: Authority, protocol: str
) -> None:
    """May be a broker that just stops: no refusal, but the question is asked."""
    environment = settings_for(kafka.sasl_ssl, "huiyin", authority.file, KAFKA_SECURITY_PROTOCOL=protocol)

    with pytest.raises(
        KafkaConnectionError, match=rf"does the listener speak {protocol} \(KAFKA_SECURITY"
    ) as raised:
        await _connected_as_admin(settings_in(environment))
    assert not isinstance(raised.value, KafkaAccessDenied)


async def test_one_broker_that_lets_us_in_is_enough(kafka: SecureKafka, authority: Authority) -> None:
    """Though another of the list is away."""
    servers = f"localhost:1,{kafka.sasl_ssl}"

    assert 1 == await _connected(settings_in(settings_for(servers, "huiyin", authority.file)))


async def test_a_certificate_that_has_run_out(authority: Authority) -> None:
    """Is told from one of another CA: the remedy is another."""
    old = authority.issue("old", hosts=["localhost"], ends=timedelta(hours=-1))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(old.both)
    server = await asyncio.start_server(lambda _, writer: writer.close(), "localhost", 0, ssl=context)
    async with server:
        address = f"localhost:{server.sockets[0].getsockname()[1]}"
        with pytest.raises(KafkaAccessDenied, match=r"not valid today \(certificate has expired\).*renew"):
            await _connected_as_admin(settings_in(settings_for(address, "huiyin", authority.file)))


async def test_what_our_user_may_not_read_is_named(kafka: SecureKafka, authority: Authority) -> None:
    """Each group and each topic, before a consumer waits for them in silence."""
    groups = {"rights.one": ("rights.a.v1", "rights.b.v1"), "rights.two": ("rights.b.v1",)}
    settings = settings_in(settings_for(kafka.sasl_ssl, "guest", authority.file))
    await kafka.allow("guest", [Acl(resource=Resource.GROUP, name="rights.one", operation=Operation.READ)])
    # To describe a topic or group is not to read it.
    await kafka.allow("guest", [Acl(resource=Resource.TOPIC, name="rights.b.v1", operation=Operation.WRITE)])
    await kafka.allow(
        "guest", [Acl(resource=Resource.GROUP, name="rights.two", operation=Operation.DESCRIBE)]
    )

    with pytest.raises(KafkaAccessDenied) as raised:
        await ensure_rights(settings, groups)
    wanted = "Kafka does not let guest read: group rights.two, topic rights.a.v1, topic rights.b.v1"
    assert wanted == raised.value.found(Language.EN)

    await kafka.allow("guest", our_rights("rights"))
    await ensure_rights(settings, groups)


async def test_topics_that_our_user_may_not_create(kafka: SecureKafka, authority: Authority) -> None:
    """Are no traceback."""
    settings = settings_in(settings_for(kafka.sasl_ssl, "guest", authority.file, TOPIC_PREFIX="forbidden"))

    with pytest.raises(KafkaAccessDenied, match=r"does not let us create forbidden\..*docs/many-machines.md"):
        await create_topics(settings, load_city(None))


async def test_a_worker_without_rights_ends(
    secure_city: Stack, kafka: SecureKafka, authority: Authority
) -> None:
    """It would look healthy and hear nothing for ever."""
    environment = secure_city.environment | settings_for(kafka.sasl_ssl, "guest", authority.file)

    said = await process_said(environment, "work", "routing")

    assert said.status == 1
    assert f"Kafka does not let guest read: group {secure_city.prefix}.routing" in said.err


async def test_postgres_asks_for_our_certificate(postgres: SecurePostgres, authority: Authority) -> None:
    """It is named in the URL, as libpq has it."""
    ours = authority.issue("careful")
    named = f"&sslcert={ours.certificate}&sslkey={ours.key}"

    async with connect(Settings(database_url=postgres.url(user="careful", more=named))) as db:
        assert await db.fetchval("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
    with pytest.raises(PostgresAccessDenied, match="requires a valid client certificate"):
        await _connect(postgres.url(user="careful"))


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"mode": "disable"}, "takes no connection without TLS. Remedy: add sslmode=verify-full"),
        ({"database": "gone"}, 'has no such database .database "gone" does not exist'),
        (
            {"authority": "/no/such.pem"},
            r"a file that DATABASE_URL names cannot be used \(FileNotFoundError\)",
        ),
    ],
)
async def test_other_ways_that_postgres_refuses(
    postgres: SecurePostgres, wrong: dict[str, Any], sentence: str
) -> None:
    """Each with its own sentence."""
    with pytest.raises(PostgresAccessDenied, match=sentence):
        await _connect(postgres.url(**wrong))


async def _connect(url: str) -> None:
    async with connect(Settings(database_url=url)):
        return


async def test_an_idempotent_producer_needs_no_right_on_the_cluster(
    kafka: SecureKafka, authority: Authority
) -> None:
    """To write its topics is enough."""
    settings = settings_in(settings_for(kafka.sasl_ssl, "huiyin", authority.file, TOPIC_PREFIX="idem"))
    await kafka.allow("huiyin", our_rights("idem"))
    await create_topics(settings, load_city(None))

    async with open_producer(settings) as producer:
        sent = await producer.send_and_wait("idem.intake.v1", b"{}")

    assert sent.offset == 0
