"""What a desk reads: lines of the list, one case in full, and how a list is asked for and continued."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Annotated, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from handlers.core.actions import ACTIONS
from handlers.core.asks import AskedOrder, AskedPromise, AskedQuestion
from handlers.core.case import Case
from handlers.core.desk import may_see_contact
from handlers.core.files import audiences, may_add_files, shown_files
from handlers.core.history import Happening, parts_of, shown_history
from handlers.core.lifecycle import allowed_actions
from handlers.core.rules import Action, Actor
from schemas.attachments import ShownAttachment, told_of
from schemas.ids import CaseId, CategoryCode, DepartmentCode, ItemCode, RegionCode, TagCode, TrackingCode
from schemas.values import Attachment, ClockReading, Place, ShownPart
from schemas.words import CaseField, CaseState, Channel, FileAudience, Kind, Saying, Urgency

#: States in which a passed deadline means late: the reply clock runs (a return does not stop the citizen's).
CLOCK_RUNS = (CaseState.ASSIGNED, CaseState.IN_PROGRESS, CaseState.REOPENED, CaseState.IN_REVIEW)

_State = Literal[
    "open", "working", "under_review", "ended", "assigned", "in_progress", "suspended", "reopened",
    "in_review", "replied", "closed", "merged", "declined", "withdrawn",
]  # fmt: skip
#: The words that stand for several states.
_STATES_OF_WORD: Mapping[str, tuple[str, ...]] = {
    "working": ("in_progress", "suspended", "reopened"),
    "under_review": ("in_review", "replied"),
    "open": ("assigned", "in_progress", "suspended", "reopened", "in_review", "replied"),
    "ended": ("closed", "merged", "declined", "withdrawn"),
}
DueWithin = Literal["overdue", "today", "week"]
#: The most pressing first; those received last, or first.
DeskOrder = Literal["pressing", "newest", "oldest"]

#: The fields of `Full` that somebody wrote.
_WRITTEN = (
    CaseField.TITLE, CaseField.TEXT, CaseField.PLACE, CaseField.ATTACHMENTS, CaseField.SUPPLEMENTS, CaseField.RESPONSE,
    CaseField.NOTE, CaseField.TIMELINE,
)  # fmt: skip


class DeskQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which of the department's cases are asked for.

    `state`: one state, or a word for several; `due`: late, due today, or due within seven days. `item`, `tag`: of that item
    of the catalogue (事项), with that tag (标签), by code; empty: whatever they are. `words`: every one stands in title,
    text, place or tracking code, in whichever script, width or case; spaces part them. `order`: of open cases; ended ones
    come the latest first.
    """

    state: _State = "open"
    due: DueWithin | None = None
    item: Annotated[str, msgspec.Meta(max_length=64)] = ""
    tag: Annotated[str, msgspec.Meta(max_length=64)] = ""
    words: Annotated[str, msgspec.Meta(max_length=100)] = ""
    order: DeskOrder = "pressing"
    cursor: Annotated[str, msgspec.Meta(max_length=200)] | None = None
    #: Project choice: a page of twenty is read without scrolling far; a system may take a hundred at once.
    limit: Annotated[int, msgspec.Meta(ge=1, le=100)] = 20

    @property
    def states(self) -> tuple[str, ...]:
        """The states that `state` stands for."""
        return _STATES_OF_WORD.get(self.state, (self.state,))

    @property
    def is_narrowed(self) -> bool:
        """Whether only cases of an item, with a tag or with some words are asked for."""
        return bool(self.item or self.tag or self.words.strip())

    @property
    def is_ended(self) -> bool:
        """Whether these are ended cases, the latest first, rather than open ones, the most pressing first."""
        return self.states[0] in _STATES_OF_WORD["ended"]


#: Up to here a list says how many it has (project choice: nobody reads on so far, and years of ended cases cost no more).
MOST_COUNTED = 500

#: Rows of a case's history on one page, and of what its citizen added (project choice: nearly every case in one piece).
TIMELINE_ROWS, ADDITIONS = 100, 20

_Cursor = Annotated[str, msgspec.Meta(max_length=200)]


class DeskCaseQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which rows of a case's history, and which additions: those before these cursors, otherwise the latest."""

    timeline_before: _Cursor | None = None
    supplements_before: _Cursor | None = None


class DeskLine(msgspec.Struct, frozen=True, kw_only=True):
    """One case in the list."""

    case_id: CaseId
    tracking_code: TrackingCode
    title: str
    state: CaseState
    version: int
    kind: Kind
    urgency: Urgency
    category: CategoryCode
    item: ItemCode | None = None
    tags: tuple[TagCode, ...] = ()
    channel: Channel
    lead: DepartmentCode
    part: Actor
    due_at: datetime | None
    overdue: bool
    received_at: datetime
    assigned_at: datetime
    closed_at: datetime | None
    urged_count: int
    supervised: bool
    #: This department is asked for a part (协办事项) and has not done it; by when, where the lead named a day.
    has_part: bool = False
    part_until: datetime | None = None


class Lines(msgspec.Struct, frozen=True, kw_only=True):
    """One page of the list."""

    items: tuple[DeskLine, ...]
    next_cursor: str | None


class Supplement(msgspec.Struct, frozen=True, kw_only=True):
    """What the citizen said since, masked, with the files that came with it."""

    at: datetime
    text: str
    attachments: tuple[ShownAttachment, ...] = ()
    #: What the words belong to.
    said: Saying = Saying.ADDITION


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """One page of a case's history, and everything about its parts."""

    timeline: tuple[Happening, ...] = ()
    supplements: tuple[Supplement, ...] = ()
    #: The rows about parts of supporting departments, from the first to the last; None: those of `timeline`.
    parts: tuple[Happening, ...] | None = None
    older_timeline: str | None = None
    older_supplements: str | None = None


class Matter(msgspec.Struct, frozen=True, kw_only=True):
    """What the citizen sent, masked."""

    tracking_code: TrackingCode
    channel: Channel
    received_at: datetime
    title: str
    text: str
    place: Place | None
    has_contact: bool
    attachments: tuple[Attachment, ...] = ()


class OtherCase(msgspec.Struct, frozen=True, kw_only=True):
    """Another case from the same telephone, as far as a list names it."""

    case_id: CaseId
    tracking_code: TrackingCode
    title: str
    state: CaseState
    received_at: datetime


class Full(msgspec.Struct, frozen=True, kw_only=True):
    """One case as its department reads it."""

    case_id: CaseId
    tracking_code: TrackingCode
    title: str
    text: str
    place: Place | None
    state: CaseState
    version: int
    kind: Kind
    urgency: Urgency
    category: CategoryCode
    #: Of the dispatch catalogue (事项); None where none is clear, and where the case is protected.
    item: ItemCode | None
    #: Time, people and nature (标签), as the city lists them; none where the case is protected.
    tags: tuple[TagCode, ...]
    region: RegionCode | None
    channel: Channel
    lead: DepartmentCode
    supporting: tuple[DepartmentCode, ...]
    part: Actor
    received_at: datetime
    assigned_at: datetime
    sign_due_at: datetime | None
    due_at: datetime | None
    overdue: bool
    closed_at: datetime | None
    confidential: bool
    #: It accuses officials: nobody accused may hear of it.
    protected: bool
    return_count: int
    extension_count: int
    extension_pending: bool
    #: A pause waits for a dispatcher; one was granted, and ends by itself then.
    pause_pending: bool
    paused_until: datetime | None
    suspension_count: int
    #: The date that waits for a dispatcher, the one that the citizen was promised, and how many there were.
    promise_pending: AskedPromise | None
    promised: AskedPromise | None
    promise_count: int
    #: What supporting departments were asked for, and contributed, whoever led the case then.
    parts: tuple[ShownPart, ...]
    #: What the citizen is asked, and until when the case waits for the answer.
    question: AskedQuestion | None
    urged_count: int
    supervised: bool
    #: The supervisor's latest order, which waits for a report or has one.
    order: AskedOrder | None
    note: str | None
    response: str | None
    attachments: tuple[ShownAttachment, ...]
    #: What departments added, each with `department` and `audience`.
    files: tuple[ShownAttachment, ...]
    #: Whom this department may let see files that it adds now; empty where it may add none.
    audiences: tuple[FileAudience, ...]
    has_contact: bool
    may_see_contact: bool
    allowed_actions: tuple[Action, ...]
    #: The latest hundred rows, or a hundred before `timeline_before`; additions likewise, by twenties. In the order of time.
    timeline: tuple[Happening, ...]
    supplements: tuple[Supplement, ...]
    #: The `timeline_before`, and the `supplements_before`, of what is older; null: there is nothing older.
    older_timeline: str | None = None
    older_supplements: str | None = None
    #: Whose time runs, until when, and what would stop it; of an open case at least one runs.
    clocks: tuple[ClockReading, ...] = ()
    #: How often staff looked: for supervisors alone, who read it at their watch page; None at a department's desk.
    views: int | None = None


def shown_fields(case: Full) -> tuple[CaseField, ...]:
    """Which fields of the case that people wrote its department reads there."""
    fields = [field for field in _WRITTEN if getattr(case, field.value)]
    if case.files and CaseField.ATTACHMENTS not in fields:
        fields.append(CaseField.ATTACHMENTS)
    return tuple(fields)


def is_late(case: Case, now: datetime) -> bool:
    """Whether a reply deadline was ever missed, or has passed while its clock runs."""
    return case.overdue or (case.due_at is not None and case.due_at < now and case.state in CLOCK_RUNS)


def full(case: Case, matter: Matter, told: Told, department: DepartmentCode, now: datetime) -> Full:
    """The case as `department` reads it, with what it may do now."""
    timeline = shown_history(case, told.timeline)
    part = case.part_of(department)
    allowed = allowed_actions(case.state, part, case.facts(now, department))
    return Full(
        case_id=case.case_id, tracking_code=matter.tracking_code, title=matter.title, text=matter.text,
        place=matter.place, state=case.state, version=case.version, kind=case.kind, urgency=case.urgency,
        category=case.category, item=case.item, tags=case.tags, region=case.region, channel=matter.channel, lead=case.lead,
        supporting=case.supporting, part=part, received_at=matter.received_at, assigned_at=case.assigned_at,
        sign_due_at=case.sign_due_at, due_at=case.due_at, overdue=is_late(case, now),
        closed_at=case.closed_at, confidential=case.confidential, protected=case.protected,
        return_count=case.return_count,
        extension_count=case.extension_count, extension_pending=case.extension_days is not None,
        pause_pending=case.asks.pause is not None, paused_until=case.asks.paused_until,
        suspension_count=case.asks.suspension_count, promise_pending=case.asks.promise,
        promised=case.asks.promised, promise_count=case.asks.promise_count,
        parts=parts_of(case, timeline if told.parts is None else told.parts), question=case.asks.question,
        urged_count=case.urged_count, supervised=case.supervised, order=case.asks.order, note=case.note,
        response=case.response,
        attachments=tuple(told_of(file) for file in matter.attachments),
        files=shown_files(case),
        audiences=audiences(part, case.state) if may_add_files(case) else (),
        has_contact=matter.has_contact, may_see_contact=matter.has_contact and may_see_contact(case, part),
        allowed_actions=tuple(action for action in allowed if action in ACTIONS),
        timeline=timeline, supplements=told.supplements,
        older_timeline=told.older_timeline, older_supplements=told.older_supplements,
    )  # fmt: skip


def due_window(
    due: DueWithin | None, now: datetime, zone: ZoneInfo
) -> tuple[datetime | None, datetime | None]:
    """Between which moments a case is due that `due` asks for (the second excluded): whole days in the city's time zone."""
    if due is None or due == "overdue":
        return None, None
    midnight = datetime.combine(now.astimezone(zone), time(), zone)
    return midnight, midnight + timedelta(days=1 if due == "today" else 7)


#: Where a list stands: the moment that its last case is sorted by (None: no deadline yet), and that case.
Position = tuple[datetime | None, UUID]


def position_of(line: DeskLine, query: DeskQuery) -> Position:
    """The place of `line` in the list: open cases go by their deadline or receipt, ended ones by their end."""
    by_order = line.due_at if query.order == "pressing" else line.received_at
    return line.closed_at if query.is_ended else by_order, UUID(line.case_id)
