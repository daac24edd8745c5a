"""Entries by the cases that they were made from."""

from collections.abc import Sequence

from handlers.core.entries import Entry
from handlers.store.entries import ENTRY, to_entry
from schemas.ids import CaseId
from schemas.ports import Database


async def made_from(db: Database, case_ids: Sequence[CaseId]) -> list[Entry]:
    """Entries that were made from any of these cases."""
    # The table once: some thousand entries.
    rows = await db.fetch(
        f"SELECT {ENTRY} FROM handlers.entry WHERE made_from && $1::uuid[] ORDER BY entry_id",  # noqa: S608  our own columns
        list(case_ids),
    )
    return [to_entry(row) for row in rows]


async def public_made(db: Database) -> list[Entry]:
    """Entries that were made from cases and that everybody reads."""
    # The table once: some thousand entries.
    rows = await db.fetch(
        f"SELECT {ENTRY} FROM handlers.entry WHERE made_from <> '{{}}' AND published IS NOT NULL ORDER BY entry_id"  # noqa: S608  our own columns
    )
    return [to_entry(row) for row in rows]


async def lock_made_from(db: Database, case_ids: Sequence[CaseId]) -> list[Entry]:
    """The same, nobody else's to change until the unit ends."""
    rows = await db.fetch(
        f"""SELECT {ENTRY} FROM handlers.entry WHERE made_from && $1::uuid[] ORDER BY entry_id
        FOR NO KEY UPDATE""",  # noqa: S608  our own columns
        list(case_ids),
    )
    return [to_entry(row) for row in rows]
