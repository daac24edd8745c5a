"""Entries that end soon, and what everybody was told of entries: for warnings, and to be said again."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from handlers.core.entries import ENDING, EntryAction
from handlers.core.entry_ends import Ending
from schemas.ids import DepartmentCode, EntryId
from schemas.ports import Database

#: What everybody is told of.
_TOLD = (EntryAction.APPROVE.value, *sorted(each.value for each in ENDING))


async def ending(db: Database, now: datetime, until: datetime, limit: int) -> list[Ending]:
    """Entries that everybody reads and whose end lies between these moments, the nearest end first."""
    # Along entry_ends.
    rows = await db.fetch(
        """SELECT entry_id::text, owner, holds_until FROM handlers.entry
        WHERE holds_until > $1 AND holds_until <= $2 ORDER BY holds_until LIMIT $3""",
        now,
        until,
        limit,
    )
    return [
        Ending(EntryId(row["entry_id"]), DepartmentCode(row["owner"]), row["holds_until"]) for row in rows
    ]


class LastTold(NamedTuple):
    """The last that everybody was told of an entry: under which version, when, and what."""

    entry_id: EntryId
    version: int
    at: datetime
    action: EntryAction


async def told(db: Database, entry_ids: Sequence[EntryId]) -> Mapping[EntryId, LastTold]:
    """What was said last of those of these entries that everybody could read once."""
    # By the primary key of the log; some dozen rows for each entry.
    rows = await db.fetch(
        """
        SELECT DISTINCT ON (entry_id) entry_id::text, version, at, action FROM handlers.entry_log AS l
        WHERE entry_id = ANY ($1::uuid[]) AND action = ANY ($2::text[])
            AND EXISTS (SELECT FROM handlers.entry_log AS a WHERE a.entry_id = l.entry_id AND a.action = 'approve')
        ORDER BY entry_id, version DESC
        """,
        list(entry_ids),
        list(_TOLD),
    )
    found = [
        LastTold(EntryId(row["entry_id"]), row["version"], row["at"], EntryAction(row["action"]))
        for row in rows
    ]
    return {each.entry_id: each for each in found}


async def page_of_ids(db: Database, after: EntryId | None, limit: int) -> list[EntryId]:
    """Entries by their ids, behind that one."""
    # The primary key.
    rows = await db.fetch(
        """SELECT entry_id::text FROM handlers.entry WHERE $1::uuid IS NULL OR entry_id > $1
        ORDER BY entry_id LIMIT $2""",
        after,
        limit,
    )
    return [EntryId(row["entry_id"]) for row in rows]


async def standing(db: Database, now: datetime, since: datetime) -> tuple[Sequence[EntryId], int, int]:
    """Entries that everybody may read, how many ended since then, and how many contradictions wait."""
    # Along entry_ends; along the log's primary key, of some thousand entries; along the index of what waits.
    live = await db.fetch("SELECT entry_id::text FROM handlers.entry WHERE holds_until > $1", now)
    row = await db.fetchrow(
        """
        SELECT (SELECT count(*) FROM handlers.entry_log WHERE action = 'expire' AND at >= $1) AS expired,
               (SELECT count(*) FROM handlers.contradiction WHERE settled_at IS NULL) AS waiting
        """,
        since,
    )
    return [EntryId(each["entry_id"]) for each in live], row["expired"], row["waiting"]
