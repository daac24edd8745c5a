"""Danger that a citizen tells of later: the case becomes as urgent as if the message had said so."""

from collections.abc import Container, Mapping, Sequence

from msgspec.structs import replace

from routing.core.decisions.review import RoutingCase
from routing.core.doubts import Doubt
from routing.core.notices import alarm_notice
from routing.steps import merging
from routing.steps.judging import SupplementWords
from routing.steps.say_again import say_waiting_again
from routing.store import cases, said_since, told
from routing.store.told import DispatcherSaid
from schemas.ids import CaseId
from schemas.notices import words_mark
from schemas.ports import Unit
from schemas.words import more_pressing


async def raise_cases(
    unit: Unit, heard: Sequence[SupplementWords], *, with_words: Container[CaseId] = ()
) -> set[CaseId]:
    """Tell dispatchers at once of words that tell of danger, whichever department has the case; returns these cases.

    One that waits for them stands where such cases stand, and takes the second yes that they take; one that was merged is
    decided on alone. Of one that a department has `supplement.judged` tells it the same. Deadlines that have begun stay.
    Until somebody has looked the queue's page lists it. `with_words`: those to which the words were added before.
    """
    alarming = {each.event.case_id: each for each in heard if each.judged.danger.is_alarm}
    if not alarming:
        return set()
    known = await cases.lock_cases(unit.db, list(alarming))
    merged = [
        (case, alarming[case.case_id].words, max(case.version, alarming[case.case_id].event.version))
        for case in known.values()
        if case.state == "merged"
    ]
    alone = {case.case_id: case for case in await merging.take_out(unit, merged)}
    raised = [_raised(alone.get(case.case_id, case), alarming) for case in known.values()]
    await said_since.keep_danger(unit.db, {case.case_id: case.urgency for case in raised}, unit.now)
    became = {case.case_id for case in raised if case.urgency is not known[case.case_id].urgency}
    await said_since.note_pressing(unit.db, became, unit.now)
    await said_since.forget_less(unit.db, {case.case_id: case.urgency for case in raised})
    said = [alarming[case.case_id] for case in raised if case.case_id not in with_words]
    words = [cases.WordsSince(each.event.case_id, each.words, each.files) for each in said]
    await cases.add_words(unit.db, words)
    await _ask_for_a_look(unit, [alarming[case.case_id] for case in raised if case.state == "open"])
    for case in raised:
        each = alarming[case.case_id]
        mark = words_mark(each.judged.danger.urgency, each.event.version, each.words)
        unit.notify(alarm_notice(case, mark, unit.now))
    return {case.case_id for case in raised}


async def look_at_danger(unit: Unit, case_id: CaseId, seen: int, by: str) -> None:
    """A dispatcher has read what its citizen told of danger since, so often by then: the queue lists it no more.

    Who has looked, and when, is kept for good.
    """
    if await said_since.note_seen(unit.db, case_id, seen):
        looked = DispatcherSaid(case_id=case_id, version=seen, what="looked", at=unit.now, by=by, words="")
        await told.keep(unit, looked)


async def _ask_for_a_look(unit: Unit, told: Sequence[SupplementWords]) -> None:
    """Whoever decides reads what it sounds like, and has the time that it leaves."""
    hinted = [(each.event.case_id, each.judged.danger.sounds) for each in told if each.judged.danger.waits]
    await said_since.note_sounds(unit.db, Doubt.SOUNDS_DANGEROUS, "sounds_dangerous", hinted)
    await say_waiting_again(unit, [each.event.case_id for each in told])


def _raised(case: RoutingCase, alarming: Mapping[CaseId, SupplementWords]) -> RoutingCase:
    """As pressing as the words; a case that has ended stays as it was."""
    if case.state not in ("open", "routed") or case.response is not None:
        return case
    return replace(case, urgency=more_pressing(case.urgency, alarming[case.case_id].judged.danger.urgency))
