"""What citizens say when they rate an answer or take a case back: judged like a message for whom it accuses.

No department reads a word of it before. A withdrawal that accuses somebody, or tells of pressure, is none: a dispatcher has
the case, and until they have decided none is accepted, whatever it says:
whoever presses asks for another one without a word.
"""

from collections.abc import Sequence

from msgspec.structs import replace

from routing.core.doubts import Doubt
from routing.core.pressure import tells_of_pressure
from routing.core.review import RoutingCase
from routing.core.rules import RoutingRules
from routing.steps import merging
from routing.steps.judging import AdditionVerdict, accusing
from routing.steps.merging import BEFORE_DISPATCH
from routing.steps.supplement import SupplementWords, protect
from routing.store import cases, items
from schemas.errors import DataRefused
from schemas.events.intake import CaseWithdrawn, CitizenRated
from schemas.events.routing import SupplementJudged, WithdrawalConfirmed, WithdrawalJudged
from schemas.ports import Unit
from schemas.words import CaseState, Saying


async def handle_ratings(
    rules: RoutingRules, unit: Unit, events: Sequence[CitizenRated], additions: Sequence[AdditionVerdict]
) -> None:
    """Departments read the comments from now on; a case whose citizen accuses somebody in one is theirs no more."""
    told = [pair for pair in zip(events, additions, strict=True) if pair[0].comment]
    await protect(rules, unit, [SupplementWords(event, judged, event.comment) for event, judged in told])
    for event, _ in told:
        unit.emit(_judged(unit, event, event.comment, Saying.RATING))


async def handle_withdrawals(
    rules: RoutingRules, unit: Unit, events: Sequence[CaseWithdrawn], additions: Sequence[AdditionVerdict]
) -> None:
    """Cancel the review of withdrawn cases; those with a department are for handlers to end.

    What was merged into a case that no department had needs a dispatcher of its own.

    Raises:
        DataRefused: the words accuse somebody, and routing has no such case yet to be kept from them.
    """
    case_ids = [event.case_id for event in events]
    locked = await cases.lock_cases(unit.db, case_ids)
    looked_at = await items.doubted(unit.db, case_ids, Doubt.WITHDRAWAL)
    every = [
        (event, judged, locked.get(event.case_id)) for event, judged in zip(events, additions, strict=True)
    ]
    held = [each for each in every if _is_held(rules, each[2], each[1])]
    if any(case is None for _, _, case in held):
        raise DataRefused("the case is unknown to routing")
    others = [(event, case) for event, judged, case in every if not _is_held(rules, case, judged)]
    await _let_go(unit, [pair for pair in others if pair[0].case_id not in looked_at])
    await _hold(rules, unit, [(event, judged, case) for event, judged, case in held if case is not None])
    await _keep_waiting(unit, [pair for pair in others if pair[0].case_id in looked_at])


def _is_held(rules: RoutingRules, case: RoutingCase | None, judged: AdditionVerdict) -> bool:
    if judged.alone.alleged or tells_of_pressure(judged.text):
        return True
    return case is not None and accusing(rules, case, judged) is not None


async def _let_go(unit: Unit, free: Sequence[tuple[CaseWithdrawn, RoutingCase | None]]) -> None:
    told = {event.case_id: event.version for event, _ in free}
    gone = await cases.withdraw_cases(unit.db, told, unit.now, only_open=True)
    for case_id, version in gone.items():
        unit.emit(
            WithdrawalConfirmed(
                case_id=case_id, version=version, at=unit.now, state=CaseState.WITHDRAWN, citizen_may=()
            )
        )
    for event, case in free:
        if event.reason:
            unit.emit(_judged(unit, event, event.reason, Saying.WITHDRAWAL))
        unit.emit(_said(unit, event, case, reason=event.reason))
    await merging.bring_back(unit, list(gone), "withdrawn")


async def _hold(
    rules: RoutingRules, unit: Unit, held: Sequence[tuple[CaseWithdrawn, AdditionVerdict, RoutingCase]]
) -> None:
    """A dispatcher looks at the case first, and no department reads it meanwhile: who presses is a person's question."""
    pressed = [SupplementWords(event, _pressed(judged), event.reason) for event, judged, _ in held]
    await protect(rules, unit, pressed)
    await items.note_doubt(unit.db, [event.case_id for event, _, _ in held], Doubt.WITHDRAWAL)
    for event, _, case in held:
        unit.emit(_judged(unit, event, event.reason, Saying.WITHDRAWAL))
        unit.emit(_said(unit, event, case, held=True))


async def _keep_waiting(unit: Unit, asked: Sequence[tuple[CaseWithdrawn, RoutingCase | None]]) -> None:
    """A dispatcher looks at an earlier one of theirs: these say no more than that, and wait with it."""
    said = [cases.WordsSince(event.case_id, event.reason) for event, _ in asked if event.reason]
    await cases.add_words(unit.db, said)
    for event, case in asked:
        if event.reason:
            unit.emit(_judged(unit, event, event.reason, Saying.WITHDRAWAL))
        unit.emit(_said(unit, event, case, held=True))


def _pressed(judged: AdditionVerdict) -> AdditionVerdict:
    return replace(judged, alone=replace(judged.alone, alleged=True))


def _said(
    unit: Unit, event: CaseWithdrawn, case: RoutingCase | None, *, reason: str = "", held: bool = False
) -> WithdrawalJudged:
    version = max(event.version, case.version if case else 0)
    said = WithdrawalJudged(
        case_id=event.case_id, version=version, at=unit.now, reason=reason, withdrawn_at=event.at, held=held
    )
    if case is None or case.state != "open" or not held:
        return said
    return replace(said, state=CaseState.IN_REVIEW, citizen_may=BEFORE_DISPATCH)


def _judged(unit: Unit, event: CaseWithdrawn | CitizenRated, text: str, said: Saying) -> SupplementJudged:
    return SupplementJudged(
        case_id=event.case_id, version=event.version, at=unit.now, text=text, supplemented_at=event.at, said=said
    )  # fmt: skip
