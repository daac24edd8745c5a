"""A dispatcher finds that a unit which a report names is not whom it accuses: the case may reach it. Or takes that back."""

from collections.abc import Sequence

from routing.core.decisions.clearing import (
    CaseCleared,
    Clear,
    accused_again,
    clearances_of,
    cleared,
    gave_it,
    taken_back,
)
from routing.core.decisions.review import Item, RoutingCase
from routing.steps.supplement import ask_again
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
    case, asked = await _locked(unit, case_id, who)
    new = clearances_of(case, asked, clear, who.name, unit.now)
    after = cleared(case, new)
    if new:
        await clearances.add(unit.db, case_id, new)
        await cases.protect_cases(unit.db, [after])
    return after


async def take_back(unit: Unit, case_id: CaseId, back: Clear, who: Principal) -> RoutingCase:
    """Undo a clearance (撤销认定): keep the case from these units again. The reason is kept beside the finding.

    A case that one of them has goes back to a dispatcher, as when its citizen accuses somebody then; one that others have
    stays with them.

    Raises:
        NotFound, Forbidden: see `clear`.
        ActionNotAllowed, StaleVersion, BadInput: see `taken_back`.
    """
    case, asked = await _locked(unit, case_id, who)
    units, reason = taken_back(case, asked, back)
    if not units:
        return case
    after = accused_again(case, units, units)
    await clearances.end(unit.db, case_id, units, reason, who.name, unit.now)
    await cases.protect_cases(unit.db, [after])
    if gave_it(case, units, unit.now):
        await ask_again(unit, [(after, after.version)])
    return after


async def _locked(unit: Unit, case_id: CaseId, who: Principal) -> tuple[RoutingCase, Sequence[Item]]:
    case = (await cases.lock_cases(unit.db, [case_id])).get(case_id)
    if case is None:
        raise NotFound
    if who.department in case.accused:
        raise Forbidden
    return case, (await items.lock_items(unit.db, [case_id]))[case_id]


async def read_clearances(
    unit: Unit, before: int | None, limit: int
) -> tuple[list[CaseCleared], CaseCleared | None]:
    """What was found, the latest first; and the last of the page where there is another page."""
    rows, last = page_of(await clearances.latest(unit.db, before, limit + 1), limit)
    return list(rows), last
