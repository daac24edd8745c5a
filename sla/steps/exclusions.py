"""Exclusions (不纳入考核): a department asks, somebody outside it decides, and another one decides an appeal (考核申诉)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, NamedTuple
from uuid import UUID

from msgspec.structs import replace

from schemas.errors import NotFound, StaleVersion
from schemas.events.exclusions import ExclusionMoved
from schemas.http import Principal
from schemas.ids import CaseId, DepartmentCode
from schemas.masking import for_department
from schemas.paging import cursor_of, page_of, read_cursor
from schemas.ports import CaseReaders, Unit
from sla.core.calendar import Calendar
from sla.core.exclusions import (
    WAITING,
    Deed,
    Excludable,
    Exclusion,
    ExclusionAsk,
    ExclusionRefused,
    ExclusionState,
    ExclusionStep,
    StandsInNoFigure,
    What,
    check_words,
    checked,
    exclusion_rule,
    figures_of,
    next_state,
    to_seal,
    who_may_not,
    why_not,
)
from sla.core.notices import exclusion_notice, overdue_exclusion_notice
from sla.store import cases
from sla.store import exclusions as store
from sla.store.reconciling import in_numbers

#: Told in one look of the sweeper (project choice: more than a day brings).
_AT_ONCE = 500


class OwnExclusions(NamedTuple):
    """What a department asked about a case, whether it may ask now, until when, or why not."""

    tracking_code: str | None
    items: Sequence[Exclusion]
    until: datetime | None
    refusal: ExclusionRefused | None


class _Asked(NamedTuple):
    version: int
    tracking_code: str | None
    facts: Excludable


async def _of_department(
    unit: Unit, case_id: CaseId, department: DepartmentCode, readers: CaseReaders
) -> _Asked:
    """The case, held until the unit ends, for a department that has it, or led it once.

    Raises:
        NotFound: it is none of theirs, or became private since they had it.
    """
    case = await cases.lock_case(unit.db, case_id)
    is_led = department in case["leads"]
    if not await readers.has(unit, case_id, department) and (case["private"] or not is_led):
        raise NotFound
    facts = Excludable(
        closed_at=case["closed_at"], outcome=case["outcome"], private=case["private"], is_led=is_led,
        counted_at=await store.counted_at(unit.db, case_id),
    )  # fmt: skip
    return _Asked(case["version"], case["tracking_code"], facts)


async def read_own(
    unit: Unit, who: Principal, case_id: CaseId, *, readers: CaseReaders, calendar: Calendar
) -> OwnExclusions:
    """What the caller's department asked about a case, and whether it may ask now.

    Raises:
        NotFound: the case is none of theirs.
    """
    department = who.own_department
    case = await _of_department(unit, case_id, department, readers)
    refusal = why_not(case.facts, unit.now, calendar)
    counted_at = case.facts.counted_at
    until = exclusion_rule().until("ask", counted_at, calendar) if counted_at and refusal is None else None
    return OwnExclusions(case.tracking_code, await _own(unit, case_id, department), until, refusal)


async def _own(unit: Unit, case_id: CaseId, department: DepartmentCode) -> list[Exclusion]:
    return [each for each in await store.of_case(unit.db, case_id) if each.department == department]


async def ask(
    unit: Unit,
    who: Principal,
    case_id: CaseId,
    asked: ExclusionAsk,
    *,
    readers: CaseReaders,
    calendar: Calendar,
) -> Exclusion:
    """Ask that a case be left out of figures of the caller's department; the same sent twice is one request.

    Raises:
        NotFound: the case is none of theirs.
        ExclusionRefused: nobody may ask about it, or not any more.
        BadInput: what is wrong, field by field.
    """
    department = who.own_department
    case = await _of_department(unit, case_id, department, readers)
    if (refusal := why_not(case.facts, unit.now, calendar)) is not None:
        raise refusal
    every = await store.of_case(unit.db, case_id)
    own = [each for each in every if each.department == department and each.is_current]
    text = for_department(asked.text.strip(), official=True)
    step = ExclusionStep(at=unit.now, by=who.name, what="asked", text=text)
    for each in own:
        is_same = (each.reason, set(each.figures), each.steps[-1].text) == (
            asked.reason,
            set(figures_of(asked)),
            text,
        )
        if is_same and each.state is ExclusionState.OPEN:
            return each
    exclusion = Exclusion(
        case_id=case_id, number=len(every) + 1, department=department, figures=checked(asked, own),
        reason=asked.reason, state=ExclusionState.OPEN, closed_at=_known(case.facts.closed_at), since=unit.now,
        until=exclusion_rule().until("decide", unit.now, calendar), steps=(step,), tracking_code=case.tracking_code,
    )  # fmt: skip
    await _keep(unit, exclusion, case.version)
    return exclusion


def _known(moment: datetime | None) -> datetime:
    if moment is None:
        raise NotFound
    return moment


async def appeal(
    unit: Unit,
    who: Principal,
    case_id: CaseId,
    number: int,
    text: str,
    *,
    readers: CaseReaders,
    calendar: Calendar,
) -> Exclusion:
    """Appeal against a refusal, once (考核申诉); the same sent twice is one.

    Raises:
        NotFound: it is none of theirs.
        ExclusionRefused: there is nothing to appeal against, or not any more.
        BadInput: it says nothing.
    """
    version, found = await _held_own(unit, who, case_id, number, readers)
    check_words(text)
    said = for_department(text.strip(), official=True)
    if _was(found, "appealed", who.name, said):
        return found
    next_state(found, "appeal")
    if found.until is not None and unit.now > found.until:
        raise ExclusionRefused(zh="已超过申诉期限。", en="The time to appeal is over.")
    until = exclusion_rule().until("decide", unit.now, calendar)
    return await _move(unit, found, version, "appeal", "appealed", who.name, said, until)


async def take_back(
    unit: Unit, who: Principal, case_id: CaseId, number: int, *, readers: CaseReaders
) -> Exclusion:
    """The department takes its request back, whether it was decided or not: the case stands in its figures again.

    Raises:
        NotFound: it is none of theirs.
        ExclusionRefused: there is nothing to take back.
    """
    version, found = await _held_own(unit, who, case_id, number, readers)
    if found.state is ExclusionState.WITHDRAWN:
        return found
    return await _move(unit, found, version, "take_back", "withdrawn", who.name, "", None)


async def _held_own(
    unit: Unit, who: Principal, case_id: CaseId, number: int, readers: CaseReaders
) -> tuple[int, Exclusion]:
    department = who.own_department
    case = await _of_department(unit, case_id, department, readers)
    if case.facts.private:
        raise StandsInNoFigure
    for each in await _own(unit, case_id, department):
        if each.number == number:
            return case.version, each
    raise ExclusionRefused(zh="没有这项申请。", en="There is no such request.")


async def judge(
    unit: Unit,
    who: Principal,
    case_id: CaseId,
    number: int,
    decision: Literal["grant", "refuse", "revoke"],
    text: str,
    *,
    version: int,
    calendar: Calendar,
) -> Exclusion:
    """Decide on a request, on an appeal, or take back what was granted; `version`: the steps that the caller saw.

    The same sent twice is one.

    Raises:
        NotFound: no such request, or of a case that stands in no figure any more.
        ExclusionRefused: as it stands it cannot be decided so, or by another one.
        StaleVersion: something was done to it since.
        BadInput: no reason is given.
    """
    case, found = await _held(unit, case_id, number)
    check_words(text)
    said = for_department(text.strip(), official=True)
    what = _said(found, decision)
    if found.version == version + 1 and _was(found, what, who.name, said):
        return found
    if found.version != version:
        raise StaleVersion(current=found.version)
    state = next_state(found, decision)
    if (refusal := who_may_not(found, who.name, who.department)) is not None:
        raise refusal
    until = exclusion_rule().until("appeal", unit.now, calendar) if state is ExclusionState.REFUSED else None
    return await _move(unit, found, case, decision, what, who.name, said, until)


def _said(found: Exclusion, decision: Literal["grant", "refuse", "revoke"]) -> What:
    if decision != "refuse":
        return "granted" if decision == "grant" else "revoked"
    return "upheld" if any(each.what == "appealed" for each in found.steps) else "refused"


async def _held(unit: Unit, case_id: CaseId, number: int) -> tuple[int, Exclusion]:
    case = await cases.lock_case(unit.db, case_id)
    for each in await store.of_case(unit.db, case_id):
        if each.number == number and not case["private"]:
            return case["version"], each
    raise NotFound


def _was(found: Exclusion, what: What, name: str, text: str) -> bool:
    """Whether this is the last thing that was done to it, by the same person in the same words."""
    last = found.steps[-1]
    return (last.what, last.by, last.text) == (what, name, text)


async def _move(
    unit: Unit,
    found: Exclusion,
    version: int,
    deed: Deed,
    what: What,
    by: str,
    text: str,
    until: datetime | None,
) -> Exclusion:
    step = ExclusionStep(at=unit.now, by=by, what=what, text=text)
    state = next_state(found, deed)
    moved = replace(found, state=state, since=unit.now, until=until, steps=(*found.steps, step))
    await _keep(unit, moved, version, is_told=ExclusionState.GRANTED in (found.state, state))
    return moved


async def _keep(unit: Unit, exclusion: Exclusion, version: int, *, is_told: bool = False) -> None:
    """Save and emit the exclusion, and tell those who must act or who wait for it. `is_told`: the figures change with it."""
    await store.save(unit.db, exclusion, told_at=unit.now if is_told else None)
    last, step = exclusion.steps[-1], exclusion.version
    unit.emit(
        ExclusionMoved(
            case_id=exclusion.case_id, version=version, at=unit.now, number=exclusion.number, step=step,
            what=last.what, by=last.by, department=exclusion.department, figures=exclusion.figures,
            reason=exclusion.reason, sealed=unit.seal(to_seal(exclusion, step)).hex(),
        )
    )  # fmt: skip
    if last.what != "withdrawn":
        is_decided = exclusion.state not in WAITING
        unit.notify(
            exclusion_notice(
                exclusion.case_id, exclusion.department, unit.now, number=exclusion.number, step=step,
                is_decided=is_decided,
            )
        )  # fmt: skip


async def waits_for_decision(unit: Unit, case_id: CaseId, number: int, step: int) -> bool:
    """Whether that request waits for a supervisor as it did with this step, of a case that stands in figures."""
    return any(
        (each.number, each.version) == (number, step) and each.state in WAITING and each.is_current
        for each in await _counted(unit, case_id)
    )


async def concerns(unit: Unit, case_id: CaseId, number: int, department: DepartmentCode | None) -> bool:
    """Whether that is this department's request, of a case that stands in figures; another may have the case by now."""
    return any(
        (each.number, each.department) == (number, department) for each in await _counted(unit, case_id)
    )


async def _counted(unit: Unit, case_id: CaseId) -> Sequence[Exclusion]:
    """Every request about the case; none where it stands in no figure."""
    return await store.of_case(unit.db, case_id) if await in_numbers(unit.db, [case_id]) else ()


async def tell_overdue(unit: Unit) -> int:
    """Tell the supervisors of each request, and each appeal, that was not decided in time, once; of how many."""
    late = await store.note_overdue(unit.db, unit.now, _AT_ONCE)
    for each in late:
        unit.notify(
            overdue_exclusion_notice(
                each.case_id, unit.now, number=each.number, step=each.step, until=each.until
            )
        )
    return len(late)


async def list_waiting(
    unit: Unit, *, cursor: str | None, limit: int
) -> tuple[Sequence[Exclusion], str | None]:
    """What waits for a decision, the longest first, and where the next page begins.

    Raises:
        BadInput: a cursor that is not ours.
    """
    return _page(await store.waiting(unit.db, _place(cursor), limit + 1), limit)


async def list_latest(
    unit: Unit, department: DepartmentCode | None, *, cursor: str | None, limit: int
) -> tuple[Sequence[Exclusion], str | None]:
    """A department's own, or (None) what was decided of all, the latest first, and where the next page begins.

    Raises:
        BadInput: a cursor that is not ours.
    """
    return _page(await store.latest(unit.db, department, _place(cursor), limit + 1), limit)


async def read_all(unit: Unit, case_id: CaseId) -> Sequence[Exclusion]:
    """Every request about one case, the first first; none of one that stands in no figure.

    Raises:
        NotFound: there is none.
    """
    case = await cases.lock_case(unit.db, case_id)
    found = await store.of_case(unit.db, case_id)
    if case["private"] or not found:
        raise NotFound
    return found


def _place(cursor: str | None) -> store.Place | None:
    if cursor is None:
        return None
    since, case_id, number = read_cursor(cursor, tuple[datetime, UUID, int])
    return since, CaseId(str(case_id)), number


def _page(found: Sequence[Exclusion], limit: int) -> tuple[Sequence[Exclusion], str | None]:
    page, last = page_of(found, limit)
    return page, cursor_of(last.since, last.case_id, last.number) if last else None
