"""A case that was late and rated bad, who asks that it be left out of figures and who decides, for tests of both numbers."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from schemas.events.intake import CitizenRated
from schemas.http import Principal
from schemas.ids import CaseId, DepartmentCode
from schemas.ports import Unit
from schemas.words import Role
from sla.core.exclusions import Exclusion, ExclusionAsk
from sla.core.figure_kinds import figure_kinds
from sla.core.measures import Sums
from sla.steps import exclusions as steps
from sla.steps import watch
from sla.steps.tally import tally
from tests.integration.sla.events import WATER, Sla, assigned, china, closed, registered, replied, signed
from tests.unit.handlers.making import HOUSING, fresh_case

WANG = Principal(role=Role.DEPARTMENT, name="wang", department=HOUSING)
LIU = Principal(role=Role.DEPARTMENT, name="liu", department=WATER)
SUN, ZHAO = (Principal(role=Role.SUPERVISOR, name=name) for name in ("sun", "zhao"))
LATE = ExclusionAsk(figures=("on_time_rate",), reason="force_majeure", text="台风期间无法施工")
WHOLE = ExclusionAsk(figures=("case",), reason="not_so", text="经核实不属实")
KINDS = {kind.code: kind for kind in figure_kinds().rate}


class _Readers:
    """Housing has every case on its desk."""

    async def has(self, unit: Unit, case_id: CaseId, department: DepartmentCode) -> bool:
        """As it says."""
        return department == HOUSING


READERS = _Readers()


async def late_case(sla: Sla) -> CaseId:
    """Answered after its time by housing, and rated bad."""
    case = fresh_case()
    await sla.hear(registered(case), assigned(case), signed(case))
    await sla.sweep_at(china("2026-12-20 09:00"))
    await sla.hear(replied(case, china("2026-12-21 10:00")), closed(case, china("2026-12-21 11:00")))
    await sla.hear(CitizenRated(case_id=case, version=7, at=china("2026-12-21 12:00"), score=1))
    sla.unit.now = china("2026-12-22 09:00")
    return case


async def asked(sla: Sla, case: CaseId, ask: ExclusionAsk = LATE, who: Principal = WANG) -> Exclusion:
    """A department asks."""
    return await steps.ask(sla.unit, who, case, ask, readers=READERS, calendar=sla.calendar)


async def judged(
    sla: Sla, found: Exclusion, decision: Any, who: Principal = SUN, text: str = "已核实"
) -> Exclusion:
    """A supervisor decides."""
    return await steps.judge(
        sla.unit,
        who,
        found.case_id,
        found.number,
        decision,
        text,
        version=found.version,
        calendar=sla.calendar,
    )


async def granted(sla: Sla, case: CaseId, ask: ExclusionAsk = LATE, who: Principal = WANG) -> Exclusion:
    """Asked and granted."""
    return await judged(sla, await asked(sla, case, ask, who), "grant")


async def figures(sla: Sla) -> Mapping[str | None, Sums]:
    """By department, and under None of all, since the first case came."""
    counted = await watch.count_cases(
        sla.unit, by="department", first=date(2026, 11, 1), last=sla.calendar.local_day(sla.unit.now),
        calendar=sla.calendar,
    )  # fmt: skip
    return {**dict(counted.groups), None: counted.total}


def rate(sums: Sums, code: str = "on_time_rate") -> tuple[tuple[int, int], tuple[int, int]]:
    """Numerator and n, with and without."""
    found = KINDS[code].of_sums(sums)
    return (found.numerator, found.n), (found.beside.numerator, found.beside.n)


async def everywhere(sla: Sla, code: str = "on_time_rate") -> set[Any]:
    """As supervisors read it of all and of housing, before and after it is in the sums: the same each time."""
    seen = set()
    for _ in range(2):
        found = await figures(sla)
        seen |= {rate(found[None], code), rate(found[HOUSING], code)}
        sla.unit.now += timedelta(minutes=11)
        await tally(sla.unit, calendar=sla.calendar, limit=100)
    return seen
