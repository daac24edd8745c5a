"""From a number in the figures to the cases behind it: which number, and what is shown of each case."""

from datetime import date, datetime
from typing import NamedTuple

from schemas.ids import CaseId, DepartmentCode
from sla.core.measures import Measure, left_out

#: How an address asks for those that are in no group by name: a field without a value asks for nothing.
UNGROUPED = "-"


def group_of(asked: str | None) -> str | None:
    """The group as figures know it: none for all cases, empty for those that are in no group by name."""
    return "" if asked == UNGROUPED else asked


class FigureCell(NamedTuple):
    """A number: what was counted, from when to when, both included, and of which group; `key` None: of all cases."""

    measure: Measure
    first: date
    last: date
    grouping: str = "department"
    key: str | None = None
    #: Of what people said: only values of at least so much.
    least: int | None = None
    #: Of a pair of category and district.
    region: str | None = None
    #: Only what is left out of this rate (不纳入考核), by its code.
    excluded: str | None = None
    #: Only those of this item of the catalogue (事项), by its code.
    item: str | None = None
    #: Only those with this tag (标签), by its code.
    tag: str | None = None

    @property
    def counted(self) -> str:
        """The measure's name among the sums."""
        return self.measure if self.excluded is None else left_out(self.excluded, self.measure)


class CountedCase(NamedTuple):
    """A case, and how often the number counts it: of ratings each."""

    case_id: CaseId
    tracking_code: str | None
    received_at: datetime
    department: DepartmentCode | None
    category: str | None
    region: str | None
    closed_at: datetime | None
    times: int
    #: On which day; of several the latest.
    day: date
