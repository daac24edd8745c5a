"""What departments and dispatchers read of knowledge entries: lists, one entry with its history, contradictions."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from handlers.core.entries import Entry, EntryAction
from schemas.ids import CaseId, DepartmentCode, EntryId
from schemas.values import EntryContent
from schemas.words import EntryState

#: Where a list stands: when its last entry was changed, and that entry.
Position = tuple[datetime, UUID]

EntryList = Literal["all", "draft", "proposed", "live", "expiring", "expired", "withdrawn"]
#: The states that a list shows; `expiring` is part of what everybody reads.
STATES: Mapping[str, tuple[EntryState, ...]] = {
    "all": tuple(EntryState),
    "expiring": tuple(EntryState),
    **{state.value: (state,) for state in EntryState},
}


class EntryQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which entries are asked for."""

    state: EntryList = "all"
    cursor: Annotated[str, msgspec.Meta(max_length=200)] | None = None
    limit: Annotated[int, msgspec.Meta(ge=1, le=100)] = 20


class EntryHistoryLine(msgspec.Struct, frozen=True, kw_only=True):
    """What was done to an entry, and its text after that. `actor`: empty where it was the time."""

    version: int
    at: datetime
    actor: str
    action: EntryAction
    state: EntryState
    remarks: str
    content: EntryContent


class EntryLine(msgspec.Struct, frozen=True, kw_only=True):
    """One entry in a list. `is_public`: everybody may read a text of it now."""

    entry_id: EntryId
    owner: DepartmentCode
    state: EntryState
    version: int
    title: str
    is_public: bool
    is_expiring: bool
    holds_until: datetime | None
    changed_at: datetime


class EntryLines(msgspec.Struct, frozen=True, kw_only=True):
    """One page of a list."""

    items: tuple[EntryLine, ...]
    next_cursor: str | None


class FullEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One entry with its history. `content`: its newest text; `published`: what everybody reads, if anything."""

    entry_id: EntryId
    owner: DepartmentCode
    state: EntryState
    version: int
    content: EntryContent
    published: EntryContent | None
    holds_until: datetime | None
    is_expiring: bool
    #: Closed enquiries that asked this: for its own department alone.
    made_from: tuple[CaseId, ...]
    remarks: str
    #: Staff keep more of a case that it was made from from everybody: nobody reads it until somebody looked.
    is_held: bool
    written_by: str
    allowed_actions: tuple[EntryAction, ...]
    history: tuple[EntryHistoryLine, ...]
    nearest: tuple[EntryLine, ...]


class Contradiction(msgspec.Struct, frozen=True, kw_only=True):
    """Two entries that everybody reads and that give different numbers, in these units, for nearly one question."""

    entry_id: EntryId
    owner: DepartmentCode
    content: EntryContent
    other_id: EntryId
    other_owner: DepartmentCode
    other_content: EntryContent
    units: tuple[str, ...]
    found_at: datetime


class Contradictions(msgspec.Struct, frozen=True, kw_only=True):
    """What waits for a dispatcher, the oldest first."""

    items: tuple[Contradiction, ...]


def line(entry: Entry, now: datetime) -> EntryLine:
    """The entry in a list."""
    return EntryLine(
        entry_id=entry.entry_id, owner=entry.owner, state=entry.state, version=entry.version, title=entry.content.title,
        is_public=entry.published is not None and entry.holds_until is not None and now < entry.holds_until,
        is_expiring=entry.is_expiring(now), holds_until=entry.holds_until, changed_at=entry.changed_at,
    )  # fmt: skip


def public_line(entry: Entry, version: int, at: datetime, now: datetime) -> EntryLine:
    """The same of another department's: of what everybody reads, published so and then; of a newer text nothing shows."""
    told = msgspec.structs.replace(
        entry, state=EntryState.LIVE, version=version, content=entry.published or entry.content, changed_at=at
    )
    return line(told, now)
