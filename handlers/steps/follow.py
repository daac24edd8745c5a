"""What dispatchers, citizens, supervisors and the clocks say about cases that departments have."""

from collections.abc import Sequence

from handlers.core import verdicts
from handlers.steps.apply import apply, decide_each
from handlers.store import cases, opening
from schemas.events.handlers import CaseUpdated
from schemas.events.intake import CaseSupplemented, CaseWithdrawn, CitizenObjected, CitizenRated
from schemas.events.routing import CaseDeclined, CaseMerged, ReviewDecided
from schemas.events.sla import CaseUrged, DeadlineMissed, DeadlineSet
from schemas.ports import Unit


async def decide_reviews(unit: Unit, events: Sequence[ReviewDecided]) -> None:
    """A dispatcher decided on a return, an extension or a reply."""
    await decide_each(unit, events, verdicts.decide_review)


async def decline_cases(unit: Unit, events: Sequence[CaseDeclined]) -> None:
    """Not for the city to handle; a case that never was opened here ends without us."""
    await decide_each(unit, events, verdicts.decline)


async def merge_cases(unit: Unit, events: Sequence[CaseMerged]) -> None:
    """Handled together with another case; one that never was opened here ends without us."""
    await decide_each(unit, events, verdicts.merge)


async def withdraw_cases(unit: Unit, events: Sequence[CaseWithdrawn]) -> None:
    """The citizen takes the case back; where it is not here yet, it will open as withdrawn."""
    case_ids = [event.case_id for event in events]
    known = await cases.lock_cases(unit.db, case_ids)
    if len(known) < len(events):
        await opening.await_openings(unit.db)
        known = await cases.lock_cases(unit.db, case_ids)
        early = [event for event in events if event.case_id not in known]
        await opening.remember_withdrawals(unit.db, early)
    decided = [verdicts.withdraw(known[e.case_id], e, unit.now) for e in events if e.case_id in known]
    await apply(unit, decided)


async def supplement_cases(unit: Unit, events: Sequence[CaseSupplemented]) -> None:
    """The citizen added something: kept, even if the case is still to come, and told to its departments."""
    await cases.add_supplements(unit.db, events)
    known = await cases.lock_cases(unit.db, [event.case_id for event in events])
    for event in events:
        case = known.get(event.case_id)
        if case is None:
            continue
        news = CaseUpdated(
            case_id=case.case_id,
            version=case.version,
            at=unit.now,
            state=case.state,
            what=event.name,
            text=event.text,
        )
        for department in (case.lead, *case.supporting):
            unit.emit(news, to=department)


async def remember_ratings(unit: Unit, events: Sequence[CitizenRated]) -> None:
    """The citizen rated the answer."""
    await decide_each(unit, events, verdicts.rate)


async def reopen_cases(unit: Unit, events: Sequence[CitizenObjected]) -> None:
    """The citizen is not satisfied: once more, if this is the first time."""
    await decide_each(unit, events, verdicts.reopen)


async def set_deadlines(unit: Unit, events: Sequence[DeadlineSet]) -> None:
    """By when the department must reply; why that moved later on is on the log."""
    await cases.set_deadlines(unit.db, events)
    moved = [event for event in events if event.cause != "assigned"]
    if moved:
        await decide_each(unit, moved, verdicts.move_deadline)


async def miss_deadlines(unit: Unit, events: Sequence[DeadlineMissed]) -> None:
    """Too late: a fact about the reply; about signing, silence that counts as signed."""
    await decide_each(unit, events, verdicts.miss)


async def count_urgings(unit: Unit, events: Sequence[CaseUrged]) -> None:
    """A supervisor urged, or supervises; sla has told the department."""
    await decide_each(unit, events, verdicts.urge)
