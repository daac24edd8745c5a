"""Knowledge entries follow their departments', and everybody reads those that hold."""

from collections.abc import Sequence
from datetime import datetime, tzinfo
from math import ceil
from uuid import UUID

from intake.core.draft import holdable
from intake.core.public.entries import LEAST_SHARE, MOST_FOUND, EntrySearch, FoundEntries, PublicEntry
from intake.core.search.bigrams import bigrams, said_otherwise
from intake.steps.read_published import remember_unanswered
from intake.store import entries as store
from schemas.errors import NotFound
from schemas.events.knowledge import EntryExpired, EntryPublished, EntryWithdrawn
from schemas.ids import EntryId, is_uuid
from schemas.paging import cursor_of, page_of, read_cursor
from schemas.ports import Unit
from schemas.values import LiveEntry

#: Entries beside a message, and how much of it they are looked for by (project choices: what is read at a glance).
_NEAREST = 3
_READ_OF_A_TEXT = 120


class EntryEnded(NotFound):
    """An entry that everybody could read once, and that holds no more."""

    code = "entry-ended"
    zh = "这条知识点已撤回或已过有效期，内容不再作数。"
    en = "This entry was withdrawn, or its time is over; what it said holds no more."


async def handle_published(unit: Unit, events: Sequence[EntryPublished]) -> None:
    """Let everybody read these entries from now on, in place of what was published of them before."""
    await store.upsert_entries(unit.db, events)


async def handle_ended(unit: Unit, events: Sequence[EntryExpired] | Sequence[EntryWithdrawn]) -> None:
    """Let nobody read these entries any more: they expired, or were withdrawn."""
    await store.end(unit.db, events)


async def look_for_entries(unit: Unit, search: EntrySearch, now: datetime, zone: tzinfo) -> FoundEntries:
    """As `search_entries`, for a person: a search in vain is remembered, so that somebody can write what is missing.

    Raises:
        BadInput: a cursor that is not ours.
    """
    found = await search_entries(unit, search, now)
    if search.q.strip() and not found.entries and not (search.category or search.department):
        await remember_unanswered(unit, search.q, zone)
    return found


async def search_entries(unit: Unit, search: EntrySearch, now: datetime) -> FoundEntries:
    """Entries that hold now: those that fit the words best, or without words the newest.

    Raises:
        BadInput: a cursor that is not ours.
    """
    category = holdable(search.category) if search.category else None
    department = holdable(search.department) if search.department else None
    if search.q.strip():
        asked = bigrams(search.q)
        words = sorted({*asked, *said_otherwise(search.q).values()})
        least = max(1, ceil(LEAST_SHARE * len(asked)))
        found = (
            await store.search(
                unit.db, words, now, category=category, department=department, least=least, limit=MOST_FOUND
            )
            if words
            else []
        )
        return FoundEntries(entries=found, next_cursor=None)
    after = read_cursor(search.cursor, tuple[datetime, UUID]) if search.cursor else None
    found = await store.newest(
        unit.db, now, category=category, department=department, after=after, limit=MOST_FOUND + 1
    )
    page, last = page_of(found, MOST_FOUND)
    return FoundEntries(
        entries=page, next_cursor=cursor_of(last.published_at, last.entry_id) if last else None
    )


async def read_entry(unit: Unit, entry_id: str, now: datetime) -> PublicEntry:
    """The entry as everybody reads it.

    Raises:
        NotFound: there is none, or it does not hold yet. EntryEnded: it holds no more.
    """
    if not is_uuid(entry_id):
        raise NotFound
    found = await store.find(unit.db, EntryId(entry_id), now)
    if found is None:
        raise EntryEnded if await store.has_ended(unit.db, EntryId(entry_id), now) else NotFound
    return found


class KeptEntries:
    """`schemas.ports.LiveEntries` over the public's copy."""

    async def find(self, unit: Unit, entry_id: str) -> LiveEntry | None:
        """The entry, if it holds at the unit's moment."""
        found = await store.find(unit.db, EntryId(entry_id), unit.now) if is_uuid(entry_id) else None
        return None if found is None else _live(found)

    async def nearest(self, unit: Unit, text: str) -> Sequence[LiveEntry]:
        """Three at most that fit the beginning of this text."""
        found = await search_entries(unit, EntrySearch(q=text[:_READ_OF_A_TEXT]), unit.now)
        return [_live(entry) for entry in found.entries[:_NEAREST]]


def _live(entry: PublicEntry) -> LiveEntry:
    return LiveEntry(entry_id=entry.entry_id, owner=entry.owner, content=entry.content)
