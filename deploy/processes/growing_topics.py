"""The sweeper's search for topics that grow (苗头; not Kafka's topics), beside its clocks so that they never wait for it."""

import structlog

from deploy.access import loggable_reason
from deploy.composition.growing_topics import topic_finder
from deploy.database.outbox import RelayNotifier
from deploy.database.pool import TRANSIENT
from deploy.database.unit_of_work import unit_of_work
from deploy.processes.runtime import Process

log = structlog.get_logger()

#: Between two looks (project choice: a warning is a matter of hours, and what registers messages has the machine first).
LOOK_SECONDS = 5.0


async def look_for_topics(process: Process, notifier: RelayNotifier) -> None:
    """Until the process stops; a failure of Postgres is waited for."""
    await process.pause(LOOK_SECONDS)
    # Not before: what it loads would keep whoever waits for the clocks.
    finder = topic_finder(process.settings)
    while not process.stopping.is_set():
        try:
            async with unit_of_work(process.pool, prefix=process.settings.topic_prefix) as unit:
                await finder.look(unit)
        except TRANSIENT as error:
            finder.forget()
            log.warning("topics.failed", error=type(error).__name__, reason=loggable_reason(error))
        # A hint to supervisors must end no process that watches deadlines, whatever is wrong with it.
        except Exception as error:
            finder.forget()
            log.critical("topics.failed", exc_info=error)
        notifier.notify()
        await process.pause(LOOK_SECONDS)
