"""What a department reads at its desk."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from handlers.core import views
from handlers.core.case import Case
from handlers.core.history import parts_of
from handlers.core.views import (
    ADDITIONS,
    MOST_COUNTED,
    TIMELINE_ROWS,
    DeskCaseQuery,
    DeskQuery,
    Full,
    Lines,
    OtherCase,
    Told,
)
from handlers.store import desk as store
from handlers.store.notices import standing_of
from schemas.errors import BadInput, FieldError, NotFound
from schemas.ids import CaseId, DepartmentCode
from schemas.paging import cursor_of, page_of, read_cursor
from schemas.ports import Callers, Unit
from schemas.values import CaseLife, ShownPart
from schemas.wording import PLAIN
from schemas.words import Kind

T = TypeVar("T")

_ENDED_ORDER = ("已办结的件只能按办结时间排列。", "Ended cases come the latest first, in no other order.")


async def list_cases(unit: Unit, department: DepartmentCode, query: DeskQuery, zone: ZoneInfo) -> Lines:
    """One page of the department's cases: open ones by deadline or receipt, ended ones the latest first.

    Raises:
        BadInput: a cursor that is not ours, or ended cases in another order.
    """
    asked = _asked(unit, department, query, zone)
    after = read_cursor(query.cursor, tuple[datetime | None, UUID]) if query.cursor else None
    found = await store.lines(unit.db, asked, after=after, limit=query.limit + 1)
    items, last = page_of(found, query.limit)
    position = None if last is None else views.position_of(last, query)
    return Lines(items=tuple(items), next_cursor=None if position is None else cursor_of(*position))


async def count_listed(unit: Unit, department: DepartmentCode, query: DeskQuery, zone: ZoneInfo) -> int:
    """How many cases the list has in all; one more than `MOST_COUNTED` where it has more than that."""
    asked = _asked(unit, department, query, zone)
    return await store.count_lines(unit.db, asked, most=MOST_COUNTED + 1)


def _asked(unit: Unit, department: DepartmentCode, query: DeskQuery, zone: ZoneInfo) -> store.DeskScope:
    if query.is_ended and query.order != "pressing":
        raise BadInput([FieldError("order", *_ENDED_ORDER)])
    due_from, due_until = views.due_window(query.due, unit.now, zone)
    return store.DeskScope(
        department=department,
        now=unit.now,
        ended=query.is_ended,
        states=query.states,
        late=query.due == "overdue",
        due_from=due_from,
        due_until=due_until,
        item=query.item,
        tag=query.tag,
        words=tuple(query.words.translate(PLAIN).split()),
        order=query.order,
    )


async def count_cases(unit: Unit, department: DepartmentCode) -> tuple[Mapping[str, int], int]:
    """How many open cases the department has in each state, and how many of all of them are late."""
    return await store.counts(unit.db, department, unit.now)


class DeskAccess:
    """`schemas.attachments.CaseAccess` over the cases of departments."""

    async def may_see(self, unit: Unit, case_id: CaseId, department: DepartmentCode) -> bool:
        """Whether the department's desk shows the case at this moment."""
        return await store.may_see(unit.db, case_id, department)


class KeptParts:
    """`schemas.ports.CaseParts` over the logs of cases."""

    async def of(self, unit: Unit, case_id: CaseId) -> Sequence[ShownPart]:
        """As `CaseParts.of` has it, from the log of the case."""
        standing = await standing_of(unit.db, case_id)
        if standing is None:
            return ()
        return parts_of(standing.case, await store.history_of_parts(unit.db, case_id, since_route=False))


async def read_life(unit: Unit, case_id: CaseId) -> CaseLife | None:
    """What became of a case, for those who do not handle it; None where they may not read it, or it is not here."""
    return await store.life(unit.db, case_id)


async def merged_into(unit: Unit, case_id: CaseId, department: DepartmentCode) -> CaseId | None:
    """The case that this one was merged into last, however long ago; None where it is not this department's."""
    into = await store.merged_into(unit.db, case_id)
    return into if into and await store.may_see(unit.db, into, department) else None


async def read_others(
    unit: Unit, department: DepartmentCode, case: Full, callers: Callers
) -> Sequence[OtherCase]:
    """The other cases from the telephone of this one that the department sees, the latest first.

    None where it may not ask for that telephone itself, and none where the case or the other one is private: that they are
    one person's would tell who wrote.
    """
    if not case.may_see_contact or case.confidential or case.protected or case.kind is Kind.REPORT:
        return ()
    found = await callers.earlier(unit, case.case_id)
    return await store.beside(unit.db, department, found) if found else ()


async def read_case(
    unit: Unit, department: DepartmentCode, case_id: CaseId, asked: DeskCaseQuery | None = None
) -> Full:
    """One case in full, with one page of its history and of what its citizen added.

    Raises:
        NotFound: not this department's.
        BadInput: a cursor that is not ours.
    """
    found = await store.find(unit.db, case_id, department)
    if found is None:
        raise NotFound
    case, matter = found
    return views.full(case, matter, await _told(unit, case, asked or DeskCaseQuery()), department, unit.now)


async def _told(unit: Unit, case: Case, asked: DeskCaseQuery) -> Told:
    rows = await store.latest_history(
        unit.db,
        case.case_id,
        since_route=case.protected,
        before=_number(asked.timeline_before, _LogNumber),
        limit=TIMELINE_ROWS + 1,
    )
    added = await store.latest_supplements(
        unit.db, case.case_id, before=_number(asked.supplements_before, int), limit=ADDITIONS + 1
    )
    timeline, older_timeline = _page(rows, TIMELINE_ROWS)
    supplements, older_supplements = _page(added, ADDITIONS)
    is_whole = older_timeline is None and asked.timeline_before is None
    return Told(
        timeline=timeline,
        supplements=supplements,
        parts=None
        if is_whole
        else await store.history_of_parts(unit.db, case.case_id, since_route=case.protected),
        older_timeline=older_timeline,
        older_supplements=older_supplements,
    )


#: As the column holds it.
_LogNumber = Annotated[int, msgspec.Meta(ge=-(2**31), lt=2**31)]


def _number(cursor: str | None, kind: Any) -> int | None:
    return read_cursor(cursor, tuple[kind])[0] if cursor else None


def _page(rows: Sequence[tuple[int, T]], limit: int) -> tuple[tuple[T, ...], str | None]:
    """The rows in the order of time, and the cursor of what is older."""
    page, last = page_of(rows, limit)
    return tuple(row for _, row in reversed(page)), None if last is None else cursor_of(last[0])
