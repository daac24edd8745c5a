"""Whether knowledge entries are what was written and approved, in handlers and where everybody reads them."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from uuid import UUID

import msgspec

import handlers.store.entry_audit
import intake.store.audit
from deploy.audit.anchors import Log, shortened
from deploy.audit.answers import IN_FLIGHT, Beginnings
from deploy.audit.pins import Pins
from deploy.clock import now
from deploy.database.pool import Connection
from handlers.core.chain import Seal, Why
from handlers.core.entries import ENDING, Entry, EntryAction, EntryChange, entry_seal
from handlers.store.entry_audit import LoggedEntry, SealedLine
from intake.store.audit import ShownEntry
from schemas.ids import DepartmentCode, EntryId

#: Why: the row is missing, or nobody wrote it · it is not as it was written · the entry is not as its rows left it ·
#: everybody reads another text than was approved.
MISSING, CHANGED, ENTRY, READ = "missing", "changed", "entry", "read"


class BrokenEntry(msgspec.Struct, frozen=True, kw_only=True):
    """An entry that was changed, the first row of its log where that shows, and how."""

    entry_id: EntryId
    row: int
    why: str


async def broken_entries(
    connection: Connection, seals: Sequence[Seal], since: Beginnings, pins: Pins
) -> Sequence[BrokenEntry]:
    """Every entry that is not what was written of it; a city has some thousand."""
    logged = await handlers.store.entry_audit.every_entry(connection)
    shown = await intake.store.audit.shown_entries(connection)
    start = since.get("entries", datetime.min.replace(tzinfo=UTC))
    found = [
        _broken(each, shown.get(entry_id), seals, start) or _unlike_anchors(each, pins)
        for entry_id, each in logged.items()
    ]
    anchored = {EntryId(str(UUID(bytes=owner))) for owner in pins.owners(Log.ENTRY)}
    gone = [BrokenEntry(entry_id=each, row=1, why=Why.ANCHOR) for each in sorted(anchored - logged.keys())]
    # What everybody reads and nobody wrote.
    made_up = [
        BrokenEntry(entry_id=entry_id, row=1, why=READ)
        for entry_id, each in shown.items()
        if each.is_live and entry_id not in logged
    ]
    return [*(each for each in found if each is not None), *gone, *made_up]


def _unlike_anchors(logged: LoggedEntry, pins: Pins) -> BrokenEntry | None:
    """The first row that an anchor knows and that is another today, or is gone."""
    for number, end in pins.rows_of(Log.ENTRY, UUID(logged.entry_id).bytes):
        row = logged.rows[number - 1] if number <= len(logged.rows) else None
        if row is None or row.seal is None or shortened(row.seal) != end:
            return BrokenEntry(entry_id=logged.entry_id, row=number, why=Why.ANCHOR)
    return None


def _broken(
    logged: LoggedEntry, shown: ShownEntry | None, seals: Sequence[Seal], start: datetime
) -> BrokenEntry | None:
    entry_id, owner = logged.entry_id, logged.entry.owner if logged.entry else None
    for number, row in enumerate(logged.rows, start=1):
        if row.version != number or owner is None:
            return BrokenEntry(entry_id=entry_id, row=number, why=MISSING)
        is_sealed = row.seal is not None or row.at >= start
        if is_sealed and row.seal not in [entry_seal(_change(entry_id, owner, row), seal) for seal in seals]:
            return BrokenEntry(entry_id=entry_id, row=number, why=CHANGED)
    last = len(logged.rows)
    if logged.entry is None or not last or not _is_as_left(logged.entry, logged.rows):
        return BrokenEntry(entry_id=entry_id, row=max(1, last), why=ENTRY if last else MISSING)
    if shown is not None and not _is_read(shown, logged.rows, owner):
        return BrokenEntry(entry_id=entry_id, row=last, why=READ)
    return None


def _change(entry_id: EntryId, owner: DepartmentCode, row: SealedLine) -> EntryChange:
    after = Entry(
        entry_id=entry_id, owner=owner, state=row.state, version=row.version, content=row.content,
        changed_at=row.at, written_by="", remarks=row.remarks,
    )  # fmt: skip
    return EntryChange(after=after, action=row.action, by=row.actor)


def _is_as_left(entry: Entry, rows: Sequence[SealedLine]) -> bool:
    last, approved = rows[-1], _approved(rows)
    published = None if approved is None else approved.content
    return (entry.version, entry.state, entry.content, entry.published) == (
        last.version, last.state, last.content, published,
    )  # fmt: skip


def _approved(rows: Sequence[SealedLine]) -> SealedLine | None:
    """The row that let everybody read what they do; None where they read nothing."""
    approved = None
    for row in rows:
        if row.action is EntryAction.APPROVE:
            approved = row
        elif row.action in ENDING:
            approved = None
    return approved


def _is_read(shown: ShownEntry, rows: Sequence[SealedLine], owner: str | None) -> bool:
    """Whether everybody reads a text that was approved, and none that was taken back a while ago."""
    if not shown.is_live:
        return True
    approved: Mapping[int, SealedLine] = {
        row.version: row for row in rows if row.action is EntryAction.APPROVE
    }
    row, current = approved.get(shown.version), _approved(rows)
    if row is None or shown.owner != owner or shown.content != row.content:
        return False
    return row is current or rows[-1].at > now() - IN_FLIGHT
