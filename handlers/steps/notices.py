"""Departments are told of their cases; whoever sends it asks here first whether that is still so."""

from handlers.core.notices import Standing, has, why_not_told
from handlers.store import notices as store
from schemas.ids import CaseId, DepartmentCode
from schemas.notices import Audience, KeptNotice, NotSent
from schemas.ports import Unit


async def standing_of(unit: Unit, notice: KeptNotice) -> Standing | NotSent | None:
    """How the case stands that the notice is about; why nobody is to be told; None: no department ever had it.

    The department's notices are for whoever has the case now, and sees it; the city's system hears of nothing private.
    """
    if notice.case_id is None:
        return None
    standing = await store.standing_of(unit.db, notice.case_id)
    if standing is None:
        return NotSent("moved") if notice.audience is Audience.DEPARTMENT else None
    reason = why_not_told(standing, notice.occasion, notice.department)
    return NotSent(reason) if reason else standing


async def has_case(unit: Unit, case_id: CaseId, department: DepartmentCode) -> bool:
    """Whether the department has the case on its desk: it leads or supports it, and nothing is withheld from it."""
    standing = await store.standing_of(unit.db, case_id)
    return standing is not None and has(standing.case, department)
