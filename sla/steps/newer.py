"""Drops events that are older than what is known of a case: topics are ordered only within themselves."""

from collections.abc import Mapping, Sequence
from typing import Any

from schemas.event import Event
from schemas.events.handlers import CaseProtected, ReplySentBack
from schemas.events.intake import CitizenRated, RefusalObjected
from schemas.events.routing import CaseUnmerged, DecisionUndone
from schemas.events.undone import CaseRecalled
from schemas.ports import Step, Unit
from schemas.versions import PAST_HANDLERS
from schemas.words import CaseState
from sla.store import cases, leads
from sla.store.replies import take_back_replies

#: How far ahead of the version that its citizen saw an event lies. To an objection routing answers with that version; what
#: handlers says in between, of the refusal, is older than the objection.
_AHEAD: Mapping[type[Event], int] = {RefusalObjected: PAST_HANDLERS}
#: They name the version that the citizen saw, and leave the case where it stands.
_SAY_NO_STATE = (CitizenRated,)


def takes_back(event: Event) -> bool:
    """Whether no department has the case from then on, and a dispatcher has it."""
    if isinstance(event, CaseProtected | CaseRecalled | CaseUnmerged | DecisionUndone):
        return event.state is CaseState.IN_REVIEW
    return isinstance(event, RefusalObjected)


def _says_state(event: Event) -> bool:
    """A case that has ended stays so when it accuses somebody: its end may be heard later."""
    return not isinstance(event, _SAY_NO_STATE) and not (
        isinstance(event, CaseProtected) and not takes_back(event)
    )


async def handle_newer(unit: Unit, events: Sequence[Event], *, then: Step, **more: Any) -> None:
    """Hand `then` the events that are not older than what is known of their cases; pass over the others, now and later."""
    kind = type(events[0])
    old = await cases.pass_over(
        unit.db,
        [event.case_id for event in events],
        [event.version for event in events],
        ahead=_AHEAD.get(kind, 0),
        says_state=[_says_state(event) for event in events],
    )
    left = [event for event in events if event.case_id in old and takes_back(event)]
    if left:
        await leads.forget_leads(unit.db, [each.case_id for each in left], [each.version for each in left])
    sent_back = [event for event in events if event.case_id in old and isinstance(event, ReplySentBack)]
    if sent_back:
        # Another topic has told that it ended since.
        await take_back_replies(unit.db, sent_back)
    new = [event for event in events if event.case_id not in old]
    if new:
        await then(unit, new, **more)
