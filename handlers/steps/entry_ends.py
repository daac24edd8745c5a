"""Warns owners before their knowledge entries end, and repeats what was published of entries to a slice that lost it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from handlers.core.entries import Entry, EntryAction
from handlers.core.entry_ends import SPANS, warnings
from handlers.store import entries, entry_ends
from handlers.store.entry_ends import LastTold
from schemas.days import end_of_day
from schemas.event import Event
from schemas.events.knowledge import EntryExpired, EntryPublished, EntryWithdrawn
from schemas.ids import CaseId, EntryId
from schemas.ports import Unit

#: Warned of at one look (project choice: a city has some thousand entries).
_AT_ONCE = 2000


async def warn_of_ends(unit: Unit) -> None:
    """Tell each department of its entries that end soon; said again and again, it is told once."""
    until = unit.now + SPANS.warned_before[0]
    for notice in warnings(await entry_ends.ending(unit.db, unit.now, until, _AT_ONCE), unit.now):
        unit.notify(notice)


async def say_entries_again(unit: Unit, entry_ids: Sequence[CaseId], *, zone: ZoneInfo) -> None:
    """Emit once more what was last published of each entry; a slice that knows it already ignores it."""
    told = await entry_ends.told(unit.db, [EntryId(each) for each in entry_ids])
    for entry_id in sorted(told):
        entry = await entries.lock(unit.db, entry_id)
        if entry is not None:
            unit.emit(_said(entry, told[entry_id], zone))


def _said(entry: Entry, told: LastTold, zone: ZoneInfo) -> Event:
    head: dict[str, Any] = {"case_id": CaseId(entry.entry_id), "version": told.version, "at": told.at}
    if told.action is EntryAction.APPROVE and entry.published is not None and entry.holds_until is not None:
        begins = end_of_day(entry.published.valid_from - timedelta(days=1), zone)
        return EntryPublished(
            **head,
            owner=entry.owner,
            content=entry.published,
            holds_from=begins,
            holds_until=entry.holds_until,
        )
    ended = EntryExpired if told.action is EntryAction.EXPIRE else EntryWithdrawn
    return ended(**head, owner=entry.owner)


async def count_standing(unit: Unit, since: datetime) -> tuple[Sequence[EntryId], int, int]:
    """The entries that everybody may read now, how many ended since then, and how many contradictions wait."""
    return await entry_ends.standing(unit.db, unit.now, since)
