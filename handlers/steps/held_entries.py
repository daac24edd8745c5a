"""Where staff keep more of a case from everybody, what was made of it is held back until somebody looked."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from handlers.core.entries import Entry, held
from handlers.core.entry_ends import held_notice
from handlers.steps.entries import keep
from handlers.store import entries, made_entries
from schemas.events.intake import PublicationLimited
from schemas.ids import CaseId
from schemas.ports import Unit
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
    if changes:
        await keep(unit, changes)
    for after in (change.after for change in changes):
        unit.notify(held_notice(after.entry_id, after.owner, after.version, unit.now))


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
