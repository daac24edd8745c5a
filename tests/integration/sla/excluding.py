"""A closed case that its department asks to have left out of figures, for tests of pages and of the audit."""

from typing import Any

from deploy.composition.readers import DeskReaders
from schemas.http import Principal
from schemas.words import Role
from sla.core.exclusions import ExclusionAsk
from sla.steps import exclusions as steps
from tests.conftest import RecordingUnit
from tests.integration.sla.calling import CASE, KNOW, closed_case
from tests.integration.sla.ordering import LEAD
from tests.integration.slices import Slices

WANG = Principal(role=Role.DEPARTMENT, name="wang", department=LEAD)
SUN, ZHAO = (Principal(role=Role.SUPERVISOR, name=name) for name in ("sun", "zhao"))
CALENDAR: Any = KNOW["calendar"]
ASK = ExclusionAsk(figures=("on_time_rate",), reason="force_majeure", text="台风期间停运")


async def granted_case(unit: RecordingUnit) -> Slices:
    """The four slices, which have heard all of it."""
    slices, _ = await closed_case(unit)
    await steps.ask(unit, WANG, CASE, ASK, readers=DeskReaders(), calendar=CALENDAR)
    await slices.carry()
    await steps.judge(unit, SUN, CASE, 1, "grant", "属实", version=1, calendar=CALENDAR)
    await slices.carry()
    return slices
