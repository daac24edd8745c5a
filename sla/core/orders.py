"""Orders of supervisors (督办要求): what is asked of a department, by when, and what came of it."""

from datetime import datetime
from typing import Literal

import msgspec

from schemas.ids import CaseId, DepartmentCode

#: Waits for the report; for the supervisor's word on it; was enough; was followed by another order; the case ended first.
OrderState = Literal["open", "reported", "accepted", "again", "ended"]


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """One order of a case, and the report on it."""

    number: int
    at: datetime
    by: str
    text: str
    #: None where the city's rules state no term, and the supervisor named none.
    until: datetime | None
    state: OrderState
    department: DepartmentCode | None = None
    report: str | None = None
    reported_at: datetime | None = None
    settled_at: datetime | None = None
    settled_by: str | None = None


class ListedOrder(Order, frozen=True, kw_only=True):
    """The same in a list of all cases. `lead`: who has the case now."""

    case_id: CaseId
    tracking_code: str | None
    lead: DepartmentCode | None
