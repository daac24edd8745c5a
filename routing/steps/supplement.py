"""Judges additions and objections like a message: for accusations and for danger."""

from collections.abc import Container, Sequence

from routing.core.decisions.review import Item, RoutingCase
from routing.core.doubts import Doubt, raised
from routing.core.rules import RoutingRules
from routing.steps import handle_events, merging
from routing.steps.danger_since import raise_cases
from routing.steps.judging import (
    AdditionVerdict,
    SupplementWords,
    accusing,
    addition,
    names_of,
    passed_on,
)
from routing.store import cases, items, said_since
from schemas.events.handlers import CaseProtected, CaseReopened, RequestDropped
from schemas.events.intake import CaseSupplemented, RefusalObjected
from schemas.events.routing import CaseShielded, ReviewRequested
from schemas.ids import CaseId
from schemas.ports import Unit
from schemas.simplified import as_read
from schemas.words import CaseState, ReviewKind, Saying


def judge_supplements(rules: RoutingRules, events: Sequence[CaseSupplemented]) -> list[AdditionVerdict]:
    """What each supplement means; pure, for running beside the event loop."""
    return [
        addition(rules, event.simplified or event.text, as_read(names_of(event.attachments)))
        for event in events
    ]


async def supplement_cases(
    rules: RoutingRules, unit: Unit, events: Sequence[CaseSupplemented], additions: Sequence[AdditionVerdict]
) -> None:
    """Add what citizens wrote to cases that a dispatcher still has, and protect the cases in which they accuse somebody.

    Where a department has such a case already, it goes back to a dispatcher: a review of kind `dispatch` is requested
    again, which tells everybody whom the case may not reach any more, and no move of a department ends it. This also
    holds where the accused are not the ones who have it, or are not known: who they are is a person's decision.
    What was added reaches departments only after that, so that nobody reads of an accusation against themselves.
    """
    told = _told(events, additions)
    await _add_to_waiting(unit, told, await hear(rules, unit, told))
    for each in told:
        unit.emit(passed_on(unit, each, Saying.ADDITION))


async def handle_reopened(
    rules: RoutingRules, unit: Unit, events: Sequence[CaseReopened], additions: Sequence[AdditionVerdict]
) -> None:
    """There is no answer any more; a case whose citizen accuses somebody in the objection leaves its departments.

    As with a supplement they read its words only after that.
    """
    await handle_events.reopen(unit, events)
    told = _told(events, additions)
    await hear(rules, unit, told)
    for each in told:
        unit.emit(passed_on(unit, each, Saying.OBJECTION))


async def handle_dropped(
    rules: RoutingRules, unit: Unit, events: Sequence[RequestDropped], additions: Sequence[AdditionVerdict]
) -> None:
    """Who decided what was not done is told; what a citizen wrote, of an objection that reopens nothing, is judged."""
    await handle_events.handle_dropped(unit, events)
    await handle_late_objections(rules, unit, events, additions)


async def handle_late_objections(
    rules: RoutingRules,
    unit: Unit,
    events: Sequence[RequestDropped | RefusalObjected],
    additions: Sequence[AdditionVerdict],
) -> None:
    """Objections that reopen nothing are words like any others: judged, and read by departments only then.

    Where a dispatcher has the case, who answered it directly having been corrected meanwhile, they stand beside it.
    """
    pairs = zip(events, additions, strict=True)
    told = [SupplementWords(event, judged, event.reason) for event, judged in pairs if event.reason]
    await _add_to_waiting(unit, told, await hear(rules, unit, told))
    for each in told:
        at = each.event.asked_at if isinstance(each.event, RequestDropped) else None
        unit.emit(passed_on(unit, each, Saying.OBJECTION, at=at))


async def _add_to_waiting(unit: Unit, told: Sequence[SupplementWords], added: Container[CaseId]) -> None:
    """Add the words to what waits for a decision on the case, unless they were `added` already."""
    others = [each for each in told if each.event.case_id not in added]
    words = [cases.WordsSince(each.event.case_id, each.words, each.files) for each in others]
    await cases.add_words(unit.db, words, only_waiting=True)


async def hear(rules: RoutingRules, unit: Unit, told: Sequence[SupplementWords]) -> Container[CaseId]:
    """Take the case from units that the words accuse, and tell its department of danger; returns both."""
    protected = await protect(rules, unit, told)
    return protected | await raise_cases(unit, told, with_words=protected)


def _told(
    events: Sequence[CaseSupplemented] | Sequence[CaseReopened], additions: Sequence[AdditionVerdict]
) -> list[SupplementWords]:
    told: list[SupplementWords] = []
    for event, judged in zip(events, additions, strict=True):
        if isinstance(event, CaseReopened):
            told.append(SupplementWords(event, judged, event.reason))
        elif isinstance(event, CaseSupplemented):
            told.append(SupplementWords(event, judged, event.text, event.attachments))
    return told


async def protect(rules: RoutingRules, unit: Unit, told: Sequence[SupplementWords]) -> set[CaseId]:
    """Cases in which somebody is accused leave their departments, and a dispatcher reads the words; which these are.

    One that was merged is decided on alone: it may not wait for an answer that others read.
    """
    locked = await cases.lock_cases(unit.db, [each.event.case_id for each in told])
    changed: list[tuple[RoutingCase, SupplementWords]] = []
    for each in told:
        case = locked.get(each.event.case_id)
        after = accusing(rules, case, each.judged) if case else None
        if after is not None:
            changed.append((after, each))
    if changed:
        await cases.protect_cases(unit.db, [case for case, _ in changed])
        await cases.add_words(unit.db, [_words(*pair) for pair in changed])
        await ask_again(unit, [(case, one.event.version) for case, one in changed if case.state == "routed"])
        for case, _ in changed:
            if case.state != "routed" and not locked[case.case_id].is_private:
                unit.emit(CaseShielded(case_id=case.case_id, version=case.version, at=unit.now))
        await said_since.note_sounds(unit.db, Doubt.SOUNDS, "sounds", _sounding(rules, changed))
        # Nobody but its own citizen may read its answer from now on.
        await merging.bring_back(unit, [case.case_id for case, _ in changed], "protected")
        taken = [(case, one.words, case.version) for case, one in changed if case.state == "merged"]
        await merging.take_out(unit, taken)
    return {case.case_id for case, _ in changed}


def _sounding(
    rules: RoutingRules, changed: Sequence[tuple[RoutingCase, SupplementWords]]
) -> list[tuple[CaseId, Sequence[str]]]:
    """Of each case in which no rule found a deed: by which weights these words sound like one, and which words."""
    version = rules.accusations.weights.version
    return [
        (case.case_id, (version, told.judged.alone.sounds))
        for case, told in changed
        if told.judged.alone.sounds
    ]


def _words(case: RoutingCase, told: SupplementWords) -> cases.WordsSince:
    return cases.WordsSince(case.case_id, told.words, told.files)


async def ask_again(unit: Unit, changed: Sequence[tuple[RoutingCase, int]]) -> None:
    """One dispatch waits for each; where one does already, it is told again with whom the case accuses now.

    Beside each: the version of it that was spoken of.
    """
    every = await items.lock_items(unit.db, [case.case_id for case, _ in changed])
    asked = [(case, _item(unit, case, version, every[case.case_id])) for case, version in changed]
    await items.open_items(unit.db, [item for _, item in asked], unit.now)
    for case, item in asked:
        unit.emit(_review(unit, case, item))


async def review_withheld(unit: Unit, events: Sequence[CaseProtected]) -> None:
    """No department has these cases any more: what they asked for, or answered, is void, and a dispatch waits for each.

    It does already, but where the case was closed between the accusation and what handlers made of it.
    """
    await items.supersede(unit.db, {event.case_id: event.version for event in events}, unit.now)
    await cases.keep_responses(unit.db, dict.fromkeys((event.case_id for event in events), None), {})
    waiting = [event for event in events if event.state is CaseState.IN_REVIEW]
    locked = await cases.lock_cases(unit.db, [event.case_id for event in waiting])
    every = await items.lock_items(unit.db, [event.case_id for event in waiting])
    missing = [
        _new_item(unit, locked[event.case_id], event.version)
        for event in waiting
        if event.case_id in locked and _open_dispatch(every[event.case_id]) is None
    ]
    await items.open_items(unit.db, missing, unit.now)


def _item(unit: Unit, case: RoutingCase, version: int, earlier: Sequence[Item]) -> Item:
    """The open question about the case; or else a new one, at the newest version that any event named."""
    newest = max(case.version, version, *(item.version for item in earlier))
    return _open_dispatch(earlier) or _new_item(unit, case, newest)


def _open_dispatch(items_of_case: Sequence[Item]) -> Item | None:
    dispatches = (item for item in items_of_case if item.kind is ReviewKind.DISPATCH and item.state == "open")
    return next(dispatches, None)


def _new_item(unit: Unit, case: RoutingCase, version: int) -> Item:
    doubt = Doubt.ACCUSED if case.accused else Doubt.ACCUSED_UNKNOWN
    return Item(
        case_id=case.case_id,
        kind=ReviewKind.DISPATCH,
        version=version,
        opened_at=unit.now,
        detail={"doubts": [doubt], "accused": case.accused},
    )


def _review(unit: Unit, case: RoutingCase, item: Item) -> ReviewRequested:
    return ReviewRequested(
        case_id=case.case_id,
        version=item.version,
        at=unit.now,
        kind=item.kind,
        state=CaseState.IN_REVIEW,
        doubts=raised(item.detail, case.accused, case.probability),
        accused=case.accused,
        protected=True,
    )
