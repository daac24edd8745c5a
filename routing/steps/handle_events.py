"""What departments do: requests that wait for a dispatcher, and news that make older requests pointless."""

from collections.abc import Mapping, Sequence
from typing import Any

from routing.core.decisions.review import Item
from routing.steps import in_hand, merging, undo, undo_in_hand
from routing.store import cases, dropped, items, pauses
from schemas.errors import DataRefused
from schemas.event import Event, StateEvent
from schemas.events.handlers import (
    CaseClosed,
    CaseReopened,
    CaseReplied,
    CaseResumed,
    CaseReturned,
    ExtensionRequested,
    PromiseRequested,
    ReplyPublished,
    RequestDropped,
    SuspensionRequested,
)
from schemas.events.routing import (
    CaseRouted,
    MergeRequested,
    RecallRequested,
    ReviewRequested,
)
from schemas.events.sla import CaseUrged
from schemas.events.undone import UndoRequested
from schemas.ports import Unit
from schemas.words import CaseState, ReviewKind


async def review_returns(unit: Unit, events: Sequence[CaseReturned]) -> None:
    """A department says that a case is not theirs (退单): a dispatcher decides."""
    await _ask(
        unit,
        ReviewKind.RETURN,
        _waiting(events, CaseState.IN_REVIEW),
        ("department", "reason", "basis", "return_count"),
    )


async def review_extensions(unit: Unit, events: Sequence[ExtensionRequested]) -> None:
    """A department asks for more time (延期): a dispatcher decides."""
    await _ask(unit, ReviewKind.EXTENSION, events, ("department", "working_days", "reason"))


async def review_suspensions(unit: Unit, events: Sequence[SuspensionRequested]) -> None:
    """A department asks to wait for something outside (挂起): a dispatcher decides."""
    await _ask(unit, ReviewKind.SUSPENSION, events, ("department", "reason", "basis", "until"))


async def review_promises(unit: Unit, events: Sequence[PromiseRequested]) -> None:
    """A department asks to promise the citizen a date (承诺办理): a dispatcher decides."""
    fields = ("department", "date", "reason", "basis", "plan", "not_before", "not_after")
    await _ask(unit, ReviewKind.PROMISE, events, fields)


async def review_replies(unit: Unit, events: Sequence[CaseReplied]) -> None:
    """A department has an answer: a dispatcher reads it before the citizen does."""
    fields = ("department", "note", "response", "attachments", "public_attachments")
    await _ask(unit, ReviewKind.REPLY, _waiting(events, CaseState.REPLIED), fields)


def _waiting(events: Sequence[StateEvent], state: CaseState) -> Sequence[StateEvent]:
    """Those that a dispatcher has to decide on: what is told once more, and is over, says another state."""
    return [event for event in events if event.state in (None, state)]


async def supersede(unit: Unit, events: Sequence[Event]) -> None:
    """The case moved on: what waited about an older version waits no more."""
    await items.supersede(unit.db, {event.case_id: event.version for event in events}, unit.now)


async def handle_resumed(unit: Unit, events: Sequence[CaseResumed]) -> None:
    """A pause is over: nobody is told any more that the case stands still, nor asked to end the pause."""
    await supersede(unit, events)
    await pauses.note_resumed(unit.db, {event.case_id: event.version for event in events})


async def answer_merged_cases(unit: Unit, events: Sequence[ReplyPublished]) -> None:
    """A reply was approved: it is also that of the cases that were merged into this one."""
    await supersede(unit, events)
    await merging.answer_merged(unit, events)


async def reopen(unit: Unit, events: Sequence[CaseReopened]) -> None:
    """The citizen objected: there is no answer any more."""
    await supersede(unit, events)
    await merging.forget_answers(unit, events)


async def end(unit: Unit, events: Sequence[CaseClosed]) -> None:
    """The case is settled, or ended without handling; cases that were merged into the latter need a dispatcher."""
    await items.supersede(unit.db, {event.case_id: event.version for event in events}, unit.now, ended=True)
    withdrawn = {event.case_id: event.version for event in events if event.outcome == "withdrawn"}
    if withdrawn:
        await cases.withdraw_cases(unit.db, withdrawn, unit.now, only_open=False)
    await in_hand.confirm_merges(unit, events)
    for event in events:
        if event.outcome != "answered":
            await merging.bring_back(unit, [event.case_id], event.outcome)


async def handle_dropped(unit: Unit, events: Sequence[RequestDropped]) -> None:
    """What a dispatcher decided was not done: they are told, and a case keeps the departments that it has."""
    told = [event for event in events if event.by]
    await dropped.keep(unit.db, told)
    await dropped.restore(unit.db, [event for event in told if event.asked == CaseRouted.name])
    await in_hand.forget_merges(unit, [event for event in told if event.asked == MergeRequested.name])
    await undo.forget_recalls(unit, [event for event in told if event.asked == RecallRequested.name])
    await undo_in_hand.forget(unit, [event for event in told if event.asked == UndoRequested.name])


async def count_urgings(unit: Unit, events: Sequence[CaseUrged]) -> None:
    """Count how often supervisors urged (催办) each case, so that dispatchers see it in their queue."""
    await cases.count_urgings(unit.db, [event.case_id for event in events])


async def _ask(unit: Unit, kind: ReviewKind, events: Sequence[Event], fields: Sequence[str]) -> None:
    await supersede(unit, events)
    asked = [_item(unit, kind, event, {name: getattr(event, name) for name in fields}) for event in events]
    opened = await items.open_items(unit.db, asked, unit.now)
    if len(opened) < len(asked):
        await _refuse_unknown(unit, asked)
    for item in asked:
        if item.case_id in opened:
            unit.emit(ReviewRequested(case_id=item.case_id, version=item.version, at=unit.now, kind=kind))


async def _refuse_unknown(unit: Unit, asked: Sequence[Item]) -> None:
    """A case that was never routed here cannot be decided on; kept in the dead letters until it can."""
    wanted = {item.case_id for item in asked}
    if wanted - await cases.known(unit.db, wanted):
        raise DataRefused("the case is unknown to routing")


def _item(unit: Unit, kind: ReviewKind, event: Event, detail: Mapping[str, Any]) -> Item:
    return Item(case_id=event.case_id, kind=kind, version=event.version, opened_at=unit.now, detail=detail)
