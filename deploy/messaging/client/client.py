"""How we speak to Kafka: connection options, producers, admin clients."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaConnectionError

from deploy import clock
from deploy.messaging.client.client_parts import END_SECONDS, begin, close_connections, ends_well
from deploy.messaging.client.partitioner import place
from deploy.messaging.topics import refused_time
from deploy.messaging.topics.access import KafkaAccessDenied, why_kafka_is_closed
from deploy.settings import Settings
from schemas.errors import Unusable

log = structlog.get_logger()

#: How long a producer that stops waits for what it has not sent (project choice: a small part of what a process may take).
FLUSH_SECONDS = 2.0
#: Room for `dead_letters.MAX_KEPT_BYTES` with our headers on it (project choice); the topic is created with the same limit.
MAX_DEAD_LETTER_BYTES = 4 * 1024 * 1024
#: How soon a client hears of topics and partitions that somebody made or deleted (project choice: for the five minutes that
#: are aiokafka's nobody would read a new partition; a question costs a millisecond).
METADATA_SECONDS = 30


def client_options(settings: Settings) -> dict[str, Any]:
    """What every client of ours connects with.

    Raises:
        KafkaAccessDenied: a file or a user that the settings should name is missing.
    """
    options: dict[str, Any] = {"bootstrap_servers": settings.kafka_bootstrap_servers}
    protocol = settings.kafka_security_protocol
    if protocol != "PLAINTEXT":
        options["security_protocol"] = protocol
    if protocol.endswith("SSL"):
        options["ssl_context"] = _ssl_context(settings)
    if protocol.startswith("SASL"):
        if not settings.kafka_sasl_username:
            raise KafkaAccessDenied(
                "Kafka",
                Unusable(zh=f"未被询问：{protocol} 需要用户", en=f"was not asked: {protocol} needs a user"),
                Unusable(zh="设置 KAFKA_SASL_USERNAME", en="set KAFKA_SASL_USERNAME"),
            )
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
        raise KafkaAccessDenied(
            "Kafka",
            Unusable(
                zh=f"未被询问：{setting} 所指的 {file} 不可用（{error}）",
                en=f"was not asked: {setting} names {file}, which cannot be used ({error})",
            ),
            Unusable(
                zh="写明 PEM 文件、其密钥和密钥的密码", en="name a PEM file, its key and the key's password"
            ),
        ) from error


async def _start(client: Any, settings: Settings) -> None:
    """Connect `client`; a refusal says why.

    Raises:
        KafkaAccessDenied: a broker refuses us.
        KafkaError: none answers.
    """
    try:
        await begin(client.start())
    except KafkaConnectionError as error:
        raise await why_kafka_is_closed(client_options(settings)) from error


class _OnOurClock(AIOKafkaProducer):  # type: ignore[misc]  # aiokafka ships no types
    """Stamps records with the time that we all go by: brokers refuse what is an hour ahead of theirs (`after.max.ms`).

    Where one does, the process remembers (`refused_time`).
    """

    async def send(
        self,
        topic: str,
        value: bytes | None = None,
        key: bytes | None = None,
        partition: int | None = None,
        timestamp_ms: int | None = None,
        headers: Any = None,
    ) -> "asyncio.Future[Any]":
        """As aiokafka's, whose own stamp would be this machine's clock, however wrong."""
        stamp = clock.now_ms() if timestamp_ms is None else timestamp_ms
        sent: asyncio.Future[Any] = await super().send(topic, value, key, partition, stamp, headers)
        return refused_time.watched(sent)

    async def send_batch(self, batch: Any, topic: str, *, partition: int) -> "asyncio.Future[Any]":
        """As aiokafka's; a refusal for the records' time is remembered."""
        sent: asyncio.Future[Any] = await super().send_batch(batch, topic, partition=partition)
        return refused_time.watched(sent)


@asynccontextmanager
async def open_producer(
    settings: Settings, *, linger_ms: int = 5, **options: Any
) -> AsyncIterator[AIOKafkaProducer]:
    """A connected producer that loses and doubles nothing: acks from all replicas, idempotent. Flushed at the end, bounded.

    Raises:
        KafkaAccessDenied: a broker refuses us.
        KafkaError: none answers.
    """
    wanted = {"enable_idempotence": True, "max_request_size": MAX_DEAD_LETTER_BYTES} | options
    producer = _OnOurClock(
        **client_options(settings),
        acks="all",
        linger_ms=linger_ms,
        metadata_max_age_ms=METADATA_SECONDS * 1000,
        max_batch_size=131_072,
        partitioner=place,
        **wanted,
    )
    try:
        await _start(producer, settings)
        yield producer
    finally:
        await _stop(producer)


async def _stop(producer: AIOKafkaProducer) -> None:
    """Stop it within `FLUSH_SECONDS`. What Kafka has not confirmed by then is dropped: nobody relies on it."""
    if await ends_well(producer.stop(), FLUSH_SECONDS):
        return
    # aiokafka flushes for as long as Kafka is away; ending its sender is the only way out, and that may wait for an answer.
    log.warning("producer.dropped-unsent")
    await ends_well(producer._sender.close(), END_SECONDS)
    await close_connections(producer.client)


async def gather_confirmed(futures: Sequence["asyncio.Future[Any]"]) -> None:
    """Wait for every confirmation, then raise the first failure: none is left unobserved."""
    results = await asyncio.gather(*futures, return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result


def observed(future: "asyncio.Future[Any]") -> None:
    """Look at a confirmation that comes after we gave up, so that asyncio does not report it as an error nobody saw."""
    if not future.cancelled():
        future.exception()


@asynccontextmanager
async def open_admin(settings: Settings) -> AsyncIterator[AIOKafkaAdminClient]:
    """A connected admin client, closed at the end.

    Raises:
        KafkaAccessDenied: a broker refuses us.
        KafkaError: none answers.
    """
    admin = AIOKafkaAdminClient(**client_options(settings))
    try:
        await _start(admin, settings)
        yield admin
    finally:
        await admin.close()


@asynccontextmanager
async def open_reader(
    settings: Settings, partitions: Sequence[TopicPartition]
) -> AsyncIterator[AIOKafkaConsumer]:
    """A consumer without a group that knows these partitions, and fetches what of them is resumed; closed at the end.

    Left to itself it would fetch from the end, where a broker has it wait for half a second; and of each topic that it is
    asked about and does not know, it would ask again a tenth of a second later.

    Raises:
        KafkaAccessDenied: a broker refuses us.
        KafkaError: none answers.
    """
    reader = AIOKafkaConsumer(**client_options(settings), enable_auto_commit=False)
    try:
        reader.assign(partitions)
        reader.pause(*partitions)
        await _start(reader, settings)
        yield reader
    finally:
        await reader.stop()
