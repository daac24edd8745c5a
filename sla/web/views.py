"""The shapes of the supervisors' API and pages."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Literal
from urllib.parse import urlencode

import msgspec

from schemas.ids import CaseId, DepartmentCode
from schemas.values import CaseLife, CaseMatter, CaseView, DangerLook, GrowingTopic
from schemas.words import AlertLevel, Clock
from sla.core.call_backs import CallBack
from sla.core.kinds import Owner
from sla.core.orders import Order
from sla.core.readings import Alert, ClocksAndHistory, PressingClock

_Limit = Annotated[int, msgspec.Meta(ge=1, le=100)]
_Code = Annotated[str, msgspec.Meta(max_length=64)]


class AlertQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which alerts are asked for: level, department, owner, and where the list goes on."""

    level: AlertLevel | None = None
    department: _Code | None = None
    #: Whose time it was.
    owner: Owner | None = None
    cursor: Annotated[str, msgspec.Meta(max_length=64)] | None = None
    limit: _Limit = 20


class Alerts(msgspec.Struct, frozen=True, kw_only=True):
    """A page of alerts, newest first."""

    items: Sequence[Alert]
    next_cursor: str | None


class HotTopic(msgspec.Struct, frozen=True, kw_only=True):
    """A category in a district (None: no district named) with many cases of late."""

    category: str
    category_label: str
    region: str | None
    region_label: str
    cases: int
    #: In the seven days before those.
    cases_before: int
    #: How many a week had on average in the eight before.
    expected: float
    #: More than chance above that.
    is_burst: bool


class FrequentMatter(msgspec.Struct, frozen=True, kw_only=True):
    """An item of the dispatch catalogue that many write of, and the district (None: none named) where most do."""

    item: str
    item_label: str
    #: Of the item; empty where the city has it no more.
    category_label: str
    #: Whose it is in that district (主办 first, then 协办), by the catalogue; none where the city has the item no more.
    departments: Sequence[DepartmentCode]
    cases: int
    #: In the seven days before those.
    cases_before: int
    region: str | None
    region_label: str
    #: Of `cases`, in that district.
    cases_there: int


class FrequentTag(msgspec.Struct, frozen=True, kw_only=True):
    """A tag (标签) that many cases have, and the district (None: none named) where most of them are."""

    tag: str
    tag_label: str
    #: What kind of tag it is; empty where the city has it no more.
    group_label: str
    cases: int
    #: In the seven days before those.
    cases_before: int
    region: str | None
    region_label: str
    #: Of `cases`, in that district.
    cases_there: int


class ShownTopic(GrowingTopic, frozen=True, kw_only=True):
    """A topic that grows, with names for people."""

    category_label: str
    region_label: str


class HotTopics(msgspec.Struct, frozen=True, kw_only=True, rename={"first": "from", "last": "to"}):
    """What different people write of at one place (`topics`), and what repeats by category and district (`items`)."""

    first: date
    last: date
    definition: str
    items: Sequence[HotTopic]
    topics_definition: str
    heat_definition: str
    topics: Sequence[ShownTopic]
    #: Items of the dispatch catalogue, the most frequent first.
    frequent_definition: str
    frequent: Sequence[FrequentMatter]
    #: Tags, the most frequent first.
    frequent_tags_definition: str
    frequent_tags: Sequence[FrequentTag]


class FollowedUp(msgspec.Struct, frozen=True, kw_only=True):
    """That the supervisor has called back is written down."""

    case_id: CaseId
    version: int


class WatchedCase(ClocksAndHistory, frozen=True, kw_only=True):
    """A case as supervisors see it: with who looked at it before (查看记录), the newest first."""

    #: How often staff opened it; lines of lists are told in `viewed_by` alone.
    views: int
    last_viewed_at: datetime | None
    #: What the citizen wrote and what became of it, masked; None of a case that is kept to those who handle it.
    matter: CaseMatter | None = None
    life: CaseLife | None = None
    #: What was said about its deadlines, and to whom, in order.
    alerts: Sequence[Alert]
    viewed_by: Sequence[CaseView]
    #: What supervisors asked of its department, and what was reported.
    orders: Sequence[Order] = ()
    #: Of call-backs (回访): closed says only that it was answered; whether it is settled the citizen says here.
    call_backs: Sequence[CallBack] = ()
    #: Which dispatchers have looked at the danger that its citizen told of since.
    looks: Sequence[DangerLook] = ()


class UrgeBody(msgspec.Struct, frozen=True, kw_only=True):
    """The note that a supervisor adds to an urging; it may be left out."""

    note: Annotated[str, msgspec.Meta(max_length=500)] = ""


class SuperviseBody(UrgeBody, frozen=True, kw_only=True):
    """An order to the department: what is asked of it, and the day by whose end it reports; as the city's rules say,
    where none is named."""

    until: date | None = None


class ReasonBody(msgspec.Struct, frozen=True, kw_only=True):
    """Why the case is to be moved to the present rules."""

    reason: Annotated[str, msgspec.Meta(max_length=500)] = ""


class MovedToRules(msgspec.Struct, frozen=True, kw_only=True):
    """Which clocks run under the present rules now and did not before, and the version of these rules."""

    case_id: CaseId
    version: int
    rules: str
    clocks: Sequence[Clock]


class Urged(msgspec.Struct, frozen=True, kw_only=True):
    """What the department was told."""

    case_id: CaseId
    version: int
    department: DepartmentCode | None
    supervised: bool
    #: Of a supervised case: which order this is, and by when the department reports; 0: no department has the case.
    order: int = 0
    until: datetime | None = None


class WatchQuery(msgspec.Struct, frozen=True, kw_only=True):
    """What to show: one department's, and where each list goes on. What leaves the list brings it back."""

    #: A code; `-`: what is nobody's but the centre's.
    department: Annotated[str, msgspec.Meta(max_length=64)] | None = None
    #: Whom it waits for.
    owner: Literal["lead", "supporting", "dispatcher", "supervisor", ""] | None = None
    #: One list alone; due today: of those of which was warned.
    due: Literal["overdue", "near", "today", ""] | None = None
    overdue_after: Annotated[str, msgspec.Meta(max_length=400)] | None = None
    near_after: Annotated[str, msgspec.Meta(max_length=400)] | None = None
    done: Annotated[str, msgspec.Meta(max_length=20)] | None = None
    #: Which case that was done to, by its id.
    on: Annotated[str, msgspec.Meta(pattern="^[0-9a-f-]{36}$")] | None = None
    #: Refresh by itself; off unless asked for (WCAG 2.2.2).
    live: bool = False
    #: What is told in confidence, reports, what accuses somebody: lists of clocks alone, and in no number.
    private: bool = False

    @property
    def is_narrowed(self) -> bool:
        """Whether not everything is asked for."""
        return bool(self.department or self.owner or self.due)

    def kept(self, **changed: str | None) -> str:
        """What a link adds to its address so that the way back leads to this list, with what is changed in it."""
        asked = {
            **msgspec.structs.asdict(self),
            "live": "true" if self.live else None,
            "private": "true" if self.private else None,
            "done": None,
            "on": None,
            **changed,
        }
        known = urlencode({name: value for name, value in asked.items() if value})
        return f"?{known}" if known else ""


class PressingList(msgspec.Struct, frozen=True, kw_only=True):
    """A list as the page shows it."""

    rows: Sequence[PressingClock]
    more: str | None
