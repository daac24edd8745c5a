"""What a dispatcher looks at: the queue, how much waits in it, and one case."""

from routing.core.queue import CaseToDecide, Counts, Dropped, Position, QueuePage, Waiting
from routing.core.review import granted_pause
from routing.store import cases, dropped, items
from schemas.errors import NotFound
from schemas.ids import CaseId
from schemas.paging import page_of
from schemas.ports import Unit
from schemas.words import ReviewKind

#: Project choice: what fits above the queue.
_URGED = 10


async def read_queue(unit: Unit, kind: ReviewKind | None, after: Position | None, limit: int) -> QueuePage:
    """Emergencies first, then the oldest; `limit` items at most, behind `after`."""
    rows, last = page_of(await items.queue(unit.db, kind, after, limit + 1), limit)
    return QueuePage(rows=rows, next_after=last.position if last else None)


async def read_urged(unit: Unit) -> list[Waiting]:
    """What waits about cases that supervisors urged; a screen of them."""
    return await items.urged(unit.db, _URGED)


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
    every = await items.of_case(unit.db, case_id)
    waiting = [Waiting(item=item, case=case) for item in every if item.state == "open"]
    return CaseToDecide(case=case, waiting=waiting, duplicate=duplicate, pause=granted_pause(every))


async def read_dropped(unit: Unit, by: str) -> list[Dropped]:
    """What this dispatcher decided and was not done, the latest first."""
    return await dropped.of(unit.db, by)
