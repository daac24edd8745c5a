"""A dispatcher finds that a unit which a report names is not whom it accuses: the case may reach it."""

from routing.core.clearing import CaseCleared, Clear, clearances_of, cleared
from routing.core.review import RoutingCase
from routing.store import cases, clearances, items
from schemas.errors import Forbidden, NotFound
from schemas.http import Principal
from schemas.ids import CaseId
from schemas.paging import page_of
from schemas.ports import Unit


async def clear(unit: Unit, case_id: CaseId, clear: Clear, who: Principal) -> RoutingCase:
    """Let the case reach these units, and only them; the case stays protected. What is found is kept with its reason.

    Raises:
        NotFound: no such case.
        Forbidden: whoever asks is of a unit that the case accuses.
        ActionNotAllowed, StaleVersion, BadInput: see `clearances_of`.
    """
    case = (await cases.lock_cases(unit.db, [case_id])).get(case_id)
    if case is None:
        raise NotFound
    if who.department in case.accused:
        raise Forbidden
    asked = (await items.lock_items(unit.db, [case_id]))[case_id]
    new = clearances_of(case, asked, clear, who.name, unit.now)
    after = cleared(case, new)
    if new:
        await clearances.add(unit.db, case_id, new)
        await cases.protect_cases(unit.db, [after])
    return after


async def read_clearances(
    unit: Unit, before: int | None, limit: int
) -> tuple[list[CaseCleared], CaseCleared | None]:
    """What was found, the latest first; and the last of the page where there is another page."""
    rows, last = page_of(await clearances.latest(unit.db, before, limit + 1), limit)
    return list(rows), last
