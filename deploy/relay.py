"""`huiyin relay`: sends the outbox while this process leads."""

import asyncpg
import structlog
from aiokafka.errors import KafkaError

from deploy.database import TRANSIENT, connect
from deploy.kafka import open_producer
from deploy.outbox import Relay
from deploy.process import Process
from deploy.refusals import reason_of

log = structlog.get_logger()

_PAUSE_SECONDS = 1.0


async def relay(process: Process) -> None:
    """Until the process stops; starts over whenever Kafka or Postgres was away."""
    while not process.stopping.is_set():
        try:
            async with connect(process.settings) as connection, open_producer(process.settings) as producer:
                process.health |= {"ok": True, "reason": ""}
                await Relay(connection, producer, batch=process.settings.outbox_batch).run(process.stopping)
        except (KafkaError, asyncpg.PostgresError, *TRANSIENT) as error:
            process.health |= {"ok": False, "reason": type(error).__name__}
            log.warning("relay.starts-over", error=type(error).__name__, reason=reason_of(error))
            await process.pause(_PAUSE_SECONDS)
