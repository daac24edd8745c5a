"""Reopens what a dispatcher ended alone, by refusal or direct answer: another dispatcher decides."""

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from routing.core.decisions.review import Item, RoutingCase
from routing.steps.merging import BEFORE_DISPATCH
from routing.store import cases, items, readings
from schemas.events.routing import ReviewRequested
from schemas.ports import Unit
from schemas.versions import PAST_HANDLERS
from schemas.words import CaseState, ReviewKind


async def open_again(unit: Unit, case: RoutingCase, version: int, detail: Mapping[str, Any]) -> RoutingCase:
    """Open the case for a decision by another dispatcher. `version`: the newest that any event named."""
    version = max(case.version, version) + PAST_HANDLERS
    after = replace(case, state="open", decided_by=None, version=version)
    await cases.save(unit.db, after)
    if case.state == "answered":
        await cases.keep_responses(unit.db, {case.case_id: None}, {})
        await readings.end(unit.db, case.case_id, unit.now)
    kept = {"declined_by": case.decided_by, "answered": case.state == "answered", "accused": case.accused}
    item = Item(
        case_id=case.case_id,
        kind=ReviewKind.OBJECTION,
        version=version,
        opened_at=unit.now,
        detail={**detail, **kept},
    )
    await items.open_items(unit.db, [item], unit.now)
    unit.emit(
        ReviewRequested(
            case_id=case.case_id, version=version, at=unit.now, kind=ReviewKind.OBJECTION,
            state=CaseState.IN_REVIEW, citizen_may=BEFORE_DISPATCH, accused=case.accused, protected=case.protected,
        )
    )  # fmt: skip
    return after
