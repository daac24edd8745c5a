"""Danger that a citizen tells of later: the department is told, and the case becomes as urgent as that."""

from datetime import datetime

from msgspec.structs import replace

from handlers.core.asks import Asks, lapsed
from handlers.core.case import By, Case, CaseChange, change
from handlers.core.chain import Detail
from handlers.core.hearing import head_of, next_state, remember_as
from handlers.core.rules import Action, Actor
from schemas.events.handlers import CaseResumed
from schemas.events.pressing import UrgencyRaised
from schemas.events.routing import SupplementJudged
from schemas.words import Urgency, more_pressing

#: The log's word for it, and that of `case.updated`.
DANGER_SAID = "danger.said"
#: In the detail of such a row: how pressing the words are.
LEVEL = "danger"


def raise_alarm(case: Case, judged: SupplementJudged, now: datetime) -> CaseChange | None:
    """Say that somebody is in danger, or may be; None where the words tell of none.

    An open case is no less pressing than that from now on, also where a move is undone; whoever counts its time hears so.
    """
    if judged.danger is None:
        return None
    by = By(name="", role=Actor.SYSTEM, now=now)
    detail: Detail = {LEVEL: judged.danger.value}
    level = more_pressing(case.urgency, judged.danger)
    if case.closed_at:
        return replace(remember_as(case, DANGER_SAID, by, detail), what=DANGER_SAID, text=judged.text)
    told = () if level is case.urgency else (_raised(case, level, now),)
    change = remember_as(case, DANGER_SAID, by, detail, urgency=level, asks=_no_less(case.asks, level))
    return replace(change, events=told, what=DANGER_SAID, text=judged.text)


def go_on(case: Case, judged: SupplementJudged, now: datetime) -> CaseChange | None:
    """A pause ends with words of danger: no emergency waits for something outside, its clocks run. None where none is."""
    by = By(name="", role=Actor.SYSTEM, now=now)
    state = next_state(case, Action.RESUME, by)
    if judged.danger is not Urgency.EMERGENCY or state is None:
        return None
    event = CaseResumed(**head_of(case, judged, by), cause="danger")
    return change(
        case,
        by,
        Action.RESUME,
        {LEVEL: judged.danger.value},
        (event,),
        state=state,
        version=event.version,
        **lapsed(case.asks),
    )


def _raised(case: Case, level: Urgency, now: datetime) -> UrgencyRaised:
    return UrgencyRaised(case_id=case.case_id, version=case.version, at=now, urgency=level)


def _no_less(asks: Asks, level: Urgency) -> Asks:
    """The same, but that an undone move leaves the case as pressing."""
    before = asks.before
    if before is None or before.held is None:
        return asks
    held = replace(before.held, urgency=more_pressing(before.held.urgency, level))
    return replace(asks, before=replace(before, held=held))
