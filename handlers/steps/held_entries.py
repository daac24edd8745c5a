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
from schemas.values import KeptFromAll, MadeEntry
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
    """Entries that everybody reads although staff keep from them what they may say: nobody has looked at them since.

    They hold a word that is hidden in a case that they were made from, or were made from one that is withheld as a whole
    since; a release may have held none back, or an event been lost.
    """
    found = await _revealing(unit, await made_entries.public_made(unit.db), answers)
    return [entry.entry_id for entry in found]


async def stop_revealing(unit: Unit, answers: PublicAnswers, entry_ids: Sequence[EntryId]) -> None:
    """Let nobody read those of these entries of which that is still so."""
    found = [await entries.lock(unit.db, entry_id) for entry_id in sorted(entry_ids)]
    revealing = await _revealing(unit, [entry for entry in found if entry is not None], answers)
    await _keep_held(unit, [change for entry in revealing if (change := held(entry, unit.now)) is not None])


async def _revealing(unit: Unit, some: Sequence[Entry], answers: PublicAnswers) -> Sequence[Entry]:
    cases = sorted({case_id for entry in some if entry.published is not None for case_id in entry.made_from})
    kept = await answers.limits(unit, cases) if cases else {}
    limited = [entry for entry in some if entry.published and not kept.keys().isdisjoint(entry.made_from)]
    approved = await entries.publications(unit.db, [entry.entry_id for entry in limited]) if limited else {}
    return [
        entry
        for entry in limited
        if _reveals(
            entry,
            [kept[case_id] for case_id in entry.made_from if case_id in kept],
            _looked_at(entry, approved.get(entry.entry_id)),
        )
    ]


def _reveals(entry: Entry, kept: Sequence[KeptFromAll], looked_at: datetime) -> bool:
    if any(each.withheld_since is not None and each.withheld_since > looked_at for each in kept):
        return True
    try:
        check_hidden(entry.published or entry.content, [word for each in kept for word in each.words])
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
                for text in content.texts
            ),
            title=(entry.published or entry.content).title,
        )
        for entry in await made_entries.made_from(unit.db, case_ids)
        if entry.state in _OPEN
    ]
