"""The review queue as API and pages show it, and the cursor behind a page of it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec

from routing.core.queue import Position, Waiting
from routing.core.review import Version
from schemas.ids import CaseId, CategoryCode, DepartmentCode, RegionCode
from schemas.paging import cursor_of, read_cursor
from schemas.values import Candidate, Place, Reason
from schemas.words import Channel, Kind, ReviewKind, Role, Urgency

#: Characters of a cursor at most; ours have about 150.
Cursor = Annotated[str, msgspec.Meta(max_length=300)]
#: Who may see and decide.
DISPATCHERS = frozenset({Role.DISPATCHER, Role.ADMINISTRATOR})


class ReviewCase(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to decide, and the case that it is about."""

    case_id: CaseId
    #: What is to be decided.
    kind: ReviewKind
    #: To be sent back with the decision.
    version: int
    title: str
    #: With what the citizen added since.
    text: str
    candidates: tuple[Candidate, ...]
    reasons: tuple[Reason, ...]
    #: Doubts; a return's reason and basis; an extension's days and reason; a reply's note and response.
    detail: Mapping[str, Any]
    tracking_code: str
    channel: Channel
    received_at: datetime
    opened_at: datetime
    #: What the citizen wants (诉求类型).
    request_kind: Kind
    urgency: Urgency
    category: CategoryCode
    lead: DepartmentCode
    supporting: tuple[DepartmentCode, ...]
    region: RegionCode | None
    place: Place | None
    confidential: bool
    #: Departments that may not get this report.
    accused: tuple[DepartmentCode, ...]
    suspected_duplicate: CaseId | None
    similarity: float | None
    #: Stands before the rest: somebody may be in danger, and no department knows.
    emergency: bool


def shown(row: Waiting) -> ReviewCase:
    """An item with its case."""
    item, case = row.item, row.case
    return ReviewCase(
        case_id=case.case_id,
        kind=item.kind,
        version=item.version,
        title=case.title,
        text=f"{case.text}\n\n{case.supplement}" if case.supplement else case.text,
        candidates=item.candidates,
        reasons=item.reasons,
        detail=item.detail,
        tracking_code=case.tracking_code,
        channel=case.channel,
        received_at=case.received_at,
        opened_at=item.opened_at,
        request_kind=case.kind,
        urgency=case.urgency,
        category=case.category,
        lead=case.lead,
        supporting=case.supporting,
        region=case.region,
        place=case.place,
        confidential=case.confidential,
        accused=case.accused,
        suspected_duplicate=case.suspected_duplicate,
        similarity=case.similarity,
        emergency=row.is_emergency,
    )


def cursor_behind(position: Position | None) -> str | None:
    """The cursor of the page that goes on there."""
    return cursor_of(*msgspec.structs.astuple(position)) if position else None


def position_of(cursor: str | None) -> Position | None:
    """Where a cursor of ours says that the page goes on.

    Raises:
        BadInput: not a cursor of ours.
    """
    if cursor is None:
        return None
    emergency, opened_at, case_id, kind, version = read_cursor(
        cursor, tuple[bool, datetime, UUID, ReviewKind, Version]
    )
    return Position(
        emergency=emergency, opened_at=opened_at, case_id=CaseId(str(case_id)), kind=kind, version=version
    )
