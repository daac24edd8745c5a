"""The shapes of the supervisors' API."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

import msgspec

from schemas.ids import CaseId, DepartmentCode
from schemas.words import AlertLevel, Clock

Grouping = Literal["department", "category", "region", "channel"]
_Limit = Annotated[int, msgspec.Meta(ge=1, le=100)]
_Code = Annotated[str, msgspec.Meta(max_length=64)]


class AlertQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which alerts."""

    level: AlertLevel | None = None
    department: _Code | None = None
    cursor: Annotated[str, msgspec.Meta(max_length=64)] | None = None
    limit: _Limit = 20


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    """One alert."""

    case_id: CaseId
    tracking_code: str | None
    clock: Clock
    level: AlertLevel
    department: DepartmentCode | None
    due_at: datetime
    raised_at: datetime
    deadline_version: int


class Alerts(msgspec.Struct, frozen=True, kw_only=True):
    """A page of alerts, newest first."""

    items: list[Alert]
    next_cursor: str | None


def alert_of(row: Any) -> Alert:
    """A row as the API shows it."""
    return Alert(
        case_id=CaseId(str(row["case_id"])),
        tracking_code=row["tracking_code"],
        clock=Clock(row["clock"]),
        level=AlertLevel(row["level"]),
        department=row["department"],
        due_at=row["due_at"],
        raised_at=row["raised_at"],
        deadline_version=row["deadline_version"],
    )


class FigureQuery(msgspec.Struct, frozen=True, kw_only=True, rename={"first": "from", "last": "to"}):
    """Which days, both included, in the city's zone; the last thirty where none are named."""

    first: date | None = None
    last: date | None = None
    by: Grouping = "department"


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """Counts of one group. Each rate comes with its n: `closed` for the first, `replied` for the median."""

    key: str | None
    label: str
    received: int
    assigned: int
    closed: int
    ended_otherwise: int
    on_time: int
    on_time_rate: float | None
    open: int
    overdue_open: int
    awaiting_review: int
    missed: int
    replied: int
    median_reply_workdays: float | None


class Figures(msgspec.Struct, frozen=True, kw_only=True, rename={"first": "from", "last": "to"}):
    """Figures per group and in total, with what each of them counts."""

    first: date
    last: date
    by: Grouping
    items: list[Figure]
    total: Figure
    definitions: dict[str, str]


class HotTopic(msgspec.Struct, frozen=True, kw_only=True):
    """A category in a district (None: no district named) with many cases of late."""

    category: str
    category_label: str
    region: str | None
    region_label: str
    cases: int
    #: In the seven days before those.
    cases_before: int


class HotTopics(msgspec.Struct, frozen=True, kw_only=True, rename={"first": "from", "last": "to"}):
    """What repeats: counted by category and district, nothing cleverer."""

    first: date
    last: date
    definition: str
    items: list[HotTopic]


class UrgeBody(msgspec.Struct, frozen=True, kw_only=True):
    """What the supervisor adds."""

    note: Annotated[str, msgspec.Meta(max_length=500)] = ""


class Urged(msgspec.Struct, frozen=True, kw_only=True):
    """What the department was told."""

    case_id: CaseId
    version: int
    department: DepartmentCode | None
    supervised: bool


class ClockShown(msgspec.Struct, frozen=True, kw_only=True):
    """One clock of a case."""

    clock: Clock
    state: str
    department: DepartmentCode | None
    started_at: datetime
    due_at: datetime
    deadline_version: int
    rule: str
    allow: str
    provisional: bool
    missed_at: datetime | None
    stopped_at: datetime | None


class ClockEntry(msgspec.Struct, frozen=True, kw_only=True):
    """What happened to a clock, and why."""

    at: datetime
    clock: Clock
    what: str
    detail: dict[str, Any]


class CaseClocks(msgspec.Struct, frozen=True, kw_only=True):
    """Every clock of a case, and what moved it."""

    case_id: CaseId
    tracking_code: str | None
    department: DepartmentCode | None
    urged: int
    supervised: bool
    clocks: list[ClockShown]
    history: list[ClockEntry]


#: What each figure counts, in both languages.
DEFINITIONS: dict[str, tuple[str, str]] = {
    "received": ("期间内收到的诉求数", "cases received in the period"),
    "assigned": ("其中已派单的", "of these, with a department at least once"),
    "closed": ("其中答复后办结的", "of these, closed with an answer"),
    "ended_otherwise": (
        "其中未经答复而结束的（不予受理、并单、撤回）",
        "of these, declined, merged or withdrawn",
    ),
    "on_time": (
        "办结件中答复时限从未超期的（以承办单位提交经审核通过的答复时为准）",
        "of the closed, those whose reply deadline was never missed, judged by when the approved reply came",
    ),
    "on_time_rate": (
        "办结件中答复时限从未超期的比例，n 为办结件数；没有办结件时为空",
        "share of the closed whose reply deadline was never missed; n: how many were closed; empty where none was",
    ),
    "open": ("答复计时中的", "reply clock running now"),
    "overdue_open": ("答复计时中且已超期的", "reply clock running now, past its due time"),
    "awaiting_review": ("答复待审核的", "reply under review now"),
    "missed": (
        "答复时限曾经超期的（不因延期或办结而消除）",
        "reply deadline missed at least once; nothing erases that",
    ),
    "replied": ("已答复的", "replied to"),
    "median_reply_workdays": (
        "从首次派单到答复的工作日数的中位数，n 为已答复的件数",
        "median working days from first assignment to reply; n: how many were replied to",
    ),
}
