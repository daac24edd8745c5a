"""The sweeper's occasional work on what slices keep: mask again, count, end, and forget."""

from datetime import timedelta

import structlog

import handlers.steps.entries
import handlers.steps.entry_ends
import handlers.store.commands
import intake.steps.count_words
import intake.store.offers
import intake.store.searching
import routing.steps.merging
from deploy import clock
from deploy.accounts.tries import forget_old_tries
from deploy.composition import audit_key, intake_keys
from deploy.database.beats import forget_silent
from deploy.database.inbox import forget_handled
from deploy.database.pool import Pool
from deploy.database.rate_limits import forget_full
from deploy.database.unit_of_work import unit_of_work
from deploy.settings import Settings
from intake.steps.remask import remask_answers
from intake.store.remasking import Table
from schemas.ids import CaseId

log = structlog.get_logger()

#: How long an operator still sees what a process said last (project choice: until the next working day).
_SILENT_PROCESSES_KEPT = timedelta(days=1)
#: What was looked for in vain is somebody's work while it is asked for (project choice: a season).
_OFFERS_KEPT = timedelta(days=98)
_UNANSWERED_KEPT = timedelta(days=90)
#: After this long every limit is whole again: a debt is a minute's worth, and a bucket fills up in another (by arithmetic).
_DEBTS_PAID = timedelta(minutes=2)


async def remask(settings: Settings, pool: Pool, table: Table, after: CaseId | None) -> CaseId | None:
    """Mask the next published answers of an earlier masker anew, behind `after`; None once there are no more."""
    async with unit_of_work(pool, prefix=settings.topic_prefix) as unit:
        done = await remask_answers(unit, intake_keys(settings), table, after)
    for case_id in done.unreadable:
        log.error("remask.unreadable", case_id=case_id, table=table, remedy="HUIYIN_PREVIOUS_SECRET_KEYS")
    return done.after


async def count_words(settings: Settings, pool: Pool) -> bool:
    """Count anew in how many published answers each word stands, where that must have changed; whether it did."""
    async with unit_of_work(pool, prefix=settings.topic_prefix) as unit:
        return await intake.steps.count_words.count_words(unit)


async def leave_private_cases(settings: Settings, pool: Pool) -> int:
    """Undo the next merges into cases that nobody else may read, which earlier releases allowed; how many there were."""
    async with unit_of_work(pool, prefix=settings.topic_prefix) as unit:
        return await routing.steps.merging.leave_private_cases(unit)


async def expire_entries(settings: Settings, pool: Pool) -> int:
    """End the knowledge entries whose last day has passed, a bounded piece at a time; how many.

    Of those that end soon their departments are told.
    """
    async with unit_of_work(pool, prefix=settings.topic_prefix, audit_key=audit_key(settings)) as unit:
        await handlers.steps.entry_ends.warn_of_ends(unit)
        return await handlers.steps.entries.expire(unit)


async def prune(settings: Settings, pool: Pool) -> None:
    """Forget what is no longer needed, a bounded piece at a time, so that no table grows for ever."""
    before = clock.now() - timedelta(days=settings.inbox_days)
    async with pool.acquire() as db:
        await forget_handled(db, before)
        await forget_silent(db, clock.now() - _SILENT_PROCESSES_KEPT)
        await handlers.store.commands.forget_answers(db, before)
        await forget_old_tries(db, clock.now())
        await forget_full(db, clock.now() - _DEBTS_PAID)
        await intake.store.searching.forget_unanswered(db, (clock.now() - _UNANSWERED_KEPT).date())
        kept = clock.now() - _OFFERS_KEPT
        await intake.store.offers.forget(db, kept.date(), kept)
