"""How we speak to Kafka: connection options, producers, topics, lag."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import (
    KafkaConnectionError,
    KafkaError,
    TopicAlreadyExistsError,
    TopicAuthorizationFailedError,
    for_code,
)

from deploy import clock
from deploy.envelope import headers_of
from deploy.refusals import RIGHTS_REMEDY, KafkaRefused, why_kafka_is_closed
from deploy.settings import Settings
from schemas import topics
from schemas.city import City
from schemas.errors import Unavailable
from schemas.event import Event, encode

log = structlog.get_logger()

PUBLISH_SECONDS = 8.0
#: How long a producer that stops waits for what it has not sent.
FLUSH_SECONDS = 5.0
_DAY_MS = 24 * 3600 * 1000
#: Days that records are kept; submissions hold personal data (interface: 7 days).
_RETENTION_DAYS = {topics.SUBMISSIONS: 7, topics.COMMANDS: 7, topics.DEAD_LETTERS: 30}
_DEFAULT_RETENTION_DAYS = 30
#: Room for a record of the largest size with our headers on it.
_DEAD_LETTER_BYTES = 4 * 1024 * 1024


def client_options(settings: Settings) -> dict[str, Any]:
    """What every client of ours connects with.

    Raises:
        KafkaRefused: a file or a user that the settings should name is missing.
    """
    options: dict[str, Any] = {"bootstrap_servers": settings.kafka_bootstrap_servers}
    protocol = settings.kafka_security_protocol
    if protocol != "PLAINTEXT":
        options["security_protocol"] = protocol
    if protocol.endswith("SSL"):
        options["ssl_context"] = _ssl_context(settings)
    if protocol.startswith("SASL"):
        if not settings.kafka_sasl_username:
            raise KafkaRefused("Kafka", f"was not asked: {protocol} needs a user", "set KAFKA_SASL_USERNAME")
        options |= {
            "sasl_mechanism": settings.kafka_sasl_mechanism,
            "sasl_plain_username": settings.kafka_sasl_username,
            "sasl_plain_password": settings.kafka_sasl_password.get_secret_value(),
        }
    return options


def _ssl_context(settings: Settings) -> ssl.SSLContext:
    """Trusts the CA of the settings alone, or the system's, and shows our certificate where there is one."""
    with _usable("KAFKA_SSL_CA_FILE", settings.kafka_ssl_ca_file):
        context = ssl.create_default_context(cafile=settings.kafka_ssl_ca_file)
    if settings.kafka_ssl_certificate_file is not None:
        with _usable("KAFKA_SSL_CERTIFICATE_FILE", settings.kafka_ssl_certificate_file):
            context.load_cert_chain(
                settings.kafka_ssl_certificate_file,
                settings.kafka_ssl_key_file,
                # Without one, OpenSSL would ask at the terminal.
                password=settings.kafka_ssl_key_password.get_secret_value(),
            )
    return context


@contextmanager
def _usable(setting: str, file: Path | None) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        problem = f"was not asked: {setting} names {file}, which cannot be used ({error})"
        raise KafkaRefused("Kafka", problem, "name a PEM file, its key and the key's password") from error


async def _start(client: Any, settings: Settings) -> None:
    """Start it.

    Raises:
        KafkaRefused: no broker lets us in.
        KafkaError: none answers.
    """
    try:
        await client.start()
    except KafkaConnectionError as error:
        raise await why_kafka_is_closed(client_options(settings)) from error


@asynccontextmanager
async def open_producer(
    settings: Settings, *, linger_ms: int = 5, **options: Any
) -> AsyncIterator[AIOKafkaProducer]:
    """A producer that loses and doubles nothing: acks from all replicas, idempotent."""
    wanted = {"enable_idempotence": True, "max_request_size": _DEAD_LETTER_BYTES} | options
    producer = AIOKafkaProducer(
        **client_options(settings), acks="all", linger_ms=linger_ms, max_batch_size=131_072, **wanted
    )
    try:
        await _start(producer, settings)
        yield producer
    finally:
        await _stop(producer)


async def _stop(producer: AIOKafkaProducer) -> None:
    """Stop it within `FLUSH_SECONDS`. What Kafka has not confirmed by then is dropped: nobody relies on it."""
    try:
        async with asyncio.timeout(FLUSH_SECONDS):
            await producer.stop()
    except TimeoutError:
        # aiokafka flushes for as long as Kafka is away; ending its sender is the only way out.
        log.warning("producer.dropped-unsent")
        await producer._sender.close()
        await producer.client.close()


async def gather_confirmed(futures: Sequence["asyncio.Future[Any]"]) -> None:
    """Wait for every confirmation, then raise the first failure: none is left unobserved."""
    results = await asyncio.gather(*futures, return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result


def observed(future: "asyncio.Future[Any]") -> None:
    """A confirmation that comes after we gave up is nobody's error any more."""
    if not future.cancelled():
        future.exception()


class KafkaPublisher:
    """`schemas.ports.Publisher` over a producer."""

    def __init__(self, producer: AIOKafkaProducer, prefix: str, traceparent: Any = None) -> None:
        self._producer = producer
        self._prefix = prefix
        self._traceparent = traceparent or (lambda: None)

    async def publish(self, event: Event) -> None:
        """See the port."""
        try:
            async with asyncio.timeout(PUBLISH_SECONDS):
                future = await self._producer.send(
                    topics.topic_name(event.producer, self._prefix),
                    value=encode(event),
                    key=event.case_id.encode(),
                    headers=headers_of(clock.new_event_id(), event.type, event.at, self._traceparent()),
                )
                future.add_done_callback(observed)
                await asyncio.shield(future)
        except (KafkaError, TimeoutError) as error:
            log.warning("publish.failed", type=event.type, error=type(error).__name__)
            raise Unavailable("kafka") from error


def wanted_topics(settings: Settings, city: City) -> Mapping[str, NewTopic]:
    """Every topic that the city needs, by name."""
    shorts = [(short, settings.topic_partitions) for short in topics.ALL]
    shorts += [(topics.department_topic(d.code), settings.department_partitions) for d in city.departments]
    return {
        name.name: name for name in (_new_topic(short, partitions, settings) for short, partitions in shorts)
    }


def _new_topic(short: str, partitions: int, settings: Settings) -> NewTopic:
    days = _RETENTION_DAYS.get(short, _DEFAULT_RETENTION_DAYS)
    configs = {"retention.ms": str(days * _DAY_MS)}
    if short == topics.SUBMISSIONS and settings.replication_factor == 1:
        # One broker acknowledges from the page cache: what a citizen was told is accepted must survive a power cut.
        configs["flush.messages"] = "1"
    if short == topics.DEAD_LETTERS:
        configs["max.message.bytes"] = str(_DEAD_LETTER_BYTES)
        partitions = 3
    if settings.replication_factor >= 3:
        configs["min.insync.replicas"] = "2"
    return NewTopic(
        topics.topic_name(short, settings.topic_prefix),
        partitions,
        settings.replication_factor,
        topic_configs=configs,
    )


@asynccontextmanager
async def open_admin(settings: Settings) -> AsyncIterator[AIOKafkaAdminClient]:
    """An admin client."""
    admin = AIOKafkaAdminClient(**client_options(settings))
    try:
        await _start(admin, settings)
        yield admin
    finally:
        await admin.close()


async def create_topics(settings: Settings, city: City) -> Sequence[str]:
    """Create the topics that are missing; returns their names.

    Raises:
        KafkaRefused: our user may not.
        KafkaError: the broker refused one.
    """
    async with open_admin(settings) as admin:
        present = set(await admin.list_topics())
        missing = [topic for name, topic in wanted_topics(settings, city).items() if name not in present]
        if missing:
            answer = await admin.create_topics(missing)
            for result in answer.topic_errors:
                if result[1] == TopicAuthorizationFailedError.errno:
                    raise KafkaRefused("Kafka", f"does not let us create {result[0]}", RIGHTS_REMEDY)
                if result[1] not in (0, TopicAlreadyExistsError.errno):
                    raise for_code(result[1])(f"{result[0]}: {result[2] if len(result) > 2 else ''}")
    return [topic.name for topic in missing]


async def partitions_of(
    admin: AIOKafkaAdminClient, names: Sequence[str]
) -> Mapping[str, Sequence[TopicPartition]]:
    """Every partition of these topics, asked of the brokers: a client that subscribes to nothing knows none.

    Raises:
        KafkaError: there is no such topic.
    """
    found: dict[str, Sequence[TopicPartition]] = {}
    for topic in await admin.describe_topics(list(names)):
        if topic["error_code"]:
            raise for_code(topic["error_code"])(topic["topic"])
        numbers = sorted(partition["partition"] for partition in topic["partitions"])
        found[topic["topic"]] = [TopicPartition(topic["topic"], number) for number in numbers]
    return found


async def lag_of(settings: Settings, groups: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """Records that each group (name → topics) has yet to handle."""
    consumer = AIOKafkaConsumer(**client_options(settings), enable_auto_commit=False)
    async with open_admin(settings) as admin:
        partitions = await partitions_of(admin, sorted({name for names in groups.values() for name in names}))
        await consumer.start()
        try:
            return {
                group: await _lag(consumer, admin, group, [p for name in names for p in partitions[name]])
                for group, names in groups.items()
            }
        finally:
            await consumer.stop()


async def _lag(
    consumer: AIOKafkaConsumer, admin: AIOKafkaAdminClient, group: str, partitions: Sequence[TopicPartition]
) -> int:
    committed = await admin.list_consumer_group_offsets(group)
    ends = await consumer.end_offsets(partitions)
    starts = await consumer.beginning_offsets(partitions)
    return sum(
        max(0, ends[p] - (committed[p].offset if p in committed and committed[p].offset >= 0 else starts[p]))
        for p in partitions
    )
