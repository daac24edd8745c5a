"""What is said of supervisors' orders (督办): the department reported back, and the supervisor accepted that."""

from typing import ClassVar

from schemas.event import Event, event_type
from schemas.ids import DepartmentCode


@event_type
class OrderReported(Event, frozen=True, kw_only=True):
    """The department reported back on a supervisor's order (督办回报)."""

    type: ClassVar[str] = "order.reported.v1"
    producer: ClassVar[str] = "handlers"

    department: DepartmentCode
    #: Of which order, as `case.urged` numbered it.
    order: int
    #: For the supervisor, masked as departments read it.
    text: str


@event_type
class OrderAccepted(Event, frozen=True, kw_only=True):
    """The supervisor accepted the department's report on an order."""

    type: ClassVar[str] = "order.accepted.v1"
    producer: ClassVar[str] = "sla"

    by: str
    #: Of which order, as `case.urged` numbered it.
    order: int
    #: For the department, masked as it reads it.
    note: str = ""
