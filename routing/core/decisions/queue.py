"""What a dispatcher reads: the queue, where a page of it ends, and one case with what waits about it."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from routing.core.decisions.review import Item, RoutingCase, Version
from schemas.ids import CaseId, TrackingCode
from schemas.values import DangerLook
from schemas.words import CaseState, ReviewKind, Urgency

#: How far what stands above the queue is counted (project choice: a flood is a flood, and nobody acts by its last digit).
COUNTED = 1000
#: While one of these waits about a case that was sent, nobody has it: it was withheld, or given back.
NOBODYS = frozenset({ReviewKind.DISPATCH, ReviewKind.RETURN})


class Position(msgspec.Struct, frozen=True, kw_only=True):
    """Where a page of the queue ended."""

    emergency: bool = False
    opened_at: datetime
    case_id: CaseId
    kind: ReviewKind
    version: Version


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """One item of the queue and the case that it is about."""

    item: Item
    case: RoutingCase

    @property
    def is_emergency(self) -> bool:
        """Whether it stands at the head of the queue: somebody may be in danger, and no department has the case."""
        is_nobodys = self.case.state == "open" or self.item.kind in NOBODYS
        return self.case.urgency is Urgency.EMERGENCY and self.case.response is None and is_nobodys

    @property
    def position(self) -> Position:
        """Where a page that ends with this one goes on."""
        return Position(
            emergency=self.is_emergency,
            opened_at=self.item.opened_at,
            case_id=self.item.case_id,
            kind=self.item.kind,
            version=self.item.version,
        )


class Dropped(msgspec.Struct, frozen=True, kw_only=True):
    """A decision that was not done. `asked`: the event that said it; `case_state`: where the case stood."""

    case_id: CaseId
    tracking_code: TrackingCode
    asked: str
    asked_at: datetime
    review: ReviewKind | None
    accepted: bool | None
    case_state: CaseState | None
    at: datetime


class QueuePage(msgspec.Struct, frozen=True, kw_only=True):
    """Some of the queue. `next_after`: where the next page goes on; None after the last one."""

    rows: Sequence[Waiting]
    next_after: Position | None


class CaseToDecide(msgspec.Struct, frozen=True, kw_only=True):
    """One case, what waits about it, and the earlier case that it looks like."""

    case: RoutingCase
    waiting: Sequence[Waiting]
    duplicate: RoutingCase | None
    #: Everything that was ever asked about it.
    every: Sequence[Item] = ()
    #: The pause that was granted last, where nothing else was asked since.
    pause: Item | None = None
    #: The case that it was merged into.
    into: RoutingCase | None = None
    #: Who has read what danger its citizen told of since.
    looks: Sequence[DangerLook] = ()


Counts = Mapping[ReviewKind, int]
