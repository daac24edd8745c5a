"""What a dispatcher may find of units that a report names: that they are not whom it accuses (认定非被举报单位), and take
back (撤销认定).
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import msgspec
from msgspec.structs import replace

from routing.core.decisions.review import Code, Item, RoutingCase, Sentence, Version
from routing.core.decisions.undo import UNDO_WITHIN
from schemas.errors import ActionNotAllowed, StaleVersion, named_wrong
from schemas.ids import CaseId, DepartmentCode, TrackingCode
from schemas.masking import for_department
from schemas.values import Clearance
from schemas.wording import says_something

#: Shorter is no reason that anybody could judge later (只是住址 has four). Project choice.
_SHORTEST_REASON = 4
_NO_REASON = ("请写明为什么它不是被举报的单位。", "Say why the report does not accuse it.")
_BY_DEED = (
    "来件说了该单位的违纪违法行为，不能认定。",
    "The report tells of a deed of this unit: nobody may clear it.",
)
_WHY_BACK = ("请写明为什么撤销认定。", "Say why the finding is taken back.")
_NOT_CLEARED = ("该单位没有可撤销的认定。", "There is no finding about this unit to take back.")


class Clear(msgspec.Struct, frozen=True, kw_only=True):
    """Which units the report names without accusing them, or does accuse after all, and why a dispatcher thinks so."""

    version: Version
    departments: Annotated[tuple[Code, ...], msgspec.Meta(min_length=1, max_length=10)]
    reason: Sentence


class CaseCleared(msgspec.Struct, frozen=True, kw_only=True):
    """One row of what dispatchers cleared, for supervisors."""

    id: int
    case_id: CaseId
    tracking_code: TrackingCode
    department: DepartmentCode
    reason: str
    decided_by: str
    at: datetime
    #: The case accuses it again since.
    is_void: bool
    #: Of one that was taken back: by whom, when and why.
    withdrawn_by: str | None
    withdrawn_at: datetime | None
    withdrawn_because: str | None


def clearances_of(
    case: RoutingCase, items: Sequence[Item], clear: Clear, by: str, now: datetime
) -> tuple[Clearance, ...]:
    """What is new in it: nothing where all of them are cleared already.

    Raises:
        ActionNotAllowed: the case has ended.
        StaleVersion: it changed since.
        BadInput: no reason; or a unit that is not accused, or is accused by what the text tells of it.
    """
    _check_version(case, items, clear.version)
    reason = _reason_of(clear, _NO_REASON)
    known = {one.department for one in case.cleared}
    new = [DepartmentCode(code) for code in dict.fromkeys(clear.departments) if code not in known]
    for code in new:
        _check_unit(case, code)
    return tuple(Clearance(department=code, reason=reason, decided_by=by, at=now) for code in new)


def taken_back(
    case: RoutingCase, items: Sequence[Item], back: Clear
) -> tuple[tuple[DepartmentCode, ...], str]:
    """The units that are cleared no more, and the reason; none where all of them were taken back already.

    Raises:
        ActionNotAllowed: the case has ended.
        StaleVersion: it changed since.
        BadInput: no reason; or nobody cleared one of the units.
    """
    _check_version(case, items, back.version)
    reason = _reason_of(back, _WHY_BACK)
    known = {one.department for one in case.cleared}
    named = [DepartmentCode(code) for code in dict.fromkeys(back.departments)]
    if not {*named} <= known | {*case.only_named}:
        raise named_wrong("departments", *_NOT_CLEARED)
    return tuple(code for code in named if code in known), reason


def gave_it(case: RoutingCase, units: Sequence[DepartmentCode], now: datetime) -> bool:
    """Whether one of these has the case, leading or beside another, or would have it again by what may be undone.

    Nobody but dispatchers gives a protected case to anybody, so that no other department has it.
    """
    had = {case.lead, *case.supporting, *(part.department for part in case.parts)}
    before = case.before_move
    if before is not None and (before.asked is not None or now < before.at + UNDO_WITHIN):
        had |= {before.lead, *before.supporting, *(part.department for part in before.parts)}
    return case.state == "routed" and not had.isdisjoint(units)


def _reason_of(clear: Clear, missing: tuple[str, str]) -> str:
    reason = for_department(clear.reason.strip(), official=True)
    if not says_something(reason) or len(reason) < _SHORTEST_REASON:
        raise named_wrong("reason", *missing)
    return reason


def cleared(case: RoutingCase, new: Sequence[Clearance]) -> RoutingCase:
    """The case, which may reach these units now; who is above or below them stays as they are."""
    codes = {one.department for one in new}
    return replace(
        case,
        accused=tuple(code for code in case.accused if code not in codes),
        only_named=tuple(code for code in case.only_named if code not in codes),
        cleared=(*case.cleared, *new),
    )


def accused_again(
    case: RoutingCase, accused: Sequence[DepartmentCode], only_named: Sequence[DepartmentCode]
) -> RoutingCase:
    """The case after more was said, or found: it accuses these, too, and of `only_named` of them tells no deed.

    What was cleared is not cleared any more where it is named again.
    """
    every = {*case.accused, *accused}
    by_deed = ({*case.accused} - {*case.only_named}) | ({*accused} - {*only_named})
    still = tuple(one for one in case.cleared if one.department not in every)
    return replace(
        case,
        accused=tuple(sorted(every)),
        only_named=tuple(sorted(every - by_deed)),
        cleared=still,
        protected=True,
    )


def _check_version(case: RoutingCase, items: Sequence[Item], version: int) -> None:
    if case.state not in ("open", "routed"):
        raise ActionNotAllowed(state=case.state)
    known = {case.version, *(item.version for item in items if item.state == "open")}
    if version not in known:
        raise StaleVersion(current=max(known))


def _check_unit(case: RoutingCase, code: DepartmentCode) -> None:
    if code not in case.accused:
        raise named_wrong("departments", "该单位不在回避之列。", "The case may reach this unit already.")
    if code not in case.only_named:
        raise named_wrong("departments", *_BY_DEED)
