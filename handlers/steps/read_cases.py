"""What a department reads at its desk."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from handlers.core import views
from handlers.core.views import DeskQuery, Full, Lines
from handlers.store import desk as store
from schemas.errors import NotFound
from schemas.ids import CaseId, DepartmentCode
from schemas.paging import cursor_of, page_of, read_cursor
from schemas.ports import Unit
from schemas.values import CaseLife


async def list_cases(unit: Unit, department: DepartmentCode, query: DeskQuery, zone: ZoneInfo) -> Lines:
    """One page of the department's cases: open ones by deadline, ended ones the latest first.

    Raises:
        BadInput: a cursor that is not ours.
    """
    due_from, due_until = views.due_window(query.due, unit.now, zone)
    found = await store.lines(
        unit.db,
        department,
        unit.now,
        ended=query.is_ended,
        states=query.states,
        late=query.due == "overdue",
        due_from=due_from,
        due_until=due_until,
        after=read_cursor(query.cursor, tuple[datetime | None, UUID]) if query.cursor else None,
        limit=query.limit + 1,
    )
    items, last = page_of(found, query.limit)
    position = None if last is None else views.position_of(last, is_ended=query.is_ended)
    return Lines(items=tuple(items), next_cursor=None if position is None else cursor_of(*position))


async def count_cases(unit: Unit, department: DepartmentCode) -> tuple[Mapping[str, int], int]:
    """How many open cases the department has in each state, and how many of all of them are late."""
    return await store.counts(unit.db, department, unit.now)


class DeskAccess:
    """`schemas.attachments.CaseAccess` over the cases of departments."""

    async def may_see(self, unit: Unit, case_id: CaseId, department: DepartmentCode) -> bool:
        """Whether the department's desk shows the case at this moment."""
        return await store.may_see(unit.db, case_id, department)


async def read_life(unit: Unit, case_id: CaseId) -> CaseLife | None:
    """What became of a case, for those who do not handle it; None where they may not read it, or it is not here."""
    return await store.life(unit.db, case_id)


async def read_case(unit: Unit, department: DepartmentCode, case_id: CaseId) -> Full:
    """One case in full.

    Raises:
        NotFound: not this department's.
    """
    found = await store.find(unit.db, case_id, department)
    if found is None:
        raise NotFound
    case, matter = found
    timeline = await store.history(unit.db, case_id)
    supplements = await store.supplements(unit.db, case_id)
    return views.full(case, matter, timeline, supplements, department, unit.now)
