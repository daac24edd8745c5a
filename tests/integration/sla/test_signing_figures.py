"""按时签收率: every assignment to be signed for, whoever has the case since."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import msgspec

from schemas.events.handlers import CaseReturned, ReturnRefused
from schemas.events.routing import CaseDeclined, CaseMerged, CaseUnmerged
from schemas.events.undone import CaseRecalled, MoveUndone
from schemas.ids import CaseId, DepartmentCode
from schemas.words import CaseState
from sla.core.measures import Measure
from sla.steps import watch
from sla.steps.tally import tally
from tests.integration.sla.events import WATER, Sla, assigned, china, registered, signed
from tests.unit.handlers.making import HOUSING, fresh_case


def _returned(case: CaseId, at: str, version: int, department: DepartmentCode = HOUSING) -> CaseReturned:
    held: dict[str, Any] = {"department": department, "reason": "r", "basis": "b", "return_count": 1}
    return CaseReturned(case_id=case, version=version, at=china(at), state=CaseState.IN_REVIEW, **held)


async def _signing(sla: Sla) -> Mapping[str, tuple[int, int]]:
    """Signed or returned in time, and to be signed for: of each department, and under "" of the city."""
    await sla.sweep_at(china("2026-12-20 10:00"))
    await tally(sla.unit, calendar=sla.calendar, limit=10)
    found = await watch.count_cases(
        sla.unit, by="department", first=date(2026, 11, 1), last=date(2026, 12, 19), calendar=sla.calendar
    )
    every = [("", found.total), *((key, sums) for key, sums in found.groups if key)]
    numbers = {key: (sums.n(Measure.SIGNED_ON_TIME), sums.n(Measure.SIGN_DUE)) for key, sums in every}
    return {key: counted for key, counted in numbers.items() if any(counted)}


async def test_who_signed_in_time_did_so_whoever_has_the_case_since(sla: Sla) -> None:
    case = fresh_case()
    await sla.hear(registered(case), assigned(case), signed(case))
    await sla.hear(assigned(case, china("2026-11-26 10:00"), lead=WATER, version=5))
    await sla.hear(signed(case, china("2026-11-26 11:00"), 6))

    assert {"": (2, 2), HOUSING: (1, 1), WATER: (1, 1)} == await _signing(sla)


async def test_who_returned_in_time_did_so_and_the_next_one_is_late(sla: Sla) -> None:
    case = fresh_case()
    await sla.hear(registered(case), assigned(case), _returned(case, "2026-11-23 15:00", 4))
    await sla.hear(assigned(case, china("2026-11-23 16:00"), lead=WATER, version=5))

    assert {"": (1, 2), HOUSING: (1, 1), WATER: (0, 1)} == await _signing(sla)


async def test_who_is_late_twice_with_one_case_was_so_twice(sla: Sla) -> None:
    """Each time that they were given it is one to be signed for, as each in time is."""
    case = fresh_case()
    await sla.hear(registered(case), assigned(case))
    await sla.sweep_at(china("2026-11-26 09:00"))
    await sla.hear(assigned(case, china("2026-11-26 10:00"), lead=WATER, version=5))
    await sla.hear(signed(case, china("2026-11-26 11:00"), 6))
    await sla.hear(assigned(case, china("2026-11-27 10:00"), version=7))

    assert {"": (1, 3), HOUSING: (0, 2), WATER: (1, 1)} == await _signing(sla)


async def test_one_assignment_that_is_late_again_after_a_return_is_late_once(sla: Sla) -> None:
    """The return was refused: the clock began anew, and nobody was given the case."""
    case = fresh_case()
    await sla.hear(registered(case), assigned(case))
    await sla.sweep_at(china("2026-11-26 09:00"))
    refused = ReturnRefused(
        case_id=case, version=5, at=china("2026-11-26 11:00"), department=HOUSING, state=CaseState.ASSIGNED
    )
    await sla.hear(_returned(case, "2026-11-26 10:00", 4), refused)

    assert {"": (0, 1), HOUSING: (0, 1)} == await _signing(sla)


async def test_a_return_that_was_refused_leaves_one_to_be_signed_for(sla: Sla) -> None:
    """The case was never anybody else's: it is one assignment, which is signed in the end."""
    case = fresh_case()
    await sla.hear(registered(case), assigned(case), _returned(case, "2026-11-23 15:00", 4))
    refused = ReturnRefused(
        case_id=case, version=5, at=china("2026-11-23 16:00"), department=HOUSING, state=CaseState.ASSIGNED
    )
    await sla.hear(refused, signed(case, china("2026-11-24 10:00"), 6))

    assert {"": (1, 1), HOUSING: (1, 1)} == await _signing(sla)


async def test_nobody_signed_a_dispatch_that_was_undone(sla: Sla) -> None:
    case = fresh_case()
    await sla.hear(registered(case), assigned(case))
    recalled = CaseRecalled(
        case_id=case, version=4, at=china("2026-11-23 10:05"), state=CaseState.IN_REVIEW, decided_by="d"
    )
    await sla.hear(recalled)
    declined = CaseDeclined(
        case_id=case, version=5, at=china("2026-11-23 11:00"), legal_route="r", decided_by="d"
    )
    await sla.hear(declined)

    assert {} == await _signing(sla)


async def test_a_move_that_was_undone_counts_the_signature_once(sla: Sla) -> None:
    case = fresh_case()
    await sla.hear(registered(case), assigned(case), signed(case))
    moved_at = china("2026-11-26 10:00")
    move = msgspec.structs.replace(assigned(case, moved_at, lead=WATER, version=5), moved_because="r")
    undone = MoveUndone(
        case_id=case, version=6, at=china("2026-11-26 10:05"), state=CaseState.IN_PROGRESS, lead=HOUSING,
        category=move.category, region=move.region, moved_to=WATER, moved_at=moved_at, decided_by="d",
    )  # fmt: skip
    await sla.hear(move, undone)

    assert {"": (1, 1), HOUSING: (1, 1)} == await _signing(sla)


async def test_one_that_ended_unsigned_and_came_back_was_signed_by_nobody(sla: Sla) -> None:
    case = fresh_case()
    await sla.hear(registered(case), assigned(case))
    merged = CaseMerged(
        case_id=case, version=4, at=china("2026-11-23 11:00"), into=fresh_case(), decided_by="d"
    )
    back = CaseUnmerged(
        case_id=case, version=5, at=china("2026-11-23 12:00"), state=CaseState.IN_REVIEW, why="decided"
    )
    await sla.hear(merged, back, assigned(case, china("2026-11-23 13:00"), lead=WATER, version=6))
    await sla.hear(signed(case, china("2026-11-23 14:00"), 7))

    assert {"": (1, 1), WATER: (1, 1)} == await _signing(sla)
