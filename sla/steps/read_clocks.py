"""What other slices may know of a case's clocks: whose time runs, until when, and what would stop it."""

from collections.abc import Mapping, Sequence
from typing import Any

from schemas.ids import CaseId, DepartmentCode
from schemas.ports import CaseClocks, Unit
from schemas.values import ClockReading, OwnHours
from schemas.words import Clock
from sla.core.calendar import Calendar
from sla.core.calendars import hours_of
from sla.core.clocks import ClockState
from sla.core.kinds import ClockKind, Owner, owner_of
from sla.core.rules import DeadlineRules
from sla.store import watching

#: The clocks that say until when another one stands still, or waits.
_UNTIL = frozenset({Clock.PAUSE.value, Clock.QUESTION.value, Clock.REVIEW_REPLY.value})


#: What the decision that a clock waits for may be, where that ends the case, which stops every clock.
_LAST: Mapping[Clock, str] = {
    Clock.REVIEW_REPLY: "case.closed",
    Clock.DISPATCH: "case.declined",
    Clock.REVIEW_RETURN: "case.declined",
    # Begun anew rather than stopped: whose time it is has done what was due.
    Clock.PROGRESS: "progress.noted",
}


def _ends_of(kind: ClockKind, clock: Clock) -> tuple[str, ...]:
    last = [_LAST[clock]] if clock in _LAST else []
    return tuple(sorted({*kind.stops, *kind.holds, *last}))


class KeptClocks(CaseClocks):
    """`schemas.ports.CaseClocks` over what sla keeps."""

    def __init__(self, rules: DeadlineRules, calendar: Calendar) -> None:
        self._rules = rules
        self._calendar = calendar

    async def of(self, unit: Unit, case_id: CaseId) -> Sequence[ClockReading]:
        """Those that run or stand still now, the first due first."""
        rows = await watching.running_clocks(unit.db, case_id)
        untils = [row["due_at"] for row in rows if row["clock"] in _UNTIL]
        return [self._reading(row, untils) for row in rows]

    def hours_of(self, department: DepartmentCode) -> OwnHours | None:
        """The hours that this department keeps; None: the city's."""
        return hours_of(self._calendar, self._calendar.of(department).name)

    def _reading(self, row: Any, untils: Sequence[Any]) -> ClockReading:
        clock, running = Clock(row["clock"]), row["state"] == ClockState.RUNNING
        kind = self._rules.clocks.kind_of(clock)
        owner = kind.owner if kind is not None and row["owner"] is None else row["owner"]
        return ClockReading(
            clock=clock,
            owner=owner_of(owner, row["department"]) if owner != Owner.CITIZEN else Owner.CITIZEN,
            department=row["department"],
            due_at=row["due_at"],
            running=running,
            paused_until=None if running or not untils else min(untils),
            provisional=row["provisional"],
            hours=hours_of(self._calendar, row["calendar"]),
            later=tuple(row["later"]),
            missed=row["missed_version"] == row["deadline_version"],
            stopped_by=() if kind is None else _ends_of(kind, clock),
        )
