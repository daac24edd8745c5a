"""How a case stood before a dispatcher moved it, for undoing the move."""

from datetime import datetime

import msgspec

from schemas.ids import CategoryCode, DepartmentCode, ItemCode, TagCode
from schemas.values import MatterPart


class BeforeMove(msgspec.Struct, frozen=True, kw_only=True):
    """Who had a case before a dispatcher moved it (改派), and as what: what that may be undone to within minutes."""

    #: Of the move: when, and the case's version since.
    at: datetime
    version: int
    category: CategoryCode
    item: ItemCode | None = None
    #: None: as they are; records of before they could be corrected.
    tags: tuple[TagCode, ...] | None = None
    lead: DepartmentCode
    supporting: tuple[DepartmentCode, ...]
    parts: tuple[MatterPart, ...] = ()
    probability: float
    decided_by: str | None
    #: The version with which it was asked back.
    asked: int | None = None
