"""Judges words that come with a rating or withdrawal like a message: for accusations and for danger.

No department reads a word of it before. A withdrawal that accuses somebody, or tells of pressure, is none: a dispatcher has
the case, and until they have decided none is accepted, whatever it says:
whoever presses asks for another one without a word.
"""

from collections.abc import Sequence

from msgspec.structs import replace

from routing.core.accusations.forced_withdrawal import tells_of_pressure
from routing.core.decisions.review import RoutingCase
from routing.core.doubts import Doubt
from routing.core.rules import RoutingRules
from routing.steps import merging
from routing.steps.danger_since import raise_cases
from routing.steps.judging import AdditionVerdict, SaidSince, SupplementWords, accusing, passed_on
from routing.steps.merging import BEFORE_DISPATCH
from routing.steps.supplement import hear
from routing.store import cases, items
from schemas.errors import DataRefused
from schemas.events.intake import CaseWithdrawn, CitizenRated
from schemas.events.routing import WithdrawalConfirmed, WithdrawalJudged
from schemas.ports import Unit
from schemas.words import CaseState, Saying

#: The words of a withdrawal, and the case as routing has it.
_Asked = tuple[SupplementWords, RoutingCase | None]


async def handle_ratings(
    rules: RoutingRules, unit: Unit, events: Sequence[CitizenRated], additions: Sequence[AdditionVerdict]
) -> None:
    """Departments read the comments from now on; a case whose citizen accuses somebody in one is theirs no more."""
    pairs = zip(events, additions, strict=True)
    told = [SupplementWords(event, judged, event.comment) for event, judged in pairs if event.comment]
    await hear(rules, unit, told)
    for each in told:
        unit.emit(passed_on(unit, each, Saying.RATING))


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
        (SupplementWords(event, judged, event.reason), locked.get(event.case_id))
        for event, judged in zip(events, additions, strict=True)
    ]
    held = [pair for pair in every if _is_held(rules, *pair)]
    if any(case is None for _, case in held):
        raise DataRefused("the case is unknown to routing")
    others = [pair for pair in every if not _is_held(rules, *pair)]
    await _let_go(unit, [pair for pair in others if pair[0].event.case_id not in looked_at])
    await _hold(rules, unit, held)
    await _keep_waiting(unit, [pair for pair in others if pair[0].event.case_id in looked_at])


def _is_held(rules: RoutingRules, told: SupplementWords, case: RoutingCase | None) -> bool:
    if told.judged.alone.alleged or tells_of_pressure(told.judged.text):
        return True
    return case is not None and accusing(rules, case, told.judged) is not None


async def _let_go(unit: Unit, free: Sequence[_Asked]) -> None:
    versions = {told.event.case_id: told.event.version for told, _ in free}
    gone = await cases.withdraw_cases(unit.db, versions, unit.now, only_open=True)
    for case_id, version in gone.items():
        unit.emit(
            WithdrawalConfirmed(
                case_id=case_id, version=version, at=unit.now, state=CaseState.WITHDRAWN, citizen_may=()
            )
        )
    await raise_cases(unit, [told for told, _ in free])
    for told, case in free:
        if told.words:
            unit.emit(passed_on(unit, told, Saying.WITHDRAWAL))
        unit.emit(_said(unit, told.event, case, reason=told.words))
    await merging.bring_back(unit, list(gone), "withdrawn")


async def _hold(rules: RoutingRules, unit: Unit, held: Sequence[_Asked]) -> None:
    """A dispatcher looks at the case first, and no department reads it meanwhile: who presses is a person's question."""
    await hear(rules, unit, [told._replace(judged=_pressed(told.judged)) for told, _ in held])
    await items.note_doubt(unit.db, [told.event.case_id for told, _ in held], Doubt.WITHDRAWAL)
    for told, case in held:
        unit.emit(passed_on(unit, told, Saying.WITHDRAWAL))
        unit.emit(_said(unit, told.event, case, held=True))


async def _keep_waiting(unit: Unit, asked: Sequence[_Asked]) -> None:
    """Hold these withdrawals, too: a dispatcher still has to look at an earlier one of the same case."""
    told = [each for each, _ in asked if each.words]
    added = await raise_cases(unit, told)
    others = [each for each in told if each.event.case_id not in added]
    await cases.add_words(unit.db, [cases.WordsSince(each.event.case_id, each.words) for each in others])
    for each, case in asked:
        if each.words:
            unit.emit(passed_on(unit, each, Saying.WITHDRAWAL))
        unit.emit(_said(unit, each.event, case, held=True))


def _pressed(judged: AdditionVerdict) -> AdditionVerdict:
    return replace(judged, alone=replace(judged.alone, alleged=True))


def _said(
    unit: Unit, event: SaidSince, case: RoutingCase | None, *, reason: str = "", held: bool = False
) -> WithdrawalJudged:
    version = max(event.version, case.version if case else 0)
    said = WithdrawalJudged(
        case_id=event.case_id, version=version, at=unit.now, reason=reason, withdrawn_at=event.at, held=held
    )
    if case is None or case.state != "open" or not held:
        return said
    return replace(said, state=CaseState.IN_REVIEW, citizen_may=BEFORE_DISPATCH)
