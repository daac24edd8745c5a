"""A dispatcher takes a decision back within minutes: what that makes of a case here."""

from datetime import datetime

from msgspec.structs import replace

from handlers.core.asks import over
from handlers.core.case import By, Case, CaseChange, change
from handlers.core.hearing import dropped, head_of, ignored, next_state, remember_as
from handlers.core.rules import Action, Actor
from schemas.events.handlers import CaseRecalled
from schemas.events.routing import DecisionUndone, RecallRequested
from schemas.words import CaseState


def recall(case: Case, asked: RecallRequested, now: datetime) -> CaseChange:
    """Take the case from its departments, which are told, until a dispatcher has chosen again.

    Dropped where they have acted on it, or another route has come since; whoever asked is told.
    """
    by = By(name=asked.decided_by, role=Actor.DISPATCHER, now=now)
    state = next_state(case, Action.UNDO, by)
    is_of_this_route = asked.version == case.routed_version + 1
    if state is None or case.state is not CaseState.ASSIGNED or not is_of_this_route:
        return dropped(case, asked, by)
    event = CaseRecalled(**head_of(case, asked, by), decided_by=by.name)
    made = change(
        case, by, Action.UNDO, {}, (event,),
        state=state, version=event.version, withheld=True, state_before_review=None, sign_due_at=None,
        # What the dispatcher split off with it is asked of nobody, either.
        **over(case.asks),
    )  # fmt: skip
    return replace(made, left=case.readers)


def undo(case: Case, undone: DecisionUndone, now: datetime) -> CaseChange:
    """A refusal is none: a dispatcher decides once more, and no department has the case until then. routing has told it."""
    by = By(name=undone.decided_by, role=Actor.DISPATCHER, now=now)
    state = next_state(case, Action.UNDO, by)
    if state is None or case.state is not CaseState.DECLINED or undone.version <= case.version:
        return ignored(case, undone, by)
    return remember_as(
        case, Action.UNDO, by, {}, state=state, version=undone.version, withheld=True, closed_at=None,
        state_before_review=None, asks=replace(case.asks, refusal_until=None),
    )  # fmt: skip
