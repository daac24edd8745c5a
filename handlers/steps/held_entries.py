"""Holds a knowledge entry back when staff hide more of the case that it was made from, until somebody has looked."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from handlers.core.entries import Entry, EntryChange, check_hidden, held
from handlers.core.entry_ends import held_notice
from handlers.steps.entries import keep
from handlers.store import entries, made_entries
from schemas.errors import BadInput
from schemas.events.intake import PublicationLimited
from schemas.ids import CaseId, EntryId
from schemas.ports import PublicAnswers, Unit
from schemas.values import MadeEntry
from schemas.words import EntryState

#: An approval that ended so shortly before a case was limited may not have known of that (project choice: no transaction
#: takes as long). Whatever was approved later, somebody looked at with the words before them.
_AT_ONCE = timedelta(minutes=1)
#: Of which somebody may still read something.
_OPEN = (EntryState.DRAFT, EntryState.PROPOSED, EntryState.LIVE)


async def handle_limits(unit: Unit, events: Sequence[PublicationLimited]) -> None:
    """Let nobody read the entries that were made from cases of which more is hidden now; what was looked at since stays."""
    limited = {event.case_id: event.at for event in events if event.hides_more}
    if not limited:
        return
    made = await made_entries.lock_made_from(unit.db, list(limited))
    approved = await entries.publications(unit.db, [entry.entry_id for entry in made]) if made else {}
    looked = {entry.entry_id: _looked_at(entry, approved.get(entry.entry_id)) for entry in made}
    changes = [
        change
        for entry in made
        if any(
            looked[entry.entry_id] < limited[each] + _AT_ONCE for each in entry.made_from if each in limited
        )
        and (change := held(entry, unit.now)) is not None
    ]
    await _keep_held(unit, changes)


async def _keep_held(unit: Unit, changes: Sequence[EntryChange]) -> None:
    if changes:
        await keep(unit, changes)
    for after in (change.after for change in changes):
        unit.notify(held_notice(after.entry_id, after.owner, after.version, unit.now))


async def find_revealing(unit: Unit, answers: PublicAnswers) -> Sequence[EntryId]:
    """Entries that tell everybody a word which staff hide in a case that they were made from.

    Those that were approved before a release held any back.
    """
    return [
        entry.entry_id
        for entry in await made_entries.public_made(unit.db)
        if await _reveals(unit, entry, answers)
    ]


async def stop_revealing(unit: Unit, answers: PublicAnswers, entry_ids: Sequence[EntryId]) -> None:
    """Let nobody read those of these entries that still tell such a word."""
    found = [await entries.lock(unit.db, entry_id) for entry_id in sorted(entry_ids)]
    revealing = [entry for entry in found if entry is not None and await _reveals(unit, entry, answers)]
    changes = [change for entry in revealing if (change := held(entry, unit.now)) is not None]
    await _keep_held(unit, changes)


async def _reveals(unit: Unit, entry: Entry, answers: PublicAnswers) -> bool:
    if entry.published is None or not entry.made_from:
        return False
    try:
        check_hidden(entry.published, await answers.hidden(unit, entry.made_from))
    except BadInput:
        return True
    return False


def _looked_at(entry: Entry, approved: tuple[int, datetime] | None) -> datetime:
    """When a dispatcher let everybody read what they do; of what waits for one, when its department wrote it."""
    return approved[1] if entry.published is not None and approved is not None else entry.changed_at


async def entries_of(unit: Unit, case_ids: Sequence[CaseId]) -> Sequence[MadeEntry]:
    """The entries that were made from these cases and have not ended."""
    return [
        MadeEntry(
            entry_id=entry.entry_id,
            state=entry.state,
            is_public=entry.published is not None,
            texts=tuple(
                text
                for content in (entry.content, entry.published)
                if content is not None
                for text in (*content.questions, content.answer, content.basis, content.document_number)
            ),
            title=(entry.published or entry.content).title,
        )
        for entry in await made_entries.made_from(unit.db, case_ids)
        if entry.state in _OPEN
    ]
