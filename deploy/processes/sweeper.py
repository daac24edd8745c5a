"""`huiyin sweep`: looks at the clocks whatever the traffic, moves deadlines with the calendar, prunes, anchors the log."""

import asyncio
import time

import structlog

import sla.steps
import sla.store
import sla.store.clocks
from deploy import composition
from deploy.access import loggable_reason
from deploy.database.outbox import RelayNotifier
from deploy.database.pool import TRANSIENT
from deploy.database.unit_of_work import unit_of_work
from deploy.observability import metrics
from deploy.processes.anchors import anchor_for_ever
from deploy.processes.runtime import Process
from schemas.ids import CaseId

log = structlog.get_logger()

#: Alerts raised in one transaction (project choice: some tenths of a second, `bench sweep`).
LIMIT = 1000
#: Between two looks at what changes rarely: the calendar, and rows that nobody needs any more (project choice).
_SELDOM_SECONDS = 60.0


async def sweep(process: Process) -> None:
    """Until the process stops; a failure of Postgres is a state, not an end."""
    anchoring = process.beside(anchor_for_ever(process), "anchors")
    async with RelayNotifier(process.pool).running() as notifier:
        sweeper = Sweeper(process, notifier)
        while not process.stopping.is_set():
            await sweeper.turn()
    await asyncio.gather(anchoring, return_exceptions=True)


class Sweeper:
    """One look after the other."""

    def __init__(self, process: Process, notifier: RelayNotifier) -> None:
        self._process = process
        self._notifier = notifier
        self._seldom_at = float("-inf")
        self._calendar_stamp: str | None = None

    async def turn(self) -> None:
        """Raise what is due, then rest; at once again while there is more than one transaction holds."""
        raised = 0
        try:
            raised = await self._raise_alerts()
            if time.monotonic() - self._seldom_at > _SELDOM_SECONDS:
                await self._look_at_calendar()
                await composition.prune(self._process.settings, self._process.pool)
                await self._count_clocks()
                self._seldom_at = time.monotonic()
            self._process.health |= {"ok": True, "reason": ""}
        except TRANSIENT as error:
            self._process.health |= {"ok": False, "reason": type(error).__name__}
            log.warning("sweep.failed", error=type(error).__name__, reason=loggable_reason(error))
        if raised < LIMIT:
            await self._process.pause(self._process.settings.sweep_seconds)

    async def _raise_alerts(self) -> int:
        async with unit_of_work(self._process.pool, prefix=self._process.settings.topic_prefix) as unit:
            raised = await sla.steps.sweep(unit, limit=LIMIT)
        if raised:
            metrics.ALERTS_RAISED.inc(raised)
            self._notifier.notify()
        return raised

    async def _look_at_calendar(self) -> None:
        """Recompute provisional deadlines when days were imported since the last look."""
        stamp = await composition.calendar_stamp(self._process.settings, self._process.pool)
        if self._calendar_stamp not in (None, stamp):
            await self._recompute()
        self._calendar_stamp = stamp

    async def _recompute(self) -> None:
        calendar = await composition.calendar_of(self._process.settings, self._process.pool)
        after: CaseId | None = None
        while True:
            async with unit_of_work(self._process.pool, prefix=self._process.settings.topic_prefix) as unit:
                after = await sla.steps.recompute_for_calendar(unit, calendar=calendar, after=after)
            self._notifier.notify()
            if after is None:
                return

    async def _count_clocks(self) -> None:
        async with self._process.pool.acquire() as db:
            metrics.OPEN_CLOCKS.set(await sla.store.clocks.count_running(db))
