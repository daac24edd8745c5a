"""The review queue as API and pages show it, and where a page of it ends."""

import base64
import binascii
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from routing.core.review import Item, RoutingCase
from routing.store import items
from schemas.errors import BadInput, FieldError
from schemas.ids import CaseId, CategoryCode, DepartmentCode, RegionCode
from schemas.ports import Database
from schemas.values import Candidate, Place, Reason
from schemas.words import Channel, Kind, ReviewKind, Role, Urgency

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


def shown(item: Item, case: RoutingCase) -> ReviewCase:
    """An item with its case."""
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
        emergency=items.is_emergency(item, case),
    )


async def page_of(
    db: Database, kind: ReviewKind | None, cursor: str | None, limit: int
) -> tuple[list[ReviewCase], str | None]:
    """One page of the queue, emergencies first, then the oldest, and the cursor of the next.

    Raises:
        BadInput: not a cursor of ours.
    """
    found = await items.queue(db, kind, _position(cursor), limit + 1)
    page = [shown(item, case) for item, case in found[:limit]]
    return page, _cursor(page[-1]) if len(found) > limit else None


def _cursor(last: ReviewCase) -> str:
    position = items.Position(
        emergency=last.emergency,
        opened_at=last.opened_at,
        case_id=last.case_id,
        kind=last.kind,
        version=last.version,
    )
    return base64.urlsafe_b64encode(msgspec.json.encode(position)).decode()


def _position(cursor: str | None) -> items.Position | None:
    if cursor is None:
        return None
    try:
        raw = base64.urlsafe_b64decode(cursor.encode())
        position = msgspec.json.decode(raw, type=items.Position)
    except (ValueError, binascii.Error, msgspec.DecodeError) as error:
        raise _not_ours() from error
    if len(position.case_id) != 36 or not 0 < position.version < 2**31 or position.opened_at.tzinfo is None:
        raise _not_ours()
    return position


def _not_ours() -> BadInput:
    return BadInput([FieldError("cursor", "游标无效。", "Not a cursor of ours.")])
