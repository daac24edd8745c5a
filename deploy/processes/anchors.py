"""The sweeper's anchors: one at the start, one whenever it is due or who may come in was changed, a last one at the stop.

Each goes into the files, and from there to Kafka, beside: what a crash leaves between the two, the next look sends.
"""

import asyncio
import contextlib
import errno
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import structlog
from aiokafka.errors import KafkaError

from deploy import clock, composition
from deploy.access import loggable_reason
from deploy.accounts.changes import standing
from deploy.audit.anchoring import directory_of, write_anchor
from deploy.audit.anchors import AnchorFiles
from deploy.audit.topic import AnchorTopic
from deploy.database.pool import TRANSIENT
from deploy.observability import metrics
from deploy.processes.health import ACCOUNTS, ANCHORS
from deploy.processes.runtime import Process
from schemas.errors import HuiyinError

log = structlog.get_logger()

#: Before another try after a failure (project choice).
_AGAIN_SECONDS = 20.0
#: Between two looks at accounts and tokens (project choice: whoever lends one, or cuts off its row, has so long).
_LOOK_SECONDS = 5.0
#: Between two that count every row (project choice: a year's take seconds).
_COUNT_SECONDS = 3600.0
#: The last one may not keep the process from stopping (project choice: within `runtime.STOP_SECONDS`).
_LAST_SECONDS = 10.0
#: A Kafka that does not answer is asked anew (project choice: years are read in less).
_SEND_SECONDS = 120.0
#: What a folder or its disk says, and no server.
_OF_THE_DISK = frozenset(
    {
        errno.EACCES,
        errno.EPERM,
        errno.ENOENT,
        errno.ENOTDIR,
        errno.EEXIST,
        errno.ENOSPC,
        errno.EDQUOT,
        errno.EROFS,
        errno.EIO,
    }
)
#: For `/readyz`, which anybody may read: nobody is named.
_DIFFERS = "accounts, tokens or their log were changed past us: huiyin audit verify"


def _unwritten(directory: Path, error: OSError) -> dict[str, str]:
    return {
        "zh": f"无法在 {directory} 写入存证：{error.strerror}",
        "en": f"no anchor can be written in {directory}: {error.strerror}",
    }


async def anchor_for_ever(process: Process) -> None:
    """Until the process stops; a failure of Postgres, of the disk or of Kafka is logged, and tried again."""
    turns = Turns(process)
    async with asyncio.TaskGroup() as tasks:
        sending = tasks.create_task(turns.send_for_ever(), name="anchors to Kafka")
        while not process.stopping.is_set():
            await process.pause(await turns.turn())
        sending.cancel()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_LAST_SECONDS):
            await turns.last()


class Turns:
    """One look after the other at what is due; and, beside, at what is not on Kafka yet."""

    def __init__(self, process: Process) -> None:
        self._process, self._due_at = process, float("-inf")
        self._counts_at = float("-inf")
        settings = process.settings
        self.topic = AnchorTopic(settings, composition.audit_keys(settings))
        #: Everything that was written is on Kafka.
        self._is_sent = False
        #: How accounts, tokens and the rows about them stood when they were anchored.
        self._anchored: Sequence[Any] = ()

    async def turn(self) -> float:
        """Write what is due; returns the seconds to the next turn."""
        if await self._is_due() and not await self.write():
            return self._again
        return min(max(0.0, self._due_at - time.monotonic()), _LOOK_SECONDS)

    @property
    def _again(self) -> float:
        return min(_AGAIN_SECONDS, self._process.settings.anchor_seconds)

    async def send_for_ever(self) -> None:
        """Until the process stops: no Kafka keeps who may come in from being looked at."""
        while not self._process.stopping.is_set():
            await self._process.pause(await self.send_unsent())

    async def send_unsent(self) -> float:
        """Send what is not sent; returns the seconds to the next look."""
        if not self._is_sent:
            # What is written meanwhile is for the next one.
            self._is_sent = True
            if not await self.send():
                self._is_sent = False
                return self._again
        return _LOOK_SECONDS

    async def _is_due(self) -> bool:
        """Whether its time has come, or an account or a token was changed, through us or not: that is anchored at once."""
        return time.monotonic() >= self._due_at or await self._standing() != self._anchored

    async def _standing(self) -> Sequence[Any]:
        """As it was, where Postgres is away."""
        try:
            async with self._process.pool.acquire() as db:
                return await standing(db)
        except TRANSIENT:
            return self._anchored

    async def last(self) -> None:
        """Anchor as the process stops; what stops it may be that its folder is gone, which is not made anew in its place."""
        if directory_of(self._process.settings).is_dir():
            await self.write()
            await self.send()

    async def write(self) -> bool:
        """Anchor what the log is now."""
        try:
            started, anchored = clock.now(), await self._standing()
            counts = time.monotonic() >= self._counts_at
            anchor = await write_anchor(self._process.settings, self._process.pool, counts=counts)
        except TRANSIENT as error:  # among them OSError: a full disk, or another process that writes
            log.warning("anchor.failed", error=type(error).__name__, reason=loggable_reason(error))
            if isinstance(error, OSError) and error.errno in _OF_THE_DISK:
                self._process.health[ANCHORS] = _unwritten(directory_of(self._process.settings), error)
            return False
        self._process.health[ANCHORS] = None
        self._due_at = time.monotonic() + self._process.settings.anchor_seconds
        self._anchored, self._is_sent = anchored, False
        if counts:
            self._counts_at = time.monotonic() + _COUNT_SECONDS
        seconds = (clock.now() - started) / timedelta(seconds=1)
        log.info("anchor.written", number=anchor.number, seconds=round(seconds, 2))
        self._say(anchor.differing or ())
        return True

    def _say(self, differing: Sequence[str]) -> None:
        """Tell whoever looks after the city of accounts and tokens that somebody changed past us, and of rows about them."""
        metrics.ACCOUNTS_DIFFERING.set(len(differing))
        self._process.health[ACCOUNTS] = _DIFFERS if differing else None
        if differing:
            log.error("accounts.differ", differing=differing, remedy="huiyin audit verify")

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
