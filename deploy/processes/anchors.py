"""The sweeper's anchors: one at the start, one whenever it is due, a last one when the process stops.

Each goes into the files, and from there to Kafka: what a crash leaves between the two, the next turn sends.
"""

import asyncio
import contextlib
import time
from datetime import timedelta

import structlog
from aiokafka.errors import KafkaError

from deploy import clock, composition
from deploy.access import loggable_reason
from deploy.audit.anchoring import directory_of, write_anchor
from deploy.audit.anchors import AnchorFiles
from deploy.audit.topic import AnchorTopic
from deploy.database.pool import TRANSIENT
from deploy.processes.runtime import Process
from schemas.errors import HuiyinError

log = structlog.get_logger()

#: Before another try after a failure (project choice).
_AGAIN_SECONDS = 20.0
#: The last one may not keep the process from stopping (project choice: within `runtime.STOP_SECONDS`).
_LAST_SECONDS = 10.0
#: A Kafka that does not answer may not keep the next anchor from the files (project choice: years are read in less).
_SEND_SECONDS = 120.0


async def anchor_for_ever(process: Process) -> None:
    """Until the process stops; a failure of Postgres, of the disk or of Kafka is logged, and tried again."""
    turns = Turns(process)
    while not process.stopping.is_set():
        await process.pause(await turns.turn())
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_LAST_SECONDS):
            await turns.last()


class Turns:
    """One look after the other: what is due, and what is not on Kafka yet."""

    def __init__(self, process: Process) -> None:
        self._process, self._due_at = process, float("-inf")
        settings = process.settings
        self.topic = AnchorTopic(settings, composition.audit_keys(settings))

    async def turn(self) -> float:
        """Write what is due, send what is not sent; returns the seconds to the next turn."""
        is_written = time.monotonic() < self._due_at or await self.write()
        is_sent = await self.send()
        left = max(0.0, self._due_at - time.monotonic())
        return left if is_written and is_sent else min(_AGAIN_SECONDS, self._process.settings.anchor_seconds)

    async def last(self) -> None:
        """Anchor as the process stops; what stops it may be that its folder is gone, which is not made anew in its place."""
        if directory_of(self._process.settings).is_dir():
            await self.write()
            await self.send()

    async def write(self) -> bool:
        """Anchor what the log is now."""
        try:
            started = clock.now()
            anchor = await write_anchor(self._process.settings, self._process.pool)
        except TRANSIENT as error:  # among them OSError: a full disk, or another process that writes
            log.warning("anchor.failed", error=type(error).__name__, reason=loggable_reason(error))
            return False
        self._due_at = time.monotonic() + self._process.settings.anchor_seconds
        seconds = (clock.now() - started) / timedelta(seconds=1)
        log.info("anchor.written", number=anchor.number, cases=anchor.cases, seconds=round(seconds, 2))
        return True

    async def send(self) -> bool:
        """Bring to Kafka what is in the files."""
        try:
            async with asyncio.timeout(_SEND_SECONDS):
                sent = await self.topic.send(AnchorFiles(directory_of(self._process.settings)))
        except (*TRANSIENT, KafkaError, HuiyinError) as error:
            log.warning("anchor.not-sent", error=type(error).__name__, reason=loggable_reason(error))
            return False
        if sent:
            log.info("anchor.sent", anchors=sent)
        return True
