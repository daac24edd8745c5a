"""What waits for a dispatcher, and what they may say about it; what that does: `outcome`."""

from collections.abc import Mapping
from datetime import date as Day
from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec

from routing.core.decisions.before_move import BeforeMove
from routing.core.decisions.catalogue import NewRuling
from routing.core.decisions.chosen_tags import MOST_TAGS
from routing.core.decisions.splitting import MOST_PARTS, NamedMatter
from schemas.city_form import ITEM_NAME_LIMIT
from schemas.ids import CaseId, CategoryCode, DepartmentCode, ItemCode, RegionCode, TagCode, TrackingCode
from schemas.values import Attachment, Candidate, Clearance, MatterPart, Place, Reason
from schemas.words import Channel, Kind, ReviewKind, Urgency

State = Literal["open", "routed", "answered", "declined", "merged", "withdrawn"]


class RoutingCase(msgspec.Struct, frozen=True, kw_only=True):
    """A case as routing keeps it."""

    case_id: CaseId
    tracking_code: TrackingCode
    channel: Channel
    received_at: datetime
    kind: Kind
    urgency: Urgency
    category: CategoryCode
    lead: DepartmentCode
    supporting: tuple[DepartmentCode, ...]
    region: RegionCode | None
    #: Of the dispatch catalogue (事项), of its category; None where none is clear, and where the case is protected.
    item: ItemCode | None = None
    #: Time, people and nature (标签); none where the case is protected.
    tags: tuple[TagCode, ...] = ()
    title: str
    text: str
    #: What the citizen added while a dispatcher had the case.
    supplement: str
    place: Place | None
    attachments: tuple[Attachment, ...] = ()
    #: The files of what the citizen added.
    added_files: tuple[Attachment, ...] = ()
    has_contact: bool
    confidential: bool
    publish: bool
    version: int
    state: State
    probability: float
    decided_by: str | None
    #: Units that it may not reach: those accused, with their superiors and subordinates.
    accused: tuple[DepartmentCode, ...]
    #: A report, or a message that accuses officials whatever its kind.
    protected: bool
    #: Those of `accused` of whom no deed is told: a dispatcher may clear them, nobody else.
    only_named: tuple[DepartmentCode, ...] = ()
    #: Those that were cleared, and are in `accused` no more.
    cleared: tuple[Clearance, ...] = ()
    suspected_duplicate: CaseId | None
    #: 0–1
    similarity: float | None
    merged_into: CaseId | None
    #: How often supervisors urged it.
    urged_count: int = 0
    #: How often its citizen told of danger since, whoever had it then.
    dangers_said: int = 0
    #: When they first told of what no dispatcher has looked at.
    danger_unseen_since: datetime | None = None
    #: What its citizen was told, as everybody may read it; None before, and since they objected.
    response: str | None = None
    response_files: tuple[Attachment, ...] = ()
    #: Its citizen says that a public matter is theirs, too (我也遇到).
    me_too: bool = False
    #: Matters that the dispatcher split off with the present route (分项).
    parts: tuple[MatterPart, ...] = ()
    #: Of a move, while nothing else was decided since.
    before_move: BeforeMove | None = None

    @property
    def has_joined(self) -> bool:
        """Whether its citizen alone merged it into the public matter that they named: no dispatcher looked at it."""
        return self.state == "merged" and self.me_too and not self.decided_by

    @property
    def is_private(self) -> bool:
        """Whether nobody but its own citizen may read what it is answered."""
        return self.confidential or self.protected

    @property
    def takes_tags(self) -> bool:
        """Whether its tags are corrected by themselves: it was sent to a department, also after its end."""
        return self.state == "routed" and not self.protected


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One question to a dispatcher. `version`: of the case, as it was asked."""

    case_id: CaseId
    kind: ReviewKind
    version: int
    state: Literal["open", "decided", "superseded"] = "open"
    opened_at: datetime
    candidates: tuple[Candidate, ...] = ()
    reasons: tuple[Reason, ...] = ()
    detail: Mapping[str, Any] = msgspec.field(default_factory=dict)
    #: What was decided; None before, and in records of before it was kept.
    accepted: bool | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None

    @property
    def name(self) -> str:
        """Tells it apart from every other question about its case: `extension:3`."""
        return f"{self.kind}:{self.version}"


#: What is kept with a granted promise: the day, which the department asked for or a dispatcher chose instead.
PROMISED_DAY = "promised_day"
#: As the column holds it.
Version = Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)]
#: Project choice: longer than any code or id of ours.
Code = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
#: Project choice: a page of text, which whoever is told reads to its end.
Sentence = Annotated[str, msgspec.Meta(max_length=2_000)]


class DirectAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What the citizen is to read, and the knowledge entry that it rests on."""

    entry_id: Code
    #: As long as a department's answer may be.
    text: Annotated[str, msgspec.Meta(min_length=1, max_length=10_000)]


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """What a dispatcher says about an item.

    To dispatch: `lead`, `category`, `item`, or `accept` for what the rules suggest. Or else `merge_into` (a case id or a
    tracking code), `answer` (an enquiry, from a knowledge entry), or `decline` (the legal route in words, or true for the
    usual one). For a return `accept` comes with the new `lead`; extensions, pauses, promises and replies need it alone.
    """

    version: Version
    kind: ReviewKind | None = None
    category: Code | None = None
    #: With a dispatch: the item of the catalogue (事项), by its code or its name; empty: none.
    item: Annotated[str, msgspec.Meta(max_length=ITEM_NAME_LIMIT)] | None = None
    #: With a dispatch: the tags (标签) that the case has from now on, by code; null: as they were found.
    tags: Annotated[tuple[Code, ...], msgspec.Meta(max_length=MOST_TAGS)] | None = None
    #: Those that it had when they were read; null: whatever they were.
    tags_seen: Annotated[tuple[Code, ...], msgspec.Meta(max_length=MOST_TAGS)] | None = None
    #: With its first dispatch: how soon somebody must move (紧急程度); null: as it was found. Of an emergency that is called
    #: less than that, `confirm`.
    urgency: Urgency | None = None
    lead: Code | None = None
    supporting: Annotated[tuple[Code, ...], msgspec.Meta(max_length=10)] = ()
    #: With a dispatch: matters that other departments than the lead are asked for (分项).
    parts: Annotated[tuple[NamedMatter, ...], msgspec.Meta(max_length=MOST_PARTS)] = ()
    #: Of a return or an objection: where such matters go from now on.
    ruling: NewRuling | None = None
    merge_into: Code | None = None
    #: Of a case that is merged, or moved while a department has it: the requests that wait for a decision and end with it.
    #: Each as `kind:version`; where one is not named, nothing is done.
    ends: Annotated[tuple[Code, ...], msgspec.Meta(max_length=len(ReviewKind))] = ()
    decline: Sentence | bool | None = None
    answer: DirectAnswer | None = None
    accept: bool | None = None
    #: Of an emergency, or what sounds like one, that is declined, merged or answered; of an emergency that is called less
    #: than that: whoever decides has looked, and means it.
    confirm: bool = False
    #: With `confirm`: `dangers_said` of the case as it was read; null: whatever it was.
    dangers_seen: Annotated[int, msgspec.Meta(ge=0)] | None = None
    #: Of a promise: the day that is promised, where it is another one than was asked for.
    date: Day | None = None
    remarks: Sentence = ""

    @property
    def sends(self) -> bool:
        """Whether it names where the case goes, or accepts what is suggested."""
        return bool(self.lead or self.category or self.item or self.accept)
