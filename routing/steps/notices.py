"""Dispatchers are told of what waits; others of a case that no department has had: whoever sends it asks here first."""

from datetime import datetime

from routing.core.decisions.alike import is_open_to_staff
from routing.core.judgement import RULES
from routing.core.notices import waiting_notice
from routing.store import cases, items
from schemas.ids import CaseId, TrackingCode
from schemas.ports import Unit


async def code_of_undispatched(unit: Unit, case_id: CaseId) -> TrackingCode | None:
    """Its tracking code, while it waits for a dispatcher and may be named; None where it accuses somebody or is private."""
    case = await cases.find(unit.db, case_id)
    is_waiting = case is not None and case.state == "open"
    return case.tracking_code if case is not None and is_waiting and is_open_to_staff(case) else None


async def waits_for_dispatch(unit: Unit, case_id: CaseId) -> bool:
    """Whether a dispatcher is still to choose a department for it."""
    case = await cases.find(unit.db, case_id)
    return case is not None and case.state == "open"


async def is_live(unit: Unit, case_id: CaseId) -> bool:
    """Whether a person sent it where it is, or its citizen told of danger since, whatever list it stood in."""
    case = await cases.find(unit.db, case_id)
    return case is not None and (case.decided_by not in (None, RULES) or case.dangers_said > 0)


async def notify_waiting(unit: Unit, *, since: datetime, round_at: datetime, day: str) -> bool:
    """Tell the dispatchers what came since then, once however often it is called; whether anything did.

    What is confidential or protected is not counted: a letter about one new item would tell of it. Of its deadlines the
    dispatchers hear all the same, without its name.
    """
    new, waiting = await items.count_open_to_staff(unit.db, since)
    notice = waiting_notice(new, waiting, day=day, round_at=round_at, at=unit.now)
    if notice is not None:
        unit.notify(notice)
    return notice is not None
