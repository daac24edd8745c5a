"""Clocks of a case, as tests of other slices than sla need them."""

from collections.abc import Sequence

from schemas.ids import CaseId, DepartmentCode
from schemas.ports import CaseClocks, Unit
from schemas.values import ClockReading, OwnHours
from schemas.words import Clock
from tests.unit.handlers.making import MONDAY


class NoClocks(CaseClocks):
    """None runs."""

    async def of(self, unit: Unit, case_id: CaseId) -> Sequence[ClockReading]:
        """Nothing, as of a case that has ended."""
        return ()

    def hours_of(self, department: DepartmentCode) -> OwnHours | None:
        """The city's."""
        return None


HALL = OwnHours(calendar="hall", zh="周一至周六", en="Monday to Saturday")


class OneClock(CaseClocks):
    """The department's own runs, and another department's part stands still."""

    async def of(self, unit: Unit, case_id: CaseId) -> Sequence[ClockReading]:
        """Of each case."""
        return (
            ClockReading(
                clock=Clock.REPLY, owner="lead", department=DepartmentCode("housing"), due_at=MONDAY, running=True,
                hours=HALL, stopped_by=("case.replied",),
            ),
            ClockReading(
                clock=Clock("part.transport"), owner="supporting", department=DepartmentCode("transport"),
                due_at=MONDAY, running=False, paused_until=MONDAY,
            ),
        )  # fmt: skip

    def hours_of(self, department: DepartmentCode) -> OwnHours | None:
        """Of its own, whoever asks."""
        return HALL
