"""Cases for a table outside: those that whoever watches may read."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import date
from typing import Any

from schemas.ids import CaseId
from schemas.ports import CaseMatters, Unit
from sla.core.calendar import Calendar
from sla.core.figures import days_asked, span_of
from sla.store import exporting
from sla.store.exporting import ExportPosition

#: Cases read at once (project choice).
_PIECE = 500
#: The columns of an exported case, in order.
COLUMNS = (
    "tracking_code", "title", "channel", "kind", "urgency", "category", "item", "tags", "department", "region",
    "received_at", "assigned_at", "reply_due_at", "replied_at", "closed_at", "outcome", "was_late", "departments",
    "urged", "supervised",
)  # fmt: skip


async def export_cases(
    unit: Unit,
    *,
    first: date | None,
    last: date | None,
    department: str | None,
    calendar: Calendar,
    matters: CaseMatters,
) -> AsyncIterator[Sequence[tuple[CaseId, Mapping[str, Any]]]]:
    """The cases received in a span of days, piece by piece; of the last thirty where none is named.

    Left out is what `matters` keeps to those who handle it: confidential cases, reports, what accuses somebody, and merged
    ones.

    Raises:
        BadInput: a span that cannot be.
    """
    span = span_of(*days_asked(first, last, today=calendar.local_day(unit.now)), calendar.zone)
    after: ExportPosition | None = None
    while True:
        found = await exporting.received(
            unit.db, since=span.since, until=span.until, department=department, after=after, limit=_PIECE
        )
        titles = await matters.titles(unit, [CaseId(str(row["case_id"])) for row in found]) if found else {}
        yield [
            (case_id, {**row, "title": titles[case_id]})
            for row in found
            if (case_id := CaseId(str(row["case_id"]))) in titles
        ]
        if len(found) < _PIECE:
            return
        after = ExportPosition(found[-1]["received_at"], CaseId(str(found[-1]["case_id"])))
