"""Events of one case with sensible fields, and the slice that hears them, for sla's tests."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from schemas.city import City
from schemas.event import Event
from schemas.events.handlers import CaseAssigned, CaseClosed, CaseReplied, CaseSigned
from schemas.events.intake import CaseRegistered
from schemas.ids import CaseId, CategoryCode, DepartmentCode, RegionCode, TrackingCode
from schemas.words import CaseState, Channel, Clock, Kind, Urgency
from sla.core.calendar import Calendar
from sla.core.rules import DeadlineRules
from sla.steps.sweep import sweep
from sla.subscribers import subscriptions
from tests.conftest import RecordingUnit
from tests.unit.handlers.making import HOUSING, MONDAY

WATER = DepartmentCode("water")


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


def signed(case_id: CaseId, at: datetime = MONDAY + timedelta(minutes=30), version: int = 4) -> CaseSigned:
    """Signed for in time."""
    return CaseSigned(case_id=case_id, version=version, at=at, department=HOUSING, signed_by="张")


def replied(case_id: CaseId, at: datetime, version: int = 5) -> CaseReplied:
    """An answer, not reviewed yet."""
    return CaseReplied(
        case_id=case_id, version=version, at=at, department=HOUSING, note="已处理", response="已修好"
    )


def closed(case_id: CaseId, at: datetime, version: int = 6) -> CaseClosed:
    """Answered and approved."""
    return CaseClosed(case_id=case_id, version=version, at=at, outcome="answered", state=CaseState.CLOSED)


@dataclass(frozen=True, kw_only=True)
class Sla:
    """The slice as deploy would call it: events go through its table of subscriptions."""

    unit: RecordingUnit
    calendar: Calendar
    rules: DeadlineRules
    city: City

    async def hear(self, *events: Event) -> list[Event]:
        """Each event alone, as one batch of one; returns what was said on sla's topic."""
        (subscription,) = subscriptions(rules=self.rules, calendar=self.calendar)
        said = len(self.unit.emitted)
        for event in events:
            await subscription.table[type(event)].step(self.unit, [event])
        return self.unit.emitted[said:]

    async def sweep_at(self, now: datetime) -> list[Event]:
        """Sweep until nothing is due at `now`; returns what was said on sla's topic."""
        self.unit.now = now
        said = len(self.unit.emitted)
        while await self.sweep():
            pass
        return self.unit.emitted[said:]

    async def sweep(self, *, until: datetime | None = None, limit: int = 1000) -> int:
        """One look, by the city's rules and calendar."""
        return await sweep(self.unit, rules=self.rules, calendar=self.calendar, until=until, limit=limit)

    async def facts(self, case_id: CaseId, *names: str, clock: Clock = Clock.REPLY) -> tuple[Any, ...]:
        """Some columns of a clock."""
        row = await self.clock(case_id, clock)
        return tuple(row[name] for name in names)

    async def clock(self, case_id: CaseId, clock: Clock = Clock.REPLY) -> Any:
        """A clock's row."""
        return await self.unit.db.fetchrow(
            "SELECT * FROM sla.clock WHERE case_id = $1 AND clock = $2", case_id, clock
        )


def china(text: str) -> datetime:
    """`china("2026-11-23 10:00")`: a moment there."""
    return datetime.fromisoformat(text + "+08:00")
