"""What citizens add to their cases: kept for the dispatcher, and judged like a message for whom it accuses."""

from collections.abc import Sequence

import msgspec

from routing.core.clearing import accused_again
from routing.core.doubts import Doubt, raised
from routing.core.misconduct import Accusation, accusation_in
from routing.core.review import Item, RoutingCase
from routing.core.rules import RoutingRules
from routing.steps import merging
from routing.store import cases, items
from schemas.events.handlers import CaseProtected
from schemas.events.intake import CaseSupplemented
from schemas.events.routing import ReviewRequested, SupplementJudged
from schemas.ports import Unit
from schemas.words import CaseState, ReviewKind


class Addition(msgspec.Struct, frozen=True, kw_only=True):
    """What the rules think of a supplement: alone, and if the case is a protected one anyway."""

    alone: Accusation
    #: Then each unit that it names is accused.
    protected: Accusation
    #: In Simplified characters.
    text: str


def judge_supplements(rules: RoutingRules, events: Sequence[CaseSupplemented]) -> list[Addition]:
    """Whom each supplement accuses; pure, for running beside the event loop."""
    return [_addition(rules, event.simplified or event.text) for event in events]


def _addition(rules: RoutingRules, text: str) -> Addition:
    alone, protected = (
        accusation_in(rules.accusations, text, None, is_report=is_report) for is_report in (False, True)
    )
    return Addition(alone=alone, protected=protected, text=text)


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
    locked = await cases.lock_cases(unit.db, [event.case_id for event in events])
    changed: list[tuple[RoutingCase, CaseSupplemented]] = []
    for event, addition in zip(events, additions, strict=True):
        case = locked.get(event.case_id)
        after = _protected(rules, case, addition) if case else None
        if after is not None:
            changed.append((after, event))
    if changed:
        await cases.protect_cases(unit.db, [case for case, _ in changed])
        await _ask_again(unit, [pair for pair in changed if pair[0].state == "routed"])
        # Nobody but its own citizen may read its answer from now on.
        await merging.bring_back(unit, [case.case_id for case, _ in changed], "protected")
    for event in events:
        unit.emit(_judged(unit, event))


def _protected(rules: RoutingRules, case: RoutingCase, addition: Addition) -> RoutingCase | None:
    """The case with whom it accuses now; None where nothing changed.

    Where the supplement is the first to accuse, the units that the message itself names are accused too.
    """
    if not (case.protected or addition.alone.alleged):
        return None
    said = addition.protected
    if not case.protected:
        whole = f"{case.title}\n{case.text}\n{case.supplement}\n{addition.text}"
        said = accusation_in(rules.accusations, whole, case.region, is_report=True)
    if addition.alone.alleged and not said.named:
        # 他们收了红包: of whoever was named before, cleared or not.
        said = Accusation(alleged=True, named=(*case.accused, *(one.department for one in case.cleared)))
    after = accused_again(case, said.named, said.only_named)
    if case.protected and after.accused == case.accused and not addition.alone.alleged:
        return None
    return after


async def _ask_again(unit: Unit, changed: Sequence[tuple[RoutingCase, CaseSupplemented]]) -> None:
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


def _item(unit: Unit, case: RoutingCase, event: CaseSupplemented, earlier: Sequence[Item]) -> Item:
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
