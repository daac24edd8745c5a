"""What all decisions about a case share: the next state, the fields of the events, the log row, or the refusal."""

from typing import Any

from msgspec.structs import replace

from handlers.core import lifecycle
from handlers.core.asks import lapsed
from handlers.core.case import By, Case, CaseChange, change, record, tell_state
from handlers.core.chain import Detail
from handlers.core.rules import Action
from schemas.event import Event
from schemas.events.handlers import CaseClosed, RequestDropped
from schemas.words import CaseState


def next_state(case: Case, action: Action, by: By) -> CaseState | None:
    """Where the action leads; None where it is not allowed."""
    facts = case.facts(by.now)
    return lifecycle.next_state(case.state, action, by.role, facts, before=case.state_before_review)


def head_of(case: Case, event: Event, by: By) -> dict[str, Any]:
    """The first fields of an event that makes the next version of the case, heard as `event`."""
    return {"case_id": case.case_id, "version": max(case.version, event.version) + 1, "at": by.now}


def end(case: Case, by: By, action: Action, detail: Detail, event: CaseClosed, text: str) -> CaseChange:
    """The case has ended; nothing waits any more, and a supervisor's order has ended with it."""
    asks = lapsed(case.asks, parts=(), order=None)
    return change(
        case, by, action, detail, (event,), text=text,
        state=event.state, version=event.version, closed_at=by.now, state_before_review=None, **asks,
    )  # fmt: skip


def remember(case: Case, event: Event, by: By, detail: Detail, **changed: Any) -> CaseChange:
    """A row of the log named after the event, which says nothing to others."""
    return remember_as(case, event.name, by, detail, **changed)


def remember_as(case: Case, action: str, by: By, detail: Detail, **changed: Any) -> CaseChange:
    """A row of the log under the name `action`, which says nothing to others."""
    after, entry = record(case, by, action, detail, **changed)
    return CaseChange(after=after, entry=entry)


def ignored(case: Case, event: Event, by: By, *, name: str = "") -> CaseChange:
    """Remembered, and not said to anybody. `name`: of the event that asked, where another one passed it on."""
    return remember_as(case, name or event.name, by, {"ignored": True, "seen_version": event.version})


def dropped(case: Case, event: Event, by: By, *, name: str = "", **told: Any) -> CaseChange:
    """A request that was accepted and cannot be carried out: its sender is told where the case stands.

    `name`: as of `ignored`.
    """
    noted = ignored(case, event, by, name=name)
    news = RequestDropped(
        case_id=case.case_id, version=case.version, at=by.now, asked=name or event.name, asked_at=event.at,
        asked_version=event.version, by=by.name, lead=case.lead, supporting=case.supporting,
        category=case.category, **told,
    )  # fmt: skip
    return replace(noted, events=(tell_state(news, case, by.now),))
