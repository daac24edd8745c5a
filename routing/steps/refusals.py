"""Citizens object to a refusal (不予受理), a direct answer (直接答复) or another case's answer: a dispatcher decides."""

from collections.abc import Sequence

from routing.core.decisions.refusals import CALLED_BACK, objections_of
from routing.core.decisions.review import RoutingCase
from routing.core.rules import RoutingRules
from routing.steps import merging
from routing.steps.danger_since import raise_cases
from routing.steps.judging import AdditionVerdict, SupplementWords, accusing
from routing.steps.reopening import open_again
from routing.steps.supplement import handle_late_objections, hear
from routing.store import cases, items
from schemas.events.call_backs import CallBackDone
from schemas.events.intake import CitizenObjected, RefusalObjected
from schemas.events.routing import CaseShielded
from schemas.ports import Unit


async def handle_objections(
    rules: RoutingRules, unit: Unit, events: Sequence[RefusalObjected], additions: Sequence[AdditionVerdict]
) -> None:
    """Each case that was declined or answered directly waits for a decision again; any other objection is read.

    Whom the objection accuses the case may not reach from then on.
    """
    late: list[tuple[RefusalObjected, AdditionVerdict]] = []
    locked = await cases.lock_cases(unit.db, [event.case_id for event in events])
    every = await items.lock_items(unit.db, [event.case_id for event in events])
    for event, judged in zip(events, additions, strict=True):
        case = locked.get(event.case_id)
        before = objections_of(every[event.case_id])
        if case is not None and case.state in ("declined", "answered") and not before:
            after = accusing(rules, case, judged)
            if after is not None:
                await cases.protect_cases(unit.db, [after])
                await merging.bring_back(unit, [case.case_id], "protected")
            await open_again(unit, after or case, event.version, {"reason": event.reason})
            await raise_cases(unit, [SupplementWords(event, judged, event.reason)])
        elif case is not None:
            late.append((event, judged))
    await handle_late_objections(rules, unit, [event for event, _ in late], [judged for _, judged in late])


async def handle_call_backs(
    rules: RoutingRules, unit: Unit, events: Sequence[CallBackDone], additions: Sequence[AdditionVerdict]
) -> None:
    """A direct answer that settled nothing, as its citizen said when called back, waits for another dispatcher.

    Of what is done anew by a department the words are judged once it is reopened; of all else at once, as of ratings.
    """
    pairs = zip(events, additions, strict=True)
    told = [
        SupplementWords(event, judged, event.note) for event, judged in pairs if event.note and not event.redo
    ]
    await hear(rules, unit, told)
    locked = await cases.lock_cases(unit.db, [event.case_id for event in events if event.redo])
    for event, judged in zip(events, additions, strict=True):
        case = locked.get(event.case_id)
        if case is None or case.state != "answered":
            continue
        after = accusing(rules, case, judged)
        if after is not None:
            await cases.protect_cases(unit.db, [after])
            await merging.bring_back(unit, [case.case_id], "protected")
        await open_again(unit, after or case, event.version, {"reason": event.note, CALLED_BACK: True})
        await raise_cases(unit, [SupplementWords(event, judged, event.note)])


async def handle_merged_objections(
    rules: RoutingRules, unit: Unit, events: Sequence[CitizenObjected], additions: Sequence[AdditionVerdict]
) -> None:
    """The citizen of a merged case says that the other one's answer does not settle theirs: it is decided on alone.

    Whom the objection accuses the case may not reach from then on. Of other cases that is judged when they are reopened.
    """
    locked = await cases.lock_cases(unit.db, [event.case_id for event in events])
    pairs = [
        (locked[event.case_id], SupplementWords(event, judged, event.reason))
        for event, judged in zip(events, additions, strict=True)
        if event.case_id in locked and locked[event.case_id].state == "merged"
    ]
    back: list[tuple[RoutingCase, str, int]] = []
    for case, told in pairs:
        after = accusing(rules, case, told.judged)
        if after is not None:
            await cases.protect_cases(unit.db, [after])
            if not case.is_private:
                unit.emit(CaseShielded(case_id=after.case_id, version=after.version, at=unit.now))
        back.append((after or case, told.words, max(case.version, told.event.version)))
    await merging.take_out(unit, back)
    await raise_cases(unit, [told for _, told in pairs])
