"""The sweeper's anchors: one at the start, one whenever it is due, a last one when the process stops."""

import asyncio
import contextlib
from datetime import timedelta

import structlog

from deploy import clock
from deploy.access import loggable_reason
from deploy.audit.anchoring import write_anchor
from deploy.database.pool import TRANSIENT
from deploy.processes.runtime import Process

log = structlog.get_logger()

#: Before another try after a failure (project choice).
_AGAIN_SECONDS = 20.0
#: The last one may not keep the process from stopping (project choice: within `runtime.STOP_SECONDS`).
_LAST_SECONDS = 10.0


async def anchor_for_ever(process: Process) -> None:
    """Until the process stops; a failure of Postgres or of the disk is logged, and tried again."""
    while not process.stopping.is_set():
        written = await _try(process)
        await process.pause(process.settings.anchor_seconds if written else _AGAIN_SECONDS)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_LAST_SECONDS):
            await _try(process)


async def _try(process: Process) -> bool:
    try:
        started = clock.now()
        anchor = await write_anchor(process.settings, process.pool)
    except TRANSIENT as error:  # among them OSError: a full disk, or another process that writes
        log.warning("anchor.failed", error=type(error).__name__, reason=loggable_reason(error))
        return False
    seconds = (clock.now() - started) / timedelta(seconds=1)
    log.info("anchor.written", number=anchor.number, cases=anchor.cases, seconds=round(seconds, 2))
    return True
