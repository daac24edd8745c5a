"""What dispatchers, citizens, supervisors and the clocks say about cases that departments have."""

from collections.abc import Mapping, Sequence
from functools import partial

from handlers.core import answers, danger_said, protection, undoing, verdicts
from handlers.steps.apply import apply, decide_each
from handlers.store import cases, opening
from schemas.city import City
from schemas.event import Event
from schemas.events.call_backs import CallBackDone
from schemas.events.exclusions import ExclusionMoved
from schemas.events.handlers import CaseUpdated
from schemas.events.intake import CaseSupplemented, CaseWithdrawn, CitizenObjected, CitizenRated
from schemas.events.routing import (
    CaseDeclined,
    CaseMerged,
    CaseUnmerged,
    DecisionUndone,
    MergeRequested,
    RecallRequested,
    ReviewDecided,
    ReviewRequested,
    SupplementJudged,
    WithdrawalJudged,
)
from schemas.events.sla import BreachWithdrawn, CaseUrged, DeadlineMissed, DeadlineSet, PauseEnded
from schemas.events.supervision import OrderAccepted
from schemas.events.tags import TagsCorrected
from schemas.events.undone import UndoRequested
from schemas.ports import Unit
from schemas.words import Clock, ReviewKind, Saying

#: The event of the citizen that the words belong to, as departments are told it.
_SAID: Mapping[Saying, type[Event]] = {
    Saying.ADDITION: CaseSupplemented,
    Saying.OBJECTION: CitizenObjected,
    Saying.RATING: CitizenRated,
    Saying.WITHDRAWAL: CaseWithdrawn,
}


async def decide_reviews(unit: Unit, events: Sequence[ReviewDecided], *, city: City) -> None:
    """Apply what dispatchers decided on returns, extensions and replies."""
    await decide_each(unit, events, partial(verdicts.decide_review, city=city))


async def decline_cases(unit: Unit, events: Sequence[CaseDeclined]) -> None:
    """Close cases that the city does not handle (不予受理), if they were opened here."""
    await decide_each(unit, events, verdicts.decline)


async def merge_cases(unit: Unit, events: Sequence[CaseMerged] | Sequence[MergeRequested]) -> None:
    """Close cases that are handled together with another (并单), if they were opened here."""
    await decide_each(unit, events, verdicts.merge)


async def unmerge_cases(unit: Unit, events: Sequence[CaseUnmerged]) -> None:
    """Give merged cases back to a dispatcher, if they were opened here."""
    await decide_each(unit, events, verdicts.unmerge)


async def recall_cases(unit: Unit, events: Sequence[RecallRequested]) -> None:
    """Take cases back that were dispatched minutes ago (撤回派单), unless a department has acted on them."""
    await decide_each(unit, events, undoing.recall)


async def undo_decisions(unit: Unit, events: Sequence[UndoRequested]) -> None:
    """Moves, and yes and no to what departments asked for, are undone, unless somebody has acted since."""
    await decide_each(unit, events, undoing.undo_decided)


async def correct_tags(unit: Unit, events: Sequence[TagsCorrected]) -> None:
    """Give cases the tags that a dispatcher corrected, wherever they stand."""
    await decide_each(unit, events, verdicts.correct_tags)


async def undo_refusals(unit: Unit, events: Sequence[DecisionUndone]) -> None:
    """Give cases back to a dispatcher whose refusal was taken back, if they were opened here."""
    await decide_each(unit, events, undoing.undo)


async def withdraw_cases(unit: Unit, events: Sequence[WithdrawalJudged]) -> None:
    """Close cases that their citizens take back (撤回); one that is not here yet will open as withdrawn.

    One that is held is none: a dispatcher has the case.
    """
    events = [event for event in events if not event.held]
    case_ids = [event.case_id for event in events]
    known = await cases.lock_cases(unit.db, case_ids)
    if len(known) < len(events):
        await opening.lock_openings(unit.db)
        known = await cases.lock_cases(unit.db, case_ids)
        early = [event for event in events if event.case_id not in known]
        await opening.remember_withdrawals(unit.db, early)
    decided = [
        verdicts.withdraw(known[event.case_id], event, unit.now) for event in events if event.case_id in known
    ]
    await apply(unit, decided)


async def protect_cases(unit: Unit, events: Sequence[ReviewRequested]) -> None:
    """Take cases from their departments whose citizens accuse officials since: a dispatcher chooses again.

    Those that were declined go back to a dispatcher where their citizens object.
    """
    await decide_each(unit, [event for event in events if not _objects(event)], protection.protect)
    await decide_each(unit, [event for event in events if _objects(event)], answers.take_up_objection)


def _objects(event: ReviewRequested) -> bool:
    return event.kind is ReviewKind.OBJECTION


async def supplement_cases(unit: Unit, events: Sequence[SupplementJudged]) -> None:
    """Keep what citizens said since, also of cases that are not here yet, and tell the departments of those that are."""
    await cases.insert_supplements(unit.db, events)
    known = await cases.lock_cases(unit.db, [event.case_id for event in events])
    for event in events:
        case = known.get(event.case_id)
        if case is None:
            continue
        news = CaseUpdated(
            case_id=case.case_id,
            version=case.version,
            at=unit.now,
            state=case.state,
            what=_SAID[event.said].name,
            text=event.text,
            attachments=event.attachments,
        )
        for department in case.readers:
            unit.emit(news, to=department)
    await decide_each(unit, [event for event in events if event.answers or event.danger], answers.answer)
    await decide_each(unit, events, danger_said.raise_alarm)
    await decide_each(unit, [event for event in events if event.danger], danger_said.go_on)


async def remember_ratings(unit: Unit, events: Sequence[CitizenRated]) -> None:
    """Record citizens' ratings in the cases' logs."""
    await decide_each(unit, events, verdicts.rate)


async def reopen_cases(unit: Unit, events: Sequence[CitizenObjected]) -> None:
    """Reopen cases whose citizens object to the answer (重办), as often as `MAX_REOPENINGS` allows."""
    await decide_each(unit, events, verdicts.reopen)


async def handle_call_backs(unit: Unit, events: Sequence[CallBackDone]) -> None:
    """Record what citizens said when they were called back (回访), and reopen what is not settled."""
    await decide_each(unit, events, verdicts.record_call_back)


async def handle_exclusions(unit: Unit, events: Sequence[ExclusionMoved]) -> None:
    """Record who asked that a case be left out of figures (不纳入考核), and who decided so."""
    await decide_each(unit, events, verdicts.record_exclusion)


async def set_deadlines(unit: Unit, events: Sequence[DeadlineSet]) -> None:
    """Store the deadlines that sla set, and record in the log why one moved."""
    await cases.set_deadlines(unit.db, events)
    moved = [event for event in events if event.cause != "assigned"]
    if moved:
        await decide_each(unit, moved, verdicts.move_deadline)


async def miss_deadlines(unit: Unit, events: Sequence[DeadlineMissed]) -> None:
    """Mark cases whose reply is late as overdue; cases that nobody signed for in time count as signed (视同签收)."""
    await decide_each(unit, events, verdicts.miss)


async def withdraw_breaches(unit: Unit, events: Sequence[BreachWithdrawn]) -> None:
    """Cases whose reply was in time after all are overdue no longer."""
    await decide_each(unit, events, verdicts.withdraw_breach)


async def end_pauses(unit: Unit, events: Sequence[PauseEnded]) -> None:
    """Go on with cases whose pause has come to its end (恢复办理), or whose citizens did not answer in time."""
    await decide_each(unit, [event for event in events if event.clock == Clock.PAUSE], verdicts.end_pause)
    await decide_each(unit, [event for event in events if event.clock == Clock.QUESTION], answers.lapse)


async def count_urgings(unit: Unit, events: Sequence[CaseUrged]) -> None:
    """Count urgings and mark supervised cases; the departments are told by sla."""
    await decide_each(unit, events, verdicts.urge)


async def accept_reports(unit: Unit, events: Sequence[OrderAccepted]) -> None:
    """Let departments know that their reports on orders (督办回报) were accepted."""
    await decide_each(unit, events, verdicts.accept_report)
