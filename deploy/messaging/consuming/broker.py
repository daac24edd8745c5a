"""FastStream over the slices' tables: one batch subscriber for each subscription, all with the same discipline.

What FastStream does by default loses messages here (docs/decisions/0003): offsets are committed by hand, a batch is
handed over as it came, and no error ever leaves a handler. What aiokafka itself cannot read comes as a record all the same
(`deploy/messaging/client/record_batches.py`).
"""

import logging
from collections.abc import Sequence
from itertools import chain
from typing import Any

from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from faststream.kafka.subscriber.usecase import BatchSubscriber
from faststream.security import BaseSecurity, SASLPlaintext, SASLScram256, SASLScram512

from deploy.messaging.client.client import METADATA_SECONDS, client_options
from deploy.messaging.client.fetching import FETCH_WAIT_MS, ask_apart, gather
from deploy.messaging.client.record_batches import read_whatever_comes
from deploy.messaging.consuming.consumer import GroupConsumer
from deploy.messaging.consuming.groups import group_id, topic_names
from deploy.messaging.consuming.offsets import retrieve_commit_errors
from deploy.settings import Settings


def build_broker(settings: Settings, consumers: Sequence[GroupConsumer]) -> KafkaBroker:
    """A broker that feeds `consumers`; it consumes only, everything we send goes through the outbox."""
    read_whatever_comes()
    receive_at_once()
    ask_apart()
    retrieve_commit_errors()
    # Not FastStream's own, which writes coloured lines of its own beside ours.
    logger = logging.getLogger("huiyin.faststream")
    logger.setLevel(logging.ERROR)
    broker = KafkaBroker(
        # FastStream takes a text with commas for one address.
        settings.kafka_bootstrap_servers.split(","),
        consumer_only=True,
        allow_auto_create_topics=False,
        metadata_max_age_ms=METADATA_SECONDS * 1000,
        apply_types=False,
        graceful_timeout=15.0,
        security=_security(settings),
        logger=logger,
        description="Huiyin 回音: events on Kafka",
    )
    for consumer in consumers:
        _subscribe(broker, settings, consumer)
    return broker


def receive_at_once() -> None:
    """Have all subscribers of this process receive records at once, and as they came. A second call changes nothing.

    FastStream listens for a moment, sleeps for another in which it hears nothing, and so on, many times a second: half of
    what an idle consumer cost, and a delay for whatever came while it slept. Of what it heard it makes a message, with
    scopes, middlewares and injected arguments around it, of which nothing of ours needs any: a tenth of what a small batch
    cost its consumer.
    """
    BatchSubscriber.get_msg = _next_batch  # type: ignore[assignment,method-assign]  # FastStream types a batch as one record
    BatchSubscriber.consume_one = _hand_over  # type: ignore[assignment,method-assign]  # the same


async def _next_batch(subscriber: Any, consumer: Any) -> tuple[Any, ...]:
    """The records that are there or come within `BATCH_WAIT_MS`; empty where none does."""
    found = await consumer.getmany(timeout_ms=subscriber.batch_timeout_ms, max_records=subscriber.max_records)
    return tuple(chain.from_iterable(found.values()))


async def _hand_over(subscriber: Any, records: Sequence[Any]) -> None:
    """Have its consumer handle the records; whoever stops the subscriber waits for that (`lock`)."""
    if not subscriber.running:
        return
    # FastStream gives it whoever listens for partitions that come and go.
    consumer: GroupConsumer = subscriber._listener
    gather(subscriber.consumer, consumer.patience)
    with subscriber.lock:
        await consumer.handle(records, subscriber.consumer)


def _subscribe(broker: KafkaBroker, settings: Settings, consumer: GroupConsumer) -> None:
    subscriber = broker.subscriber(
        *topic_names(consumer.subscription, settings),
        group_id=group_id(consumer.subscription, settings),
        batch=True,
        max_records=settings.batch_size,
        batch_timeout_ms=settings.batch_wait_ms,
        ack_policy=AckPolicy.MANUAL,
        auto_offset_reset="earliest",
        listener=consumer,
        session_timeout_ms=settings.session_timeout_ms,
        heartbeat_interval_ms=max(300, settings.session_timeout_ms // 4),
        max_poll_interval_ms=300_000,
        rebalance_timeout_ms=60_000,
        fetch_max_wait_ms=FETCH_WAIT_MS,
        # So often aiokafka looks at every partition beside whatever wakes it: a fetch's answer, records that were taken.
        consumer_timeout_ms=FETCH_WAIT_MS,
        title=consumer.group,
    )
    # Without a function it would not start; `_hand_over` stands in its place.
    subscriber(consumer.handle)


def _security(settings: Settings) -> BaseSecurity | None:
    protocol = settings.kafka_security_protocol
    if protocol == "PLAINTEXT":
        return None
    use_ssl = protocol.endswith("SSL")
    context = client_options(settings).get("ssl_context")
    if protocol == "SSL":
        return BaseSecurity(ssl_context=context, use_ssl=True)
    classes = {"PLAIN": SASLPlaintext, "SCRAM-SHA-256": SASLScram256, "SCRAM-SHA-512": SASLScram512}
    return classes[settings.kafka_sasl_mechanism](
        username=settings.kafka_sasl_username,
        password=settings.kafka_sasl_password.get_secret_value(),
        ssl_context=context,
        use_ssl=use_ssl,
    )
