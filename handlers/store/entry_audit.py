"""Reading every knowledge entry and its whole log, to check both."""

from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from typing import Any

import msgspec

from handlers.core.entries import Entry, EntryAction
from handlers.store.entries import ENTRY, to_entry
from schemas.ids import EntryId
from schemas.ports import Database
from schemas.values import EntryContent
from schemas.words import EntryState

_content = msgspec.json.Decoder(EntryContent)


class SealedLine(msgspec.Struct, frozen=True, kw_only=True):
    """One row of an entry's log; `seal`: None of a release that made none."""

    version: int
    at: datetime
    actor: str
    action: EntryAction
    state: EntryState
    remarks: str
    content: EntryContent
    seal: bytes | None


class LoggedEntry(msgspec.Struct, kw_only=True):
    """An entry and its log, the first row first; either may be missing."""

    entry_id: EntryId
    entry: Entry | None = None
    rows: list[SealedLine] = msgspec.field(default_factory=list)


async def every_entry(db: Database) -> Mapping[EntryId, LoggedEntry]:
    """Every entry of which there is anything."""
    # Both tables once: some thousand entries, of a few rows each.
    found: dict[EntryId, LoggedEntry] = {}
    for row in await db.fetch(f"SELECT {ENTRY} FROM handlers.entry"):  # noqa: S608  our own columns
        entry = to_entry(row)
        found[entry.entry_id] = LoggedEntry(entry_id=entry.entry_id, entry=entry)
    rows = await db.fetch(
        """SELECT entry_id, version, at, actor, action, state, remarks, content, seal FROM handlers.entry_log
        ORDER BY entry_id, version"""
    )
    for row in rows:
        entry_id = EntryId(str(row["entry_id"]))
        found.setdefault(entry_id, LoggedEntry(entry_id=entry_id)).rows.append(_row(row))
    return found


async def sealed(connection: Any, since: datetime | None) -> AsyncIterator[tuple[bytes, int, bytes]]:
    """Entry, number and seal of each row that has one, of those since then or all, streamed. Needs an open transaction."""
    # The table once: some thousand entries, of a few rows each.
    statement = """SELECT entry_id, version, seal FROM handlers.entry_log
        WHERE seal IS NOT NULL AND ($1::timestamptz IS NULL OR at >= $1)"""
    async for row in connection.cursor(statement, since, prefetch=2000):
        yield row["entry_id"].bytes, row["version"], row["seal"]


def _row(row: Any) -> SealedLine:
    return SealedLine(
        version=row["version"], at=row["at"], actor=row["actor"], action=EntryAction(row["action"]),
        state=EntryState(row["state"]), remarks=row["remarks"], content=_content.decode(row["content"]),
        seal=row["seal"],
    )  # fmt: skip
