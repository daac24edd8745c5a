"""Citizens object to a refusal (不予受理): the case comes back, to another dispatcher."""

from collections.abc import Sequence

from msgspec.structs import replace

from routing.core.review import Item, RoutingCase
from routing.core.rules import RoutingRules
from routing.steps import merging
from routing.steps.judging import Addition, accusing
from routing.steps.merging import BEFORE_DISPATCH
from routing.steps.supplement import hear_late_objections
from routing.store import cases, items
from schemas.events.intake import RefusalObjected
from schemas.events.routing import ReviewRequested
from schemas.ports import Unit
from schemas.versions import PAST_HANDLERS
from schemas.words import CaseState, ReviewKind


async def hear_objections(
    rules: RoutingRules, unit: Unit, events: Sequence[RefusalObjected], additions: Sequence[Addition]
) -> None:
    """Each declined case waits for a decision again; a second objection, or one to what is declined no more, is read.

    Whom the objection accuses the case may not reach from then on.
    """
    late: list[tuple[RefusalObjected, Addition]] = []
    locked = await cases.lock_cases(unit.db, [event.case_id for event in events])
    every = await items.lock_items(unit.db, [event.case_id for event in events])
    for event, judged in zip(events, additions, strict=True):
        case = locked.get(event.case_id)
        before = [item for item in every[event.case_id] if item.kind is ReviewKind.OBJECTION]
        if case is not None and case.state == "declined" and not before:
            after = accusing(rules, case, judged)
            if after is not None:
                await cases.protect_cases(unit.db, [after])
                await merging.bring_back(unit, [case.case_id], "protected")
            await _open_again(unit, after or case, event)
        elif case is not None:
            late.append((event, judged))
    await hear_late_objections(rules, unit, [event for event, _ in late], [judged for _, judged in late])


async def _open_again(unit: Unit, case: RoutingCase, event: RefusalObjected) -> None:
    version = max(case.version, event.version) + PAST_HANDLERS
    after = replace(case, state="open", decided_by=None, version=version)
    await cases.save(unit.db, after)
    detail = {"reason": event.reason, "declined_by": case.decided_by, "accused": case.accused}
    item = Item(
        case_id=case.case_id, kind=ReviewKind.OBJECTION, version=version, opened_at=unit.now, detail=detail
    )
    await items.open_items(unit.db, [item], unit.now)
    unit.emit(
        ReviewRequested(
            case_id=case.case_id, version=version, at=unit.now, kind=ReviewKind.OBJECTION,
            state=CaseState.IN_REVIEW, citizen_may=BEFORE_DISPATCH, accused=case.accused, protected=case.protected,
        )
    )  # fmt: skip
