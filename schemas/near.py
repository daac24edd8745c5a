"""Answers like the present case, as the API of desks and dispatchers returns them."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from schemas.errors import Unavailable
from schemas.ids import DepartmentCode, EntryId
from schemas.values import NearAnswer


class NearItem(msgspec.Struct, frozen=True, kw_only=True):
    """What everybody may read and may answer the case. One of the two ids is there; the fields are those of a suggestion."""

    tracking_code: str | None = None
    entry_id: EntryId | None = None
    title: str
    response: str
    department: DepartmentCode
    replied_at: datetime
    #: What of the case stands in it, the most telling first.
    words: tuple[str, ...]
    #: Where everybody reads it.
    url: str
    #: What a reply may begin with: the entry's answer and its source; only for who may reply now.
    draft: str | None = None


class NearList(msgspec.Struct, frozen=True, kw_only=True):
    """Three answers at most, the nearest first; which of them fits, if any, is for people to say."""

    items: list[NearItem]


def near_list(found: Sequence[NearAnswer] | None, drafts: Mapping[EntryId, str] | None = None) -> NearList:
    """What was found, each entry with its draft.

    Raises:
        Unavailable: nobody could say in time.
    """
    if found is None:
        raise Unavailable("suggestions")
    return NearList(items=[_item(each, drafts or {}) for each in found])


def _item(near: NearAnswer, drafts: Mapping[EntryId, str]) -> NearItem:
    return NearItem(
        tracking_code=near.tracking_code,
        entry_id=near.entry_id,
        title="".join(text for text, _ in near.title),
        response=near.response,
        department=near.department,
        replied_at=near.at,
        words=near.words,
        url=near.url,
        draft=drafts.get(near.entry_id) if near.entry_id else None,
    )
