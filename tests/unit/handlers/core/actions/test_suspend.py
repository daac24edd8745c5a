"""Nobody stops the time alone: a pause is asked for, decided by somebody else, and ends by itself."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from handlers.core import desk, verdicts
from handlers.core.actions import ACTIONS
from handlers.core.asks import AskedPause, Asks
from handlers.core.case import Case, CaseChange
from handlers.core.rules import MAX_SUSPENSIONS, Action
from schemas.city import load_city
from schemas.errors import ActionNotAllowed, BadInput
from schemas.events.handlers import (
    CaseResumed,
    CaseSuspended,
    RequestDropped,
    SuspensionDecided,
    SuspensionRequested,
)
from schemas.events.routing import ReviewDecided
from schemas.http import read
from schemas.words import CaseState, ReviewKind, Urgency
from tests.unit.handlers.making import HOUSING, MONDAY, by_lead, case

LATER = MONDAY + timedelta(hours=5)
#: The midnight with which 4 December ends in China.
UNTIL = datetime(2026, 12, 4, 16, tzinfo=UTC)


def ask(held: Case, until: str = "2026-12-04", **fields: Any) -> CaseChange:
    """The lead asks for a pause."""
    given = {"version": held.version, "reason": "等待鉴定", "basis": "鉴定合同", "until": until, **fields}
    return desk.perform(
        held, Action.SUSPEND, read(ACTIONS[Action.SUSPEND].body, given), by_lead(), load_city()
    )


def decide(held: Case, *, accepted: bool, at: datetime = LATER, version: int | None = None) -> CaseChange:
    """Li decides about it."""
    review = ReviewDecided(
        case_id=held.case_id, version=version or held.version, at=at, kind=ReviewKind.SUSPENSION,
        accepted=accepted, decided_by="li", remarks="同意",
    )  # fmt: skip
    change = verdicts.decide_review(held, review, at, city=load_city())
    assert change is not None
    return change


def test_asking_stops_no_time() -> None:
    """The case stays in progress, and what is asked for is there to be decided: reason, basis and end."""
    change = ask(case())
    (event,) = change.events

    assert isinstance(event, SuspensionRequested)
    assert (CaseState.IN_PROGRESS, 5, AskedPause(until=UNTIL, reason="等待鉴定")) == (
        change.after.state, change.after.version, change.after.asks.pause
    )  # fmt: skip
    assert (HOUSING, "等待鉴定", "鉴定合同", UNTIL) == (
        event.department, event.reason, event.basis, event.until
    )  # fmt: skip


def test_a_granted_pause_has_an_end() -> None:
    """Both events say when; it is counted."""
    change = decide(ask(case()).after, accepted=True)
    decided, suspended = change.events

    assert isinstance(decided, SuspensionDecided)
    assert isinstance(suspended, CaseSuspended)
    assert (True, UNTIL, "li", 1) == (
        decided.granted, decided.until, decided.decided_by, decided.suspension_count
    )  # fmt: skip
    assert (CaseState.SUSPENDED, UNTIL, 1, "等待鉴定") == (
        suspended.state, suspended.until, suspended.suspension_count, suspended.reason
    )  # fmt: skip
    assert (CaseState.SUSPENDED, UNTIL, None, 1) == (
        change.after.state, change.after.asks.paused_until, change.after.asks.pause,
        change.after.asks.suspension_count,
    )  # fmt: skip


@pytest.mark.parametrize(("accepted", "at"), [(False, LATER), (True, UNTIL)], ids=["refused", "granted late"])
def test_a_refused_pause_stops_nothing(accepted: bool, at: datetime) -> None:
    """Nor does one that was granted when its end had passed; neither counts."""
    change = decide(ask(case()).after, accepted=accepted, at=at)
    (decided,) = change.events

    assert isinstance(decided, SuspensionDecided)
    assert (False, 0) == (decided.granted, decided.suspension_count)
    assert (CaseState.IN_PROGRESS, Asks()) == (change.after.state, replace(change.after.asks, before=None))


def test_whoever_granted_it_may_end_it() -> None:
    """The dispatcher knows the version that was asked about; a pause of before is not ended by it."""
    asked = ask(case()).after
    paused = decide(asked, accepted=True).after
    change = decide(paused, accepted=False, version=asked.version)
    (event,) = change.events

    assert isinstance(event, CaseResumed)
    assert ("dispatcher", CaseState.IN_PROGRESS, None) == (
        event.cause, change.after.state, change.after.asks.paused_until
    )  # fmt: skip
    old = decide(paused, accepted=False, version=asked.version - 1)
    assert ([RequestDropped], CaseState.SUSPENDED) == ([type(e) for e in old.events], old.after.state)


@pytest.mark.parametrize(
    "fields",
    [
        {"due_at": MONDAY},
        {"urgency": Urgency.EMERGENCY},
        {"asks": Asks(suspension_count=MAX_SUSPENSIONS)},
        {"asks": Asks(pause=AskedPause(until=UNTIL, reason="x"))},
        {"extension_days": 5},
        {"state": CaseState.ASSIGNED},
        {"state": CaseState.REOPENED},
    ],
    ids=["late", "emergency", "too often", "asked already", "extension asked", "unsigned", "reopened"],
)
def test_where_no_pause_is_asked_for(fields: dict[str, Any]) -> None:
    """Not after a breach, not in an emergency, not for ever, and for one thing after the other."""
    with pytest.raises(ActionNotAllowed):
        ask(case(**fields))


@pytest.mark.parametrize(
    "until",
    [
        "2026-11-22",
        "2026-11-23T10:00:00+08:00",
        "2026-12-24",
        "9999-12-31",
        "2026-13-01",
        "tomorrow",
        "2026-12-04T10:00",
    ],
)
def test_an_end_that_is_none(until: str) -> None:
    """Passed, more than thirty days ahead, or not a moment."""
    with pytest.raises(BadInput) as refusal:
        ask(case(), until)

    assert ["until"] == [error.field for error in refusal.value.errors]


def test_the_longest_pause_ends_with_its_last_day() -> None:
    """Thirty days, the last one counted whole."""
    assert datetime(2026, 12, 23, 16, tzinfo=UTC) == pause_of(ask(case(), "2026-12-23")).until


def pause_of(change: CaseChange) -> AskedPause:
    """What is asked for."""
    assert change.after.asks.pause is not None
    return change.after.asks.pause


@pytest.mark.parametrize("action", [Action.REPLY])
def test_answering_makes_it_pointless(action: Action) -> None:
    """If the reply is sent back, it can be asked for anew; the old request is not granted any more."""
    asked = ask(case()).after
    body = read(ACTIONS[action].body, {"version": asked.version, "note": "已查", "response": "已修"})
    replied = desk.perform(asked, action, body, by_lead(), load_city()).after

    assert replied.asks == Asks(replied_at=MONDAY)
    late = decide(replace(replied, state=CaseState.IN_PROGRESS), accepted=True, version=asked.version)
    assert [RequestDropped] == [type(event) for event in late.events]
