"""Dispatches, moves, and yes and no to departments, taken back within minutes: routing asks for that, handlers does it."""

from datetime import datetime
from typing import ClassVar

from schemas.event import Event, StateEvent, event_type
from schemas.ids import CategoryCode, DepartmentCode, ItemCode, RegionCode, TagCode
from schemas.words import ReviewKind


@event_type
class CaseRecalled(StateEvent, frozen=True, kw_only=True):
    """Whoever dispatched the case took that back before a department acted on it: no department has it now."""

    type: ClassVar[str] = "case.recalled.v1"
    producer: ClassVar[str] = "handlers"

    decided_by: str


@event_type
class UndoRequested(Event, frozen=True, kw_only=True):
    """Whoever moved a case in hand (改派), or said yes or no to its department, wants that undone.

    Unless somebody has acted since: handlers does so, and `move.undone` or `verdict.undone` follows; or it says that it was
    not done (`request.dropped`). `version`: of a move the next one, otherwise the one that was decided on.
    """

    type: ClassVar[str] = "undo.requested.v1"
    producer: ClassVar[str] = "routing"

    decided_by: str
    #: What was decided on, and how; None: the move.
    review: ReviewKind | None = None
    accepted: bool | None = None
    #: Of a move: the tags that the case has without it, as routing knows them; None in records of before it was said.
    tags: tuple[TagCode, ...] | None = None


@event_type
class VerdictUndone(StateEvent, frozen=True, kw_only=True):
    """Whoever said yes or no to a department, or sent its reply back, took that back within minutes: it waits once more."""

    type: ClassVar[str] = "verdict.undone.v1"
    producer: ClassVar[str] = "handlers"

    department: DepartmentCode
    review: ReviewKind
    #: What had been decided, and when that took effect.
    accepted: bool
    decided_at: datetime
    decided_by: str
    #: Of a reply that was sent back: when it was given. It stands as of then.
    replied_at: datetime | None = None


@event_type
class MoveUndone(StateEvent, frozen=True, kw_only=True):
    """Whoever moved the case (改派) took that back within minutes: the department that had it has it again, as it had it."""

    type: ClassVar[str] = "move.undone.v1"
    producer: ClassVar[str] = "handlers"

    lead: DepartmentCode
    supporting: tuple[DepartmentCode, ...] = ()
    category: CategoryCode
    #: As in `CaseAssigned`.
    item: ItemCode | None = None
    #: As in `CaseAssigned`; None in records of before they could be corrected: as they are.
    tags: tuple[TagCode, ...] | None = None
    region: RegionCode | None = None
    #: Who had it meanwhile, and since when.
    moved_to: DepartmentCode
    moved_at: datetime
    decided_by: str
