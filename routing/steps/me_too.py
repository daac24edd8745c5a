"""Me too (我也遇到): a message that says no more than that it is the same is merged at once, and has the answer with it."""

from collections.abc import Sequence

from msgspec.structs import replace

from routing.core.classify import Classification
from routing.core.decisions.review import RoutingCase
from routing.core.me_too import may_join, says_no_more
from routing.steps import announcements, merging
from routing.store import cases
from schemas.events.intake import CaseRegistered
from schemas.ids import CaseId
from schemas.ports import Unit


async def join(unit: Unit, pairs: Sequence[tuple[CaseRegistered, Classification]]) -> set[CaseId]:
    """Merge those of these new cases that may be, into the matters that they name; which these are."""
    named = {event.case_id: event.me_too for event, _ in pairs if event.me_too is not None}
    if not named:
        return set()
    await cases.note_me_too(unit.db, list(named))
    plain = [event.case_id for event, opinion in pairs if says_no_more(event, opinion)]
    locked = await cases.lock_cases(unit.db, [*plain, *(named[each].case_id for each in plain)])
    joined = [
        (locked[each], locked[named[each].case_id])
        for each in plain
        if may_join(locked.get(named[each].case_id))
    ]
    await _merge(unit, joined)
    return {case.case_id for case, _ in joined}


async def _merge(unit: Unit, joined: Sequence[tuple[RoutingCase, RoutingCase]]) -> None:
    pairs = [
        (replace(case, state="merged", merged_into=target.case_id, decided_by=None), target)
        for case, target in joined
    ]
    if pairs:
        await cases.move(unit.db, [case for case, _ in pairs])
    for case, target in pairs:
        unit.emit(announcements.merged(unit, case, target.case_id, ""))
    await merging.give_answers(unit, [pair for pair in pairs if pair[1].response is not None])
