"""What supervisors read: alerts, pressing clocks, one case's clocks, counts. No labels, no language."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Literal, NamedTuple

import msgspec

from schemas.ids import CaseId, DepartmentCode
from schemas.words import AlertLevel, Clock
from sla.core.report_body import ReportBody
from sla.core.reports import Period

Grouping = Literal["department", "category", "region", "channel"]


class ReportLine(msgspec.Struct, frozen=True, kw_only=True):
    """A report, without what it holds."""

    number: int
    period: Period
    first: date
    last: date
    #: 1: as it was made first; those after it correct it.
    edition: int
    made_at: datetime
    #: Who asked for an erratum; empty: it was made by itself.
    made_by: str
    reason: str


class FrozenReport(NamedTuple):
    """One report, and every edition of the same days in order."""

    line: ReportLine
    body: ReportBody
    editions: Sequence[ReportLine]


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    """One alert as it was raised: case, clock, level, department, and both moments."""

    case_id: CaseId
    tracking_code: str | None
    clock: Clock
    level: AlertLevel
    department: DepartmentCode | None
    #: Whose time it was: `lead`, `supporting`, `dispatcher`, `supervisor`.
    owner: str
    #: The breach was taken back: what came in time was heard only later.
    withdrawn: bool
    due_at: datetime
    raised_at: datetime
    deadline_version: int
    #: Of escalations and reminders: which one.
    number: int = 1
    #: Of escalations: who was told, and the person that the rules name, if any.
    to_role: str | None = None
    to_person: str | None = None


class NumberedAlert(NamedTuple):
    """An alert and its number: later alerts have higher ones."""

    number: int
    alert: Alert


class PressingClock(msgspec.Struct, frozen=True, kw_only=True):
    """A running clock that is overdue or due soon, with what is known of its case."""

    case_id: CaseId
    clock: Clock
    owner: str
    department: DepartmentCode | None
    due_at: datetime
    rule: str
    provisional: bool
    deadline_version: int
    tracking_code: str | None
    kind: str | None
    urgency: str | None
    category: str | None
    region: str | None
    urged: int
    supervised: bool
    #: Reminders since the breach, and who heard of it last (None: nobody but whoever is late).
    reminded: int = 0
    told_role: str | None = None
    told_person: str | None = None


#: Of the department: it has still time, was in time, was late; or the case ended otherwise.
PromiseStanding = Literal["open", "kept", "broken", "ended"]


class Promised(msgspec.Struct, frozen=True, kw_only=True):
    """A date that a citizen was promised, as supervisors see it: private cases, too."""

    case_id: CaseId
    tracking_code: str | None
    #: Whose it is to keep.
    department: DepartmentCode | None
    #: The end of the day that was promised, and when it is due for who has the case now.
    promised_until: datetime
    due_at: datetime
    state: PromiseStanding
    #: When the next word of how it goes is due; None while none is owed.
    progress_due_at: datetime | None
    #: The ends of the days that were promised before, the first first: it was put off.
    promised_before: Sequence[datetime] = ()


#: In place of a department: what is none's.
AT_THE_CENTRE = "-"


class PressingCount(NamedTuple):
    """How many clocks of one department (None: not dispatched yet) are overdue, and how many due soon."""

    department: DepartmentCode | None
    overdue: int
    near: int
    #: Of those due soon the ones that are due before the day ends.
    today: int


class CaseClock(msgspec.Struct, frozen=True, kw_only=True):
    """One clock of a case."""

    clock: Clock
    state: str
    department: DepartmentCode | None
    owner: str
    started_at: datetime
    due_at: datetime
    deadline_version: int
    rule: str
    allow: str
    provisional: bool
    #: What it is counted by, as it was kept; None: the city's calendar.
    calendar: str | None = None
    missed_at: datetime | None
    stopped_at: datetime | None
    #: What made it due later that is no decision on the case: `later_by_rules`, `later_by_calendar`.
    later: tuple[str, ...] = ()


class ClockEntry(msgspec.Struct, frozen=True, kw_only=True):
    """What happened to a clock, and why."""

    at: datetime
    clock: Clock
    what: str
    detail: dict[str, Any]


class ClocksAndHistory(msgspec.Struct, frozen=True, kw_only=True):
    """Every clock of a case, and what moved it."""

    case_id: CaseId
    tracking_code: str | None
    department: DepartmentCode | None
    urged: int
    supervised: bool
    clocks: Sequence[CaseClock]
    history: Sequence[ClockEntry]
    #: Of the latest reply; None where there is none, or it was sent back.
    replied_at: datetime | None = None


class Frequent(NamedTuple):
    """An item of the dispatch catalogue, or a tag, that many write of; and the district (None: none named) where most do."""

    code: str
    cases: int
    #: In the span before.
    cases_before: int
    region: str | None
    cases_there: int


class Repetition(NamedTuple):
    """A category in a district (None: no district named) with many cases of late."""

    category: str
    region: str | None
    cases: int
    #: In the span before.
    cases_before: int
    #: In such a span on average, of the eight weeks before.
    expected: float = 0.0
