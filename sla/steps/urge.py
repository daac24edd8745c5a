"""A supervisor urges (催办) a department, or puts a case under supervision (督办)."""

from schemas.errors import ActionNotAllowed
from schemas.events.sla import CaseUrged
from schemas.ids import CaseId
from schemas.masking import for_department
from schemas.ports import Unit
from schemas.words import Clock
from sla.store import cases, clocks


async def urge(
    unit: Unit, case_id: CaseId, *, by: str, note: str = "", supervised: bool = False
) -> CaseUrged:
    """Tell the department, and whoever follows the case.

    Raises:
        NotFound: no such case.
        ActionNotAllowed: it has ended.
    """
    case = await cases.lock_case(unit.db, case_id)
    if case["closed_at"] is not None:
        raise ActionNotAllowed
    note = for_department(note, official=True)
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
    return event
