"""What handlers says: the lifecycle of a case, from its assignment to the published reply."""

from datetime import date as Day
from datetime import datetime
from typing import ClassVar, Literal

from msgspec import UNSET, UnsetType

from schemas.event import Event, StateEvent, event_type
from schemas.ids import (
    AttachmentId,
    CategoryCode,
    DepartmentCode,
    ItemCode,
    RegionCode,
    TagCode,
    TrackingCode,
)
from schemas.values import Attachment, Place
from schemas.words import CaseState, Channel, Kind, ReviewKind, Urgency


@event_type
class CaseAssigned(StateEvent, frozen=True, kw_only=True):
    """The lead department has the case (待签收). Also sent to that department's topic; masked throughout."""

    type: ClassVar[str] = "case.assigned.v1"
    producer: ClassVar[str] = "handlers"

    tracking_code: TrackingCode
    channel: Channel
    received_at: datetime
    kind: Kind
    urgency: Urgency
    category: CategoryCode
    lead: DepartmentCode
    supporting: tuple[DepartmentCode, ...] = ()
    region: RegionCode | None = None
    #: Title and text travel on the department's topic only; empty on handlers' own.
    title: str = ""
    text: str = ""
    place: Place | None = None
    #: As title and text; fetched by signed address, which the desk gives.
    attachments: tuple[Attachment, ...] = ()
    has_contact: bool = False
    confidential: bool = False
    publish: bool = True
    #: How often it was returned and given to another department; the citizen's clock is never reset by that.
    return_count: int = 0
    #: Why a dispatcher took it from another department (改派); empty otherwise.
    moved_because: str = ""
    #: Units that may not see the case; empty on a department's topic, where who is accused is nobody's business.
    accused: tuple[DepartmentCode, ...] = ()
    #: A report, or a message that accuses officials: no contact, no co-handling, never public.
    protected: bool = False
    #: The item of the dispatch catalogue (事项), of its category; None where none is clear, and where the case is protected.
    item: ItemCode | None = None
    #: When it happens, whom it concerns and what kind of trouble it is (标签), as codes; none where the case is protected.
    #: Not there in records of before the field: they stay as they are.
    tags: tuple[TagCode, ...] | UnsetType = UNSET


@event_type
class CaseUpdated(Event, frozen=True, kw_only=True):
    """On a department's topic: something about one of its cases changed."""

    type: ClassVar[str] = "case.updated.v1"
    producer: ClassVar[str] = "handlers"

    state: CaseState
    #: The event behind it: `reply.published`, `extension.decided`, `case.supplemented`, …
    what: str
    text: str = ""
    #: Files that came with it.
    attachments: tuple[Attachment, ...] = ()


@event_type
class CaseSigned(StateEvent, frozen=True, kw_only=True):
    """The lead department signed for it (签收), or silence past the limit counts as signed."""

    type: ClassVar[str] = "case.signed.v1"
    producer: ClassVar[str] = "handlers"

    department: DepartmentCode
    signed_by: str
    deemed: bool = False


@event_type
class CaseReturned(StateEvent, frozen=True, kw_only=True):
    """The department says that it is not theirs (退单); a dispatcher decides."""

    type: ClassVar[str] = "case.returned.v1"
    producer: ClassVar[str] = "handlers"

    department: DepartmentCode
    reason: str
    basis: str
    return_count: int


@event_type
class ExtensionRequested(Event, frozen=True, kw_only=True):
    """The department asks for more time (延期); somebody else decides."""

    type: ClassVar[str] = "extension.requested.v1"
    producer: ClassVar[str] = "handlers"

    department: DepartmentCode
    working_days: int
    reason: str
    #: When it was asked for: one that was asked for in time is in time, whenever it is granted. None in older records.
    requested_at: datetime | None = None


@event_type
class ExtensionDecided(Event, frozen=True, kw_only=True):
    """More time was granted or not. `working_days` is what was asked for."""

    type: ClassVar[str] = "extension.decided.v1"
    producer: ClassVar[str] = "handlers"

    granted: bool
    working_days: int
    decided_by: str
    #: Extensions granted so far, this one included.
    extension_count: int
    #: As in `ExtensionRequested`.
    requested_at: datetime | None = None


@event_type
class SuspensionRequested(Event, frozen=True, kw_only=True):
    """The department asks to wait for something outside (申请挂起); somebody else decides, and the clock runs meanwhile."""

    type: ClassVar[str] = "suspension.requested.v1"
    producer: ClassVar[str] = "handlers"

    department: DepartmentCode
    reason: str
    basis: str
    #: When the pause is to end, by itself.
    until: datetime


@event_type
class SuspensionDecided(Event, frozen=True, kw_only=True):
    """The pause was granted or not; where it was, `case.suspended` follows."""

    type: ClassVar[str] = "suspension.decided.v1"
    producer: ClassVar[str] = "handlers"

    granted: bool
    until: datetime
    decided_by: str
    #: Pauses granted so far, this one included.
    suspension_count: int
    remarks: str = ""


@event_type
class CaseSuspended(StateEvent, frozen=True, kw_only=True):
    """Waiting for something outside (挂起): the reply clock pauses."""

    type: ClassVar[str] = "case.suspended.v1"
    producer: ClassVar[str] = "handlers"

    reason: str
    #: When it ends by itself; None in records of before a pause had an end.
    until: datetime | None = None
    #: Pauses granted so far, this one included.
    suspension_count: int = 0


@event_type
class CaseResumed(StateEvent, frozen=True, kw_only=True):
    """The reply clock runs again."""

    type: ClassVar[str] = "case.resumed.v1"
    producer: ClassVar[str] = "handlers"

    #: What ended the pause: `lead`, `dispatcher`, its own end date (`ended`), or its citizen telling of danger (`danger`).
    cause: str = "lead"


@event_type
class PromiseRequested(Event, frozen=True, kw_only=True):
    """A long matter: the department asks to promise the citizen a date (承诺办理); somebody else decides."""

    type: ClassVar[str] = "promise.requested.v1"
    producer: ClassVar[str] = "handlers"

    department: DepartmentCode
    date: Day
    reason: str
    basis: str
    #: What the citizen will read: what is done until then, step by step.
    plan: str = ""
    #: The first and the last day that may be promised; None in older records.
    not_before: Day | None = None
    not_after: Day | None = None


@event_type
class PromiseDecided(Event, frozen=True, kw_only=True):
    """The date is promised to the citizen, or not."""

    type: ClassVar[str] = "promise.decided.v1"
    producer: ClassVar[str] = "handlers"

    granted: bool
    #: Promised is the whole of this day, in the city's time zone.
    date: Day
    decided_by: str
    remarks: str = ""
    department: DepartmentCode | None = None
    #: The last moment of that day; None in older records.
    until: datetime | None = None
    #: What the citizen reads.
    plan: str = ""
    #: When it was asked for: one that was asked for in time is in time, whenever it is granted.
    requested_at: datetime | None = None
    #: Dates promised so far, this one included.
    promise_count: int = 0
    #: Neither confidential nor protected: listed where the citizen allows publication.
    publishable: bool = False


@event_type
class ProgressNoted(Event, frozen=True, kw_only=True):
    """The department tells the citizen how far it is (进展告知)."""

    type: ClassVar[str] = "progress.noted.v1"
    producer: ClassVar[str] = "handlers"

    department: DepartmentCode
    #: What the citizen reads, as everybody may.
    text: str


@event_type
class QuestionAsked(StateEvent, frozen=True, kw_only=True):
    """The department asks the citizen for something that it cannot do without (补充材料): its own clock stands still."""

    type: ClassVar[str] = "question.asked.v1"
    producer: ClassVar[str] = "handlers"

    department: DepartmentCode
    #: What the citizen reads.
    text: str
    #: Until when the case waits for the answer; then it goes on without.
    until: datetime


@event_type
class QuestionAnswered(StateEvent, frozen=True, kw_only=True):
    """The citizen answered (masked): the department's clock runs again."""

    type: ClassVar[str] = "question.answered.v1"
    producer: ClassVar[str] = "handlers"

    text: str


@event_type
class QuestionLapsed(StateEvent, frozen=True, kw_only=True):
    """Nobody answered in time, or it is not asked any more: the department's clock runs again."""

    type: ClassVar[str] = "question.lapsed.v1"
    producer: ClassVar[str] = "handlers"


@event_type
class RequestDropped(StateEvent, frozen=True, kw_only=True):
    """What was accepted before was not done: the case had moved on, and keeps its version. Whoever asked for it is told."""

    type: ClassVar[str] = "request.dropped.v1"
    producer: ClassVar[str] = "handlers"

    #: The event that asked for it: `review.decided`, `case.routed`, `case.merged`, `case.withdrawn`, …
    asked: str
    #: When it asked.
    asked_at: datetime
    #: The version that it was about.
    asked_version: int
    #: The account that asked; empty for the citizen.
    by: str = ""
    #: What the citizen wrote, of an objection that reopens nothing (masked): for routing to judge whom it accuses.
    reason: str = ""
    #: What a dispatcher had decided about, and how.
    review: ReviewKind | None = None
    accepted: bool | None = None
    #: Who has the case.
    lead: DepartmentCode
    supporting: tuple[DepartmentCode, ...] = ()
    category: CategoryCode


@event_type
class CaseReplied(StateEvent, frozen=True, kw_only=True):
    """The department has an answer, to be reviewed before anyone outside sees it."""

    type: ClassVar[str] = "case.replied.v1"
    producer: ClassVar[str] = "handlers"

    department: DepartmentCode
    #: What was done, for the inside only.
    note: str
    #: What the citizen will read, as everybody may.
    response: str
    #: The departments' files that the citizen will get with it.
    attachments: tuple[Attachment, ...] = ()
    #: Those of them that everybody may see where the answer is published.
    public_attachments: tuple[AttachmentId, ...] = ()


@event_type
class ReplySentBack(StateEvent, frozen=True, kw_only=True):
    """The reply is under review no more, and none to its citizen: the case is in progress again."""

    type: ClassVar[str] = "reply.sent-back.v1"
    producer: ClassVar[str] = "handlers"

    department: DepartmentCode
    remarks: str
    #: `review`: a dispatcher sent it back; `withdrawn`: its department took it back before anybody had decided.
    cause: Literal["review", "withdrawn"] = "review"


@event_type
class ReturnRefused(StateEvent, frozen=True, kw_only=True):
    """The return was not accepted: the department keeps the case and may not return it again."""

    type: ClassVar[str] = "return.refused.v1"
    producer: ClassVar[str] = "handlers"

    department: DepartmentCode
    state: CaseState
    remarks: str = ""
    #: Returns so far.
    return_count: int = 0


@event_type
class ReplyPublished(Event, frozen=True, kw_only=True):
    """The approved answer. The citizen may read it; everyone may, where `public`, or where the citizen allows it later."""

    type: ClassVar[str] = "reply.published.v1"
    producer: ClassVar[str] = "handlers"

    response: str
    department: DepartmentCode
    category: CategoryCode
    region: RegionCode | None = None
    #: Allowed by the citizen with the message, and publishable.
    public: bool
    #: Not confidential, not protected: public once its citizen allows it.
    publishable: bool = False
    #: As in `CaseReplied`; every other file of a department is for departments alone from now on.
    attachments: tuple[Attachment, ...] = ()
    public_attachments: tuple[AttachmentId, ...] = ()


@event_type
class CaseProtected(StateEvent, frozen=True, kw_only=True):
    """The citizen accuses officials since: no department sees the case until a dispatcher has chosen again.

    Also where it was answered. One that ended otherwise stays ended. Its citizen sees the case whatever its state.
    """

    type: ClassVar[str] = "case.protected.v1"
    producer: ClassVar[str] = "handlers"

    #: As in `CaseAssigned`.
    accused: tuple[DepartmentCode, ...] = ()


@event_type
class CaseClosed(StateEvent, frozen=True, kw_only=True):
    """Settled (办结), or ended without handling."""

    type: ClassVar[str] = "case.closed.v1"
    producer: ClassVar[str] = "handlers"

    outcome: Literal["answered", "declined", "merged", "withdrawn"]
    state: CaseState
    #: The last moment for an objection, where the citizen may object.
    objection_until: datetime | None = None


@event_type
class CaseReopened(StateEvent, frozen=True, kw_only=True):
    """The citizen objected: once more, by the same department (重办)."""

    type: ClassVar[str] = "case.reopened.v1"
    producer: ClassVar[str] = "handlers"

    reason: str
    lead: DepartmentCode
