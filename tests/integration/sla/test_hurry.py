"""A case at a department becomes more pressing: it counts as what it is now, and an emergency has an emergency's time."""

from datetime import timedelta
from typing import Any

from schemas.event import Event
from schemas.events.handlers import CaseSuspended
from schemas.events.pressing import UrgencyRaised
from schemas.events.sla import DeadlineMissed, DeadlineReminded, DeadlineSet
from schemas.ids import CaseId
from schemas.words import CaseState, Clock, Urgency
from sla.steps import watch
from tests.integration.sla.events import Sla, assigned, china, replied, signed
from tests.unit.handlers.making import MONDAY, fresh_case

#: The day after it was assigned, two days before its reply is due.
AT = china("2026-11-25 10:00")


def _raised(case: CaseId, urgency: Urgency = Urgency.EMERGENCY, at: Any = AT) -> UrgencyRaised:
    return UrgencyRaised(case_id=case, version=4, at=at, urgency=urgency)


async def _urgency(sla: Sla, case: CaseId) -> str:
    urgency: str = await sla.unit.db.fetchval('SELECT urgency FROM sla."case" WHERE case_id = $1', case)
    return urgency


def _set(said: list[Event]) -> list[tuple[Any, ...]]:
    return [
        (event.due_at, event.cause, event.deadline_version)
        for event in said
        if isinstance(event, DeadlineSet)
    ]


async def test_an_emergency_has_an_emergencys_time_from_then_on(sla: Sla) -> None:
    """Two hours to reply, told to department and citizen; once, however often it is said."""
    case = fresh_case()
    await sla.hear(assigned(case), signed(case))
    said = await sla.hear(_raised(case))
    again = await sla.hear(_raised(case, at=AT + timedelta(minutes=5)))

    assert [(AT + timedelta(hours=2), "urgency", 2)] == _set(said)
    assert [] == _set(again)
    assert ("emergency", AT + timedelta(hours=2)) == (
        await _urgency(sla, case),
        *await sla.facts(case, "due_at"),
    )


async def test_whoever_has_not_signed_signs_within_half_an_hour(sla: Sla) -> None:
    """By when both are due says one event."""
    case, at = fresh_case(), MONDAY + timedelta(minutes=20)
    await sla.hear(assigned(case))
    said = await sla.hear(_raised(case, at=at))

    [told] = [event for event in said if isinstance(event, DeadlineSet)]
    assert (at + timedelta(hours=2), at + timedelta(minutes=30)) == (told.due_at, told.sign_due_at)
    assert (at + timedelta(minutes=30),) == await sla.facts(case, "due_at", clock=Clock.SIGN)


async def test_what_only_sounds_like_danger_leaves_the_deadline(sla: Sla) -> None:
    """It counts as what it is."""
    case = fresh_case()
    await sla.hear(assigned(case), signed(case))
    before = await sla.facts(case, "due_at", "deadline_version")
    said = await sla.hear(_raised(case, Urgency.URGENT))

    assert [] == _set(said)
    assert ("urgent", before) == (
        await _urgency(sla, case),
        await sla.facts(case, "due_at", "deadline_version"),
    )


async def test_who_is_late_in_an_emergency_is_told_as_of_one(sla: Sla) -> None:
    """The list of what presses names it so; it is said again every half hour."""
    case = fresh_case()
    await sla.hear(assigned(case), signed(case), _raised(case))
    due = AT + timedelta(hours=2)
    said = await sla.sweep_at(due + timedelta(minutes=31))

    assert [due] == [event.due_at for event in said if isinstance(event, DeadlineMissed)]
    assert 1 == len([event for event in said if isinstance(event, DeadlineReminded)])
    rows, _ = await watch.list_pressing(sla.unit, overdue=True, department=None, cursor=None, limit=10)
    assert [("emergency", due)] == [(row.urgency, row.due_at) for row in rows if row.case_id == case]


async def test_the_review_of_a_reply_is_hurried(sla: Sla) -> None:
    """The reply waits for it; that stands as it was given."""
    case = fresh_case()
    await sla.hear(assigned(case), signed(case), replied(case, AT - timedelta(hours=1)))
    before = await sla.facts(case, "due_at", "state")
    await sla.hear(_raised(case))

    assert (AT + timedelta(minutes=15),) == await sla.facts(case, "due_at", clock=Clock.REVIEW_REPLY)
    assert before == await sla.facts(case, "due_at", "state")


async def test_a_breach_of_before_stays_one(sla: Sla) -> None:
    """Nor has whoever is late already more time by it."""
    case = fresh_case()
    await sla.hear(assigned(case), signed(case))
    (due,) = await sla.facts(case, "due_at")
    await sla.sweep_at(due + timedelta(minutes=1))
    said = await sla.hear(_raised(case, at=due + timedelta(hours=1)))

    assert [] == said
    assert (due, due) == await sla.facts(case, "due_at", "missed_at")


async def test_what_stands_still_stands_still(sla: Sla) -> None:
    """A suspended case waits for something outside; whoever has it was told."""
    case = fresh_case()
    pause = CaseSuspended(
        case_id=case, version=5, at=AT - timedelta(hours=1), until=AT + timedelta(days=9), reason="r",
        state=CaseState.SUSPENDED, suspension_count=1,
    )  # fmt: skip
    await sla.hear(assigned(case), signed(case), pause)
    before = await sla.facts(case, "due_at", "state")
    await sla.hear(_raised(case))

    assert before == await sla.facts(case, "due_at", "state")
    assert "emergency" == await _urgency(sla, case)
