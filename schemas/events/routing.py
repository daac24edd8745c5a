"""What routing says: where a case goes, what a person must decide, and what that person decided."""

from datetime import date as Day
from datetime import datetime
from typing import ClassVar

from msgspec import UNSET, UnsetType

from schemas.event import Event, StateEvent, event_type
from schemas.ids import (
    CaseId,
    CategoryCode,
    DepartmentCode,
    EntryId,
    ItemCode,
    RegionCode,
    TagCode,
    TrackingCode,
)
from schemas.values import Attachment, Candidate, Clearance, MatterPart, Place, RaisedDoubt, Reason
from schemas.words import Channel, Kind, ReviewKind, Saying, Urgency


@event_type
class CaseRouted(Event, frozen=True, kw_only=True):
    """A lead department (主办), and any supporting ones (协办), are to answer. Carries all that they need."""

    type: ClassVar[str] = "case.routed.v1"
    producer: ClassVar[str] = "routing"

    tracking_code: TrackingCode
    channel: Channel
    received_at: datetime
    kind: Kind
    urgency: Urgency
    category: CategoryCode
    lead: DepartmentCode
    supporting: tuple[DepartmentCode, ...] = ()
    region: RegionCode | None = None
    title: str
    text: str
    place: Place | None = None
    attachments: tuple[Attachment, ...] = ()
    has_contact: bool = False
    confidential: bool = False
    publish: bool = True
    #: `rules`, or the dispatcher's account.
    decided_by: str = "rules"
    #: 0–1.
    probability: float = 1.0
    #: Whose probability that is: `rules`, or the version of a learned model; empty where a dispatcher decided.
    model: str = ""
    reasons: tuple[Reason, ...] = ()
    #: Units that may not see the case: those that its citizen accuses, with their superiors and subordinates.
    accused: tuple[DepartmentCode, ...] = ()
    #: A report, or a message that accuses officials whatever its kind.
    protected: bool = False
    #: Units that the case names, and which a dispatcher found not to be accused; no department is told.
    cleared: tuple[Clearance, ...] = ()
    #: Why a dispatcher took it from a department that had it in hand (改派); empty otherwise.
    moved_because: str = ""
    #: By which ruling (按某日的认定) or item of the catalogue (按派单目录) the machine sent it there; or empty.
    basis: str = ""
    #: The item of the dispatch catalogue (事项), of its category; None where none is clear, and where it is protected.
    item: ItemCode | None = None
    #: When it happens, whom it concerns and what kind of trouble it is (标签), as codes; none where the case is protected.
    #: Not there in records of before the field: they stay as they are.
    tags: tuple[TagCode, ...] | UnsetType = UNSET
    #: Whoever decided changed them with this route.
    tags_corrected: bool = False
    #: Matters that a dispatcher split off (分项): each is asked of its department, and the lead answers for all of them.
    parts: tuple[MatterPart, ...] = ()


@event_type
class ReviewRequested(StateEvent, frozen=True, kw_only=True):
    """A dispatcher must decide; the item is in the review queue. `state`: where it is the dispatch that they decide.

    Of kind `dispatch` also for a case that a department has: its citizen has accused officials since. Whoever is in
    `accused` may not see it from then on.
    """

    type: ClassVar[str] = "review.requested.v1"
    producer: ClassVar[str] = "routing"

    kind: ReviewKind
    #: What the rules make of it: the dispatcher of an emergency has less time. None in older records.
    urgency: Urgency | None = None
    #: When its citizen told of the danger that makes it so pressing, where that was after its registration.
    pressing_since: datetime | None = None
    candidates: tuple[Candidate, ...] = ()
    #: Words that counted.
    reasons: tuple[Reason, ...] = ()
    #: Why the rules are unsure.
    doubts: tuple[RaisedDoubt, ...] = ()
    #: As in `CaseRouted`.
    accused: tuple[DepartmentCode, ...] = ()
    protected: bool = False


@event_type
class CaseShielded(Event, frozen=True, kw_only=True):
    """The citizen of a case that no department has accuses somebody since: nobody else reads of it, no number counts it.

    Of one that a department has `review.requested` says so, and `case.protected` follows.
    """

    type: ClassVar[str] = "case.shielded.v1"
    producer: ClassVar[str] = "routing"


@event_type
class SupplementJudged(Event, frozen=True, kw_only=True):
    """What a citizen said of the case since, after the rules have looked at whom it accuses: departments may read it now.

    Where it accuses, the `ReviewRequested` that takes the case from its departments comes before it.
    """

    type: ClassVar[str] = "supplement.judged.v1"
    producer: ClassVar[str] = "routing"

    #: Masked, as in `case.supplemented`.
    text: str
    #: When the citizen added it.
    supplemented_at: datetime
    #: It answers the department's question.
    answers: bool = False
    #: As in `case.supplemented`.
    attachments: tuple[Attachment, ...] = ()
    #: What the words belong to.
    said: Saying = Saying.ADDITION
    #: They tell that somebody is in danger (`emergency`), or sound like it (`urgent`); None: neither, and in older records.
    danger: Urgency | None = None


@event_type
class WithdrawalJudged(StateEvent, frozen=True, kw_only=True):
    """The citizen asks to withdraw (撤回), judged for whom the words accuse; handlers decides whether it can be.

    `state`: of a case that no department has, and which stays with its dispatcher.
    """

    type: ClassVar[str] = "withdrawal.judged.v1"
    producer: ClassVar[str] = "routing"

    #: Masked; empty where it is held.
    reason: str = ""
    #: When the citizen asked.
    withdrawn_at: datetime
    #: The words accuse somebody, or tell of pressure: nothing is withdrawn, and a dispatcher has the case.
    held: bool = False


@event_type
class ReviewDecided(Event, frozen=True, kw_only=True):
    """A dispatcher decided. `version` is the version of the case that was decided on, not a new one."""

    type: ClassVar[str] = "review.decided.v1"
    producer: ClassVar[str] = "routing"

    kind: ReviewKind
    #: Returns and extensions: granted or not; replies: approved or sent back.
    accepted: bool
    decided_by: str
    remarks: str = ""
    #: The date that the dispatcher promises, where it is another one than was asked for.
    date: Day | None = None


@event_type
class CaseDeclined(StateEvent, frozen=True, kw_only=True):
    """Not for the city to handle (不予受理); the citizen is told the legal route. Once more after an objection: for good."""

    type: ClassVar[str] = "case.declined.v1"
    producer: ClassVar[str] = "routing"

    legal_route: str
    decided_by: str
    #: The last moment for an objection, where the citizen may object.
    objection_until: datetime | None = None


@event_type
class CaseAnswered(StateEvent, frozen=True, kw_only=True):
    """A dispatcher answered an enquiry from a knowledge entry (直接答复): it is closed, and no department had it.

    As `reply.published` and `case.closed` are of a department's answer.
    """

    type: ClassVar[str] = "case.answered.v1"
    producer: ClassVar[str] = "routing"

    response: str
    entry_id: EntryId
    #: The department that answers for the entry.
    department: DepartmentCode
    category: CategoryCode
    region: RegionCode | None = None
    decided_by: str
    #: Allowed by the citizen with the message.
    public: bool
    #: Public once its citizen allows it.
    publishable: bool = True
    #: The last moment for an objection, where the citizen may object.
    objection_until: datetime | None = None


@event_type
class AnswerRecalled(StateEvent, frozen=True, kw_only=True):
    """Another dispatcher read a direct answer again and found it wrong: the case waits for a decision once more."""

    type: ClassVar[str] = "answer.recalled.v1"
    producer: ClassVar[str] = "routing"

    decided_by: str


@event_type
class WithdrawalConfirmed(StateEvent, frozen=True, kw_only=True):
    """The citizen took the case back before any department had it (撤回): it has ended.

    Where a department had it, handlers says so (`case.closed`).
    """

    type: ClassVar[str] = "withdrawal.confirmed.v1"
    producer: ClassVar[str] = "routing"


@event_type
class CaseMerged(StateEvent, frozen=True, kw_only=True):
    """Handled together with another case (并单); keeps its own tracking code, and gets an answer of its own."""

    type: ClassVar[str] = "case.merged.v1"
    producer: ClassVar[str] = "routing"

    into: CaseId
    decided_by: str


@event_type
class MergeRequested(Event, frozen=True, kw_only=True):
    """A dispatcher wants a case that a department has in hand handled together with another one (并单).

    handlers ends it, and `case.merged` follows; or says that it was not done (`request.dropped`).
    """

    type: ClassVar[str] = "merge.requested.v1"
    producer: ClassVar[str] = "routing"

    into: CaseId
    decided_by: str


@event_type
class MergedAnswered(StateEvent, frozen=True, kw_only=True):
    """The case into which this one was merged was answered, and the answer is this one's, too.

    Never that of a confidential or protected case. The citizen may rate it, and object.
    """

    type: ClassVar[str] = "merged.answered.v1"
    producer: ClassVar[str] = "routing"

    #: As everybody may read it.
    response: str
    department: DepartmentCode
    category: CategoryCode
    #: The departments' files that came with it: this case's citizen sees them, too.
    attachments: tuple[Attachment, ...] = ()
    #: Whose answer it was: its citizen may be called by name there. Unset where an earlier release said so.
    into: CaseId | None = None


@event_type
class CaseUnmerged(StateEvent, frozen=True, kw_only=True):
    """Not handled together with another case any more: a dispatcher decides on it alone."""

    type: ClassVar[str] = "case.unmerged.v1"
    producer: ClassVar[str] = "routing"

    #: `objected`, or how the other case went: `declined`, `withdrawn`, `merged`, `protected`; or `decided`; or `undone`,
    #: where whoever merged it took that back within minutes.
    why: str
    #: The dispatcher's account, where one decided.
    decided_by: str = ""


@event_type
class DecisionUndone(StateEvent, frozen=True, kw_only=True):
    """Whoever declined the case or answered it directly took that back within minutes: it waits for a decision once more."""

    type: ClassVar[str] = "decision.undone.v1"
    producer: ClassVar[str] = "routing"

    decided_by: str


@event_type
class RecallRequested(Event, frozen=True, kw_only=True):
    """Whoever dispatched the case wants it back (撤回派单), unless its department has acted on it.

    handlers takes it back, and `case.recalled` follows; or says that it was not done (`request.dropped`).
    """

    type: ClassVar[str] = "recall.requested.v1"
    producer: ClassVar[str] = "routing"

    decided_by: str


@event_type
class TopicWarned(Event, frozen=True, kw_only=True):
    """An early warning (苗头预警): different people write of one matter at one place. Of the topic's latest case.

    Said when a topic becomes hot, as twice as many write, and again after a quiet window. Protected and confidential cases
    are not counted.
    """

    type: ClassVar[str] = "topic.warned.v1"
    producer: ClassVar[str] = "routing"

    topic: int
    #: Different people, and messages, within so many days.
    people: int
    cases: int
    days: int
    first_at: datetime
    category: CategoryCode | None = None
    region: RegionCode | None = None
    #: People, each counted half after half a week.
    heat: float
    #: More than chance above the weeks before.
    is_burst: bool = False
