"""Knowledge entries that everybody reads although staff keep their cases, or words of them, from everybody."""

from collections.abc import Sequence

from deploy import composition
from deploy.database.pool import Pool
from deploy.database.unit_of_work import unit_of_work
from deploy.settings import Settings
from handlers.steps.held_entries import find_revealing, stop_revealing
from intake.steps.read_published import PublishedAnswers
from schemas.ids import EntryId


async def revealing_entries(settings: Settings, pool: Pool) -> Sequence[EntryId]:
    """Those that everybody reads now. Intake alone knows which words are hidden, and needs its keys for that."""
    answers = PublishedAnswers(composition.intake_keys(settings))
    async with unit_of_work(
        pool, prefix=settings.topic_prefix, audit_key=composition.audit_key(settings)
    ) as unit:
        return await find_revealing(unit, answers)


async def stop_revealing_entries(settings: Settings, pool: Pool, entry_ids: Sequence[EntryId]) -> None:
    """They wait for a dispatcher, and their departments read why, as where the words are hidden now."""
    answers = PublishedAnswers(composition.intake_keys(settings))
    async with unit_of_work(
        pool, prefix=settings.topic_prefix, audit_key=composition.audit_key(settings)
    ) as unit:
        await stop_revealing(unit, answers, entry_ids)
