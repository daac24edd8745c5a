"""What citizens add to their cases, and why they object to an answer: judged like a message for whom it accuses."""

from collections.abc import Sequence

from routing.core.doubts import Doubt, raised
from routing.core.reply_check import simplified
from routing.core.review import Item, RoutingCase
from routing.core.rules import RoutingRules
from routing.steps import follow, merging
from routing.steps.judging import Addition, accusing, addition, names_of
from routing.store import cases, items
from schemas.events.handlers import CaseProtected, CaseReopened
from schemas.events.intake import CaseSupplemented, CitizenRated
from schemas.events.routing import ReviewRequested, SupplementJudged
from schemas.ports import Unit
from schemas.words import CaseState, ReviewKind

Said = CaseSupplemented | CaseReopened | CitizenRated


def judge_supplements(rules: RoutingRules, events: Sequence[CaseSupplemented]) -> list[Addition]:
    """Whom each supplement accuses; pure, for running beside the event loop."""
    return [addition(rules, _read(event)) for event in events]


def _read(event: CaseSupplemented) -> str:
    names = names_of(event.attachments)
    said = event.simplified or event.text
    return f"{said}\n{simplified(names)}" if names else said


async def supplement_cases(
    rules: RoutingRules, unit: Unit, events: Sequence[CaseSupplemented], additions: Sequence[Addition]
) -> None:
    """Add what citizens wrote to cases that a dispatcher still has, and protect the cases in which they accuse somebody.

    Where a department has such a case already, it goes back to a dispatcher: a review of kind `dispatch` is requested
    again, which tells everybody whom the case may not reach any more, and no move of a department ends it. This also
    holds where the accused are not the ones who have it, or are not known: who they are is a person's decision.
    What was added reaches departments only after that, so that nobody reads of an accusation against themselves.
    """
    await cases.supplement_cases(unit.db, events)
    await _protect(rules, unit, events, additions)
    for event in events:
        unit.emit(_judged(unit, event))


async def hear_reopened(
    rules: RoutingRules, unit: Unit, events: Sequence[CaseReopened], additions: Sequence[Addition]
) -> None:
    """There is no answer any more; a case whose citizen accuses somebody in the objection leaves its departments.

    As with a supplement they read its words only after that.
    """
    await follow.reopen(unit, events)
    await _protect(rules, unit, events, additions)
    for event in events:
        unit.emit(
            SupplementJudged(
                case_id=event.case_id, version=event.version, at=unit.now, text=event.reason,
                supplemented_at=event.at,
            )
        )  # fmt: skip


async def hear_ratings(
    rules: RoutingRules, unit: Unit, events: Sequence[CitizenRated], additions: Sequence[Addition]
) -> None:
    """What stands beside a rating is judged as a supplement is, and reaches departments only after that."""
    said = [pair for pair in zip(events, additions, strict=True) if pair[0].comment]
    await _protect(rules, unit, [event for event, _ in said], [judged for _, judged in said])
    for event, _ in said:
        unit.emit(
            SupplementJudged(
                case_id=event.case_id, version=event.version, at=unit.now, text=event.comment,
                supplemented_at=event.at,
            )
        )  # fmt: skip


async def _protect(
    rules: RoutingRules, unit: Unit, events: Sequence[Said], additions: Sequence[Addition]
) -> None:
    locked = await cases.lock_cases(unit.db, [event.case_id for event in events])
    changed: list[tuple[RoutingCase, Said]] = []
    for event, judged in zip(events, additions, strict=True):
        case = locked.get(event.case_id)
        after = accusing(rules, case, judged) if case else None
        if after is not None:
            changed.append((after, event))
    if changed:
        await cases.protect_cases(unit.db, [case for case, _ in changed])
        await _ask_again(unit, [pair for pair in changed if pair[0].state == "routed"])
        # Nobody but its own citizen may read its answer from now on.
        await merging.bring_back(unit, [case.case_id for case, _ in changed], "protected")


async def _ask_again(unit: Unit, changed: Sequence[tuple[RoutingCase, Said]]) -> None:
    """One dispatch waits for each; where one does already, it is told again with whom the case accuses now."""
    every = await items.lock_items(unit.db, [case.case_id for case, _ in changed])
    asked = [(case, _item(unit, case, event, every[case.case_id])) for case, event in changed]
    await items.open_items(unit.db, [item for _, item in asked], unit.now)
    for case, item in asked:
        unit.emit(_review(unit, case, item))


async def review_withheld(unit: Unit, events: Sequence[CaseProtected]) -> None:
    """No department has these cases any more: what they asked for is void, and a dispatch waits for each.

    It does already, but where the case was closed between the accusation and what handlers made of it.
    """
    await items.supersede(unit.db, {event.case_id: event.version for event in events}, unit.now)
    waiting = [event for event in events if event.state is CaseState.IN_REVIEW]
    locked = await cases.lock_cases(unit.db, [event.case_id for event in waiting])
    every = await items.lock_items(unit.db, [event.case_id for event in waiting])
    missing = [
        _new_item(unit, locked[event.case_id], event.version)
        for event in waiting
        if event.case_id in locked and _open_dispatch(every[event.case_id]) is None
    ]
    await items.open_items(unit.db, missing, unit.now)


def _judged(unit: Unit, event: CaseSupplemented) -> SupplementJudged:
    return SupplementJudged(
        case_id=event.case_id, version=event.version, at=unit.now, text=event.text, supplemented_at=event.at,
        answers=event.answers, attachments=event.attachments,
    )  # fmt: skip


def _item(unit: Unit, case: RoutingCase, event: Said, earlier: Sequence[Item]) -> Item:
    """The one that waits; or else a new one of the newest version that anybody spoke of: about the case as it is."""
    version = max(case.version, event.version, *(item.version for item in earlier))
    return _open_dispatch(earlier) or _new_item(unit, case, version)


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
