"""What the department of a case has asked for, of a dispatcher or of the citizen, and what came of it so far."""

from collections.abc import Mapping
from datetime import date as Day
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from msgspec.structs import replace

from schemas.city import DEFAULT_TIME_ZONE
from schemas.days import end_of_day
from schemas.ids import AttachmentId, CategoryCode, DepartmentCode, ItemCode, RegionCode, TagCode
from schemas.words import CaseState, FileAudience, Kind, ReviewKind, Urgency


class AskedPause(msgspec.Struct, frozen=True, kw_only=True):
    """A pause that is asked for: its end, and why."""

    until: datetime
    reason: str


class AskedPromise(msgspec.Struct, frozen=True, kw_only=True):
    """A date for the citizen, and what is done until then, as the citizen reads it."""

    date: Day
    plan: str
    asked_at: datetime

    #: The moment with which its day ends in the city.
    ends_at: datetime | None = None

    @property
    def until(self) -> datetime:
        """The same moment; of records from before it was kept, in the zone that all of China keeps."""
        return self.ends_at or end_of_day(self.date, ZoneInfo(DEFAULT_TIME_ZONE))


class Part(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a supporting department was asked for. `until`: None, where the rule's term says when."""

    department: DepartmentCode
    text: str
    until: datetime | None
    asked_at: datetime
    #: A matter of its own, which a dispatcher split off (分项): the lead cannot answer before it is done.
    is_matter: bool = False
    #: Of such a matter: the department's item (事项) that its words name.
    item: ItemCode | None = None


class AskedQuestion(msgspec.Struct, frozen=True, kw_only=True):
    """What the citizen is asked, and until when the case waits for the answer."""

    text: str
    until: datetime


class AskedOrder(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A supervisor's order to the lead department (督办要求). `until`: None where the rules state no term."""

    number: int
    text: str
    by: str
    until: datetime | None = None
    reported_at: datetime | None = None
    accepted_at: datetime | None = None


class Asks(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Requests that wait for somebody, and how many there were. Stored as one JSON value: each case has few of them."""

    #: When the extension that waits was asked for.
    extension_at: datetime | None = None
    #: The pause that waits for a dispatcher.
    pause: AskedPause | None = None
    #: When the granted pause ends by itself.
    paused_until: datetime | None = None
    #: Pauses granted so far.
    suspension_count: int = 0
    #: Who has returned it: none of them may again.
    returned_by: tuple[DepartmentCode, ...] = ()
    #: The date that waits for a dispatcher, the one that was promised, and how many there were.
    promise: AskedPromise | None = None
    promised: AskedPromise | None = None
    promise_count: int = 0
    #: What the citizen was told last of how far it is: the same words are not told twice.
    progress: str = ""
    #: The day of that, and how many were told on it.
    progress_on: Day | None = None
    progress_times: int = 0
    #: The question that waits for the citizen, and how many there were under the present deadline.
    question: AskedQuestion | None = None
    question_count: int = 0
    #: When the latest reply was given.
    replied_at: datetime | None = None
    #: The last moment for an objection to a refusal (不予受理); None where it is final.
    refusal_until: datetime | None = None
    #: The last moment for an objection to the answer, as its citizen was told.
    objection_until: datetime | None = None
    #: What supporting departments were asked for and have not done yet; what was done stands in the log.
    parts: tuple[Part, ...] = ()
    #: The latest order of a supervisor; it goes with the case to whoever leads it.
    order: AskedOrder | None = None
    #: What a dispatcher's last yes, no or move, or a reply that was sent back, may be undone to.
    before: "Before | None" = None


class FormerHolder(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A department that had a case before it was moved, with its part and its own words."""

    lead: DepartmentCode
    supporting: tuple[DepartmentCode, ...] = ()
    category: CategoryCode
    item: ItemCode | None = None
    #: Where the move changed them; None: as the case has them.
    tags: tuple[TagCode, ...] | None = None
    kind: Kind
    urgency: Urgency
    region: RegionCode | None = None
    assigned_at: datetime
    sign_due_at: datetime | None = None
    note: str | None = None
    response: str | None = None


class Before(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A case as it stood before a dispatcher's last decision, which the dispatcher may undo within minutes.

    Counts while nobody has acted since: while the case has the `version` that the decision made.
    """

    version: int
    #: Who decided, and when.
    by: str
    at: datetime
    #: On what, and how; None: it was moved.
    review: ReviewKind | None = None
    accepted: bool | None = None
    state: CaseState
    state_before_review: CaseState | None = None
    return_barred: bool = False
    extension_count: int = 0
    extension_days: int | None = None
    asks: Asks
    #: Of a move.
    held: FormerHolder | None = None
    #: Of a reply: the departments' files that its citizen would have got with it, each with who may see it.
    files: tuple[tuple[AttachmentId, FileAudience], ...] = ()


NOTHING = Asks()


_NOBODY_IS_ASKED: Mapping[str, None] = dict.fromkeys(
    ("extension_at", "pause", "paused_until", "promise", "question", "before")
)


def lapsed(asks: Asks, **others: Any) -> Mapping[str, Any]:
    """The fields of a case for which nothing waits any more: neither a dispatcher nor the citizen is asked.

    `others`: what else of the asks is otherwise. Where the case leaves whoever has it, supporting departments are asked for
    nothing either: `parts=()`.
    """
    return {"extension_days": None, "asks": replace(asks, **{**_NOBODY_IS_ASKED, **others})}
