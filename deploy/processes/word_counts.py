"""The sweeper's occasional count of how often words stand in published answers, by which a search weighs them."""

import structlog

from deploy.access import loggable_reason
from deploy.composition import housekeeping
from deploy.database.pool import TRANSIENT
from deploy.processes.runtime import Process

log = structlog.get_logger()

#: Between two looks whether so many answers came that words are counted anew (project choice: one row is read).
LOOK_SECONDS = 60.0


async def count_words_for_ever(process: Process) -> None:
    """Until the process stops; beside the sweeper's own work, which must not wait for it."""
    while not process.stopping.is_set():
        try:
            if await housekeeping.count_words(process.settings, process.pool):
                log.info("words.counted")
        except TRANSIENT as error:
            log.warning("words.failed", error=type(error).__name__, reason=loggable_reason(error))
        await process.pause(LOOK_SECONDS)
