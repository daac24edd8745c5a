"""`huiyin sweep`: looks at the clocks, moves deadlines with the calendar, prunes, anchors, reconciles, counts for the
figures, finds topics.

After its start it also mends what earlier releases left, a piece at each look: texts that a weaker masker made, and cases
that were merged into one which nobody else may read.
"""

import asyncio
import time
from datetime import datetime

import structlog

import sla.steps.call_backs
import sla.steps.exclusions
import sla.steps.report
import sla.steps.sweep
import sla.steps.tally
import sla.store
import sla.store.clocks
import sla.subscribers
from deploy import clock, composition
from deploy.access import loggable_reason
from deploy.audit.restores import restores
from deploy.composition import housekeeping
from deploy.composition.acceptance import FileSweeper, tally_promises
from deploy.database.outbox import RelayNotifier
from deploy.database.pool import TRANSIENT
from deploy.database.progress import reached_by
from deploy.database.unit_of_work import unit_of_work
from deploy.observability import metrics
from deploy.processes.anchors import anchor_for_ever
from deploy.processes.calendar_walk import CalendarWalk
from deploy.processes.growing_topics import look_for_topics
from deploy.processes.health import FILES
from deploy.processes.put_back_told import troubles_of
from deploy.processes.reconciling import reconcile_for_ever
from deploy.processes.runtime import Process, unwell, well
from deploy.processes.word_counts import count_words_for_ever
from intake.store.remasking import TABLES, Table
from schemas.bilingual import Bilingual, joined, plain
from schemas.errors import Unavailable
from schemas.ids import CaseId
from schemas.ports import Unit
from sla.core.calendar import Calendar
from sla.core.rules import DeadlineRules

log = structlog.get_logger()

#: Alerts raised in one transaction (project choice: some tenths of a second, `bench sweep`).
LIMIT = 1000
#: Cases counted into the sums of the figures in one transaction (project choice: some tenths of a second).
_COUNTED_AT_ONCE = 500
#: Between two looks at what changes rarely: the calendar, and rows that nobody needs any more (project choice).
_SELDOM_SECONDS = 60.0
#: A process whose clock is further from the database's does not sweep (project choice: far more than NTP leaves, far less
#: than any deadline).
MOST_SKEWED_SECONDS = 5.0
#: After the start, texts of earlier maskers are looked for once more: a worker of the release before may publish beside this
#: sweeper (project choice: an upgrade takes less).
_REMASK_AGAIN_SECONDS = 3600.0
#: The deadlines' consumer may be so far behind before the sweeper calls it a trouble (project choice: a restart takes less).
PATIENT_SECONDS = 60.0


async def sweep(process: Process) -> None:
    """Until the process stops; a failure of Postgres is a state, not an end."""
    anchoring = process.beside(anchor_for_ever(process), "anchors")
    async with RelayNotifier(process.pool).running() as notifier:
        reconciling = process.beside(reconcile_for_ever(process, notifier), "reconciler")
        counting = process.beside(count_words_for_ever(process), "word counts")
        finding = process.beside(look_for_topics(process, notifier), "topics")
        sweeper = Sweeper(process, notifier)
        # Not well before it has looked: whoever waits for the city would be told so too soon.
        process.health |= sweeper.how_far_behind()
        process.begun.set()
        while not process.stopping.is_set():
            await sweeper.turn()
    await asyncio.gather(anchoring, reconciling, counting, finding, return_exceptions=True)


def rest_of(cadence: float, took: float) -> float:
    """Seconds until the next look, so that a look which takes long delays the next one by no more than that.

    A tenth of the cadence at least: whoever is slow leaves the database to others, too.
    """
    return max(cadence - took, cadence / 10)


_NOT_SAID = Bilingual(
    zh="sla 进程尚未报告进度：不判定超期",
    en="the sla consumer has not said how far it is: no breach is declared",
)


class Sweeper:
    """Looks at the clocks round after round, one look at a time."""

    def __init__(self, process: Process, notifier: RelayNotifier) -> None:
        self._process = process
        self._notifier = notifier
        self._seldom_at = float("-inf")
        self._is_refusing = False
        #: Of what was published, what is still to be looked at for texts of an earlier masker; and behind which case.
        self._to_remask: list[Table] = list(TABLES)
        self._remasked_to: CaseId | None = None
        self._remask_again_at = time.monotonic() + _REMASK_AGAIN_SECONDS
        self._may_be_merged_wrongly = True
        #: Cases may have ended that are not in the sums of the figures.
        self._may_be_uncounted = True
        #: Seconds by which the deadlines' consumer is behind; None: it has never said how far it is.
        self._behind: float | None = None
        #: Up to when it has heard everything, as of the last look.
        self._reached: datetime | None = None
        #: What is said after breaches, and when anybody works.
        self._known: tuple[DeadlineRules, Calendar] | None = None
        self._files = FileSweeper(process.settings, process.pool)
        #: Why files are neither taken nor found.
        self._files_trouble: Bilingual | None = None
        #: That Kafka or Postgres was put back from before, until somebody has seen to it.
        self._put_back: Bilingual | None = None
        self._walk = CalendarWalk(process.settings, process.pool, notifier)

    async def turn(self) -> None:
        """Raise what is due, then rest; at once again while there is more than one transaction holds, or days were imported.

        A machine whose clock is wrong raises nothing, although it would go by the database's: who cannot tell the
        time should be repaired, and others can sweep.
        """
        raised, began = 0, time.monotonic()
        try:
            if abs(ahead := clock.ahead_seconds()) > MOST_SKEWED_SECONDS:
                self._refuse(ahead)
                await self._process.pause(self._process.settings.sweep_seconds)
                return
            self._is_refusing = False
            raised = await self._raise_alerts()
            if time.monotonic() - self._seldom_at > _SELDOM_SECONDS:
                self._known = None
                self._may_be_uncounted = True
                await self._look_at_calendar()
                await housekeeping.prune(self._process.settings, self._process.pool)
                await self._expire_entries()
                await tally_promises(self._process.settings, self._process.pool)
                await self._sweep_files()
                await self._count_clocks()
                await self._look_at_servers()
                # Two events that cross each other can still merge a case wrongly: looked for along an index of few.
                self._may_be_merged_wrongly = True
                self._seldom_at = time.monotonic()
            await self._walk.go_on()
            # With more to raise than one transaction holds, not every breach up to there is told.
            await self._tally(self._reached if raised < LIMIT else None)
            await self._mend()
            self._process.health |= self._how_it_is()
        except TRANSIENT as error:
            self._process.health |= unwell(plain(type(error).__name__))
            log.warning("sweep.failed", error=type(error).__name__, reason=loggable_reason(error))
        if raised < LIMIT and not self._walk.is_under_way:
            await self._process.pause(rest_of(self._process.settings.sweep_seconds, time.monotonic() - began))

    def _refuse(self, ahead: float) -> None:
        if not self._is_refusing:
            log.error("sweep.refused", clock_ahead_seconds=round(ahead, 1))
        self._is_refusing = True
        why = Bilingual(
            zh=f"本机时钟与数据库相差 {ahead:+.0f} 秒：不检查期限",
            en=f"this machine's clock is {ahead:+.0f} s from the database's: it does not sweep",
        )
        self._process.health |= unwell(why)

    def how_far_behind(self) -> dict[str, object]:
        """Whether breaches are declared in time, as health says it."""
        if self._behind is None:
            return unwell(_NOT_SAID)
        why = Bilingual(
            zh=f"等待 sla 进程，它落后 {self._behind:.0f} 秒：此后的超期尚不判定",
            en=f"waits for the sla consumer, {self._behind:.0f} s behind: no later breach is declared",
        )
        return unwell(why) if self._behind > PATIENT_SECONDS else well()

    def _how_it_is(self) -> dict[str, object]:
        """Not well either where files are refused: whoever sends one is told so, and nobody else would hear of it."""
        trouble, behind = self._files_trouble, self.how_far_behind()
        worse = self._put_back or trouble
        said = unwell(worse) if worse and behind["ok"] else behind
        return said | {FILES: {"zh": trouble.zh, "en": trouble.en} if trouble else None}

    async def _raise_alerts(self) -> int:
        """Only for moments that the deadlines' consumer has reached: what it has not heard yet may have come in time."""
        async with unit_of_work(self._process.pool, prefix=self._process.settings.topic_prefix) as unit:
            self._reached = reached = await reached_by(unit.db, sla.subscribers.GROUP)
            self._behind = None if reached is None else max(0.0, (unit.now - reached).total_seconds())
            metrics.SWEEP_BEHIND.set(self._behind or 0.0)
            raised = 0 if reached is None else await self._sweep(unit, reached)
        if raised:
            metrics.ALERTS_RAISED.inc(raised)
            self._notifier.notify()
        return raised

    async def _sweep(self, unit: Unit, reached: datetime) -> int:
        rules, calendar = await self._rules_and_calendar()
        return await sla.steps.sweep.sweep(unit, rules=rules, calendar=calendar, until=reached, limit=LIMIT)

    async def _rules_and_calendar(self) -> tuple[DeadlineRules, Calendar]:
        """Those in use, read again now and then; a rules file that cannot be used stops nothing."""
        if self._known is None:
            settings, pool = self._process.settings, self._process.pool
            in_use = await composition.rules_in_use(settings, pool)
            self._known = in_use.rules, await composition.calendar_of(settings, pool, in_use.rules)
        return self._known

    async def _tally(self, told: datetime | None) -> None:
        """A piece at each look, as long as there is more. `told`: every breach of before that moment is."""
        if self._may_be_uncounted:
            _, calendar = await self._rules_and_calendar()
            async with unit_of_work(self._process.pool, prefix=self._process.settings.topic_prefix) as unit:
                counted = await sla.steps.tally.tally(unit, calendar=calendar, limit=_COUNTED_AT_ONCE)
            self._may_be_uncounted = counted == _COUNTED_AT_ONCE
            if not self._may_be_uncounted:
                await self._report(calendar, told)

    async def _report(self, calendar: Calendar, told: datetime | None) -> None:
        """Once everything is counted, the reports of what is over."""
        async with unit_of_work(self._process.pool, prefix=self._process.settings.topic_prefix) as unit:
            if made := await sla.steps.report.make_reports(unit, calendar=calendar, reached=told):
                log.info("reports.made", reports=made)
        await self._call_back(told)

    async def _call_back(self, told: datetime | None) -> None:
        """Whom to ask whether it is settled, once a day is over; who did not answer; and what was not decided in time."""
        rules, calendar = await self._rules_and_calendar()
        settings = self._process.settings
        async with unit_of_work(self._process.pool, prefix=settings.topic_prefix) as unit:
            drawn = await sla.steps.call_backs.draw_call_backs(
                unit, callees=composition.known_callees(settings), lot_key=settings.derived("call-backs"), rules=rules,
                calendar=calendar, reached=told,
            )  # fmt: skip
            silent = await sla.steps.call_backs.end_silent(unit, rules=rules, calendar=calendar, reached=told)
            overdue = await sla.steps.exclusions.tell_overdue(unit)
        if drawn or silent:
            log.info("call-backs.drawn", drawn=drawn, silent=silent)
            self._notifier.notify()
        if overdue:
            log.info("exclusions.overdue", exclusions=overdue)

    async def _mend(self) -> None:
        settings, pool = self._process.settings, self._process.pool
        if self._may_be_merged_wrongly:
            self._may_be_merged_wrongly = bool(await housekeeping.leave_private_cases(settings, pool))
            self._notifier.notify()
        if time.monotonic() > self._remask_again_at:
            self._to_remask, self._remasked_to, self._remask_again_at = list(TABLES), None, float("inf")
        if self._to_remask:
            await self._remask(self._to_remask[0])

    async def _remask(self, table: Table) -> None:
        settings, pool = self._process.settings, self._process.pool
        self._remasked_to = await housekeeping.remask(settings, pool, table, self._remasked_to)
        if self._remasked_to is None:
            self._to_remask.pop(0)

    async def _look_at_calendar(self) -> None:
        settings, pool = self._process.settings, self._process.pool
        in_use = await composition.rules_in_use(settings, pool)
        self._process.health["warning"] = in_use.trouble
        await self._walk.begin(in_use.rules)

    async def _expire_entries(self) -> None:
        """Whether or not we come to it, nobody reads an entry beyond its end: each look at one asks for the time."""
        if await housekeeping.expire_entries(self._process.settings, self._process.pool):
            self._notifier.notify()

    async def _sweep_files(self) -> None:
        """A file store that is away is waited for: nothing else stops for it."""
        async with self._process.pool.acquire() as db:
            restored = await restores(db)
        try:
            await self._files.sweep(restored[-1].at if restored else None)
        except Unavailable as error:
            log.warning("sweep.files-failed", reason=str(error))
        self._files_trouble = await self._files.trouble()

    async def _look_at_servers(self) -> None:
        async with self._process.pool.acquire() as db:
            troubles = await troubles_of(db)
        self._put_back = joined(found for found, _ in troubles) if troubles else None

    async def _count_clocks(self) -> None:
        async with self._process.pool.acquire() as db:
            metrics.OPEN_CLOCKS.set(await sla.store.clocks.count_running(db))
