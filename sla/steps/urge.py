"""A supervisor urges (催办) a department, puts a case under supervision (督办), or calls back (回访)."""

from schemas.errors import ActionNotAllowed, BadInput, FieldError
from schemas.events.sla import CaseFollowedUp, CaseUrged
from schemas.ids import CaseId
from schemas.masking import for_department
from schemas.ports import Unit
from schemas.wording import says_something
from schemas.words import Clock
from sla.core.calendar import Calendar
from sla.core.kinds import Moment
from sla.core.lives import Happened
from sla.core.notices import urge_notice
from sla.core.rules import DeadlineRules
from sla.steps.begin import begin
from sla.store import cases, clocks, deeds


async def urge(
    unit: Unit,
    case_id: CaseId,
    *,
    by: str,
    rules: DeadlineRules,
    calendar: Calendar,
    note: str = "",
    supervised: bool = False,
) -> CaseUrged:
    """Tell the department, and whoever follows the case. Who supervises one has a time for it, too.

    Raises:
        NotFound: no such case.
        ActionNotAllowed: it has ended.
        BadInput: the note says nothing.
    """
    case = await cases.lock_case(unit.db, case_id)
    if case["closed_at"] is not None:
        raise ActionNotAllowed
    note = _said(note)
    await cases.note_urged(unit.db, case_id, supervised=supervised)
    what = "supervised" if supervised else "urged"
    entry = clocks.Entry(case_id, Clock.REPLY, unit.now, clocks.Detail(by=by, note=note))
    await clocks.write_history(unit.db, what, [entry])
    event = CaseUrged(
        case_id=case_id,
        version=case["version"],
        at=unit.now,
        by=by,
        note=note,
        supervised=supervised,
        department=case["lead"],
    )
    unit.emit(event)
    if event.department is not None:
        unit.emit(event, to=event.department)
        unit.notify(urge_notice(case_id, event.department, unit.now, supervised=supervised))
    if supervised:
        await begin(unit, Moment.SUPERVISED, [event], rules=rules, calendar=calendar)
    return event


async def follow_up(
    unit: Unit, case_id: CaseId, *, by: str, rules: DeadlineRules, calendar: Calendar, note: str = ""
) -> CaseFollowedUp:
    """Write down that the supervisor has called back, or has seen to the case.

    Raises:
        NotFound: no such case.
        BadInput: the note says nothing.
    """
    case = await cases.lock_case(unit.db, case_id)
    note = _said(note)
    event = CaseFollowedUp(case_id=case_id, version=case["version"], at=unit.now, by=by, note=note)
    entry = clocks.Entry(case_id, Clock.FOLLOW_UP, unit.now, clocks.Detail(by=by, note=note))
    await clocks.write_history(unit.db, "followed up", [entry])
    if case["closed_at"] is not None:
        await deeds.note(unit.db, Happened.CALLED, [deeds.Noted(case_id, unit.now)])
    await begin(unit, Moment.FOLLOWED_UP, [event], rules=rules, calendar=calendar)
    unit.emit(event)
    return event


def _said(note: str) -> str:
    """The note, which may be left out, as departments read it."""
    if note.strip() and not says_something(note):
        raise BadInput([FieldError("note", "不能只有标点或符号。", "Dots and signs alone say nothing.")])
    return for_department(note, official=True)
