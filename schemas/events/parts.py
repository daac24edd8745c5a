"""What handlers says of supporting departments' parts (协办事项): asked for, done, needed no more."""

from datetime import datetime
from typing import ClassVar

from schemas.event import Event, event_type
from schemas.ids import DepartmentCode, ItemCode


@event_type
class PartAsked(Event, frozen=True, kw_only=True):
    """Another department was asked to do its part (协办)."""

    type: ClassVar[str] = "part.asked.v1"
    producer: ClassVar[str] = "handlers"

    department: DepartmentCode
    #: By when, where the lead named a time.
    until: datetime | None = None
    #: For what; on the department's own topic alone.
    text: str = ""
    #: The matter, as its citizen reads it, where a dispatcher split the message (分项); empty: the lead asked for help.
    matter: str = ""
    #: Of such a matter: as in `CaseRouted.parts`.
    item: ItemCode | None = None


@event_type
class PartWithdrawn(Event, frozen=True, kw_only=True):
    """A supporting department's part is needed no more."""

    type: ClassVar[str] = "part.withdrawn.v1"
    producer: ClassVar[str] = "handlers"

    department: DepartmentCode
    #: On the department's own topic alone.
    reason: str = ""


@event_type
class PartDone(Event, frozen=True, kw_only=True):
    """The supporting department has done its part."""

    type: ClassVar[str] = "part.done.v1"
    producer: ClassVar[str] = "handlers"

    department: DepartmentCode
    #: A matter that a dispatcher split off: the lead may answer when all of them are done.
    is_matter: bool = False
