"""Recomputes every deadline that imported days change, in pieces, so that alerts go on in between."""

import time
from collections.abc import Sequence
from datetime import timedelta

import sla.steps.move
import sla.store.calendar_days
from deploy import clock, composition
from deploy.database.outbox import RelayNotifier
from deploy.database.pool import Pool
from deploy.database.unit_of_work import unit_of_work
from deploy.settings import Settings
from schemas.ids import CaseId
from sla.core.calendar import Calendar
from sla.core.rules import DeadlineRules
from sla.store.calendar_days import CalendarChange

#: After an import some processes compute with the old days for so long (project choice: three times what they need).
_OLD_CALENDARS_SECONDS = 90.0
#: What is to be said so soon is computed anew before anything is said (project choice: a walk through a large city takes
#: minutes, and nobody is told of a breach that the notice has taken away).
_SOON = timedelta(hours=1)


class CalendarWalk:
    """Through all cases that cross imported days; again until nobody computes with the old ones any more."""

    def __init__(self, settings: Settings, pool: Pool, notifier: RelayNotifier) -> None:
        self._settings = settings
        self._pool = pool
        self._notifier = notifier
        self._calendar: Calendar | None = None
        self._begun_at = 0.0
        #: What is still to be walked through, and what this walk began with.
        self._left: list[CalendarChange] = []
        self._numbers: Sequence[int] = ()
        self._after: CaseId | None = None

    @property
    def is_under_way(self) -> bool:
        """Whether there is more to do at once."""
        return bool(self._left)

    async def begin(self, rules: DeadlineRules) -> None:
        """Look for days that were imported, and compute anew what is due soon; a walk that is under way goes on."""
        if self._left:
            return
        async with self._pool.acquire() as db:
            changes = await sla.store.calendar_days.unsettled_changes(db)
        if not changes:
            return
        self._begun_at = time.monotonic()
        self._calendar = await composition.calendar_of(self._settings, self._pool, rules)
        for change in changes:
            after = None
            while after := await self._recompute(change, after, soon=True):
                pass
        self._left, self._numbers, self._after = [*changes], [each.number for each in changes], None

    async def go_on(self) -> None:
        """Recompute one more piece of the cases that are left."""
        if not self._left:
            return
        self._after = await self._recompute(self._left[0], self._after)
        if self._after is not None:
            return
        if len(self._left) == 1:
            # Who computed with the old days when the walk began may have come behind it.
            age = _OLD_CALENDARS_SECONDS + time.monotonic() - self._begun_at
            async with self._pool.acquire() as db:
                await sla.store.calendar_days.settle_changes(db, self._numbers, older_than_seconds=age)
        self._left.pop(0)

    async def _recompute(
        self, change: CalendarChange, after: CaseId | None, *, soon: bool = False
    ) -> CaseId | None:
        assert self._calendar is not None
        async with unit_of_work(self._pool, prefix=self._settings.topic_prefix) as unit:
            found = await sla.steps.move.recompute_for_calendar(
                unit,
                calendar=self._calendar,
                days=(change.first_day, change.last_day),
                reason=change.reason,
                after=after,
                said_before=clock.now() + _SOON if soon else None,
            )
        self._notifier.notify()
        return found
