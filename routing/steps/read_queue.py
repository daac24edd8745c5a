"""What a dispatcher looks at: the queue, how much waits in it, and one case."""

from routing.core.queue import CaseToDecide, Counts, Position, QueuePage, Waiting
from routing.store import cases, items
from schemas.errors import NotFound
from schemas.ids import CaseId
from schemas.paging import page_of
from schemas.ports import Unit
from schemas.words import ReviewKind


async def read_queue(unit: Unit, kind: ReviewKind | None, after: Position | None, limit: int) -> QueuePage:
    """Emergencies first, then the oldest; `limit` items at most, behind `after`."""
    rows, last = page_of(await items.queue(unit.db, kind, after, limit + 1), limit)
    return QueuePage(rows=rows, next_after=last.position if last else None)


async def count_queue(unit: Unit) -> Counts:
    """How many items wait, by kind."""
    return await items.count(unit.db)


async def read_case(unit: Unit, case_id: CaseId) -> CaseToDecide:
    """One case with what waits about it.

    Raises:
        NotFound: no such case.
    """
    case = await cases.find(unit.db, case_id)
    if case is None:
        raise NotFound
    duplicate = await cases.find(unit.db, case.suspected_duplicate) if case.suspected_duplicate else None
    waiting = await items.waiting(unit.db, case_id)
    return CaseToDecide(
        case=case, waiting=[Waiting(item=item, case=case) for item in waiting], duplicate=duplicate
    )
