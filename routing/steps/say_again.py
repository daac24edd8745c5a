"""Say once more where a case goes: to a desk that lost the event."""

from collections.abc import Sequence

from routing.steps.announcements import routed
from routing.store import cases
from schemas.ids import CaseId
from schemas.ports import Unit


async def say_routed_again(unit: Unit, case_ids: Sequence[CaseId]) -> None:
    """The route of each of these cases as it is now; a desk that has the case already passes over it."""
    for case in (await cases.lock_cases(unit.db, case_ids)).values():
        if case.state == "routed":
            unit.emit(routed(unit, case, case.decided_by or "rules"))
