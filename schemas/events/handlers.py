"""What handlers says: the lifecycle of a case, from its assignment to the published reply."""

from datetime import datetime
from typing import ClassVar, Literal

from schemas.event import Event, StateEvent, event_type
from schemas.ids import CategoryCode, DepartmentCode, RegionCode, TrackingCode
from schemas.values import Place
from schemas.words import CaseState, Channel, Kind, Urgency


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
    has_contact: bool = False
    confidential: bool = False
    publish: bool = True
    #: How often it was returned and assigned anew; the citizen's clock is never reset by that.
    return_count: int = 0
    #: Units that may not see the case; empty on a department's topic, where who is accused is nobody's business.
    accused: tuple[DepartmentCode, ...] = ()
    #: A report, or a message that accuses officials: no contact, no co-handling, never public.
    protected: bool = False


@event_type
class CaseUpdated(Event, frozen=True, kw_only=True):
    """On a department's topic: something about one of its cases changed."""

    type: ClassVar[str] = "case.updated.v1"
    producer: ClassVar[str] = "handlers"

    state: CaseState
    #: The event behind it: `reply.published`, `extension.decided`, `case.supplemented`, …
    what: str
    text: str = ""


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


@event_type
class CaseSuspended(StateEvent, frozen=True, kw_only=True):
    """Waiting for something outside (挂起): the reply clock pauses."""

    type: ClassVar[str] = "case.suspended.v1"
    producer: ClassVar[str] = "handlers"

    reason: str


@event_type
class CaseResumed(StateEvent, frozen=True, kw_only=True):
    """The reply clock runs again."""

    type: ClassVar[str] = "case.resumed.v1"
    producer: ClassVar[str] = "handlers"


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


@event_type
class ReplySentBack(StateEvent, frozen=True, kw_only=True):
    """The review sent the reply back: the case is in progress again."""

    type: ClassVar[str] = "reply.sent-back.v1"
    producer: ClassVar[str] = "handlers"

    department: DepartmentCode
    remarks: str


@event_type
class ReturnRefused(StateEvent, frozen=True, kw_only=True):
    """The return was not accepted: the department keeps the case and may not return it again."""

    type: ClassVar[str] = "return.refused.v1"
    producer: ClassVar[str] = "handlers"

    department: DepartmentCode
    state: CaseState
    remarks: str = ""


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


@event_type
class CaseProtected(StateEvent, frozen=True, kw_only=True):
    """The citizen accuses officials since: no department sees the case until a dispatcher has chosen again.

    Also where it was answered. A case that ended otherwise stays ended, and nobody but its citizen sees it any more.
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


@event_type
class CaseReopened(StateEvent, frozen=True, kw_only=True):
    """The citizen objected: once more, by the same department (重办)."""

    type: ClassVar[str] = "case.reopened.v1"
    producer: ClassVar[str] = "handlers"

    reason: str
    lead: DepartmentCode
