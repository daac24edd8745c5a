"""`huiyin relay`: sends the outbox while this process leads."""

import asyncpg
import structlog
from aiokafka.errors import KafkaError

from deploy.access import loggable_reason
from deploy.database.outbox import NearRelay
from deploy.database.pool import PLAN_ONCE, TRANSIENT, connect
from deploy.messaging.client.client import open_producer
from deploy.messaging.records.signature import event_keys
from deploy.messaging.relay import Relay
from deploy.messaging.topics.refused_time import said_of
from deploy.processes.runtime import Process, unwell, well

log = structlog.get_logger()

#: The relay only takes away what Kafka has confirmed: a crash of Postgres that brings rows back has them sent twice, as one
#: of the relay does before it deletes them, and inboxes absorb that. So nothing of it waits for the disk.
#: Its few statements keep their plans, too.
_SOON_DURABLE = {**PLAN_ONCE, "synchronous_commit": "off"}
#: Before starting over (project choice: no busy loop, and no citizen notices).
_PAUSE_SECONDS = 1.0


async def relay(process: Process, near: NearRelay | None = None) -> None:
    """Until the process stops; starts over whenever Kafka or Postgres was away. `near`: who wakes it in this process."""
    settings, keys = process.settings, event_keys(process.settings)
    while not process.stopping.is_set():
        try:
            async with connect(settings, _SOON_DURABLE) as connection, open_producer(settings) as producer:
                process.health |= well()
                process.begun.set()
                sending = Relay(connection, producer, keys=keys, batch=settings.outbox_batch, near=near)
                await sending.run(process.stopping)
        except (KafkaError, asyncpg.PostgresError, *TRANSIENT) as error:
            process.health |= unwell(said_of(error))
            log.warning("relay.starts-over", error=type(error).__name__, reason=loggable_reason(error))
            await process.pause(_PAUSE_SECONDS)
