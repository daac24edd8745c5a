"""Knowledge entries from and for other systems: imported into the review, exported as everybody reads them."""

from typing import Literal
from uuid import NAMESPACE_URL, uuid5

import msgspec

from handlers.core import entries as core
from handlers.core.entries import EntryText
from handlers.store import entries as store
from schemas.city import City
from schemas.days import day_of
from schemas.errors import BadInput, FieldError
from schemas.ids import DepartmentCode, EntryId, is_uuid
from schemas.ports import Database, Unit
from schemas.values import EntryContent
from schemas.words import EntryState

#: Who wrote what was imported, as an entry's history says it.
IMPORTED_BY = "import"
#: Entries that are read at once (project choice: a page of text each).
_PAGE = 500


class ImportedEntry(EntryText, frozen=True, kw_only=True):
    """A line of a file: an entry, and the department that is to answer for it. `entry_id`: the one that it is, if known."""

    owner: str
    entry_id: str | None = None


class ExportedEntry(EntryContent, frozen=True, kw_only=True):
    """A line of a file: an entry as everybody reads it."""

    entry_id: EntryId
    owner: DepartmentCode


async def import_entry(
    unit: Unit, line: ImportedEntry, city: City
) -> Literal["written", "changed", "unchanged"]:
    """Keep the entry and propose it: nobody reads it before a dispatcher has. The same line again changes nothing.

    Raises:
        BadInput: a field cannot be so, or the entry is another department's.
    """
    if line.owner not in city.department:
        raise BadInput([FieldError("owner", "没有这个单位。", "There is no such department.")])
    content = core.cleaned(line, city, day_of(unit.now, city.zone))
    entry_id, owner = _id_of(line, content), DepartmentCode(line.owner)
    known = await store.lock(unit.db, entry_id)
    if known is None:
        change = core.written(entry_id, owner, content, (), IMPORTED_BY, unit.now)
        if await store.insert(unit.db, change, unit.seal):
            await _propose(unit, change.after, city)
            return "written"
        # Somebody wrote it meanwhile.
        known = await store.lock(unit.db, entry_id)
    if known is None or known.owner != owner:
        raise BadInput([FieldError("owner", "这条知识点属于另一单位。", "It is another department's entry.")])
    if known.content == content and known.state is not EntryState.WITHDRAWN:
        return "unchanged"
    change = core.rewritten(known, known.version, content, IMPORTED_BY, unit.now)
    await store.save(unit.db, [change], unit.seal)
    await _propose(unit, change.after, city)
    return "changed"


async def _propose(unit: Unit, draft: core.Entry, city: City) -> None:
    proposed = core.proposed(draft, draft.version, IMPORTED_BY, unit.now, city)
    await store.save(unit.db, [proposed], unit.seal)
    for event in proposed.events:
        unit.emit(event)


def _id_of(line: ImportedEntry, content: EntryContent) -> EntryId:
    """The entry that the line names, or the one that this department's title has: read again, it is the same one."""
    if line.entry_id is not None:
        if not is_uuid(line.entry_id):
            raise BadInput([FieldError("entry_id", "编号格式不对。", "It is no id of ours.")])
        return EntryId(line.entry_id)
    return EntryId(str(uuid5(NAMESPACE_URL, f"huiyin:entry:{line.owner}:{content.title}")))


async def export_entries(db: Database, after: EntryId | None = None) -> list[ExportedEntry]:
    """A page of the entries that everybody may read, behind that one; empty after the last."""
    return [
        ExportedEntry(entry_id=each.entry_id, owner=each.owner, **msgspec.structs.asdict(each.published))
        for each in await store.published_after(db, after, _PAGE)
        if each.published is not None
    ]
