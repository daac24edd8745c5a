"""Knowledge entries as everybody reads them: what somebody looks for, and what is found."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import msgspec

from schemas.ids import DepartmentCode, EntryId
from schemas.values import EntryContent

#: An entry answers a search if it holds at least this share of what was typed. Project choice: of 居住证怎么办理要带材料
#: an entry about the residence permit holds a third, and one about another permit a tenth.
LEAST_SHARE = 0.3
#: Entries on a page of what a search finds: there is no second one (project choice: who reads twenty asks otherwise).
MOST_FOUND = 20


class PublicEntry(msgspec.Struct, frozen=True, kw_only=True):
    """An entry that holds now."""

    entry_id: EntryId
    owner: DepartmentCode
    content: EntryContent
    holds_until: datetime
    published_at: datetime


class EntrySearch(msgspec.Struct, frozen=True, kw_only=True):
    """What is looked for. `q`: words or a whole question; without it the newest entries come first."""

    q: Annotated[str, msgspec.Meta(max_length=200)] = ""
    category: Annotated[str, msgspec.Meta(max_length=64)] | None = None
    department: Annotated[str, msgspec.Meta(max_length=64)] | None = None
    cursor: Annotated[str, msgspec.Meta(max_length=200)] | None = None


class FoundEntries(msgspec.Struct, frozen=True, kw_only=True):
    """One page of entries: those that fit best, or the newest."""

    entries: Sequence[PublicEntry]
    next_cursor: str | None
