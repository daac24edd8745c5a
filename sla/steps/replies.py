"""Notes when cases were replied to, for the figures: also a reply sent back that stands after all."""

from collections.abc import Sequence
from datetime import datetime

from schemas.ids import CaseId
from schemas.ports import Unit
from sla.core.calendar import Calendar
from sla.store import cases
from sla.store.replies import Replied, note_replies


async def note(unit: Unit, replies: Sequence[tuple[CaseId, datetime, int]], calendar: Calendar) -> None:
    """These cases have a reply since then, as this version of each tells."""
    assigned = await cases.assigned_times(unit.db, sorted(case_id for case_id, _, _ in replies))
    noted = [
        Replied(
            case_id, at, version,
            calendar.workdays_between(since, at) if (since := assigned.get(case_id)) else None,
        )
        for case_id, at, version in replies
    ]  # fmt: skip
    await note_replies(unit.db, noted)
