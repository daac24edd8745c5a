"""Events of one case, with sensible fields, for sla's tests."""

from datetime import UTC, datetime, timedelta
from itertools import count
from uuid import UUID

from schemas.events.handlers import CaseAssigned, CaseClosed, CaseReplied
from schemas.events.intake import CaseRegistered
from schemas.ids import CaseId, CategoryCode, DepartmentCode, RegionCode, TrackingCode
from schemas.words import CaseState, Channel, Kind, Urgency

#: Monday, 10:00 in China.
MONDAY = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
HOUSING = DepartmentCode("housing")
WATER = DepartmentCode("water")

_numbers = count(1)


def fresh_case() -> CaseId:
    """A case that no other test uses."""
    return CaseId(str(UUID(int=next(_numbers))))


def registered(case_id: CaseId, at: datetime = MONDAY) -> CaseRegistered:
    """Version 1, from the web."""
    return CaseRegistered(
        case_id=case_id,
        version=1,
        at=at,
        tracking_code=TrackingCode("ABCD-EFGH-JKLM-NPQR"),
        channel=Channel.WEB,
        received_at=at,
        title="路灯不亮",
        text="路灯不亮已有三天",
    )


def assigned(
    case_id: CaseId,
    at: datetime = MONDAY + timedelta(minutes=5),
    *,
    lead: DepartmentCode = HOUSING,
    kind: Kind = Kind.HELP,
    urgency: Urgency = Urgency.NORMAL,
    version: int = 3,
    return_count: int = 0,
) -> CaseAssigned:
    """With housing, a general matter."""
    return CaseAssigned(
        case_id=case_id,
        version=version,
        at=at,
        tracking_code=TrackingCode("ABCD-EFGH-JKLM-NPQR"),
        channel=Channel.WEB,
        received_at=MONDAY,
        kind=kind,
        urgency=urgency,
        category=CategoryCode("urban"),
        lead=lead,
        region=RegionCode("donghu"),
        return_count=return_count,
    )


def replied(case_id: CaseId, at: datetime, version: int = 5) -> CaseReplied:
    """An answer, not reviewed yet."""
    return CaseReplied(
        case_id=case_id, version=version, at=at, department=HOUSING, note="已处理", response="已修好"
    )


def closed(case_id: CaseId, at: datetime, version: int = 6) -> CaseClosed:
    """Answered and approved."""
    return CaseClosed(case_id=case_id, version=version, at=at, outcome="answered", state=CaseState.CLOSED)
