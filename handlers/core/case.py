"""A case as its department holds it, and what one change of it consists of."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from handlers.core import chain
from handlers.core.asks import NOTHING, Asks, Before
from handlers.core.chain import Detail, LogEntry, Seal
from handlers.core.citizens import citizen_may
from handlers.core.rules import RETURN_WITHIN, Actor, Facts
from schemas.event import E, Event, StateEvent
from schemas.events.handlers import CaseAssigned
from schemas.ids import CaseId, CategoryCode, DepartmentCode, ItemCode, RegionCode, TagCode
from schemas.objections import OBJECT_WITHIN
from schemas.values import Attachment, Place
from schemas.words import CaseState, FileAudience, Kind, Urgency


class CaseFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file that a department added, and who may see it."""

    file: Attachment
    department: DepartmentCode
    audience: FileAudience
    at: datetime


_DAY = timedelta(days=1)


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """What the rules and the log need of a case; the citizen's texts stay in the store."""

    case_id: CaseId
    state: CaseState
    version: int
    assigned_at: datetime
    kind: Kind
    urgency: Urgency
    category: CategoryCode
    #: Of the dispatch catalogue (事项); None where none is clear, and where the case is protected.
    item: ItemCode | None = None
    #: Time, people and nature (标签), as the city lists them; none where the case is protected.
    tags: tuple[TagCode, ...] = ()
    lead: DepartmentCode
    supporting: tuple[DepartmentCode, ...] = ()
    region: RegionCode | None = None
    confidential: bool = False
    publish: bool = True
    #: Units that may not see it: those that its citizen accuses, with their superiors and subordinates.
    accused: tuple[DepartmentCode, ...] = ()
    #: A report, or a message that accuses officials whatever its kind.
    protected: bool = False
    #: No department sees it until a dispatcher has chosen again.
    withheld: bool = False
    #: Of the last `case.routed` that was followed: routing does not know the versions that are made here.
    routed_version: int = 0
    #: When a dispatcher last corrected its tags by themselves, as routing says: what was corrected before is late.
    tags_corrected_at: datetime | None = None
    #: What a refused return gives back.
    state_before_review: CaseState | None = None
    due_at: datetime | None = None
    sign_due_at: datetime | None = None
    #: A reply deadline was missed once; nothing erases that.
    overdue: bool = False
    return_count: int = 0
    return_barred: bool = False
    #: Granted so far.
    extension_count: int = 0
    #: Working days asked for; None while nothing is pending.
    extension_days: int | None = None
    #: Whatever else the department has asked for.
    asks: Asks = NOTHING
    #: What departments added, in that order.
    files: tuple[CaseFile, ...] = ()
    reopened_count: int = 0
    urged_count: int = 0
    supervised: bool = False
    note: str | None = None
    response: str | None = None
    closed_at: datetime | None = None
    traceparent: str | None = None
    log_seq: int = 0
    log_hash: bytes = chain.START
    #: Keyed hash of these fields as the log's last row left them.
    log_seal: bytes | None = None

    @property
    def readers(self) -> tuple[DepartmentCode, ...]:
        """The departments that may see it now."""
        part = () if self.withheld else (self.lead, *self.supporting)
        return tuple(code for code in part if code not in self.accused)

    @property
    def present_files(self) -> tuple[CaseFile, ...]:
        """The departments' files that the present lead may see, and answers for.

        Of a protected case those since it was assigned: who had it before may be the one that it accuses.
        """
        return tuple(each for each in self.files if not self.protected or each.at >= self.assigned_at)

    def files_for(self, *audiences: FileAudience) -> tuple[Attachment, ...]:
        """The departments' files that these may see."""
        return tuple(each.file for each in self.present_files if each.audience in audiences)

    def accused_none_of(self, departments: Iterable[DepartmentCode]) -> bool:
        """Whether all of these may see the case."""
        return set(departments).isdisjoint(self.accused)

    def part_of(self, department: DepartmentCode) -> Actor:
        """Whether this department leads or supports the case. Only for departments that the store gave the case to."""
        return Actor.LEAD if department == self.lead else Actor.SUPPORTING

    @property
    def undoable(self) -> Before | None:
        """What a dispatcher's last decision may be undone to; None where there is none, or somebody has acted since."""
        before = self.asks.before
        return before if before is not None and before.version == self.version else None

    def facts(self, now: datetime, department: DepartmentCode | None = None) -> Facts:
        """What the rules' guards ask about, at this moment. `department`: which one asks, where one does."""
        return Facts(
            now=now,
            return_until=self.sign_due_at or self.assigned_at + RETURN_WITHIN,
            return_barred=self.return_barred or self.lead in self.asks.returned_by,
            due_at=self.due_at,
            extension_pending=self.extension_days is not None,
            extension_count=self.extension_count,
            pause_pending=self.asks.pause is not None,
            suspension_count=self.asks.suspension_count,
            promise_pending=self.asks.promise is not None,
            promise_count=self.asks.promise_count,
            promised_until=self.asks.promised.until if self.asks.promised else None,
            question_open=self.asks.question is not None,
            question_count=self.asks.question_count,
            refusal_until=self.asks.refusal_until,
            may_ask_part=bool(
                set(self.readers) - {self.lead, *(part.department for part in self.asks.parts)}
            ),
            parts_pending=any(not part.is_matter for part in self.asks.parts),
            matters_pending=any(part.is_matter for part in self.asks.parts),
            has_part=any(part.department == department for part in self.asks.parts),
            return_count=self.return_count,
            order_open=self.asks.order is not None and self.asks.order.reported_at is None,
            is_emergency=self.urgency is Urgency.EMERGENCY,
            reopened_count=self.reopened_count,
            # Of a case that an earlier build closed: whole days later the last one has ended, wherever the city lies.
            objection_until=self.asks.objection_until
            or (self.closed_at and self.closed_at + OBJECT_WITHIN + _DAY),
            is_protected=self.protected,
            is_withheld=self.withheld,
            may_undo=self.undoable is not None,
        )


class By(msgspec.Struct, frozen=True, kw_only=True):
    """Who acts, in what part, and when. `department`: theirs, where they have one."""

    name: str
    role: Actor
    now: datetime
    department: DepartmentCode | None = None


class CaseChange(msgspec.Struct, frozen=True, kw_only=True):
    """One change: the case after it, its row in the log, and the events that tell of it."""

    after: Case
    entry: LogEntry
    events: tuple[Event, ...] = ()
    #: What some departments alone are told, on their own topics.
    direct: tuple[tuple[DepartmentCode, Event], ...] = ()
    #: What the departments are told beside the events (`case.updated`); empty: nothing.
    what: str = ""
    text: str = ""
    attachments: tuple[Attachment, ...] = ()
    #: The case begins anew with the departments that joined.
    is_assignment: bool = False
    #: Why a dispatcher took it from the department that had it in hand.
    moved_because: str = ""
    #: Departments that have the case from now on, and those that no longer do.
    joined: tuple[DepartmentCode, ...] = ()
    left: tuple[DepartmentCode, ...] = ()


def record(case: Case, by: By, action: str, detail: Detail, **changed: Any) -> tuple[Case, LogEntry]:
    """The case with the fields `changed`, and the next row of its log; `seal_case` puts the row's hash into the case.

    What makes it more or less pressing says so: whoever tells its life once more must know from when on it was.
    """
    if changed.get("urgency", case.urgency) != case.urgency:
        detail = {**detail, chain.FORMER_URGENCY: case.urgency.value}
    entry = LogEntry(
        case_id=case.case_id,
        seq=case.log_seq + 1,
        at=by.now,
        actor=by.name,
        role=by.role.value,
        action=action,
        from_state=case.state.value,
        to_state=CaseState(changed.get("state", case.state)).value,
        version=changed.get("version", case.version),
        detail=detail,
    )
    return msgspec.structs.replace(case, log_seq=entry.seq, **changed), entry


def is_repeated(entry: LogEntry, actor: str, action: str, detail: Detail) -> bool:
    """Whether the last row says the same of the same case; departments that had joined do not join a second time."""
    told = {name: value for name, value in entry.detail.items() if value != []}
    return (entry.actor, entry.action) == (actor, action) and told.items() <= detail.items()


def seal_case(case: Case, entry: LogEntry, seal: Seal) -> Case:
    """The case, whose log ended before `entry`, as it is stored: with that row's hash, and its own seal."""
    ended = msgspec.structs.replace(case, log_hash=chain.row_hash(seal, case.log_hash, entry))
    return msgspec.structs.replace(ended, log_seal=case_seal(ended, seal))


#: What the seal covers: all but what comes without a row of the log, the deadlines and the trace, and but when tags were
#: corrected, which the release before does not seal. In this order, for good: another choice gets another first byte.
_SEALED_FIRST = attrgetter(
    "case_id", "state", "version", "assigned_at", "kind", "urgency", "category", "lead", "supporting", "region",
    "confidential", "publish", "accused", "protected", "withheld", "routed_version",
    "state_before_review", "overdue", "return_count", "return_barred", "extension_count",
    "extension_days", "reopened_count", "urged_count", "supervised", "note", "response", "closed_at", "log_seq", "log_hash",
)  # fmt: skip
_json = msgspec.json.Encoder(order="deterministic")
#: The first byte of seals that cover what the department has asked for, too.
_WITH_ASKS = b"\x02"
#: The same of those that cover the departments' files, where there are any.
_WITH_FILES = b"\x03"
#: The same of those that cover the item, where there is one, and all of these.
_WITH_ITEM = b"\x04"
#: The same of those that cover the tags, where there are any, and all of these.
_WITH_TAGS = b"\x05"


def case_seal(case: Case, seal: Seal) -> bytes:
    """The keyed hash of the case's own fields and of its log's end: nobody changes one beside the log unseen."""
    files = [msgspec.structs.replace(each, at=each.at.astimezone(UTC)) for each in case.files]
    if case.tags:
        sealed_last = (_SEALED_FIRST(case), case.asks, files, case.item, case.tags)
        return _WITH_TAGS + seal(b"case-5\0" + _json.encode(sealed_last))
    if case.item is not None:
        with_item = (_SEALED_FIRST(case), case.asks, files, case.item)
        return _WITH_ITEM + seal(b"case-4\0" + _json.encode(with_item))
    if files:
        return _WITH_FILES + seal(b"case-3\0" + _json.encode((_SEALED_FIRST(case), case.asks, files)))
    return _WITH_ASKS + seal(b"case-2\0" + _json.encode((_SEALED_FIRST(case), case.asks)))


def is_sealed(case: Case, seals: Sequence[Seal]) -> bool:
    """Whether one of these made the case's seal: this release's, or that of a release in which nothing was asked for."""
    made = [case_seal(case, seal) for seal in seals]
    if case.asks == NOTHING and not (case.files or case.item or case.tags):
        made += [chain.KEYED + seal(b"case\0" + _json.encode(_SEALED_FIRST(case))) for seal in seals]
    return case.log_seal in made


class CitizenMessage(msgspec.Struct, frozen=True, kw_only=True):
    """What the citizen sent, as the department got it: it never changes."""

    case_id: CaseId
    tracking_code: str
    channel: str
    received_at: datetime
    title: str
    text: str
    place: Place | None
    has_contact: bool
    #: Their hashes with them: no file is exchanged unseen. Unset where there are none, as before there could be any.
    attachments: tuple[Attachment, ...] | UnsetType = UNSET


def message_seal(message: CitizenMessage, seal: Seal) -> bytes:
    """The keyed hash of what the citizen sent."""
    in_utc = msgspec.structs.replace(message, received_at=message.received_at.astimezone(UTC))
    return chain.KEYED + seal(b"message\0" + _json.encode(in_utc))


def files_with_answer(case: Case) -> dict[str, Any]:
    """Fields of the events that tell of an answer: the files that its citizen gets with it, and which may be published.

    None where no department added any.
    """
    if not case.files:
        return {}
    public = case.files_for(FileAudience.PUBLIC)
    return {
        "attachments": case.files_for(FileAudience.CITIZEN, FileAudience.PUBLIC),
        "public_attachments": tuple(file.attachment_id for file in public),
    }


def change(
    case: Case,
    by: By,
    action: str,
    detail: Detail,
    events: tuple[Event, ...],
    *,
    text: str = "",
    **changed: Any,
) -> CaseChange:
    """A change that emits `events`; its departments are told (`case.updated`) of the first of them."""
    after, entry = record(case, by, action, detail, **changed)
    told = tuple(tell_state(event, after, by.now) for event in events)
    return CaseChange(after=after, entry=entry, events=told, what=events[0].name, text=text)


def for_everyone(assigned: CaseAssigned) -> CaseAssigned:
    """The assignment as it stands on handlers' own topic: what the citizen wrote and sent is for the department alone."""
    return msgspec.structs.replace(assigned, title="", text="", attachments=())


def tell_state(event: E, case: Case, now: datetime) -> E:
    """`event` with the state of `case` and what its citizen may do next, if the event has these fields."""
    if not isinstance(event, StateEvent):
        return event
    may = citizen_may(case.state, case.facts(now))
    return msgspec.structs.replace(event, state=case.state, citizen_may=may)
