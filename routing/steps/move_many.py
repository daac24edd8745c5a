"""A dispatcher moves many cases in hand to one department (批量改派): each by itself, and what was refused is named."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from msgspec.structs import replace

from routing.core.decisions.in_hand import check_is_unanswered, is_meant, newest_of
from routing.core.decisions.review import Decision, Item, RoutingCase
from routing.steps import in_hand as in_hand_steps
from routing.store import cases, in_hand, items
from schemas.city import City
from schemas.errors import BadInput, FieldError, NotFound, Refused, StaleVersion
from schemas.ids import CaseId, DepartmentCode
from schemas.paging import page_of
from schemas.ports import Unit
from schemas.wording import says_something
from schemas.words import ReviewKind

#: Project choice: what was sent twice (a second press, a page that is loaded again) is done once.
SAME_WITHIN: Final = timedelta(minutes=10)
_NO_REASON: Final = FieldError(
    "remarks", "改派在办件须写明理由。", "Say why they are taken from the department that has them."
)
_NO_LEAD: Final = FieldError("lead", "请选择新的主办单位。", "Choose the department that gets them.")


class Movable(NamedTuple):
    """A case as a dispatcher may move it: its newest version, and the open question that a move would end."""

    version: int
    waiting: Sequence[ReviewKind] = ()


class Moved(NamedTuple):
    """What came of one case; `refusal`: None where it was moved, now or (`is_repeat`) by the same request just before."""

    case_id: CaseId
    case: RoutingCase | None
    refusal: Refused | None = None
    is_repeat: bool = False


async def count_in_hand(unit: Unit) -> Mapping[DepartmentCode, int]:
    """How many unanswered cases each department has."""
    return await in_hand.count_by_lead(unit.db)


async def read_in_hand(
    unit: Unit, lead: DepartmentCode, after: CaseId | None, limit: int
) -> tuple[Sequence[RoutingCase], RoutingCase | None]:
    """Cases that this department has in hand, and behind which there are more; None: behind none."""
    return page_of(await in_hand.led_by(unit.db, lead, after, limit + 1), limit)


async def read_movable(unit: Unit, rows: Iterable[RoutingCase]) -> Mapping[CaseId, Movable]:
    """How each of these cases stands."""
    found = {row.case_id: row.version for row in rows}
    asked = await in_hand.asked_about(unit.db, list(found))
    return {
        case_id: Movable(max(version, asked[case_id].newest), asked[case_id].waiting)
        if case_id in asked
        else Movable(version)
        for case_id, version in found.items()
    }


async def find_all(unit: Unit, case_ids: Sequence[CaseId]) -> Mapping[str, RoutingCase]:
    """Those of these cases that there are."""
    return await cases.find_all(unit.db, case_ids)


async def move_many(
    unit: Unit, city: City, seen: Mapping[CaseId, int], lead: DepartmentCode, remarks: str, by: str
) -> Sequence[Moved]:
    """Give each of these cases, seen as of its newest version, to that department, as `decide` gives one.

    Raises:
        BadInput: no reason, or no such department: nothing was moved then.
    """
    wrong = [_NO_REASON] * (not says_something(remarks)) + [_NO_LEAD] * (lead not in city.department)
    if wrong:
        raise BadInput(wrong)
    locked = await cases.lock_cases(unit.db, seen)
    every = await items.lock_items(unit.db, list(seen))
    told = []
    for case_id, version in seen.items():
        decision = Decision(version=version, lead=lead, remarks=remarks)
        case = locked.get(case_id)
        if case is not None and _is_moved(case, lead, by, unit.now):
            told.append(Moved(case_id, case, is_repeat=True))
            continue
        try:
            told.append(Moved(case_id, await _move(unit, city, case, every[case_id], decision, by)))
        except Refused as refusal:
            told.append(Moved(case_id, case, refusal))
    return told


def _is_moved(case: RoutingCase, lead: DepartmentCode, by: str, now: datetime) -> bool:
    """Whether `by` gave it to that department just now: the same form, sent twice."""
    before = case.before_move
    if before is None or before.version != case.version:
        return False
    return (case.lead, case.decided_by) == (lead, by) and before.at > now - SAME_WITHIN


async def _move(
    unit: Unit, city: City, case: RoutingCase | None, every: Sequence[Item], decision: Decision, by: str
) -> RoutingCase:
    """Refused before anything is written."""
    if case is None:
        raise NotFound
    check_is_unanswered(case)
    newest = newest_of(case, every)
    # Whoever saw the newest version saw what waits about it.
    waiting = tuple(item.name for item in every if item.state == "open")
    of_case = replace(decision, version=case.version, ends=waiting)
    if decision.version != newest or not is_meant(case, every, of_case):
        raise StaleVersion(current=newest)
    return await in_hand_steps.move(unit, city, case, every, of_case, by)
