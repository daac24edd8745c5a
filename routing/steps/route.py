"""Routes new cases: to a department, or to a dispatcher where the rules are unsure."""

from collections.abc import Sequence
from typing import Any

from routing.core.classify import Classification, Wording, classify_beside, read_all
from routing.core.decisions.review import Item
from routing.core.decisions.rulings import ruled
from routing.core.doubts import raised
from routing.core.judgement import Judges
from routing.core.me_too import looked_at, named_in
from routing.core.notices import danger_notice
from routing.core.rules import RoutingRules
from routing.steps import me_too
from routing.steps.judging import names_of
from routing.store import cases, items, models
from schemas.events.facts import facts_of
from schemas.events.intake import CaseRegistered, DuplicateSuspected
from schemas.events.routing import CaseRouted, ReviewRequested
from schemas.ports import Unit
from schemas.simplified import as_read
from schemas.words import CaseState, ReviewKind


def classify_registered(
    rules: RoutingRules, events: Sequence[CaseRegistered], *, judges: Judges | None = None
) -> list[Classification]:
    """Classify new cases by rulings, rules and the learned model. Pure: runs in a thread (`Handler.prepare`)."""
    every, judges = read_all(rules, [_wording(event) for event in events]), judges or Judges()
    opinions = classify_beside(rules, judges, every)
    return [ruled(rules, judges.rulings, *each) for each in zip(every, opinions, strict=True)]


def _wording(event: CaseRegistered) -> Wording:
    title, text = event.title, event.text
    if event.simplified is not None:
        title, _, text = event.simplified.partition("\n")
    address = as_read(event.place.address or "") if event.place else ""
    beside = "\n".join(name for name in (address, event.beside, names_of(event.attachments)) if name)
    return Wording(title, text, address, event.kind, as_read(beside) if beside else "")


async def route_cases(
    unit: Unit, events: Sequence[CaseRegistered], opinions: Sequence[Classification]
) -> None:
    """Send each new case to a department, or ask a dispatcher where the rules are unsure."""
    opinions = [looked_at(event, opinion) for event, opinion in zip(events, opinions, strict=True)]
    new = await cases.insert_cases(unit.db, events, opinions)
    every = [pair for pair in zip(events, opinions, strict=True) if pair[0].case_id in new]
    await models.keep_opinions(unit.db, [(event.case_id, opinion.beside) for event, opinion in every])
    joined = await me_too.join(unit, every)
    pairs = [pair for pair in every if pair[0].case_id not in joined]
    unsure = [pair for pair in pairs if pair[1].needs_review]
    if unsure:
        await items.open_items(unit.db, [_item(unit, *pair) for pair in unsure], unit.now)
    for event, opinion in unsure:
        if (notice := danger_notice(event, opinion, unit.now)) is not None:
            unit.notify(notice)
    for event, opinion in pairs:
        unit.emit(_review(unit, event, opinion) if opinion.needs_review else _routed(unit, event, opinion))


async def note_duplicates(unit: Unit, events: Sequence[DuplicateSuspected]) -> None:
    """Show dispatchers which earlier case a new one looks like."""
    await cases.suspect_duplicates(unit.db, events)


def _item(unit: Unit, event: CaseRegistered, opinion: Classification) -> Item:
    return Item(
        case_id=event.case_id,
        kind=ReviewKind.DISPATCH,
        version=event.version + 1,
        opened_at=unit.now,
        candidates=opinion.candidates,
        reasons=opinion.reasons,
        detail=_detail(opinion, event) | ({"seen": event.seen} if event.seen else {}),
    )


def _detail(opinion: Classification, event: CaseRegistered) -> dict[str, Any]:
    named = {"me_too": named_in(event)} if named_in(event) else {}
    return named | {
        "doubts": opinion.doubts,
        "accused": opinion.accused,
        "outside": opinion.outside,
        "legal_route": opinion.legal_route,
        "transfer": opinion.transfer,
        "model": opinion.model,
        "sounds": opinion.sounds,
        "sounds_dangerous": opinion.sounds_dangerous,
        "several": opinion.several,
        "item": opinion.item,
    }


def _review(unit: Unit, event: CaseRegistered, opinion: Classification) -> ReviewRequested:
    return ReviewRequested(
        case_id=event.case_id,
        version=event.version + 1,
        at=unit.now,
        kind=ReviewKind.DISPATCH,
        urgency=opinion.urgency,
        state=CaseState.IN_REVIEW,
        candidates=opinion.candidates,
        reasons=opinion.reasons,
        doubts=raised(_detail(opinion, event), opinion.accused, opinion.probability),
        accused=opinion.accused,
        protected=opinion.protected,
    )


def _routed(unit: Unit, event: CaseRegistered, opinion: Classification) -> CaseRouted:
    return CaseRouted(
        **facts_of(event),
        version=event.version + 1,
        at=unit.now,
        kind=opinion.kind,
        urgency=opinion.urgency,
        category=opinion.category,
        lead=opinion.lead,
        supporting=opinion.supporting,
        region=opinion.region,
        probability=opinion.probability,
        model=opinion.model,
        reasons=opinion.reasons,
        accused=opinion.accused,
        protected=opinion.protected,
        basis=opinion.basis.words if opinion.basis else "",
        item=opinion.item,
        tags=opinion.tags,
    )
