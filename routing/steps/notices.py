"""Others are told of a case that no department has had; whoever sends it asks here first what may be said of it."""

from routing.core.alike import is_open_to_staff
from routing.store import cases
from schemas.ids import CaseId, TrackingCode
from schemas.ports import Unit


async def code_of_undispatched(unit: Unit, case_id: CaseId) -> TrackingCode | None:
    """Its tracking code, while it waits for a dispatcher and may be named; None where it accuses somebody or is private."""
    case = await cases.find(unit.db, case_id)
    is_waiting = case is not None and case.state == "open"
    return case.tracking_code if case is not None and is_waiting and is_open_to_staff(case) else None
