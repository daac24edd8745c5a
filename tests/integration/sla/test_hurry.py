"""A case at a department becomes more pressing: it counts as what it is now, and an emergency has an emergency's time."""

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from schemas.event import Event
from schemas.events.handlers import (
    CaseResumed,
    CaseReturned,
    CaseSuspended,
    ExtensionDecided,
    ReplySentBack,
    ReturnRefused,
)
from schemas.events.pressing import UrgencyRaised
from schemas.events.sla import DeadlineMissed, DeadlineReminded, DeadlineSet
from schemas.events.undone import MoveUndone, VerdictUndone
from schemas.ids import CaseId
from schemas.words import CaseState, Clock, ReviewKind, Urgency
from sla.steps import watch
from tests.integration.sla.events import WATER, Sla, assigned, china, replied, signed
from tests.unit.handlers.making import HOUSING, MONDAY, fresh_case

#: The day after it was assigned, two days before its reply is due.
AT = china("2026-11-25 10:00")


def _raised(case: CaseId, urgency: Urgency = Urgency.EMERGENCY, at: Any = AT) -> UrgencyRaised:
    return UrgencyRaised(case_id=case, version=4, at=at, urgency=urgency)


def _returned(case: CaseId, at: Any) -> CaseReturned:
    return CaseReturned(
        case_id=case, version=4, at=at, department=HOUSING, reason="r", basis="b", state=CaseState.IN_REVIEW,
        return_count=1,
    )  # fmt: skip


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
    """A suspended case waits for something outside; whoever has it was told. It goes on with an emergency's time."""
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

    at = AT + timedelta(hours=1)
    await sla.hear(CaseResumed(case_id=case, version=6, at=at, state=CaseState.IN_PROGRESS))
    assert (at + timedelta(hours=2), "running") == await sla.facts(case, "due_at", "state")


async def test_a_reply_that_is_sent_back_in_an_emergency_has_its_time(sla: Sla) -> None:
    """Its clock did not run when danger was told."""
    case, at = fresh_case(), AT + timedelta(minutes=20)
    await sla.hear(
        assigned(case), signed(case), replied(case, AT), _raised(case, at=AT + timedelta(minutes=10))
    )
    await sla.hear(ReplySentBack(case_id=case, version=6, at=at, department=HOUSING, remarks="r"))

    assert (at + timedelta(hours=2), "running") == await sla.facts(case, "due_at", "state")


async def test_a_reply_filed_minutes_before_its_date_has_no_more_than_is_handed_on_in_an_emergency(
    sla: Sla,
) -> None:
    """Danger gives nobody time: what is left is an emergency's least, not its two hours, and not what another case has."""
    case = fresh_case()
    await sla.hear(assigned(case), signed(case))
    (due,) = await sla.facts(case, "due_at")
    filed, at = due - timedelta(minutes=5), due - timedelta(minutes=3)
    await sla.hear(replied(case, filed), _raised(case, at=due - timedelta(minutes=4)))
    await sla.hear(ReplySentBack(case_id=case, version=6, at=at, department=HOUSING, remarks="r"))

    assert (at + timedelta(minutes=30), "running") == await sla.facts(case, "due_at", "state")


async def _moved_and_back(sla: Sla, case: CaseId, *between: Event, urgency: Urgency) -> list[Event]:
    """Twenty minutes after it was assigned, for four minutes; returns what is said of the way back."""
    first, at = assigned(case, urgency=urgency), MONDAY + timedelta(minutes=20)
    moved = replace(first, version=5, at=at, lead=WATER, moved_because="职责")
    await sla.hear(first, moved, *between)
    back = MoveUndone(
        case_id=case, version=7, at=at + timedelta(minutes=4), state=CaseState.ASSIGNED, lead=HOUSING,
        category=first.category, region=first.region, moved_to=WATER, moved_at=at, decided_by="li",
    )  # fmt: skip
    return await sla.hear(back)


async def test_a_move_that_is_undone_leaves_an_emergencys_time_to_sign(sla: Sla) -> None:
    """Danger was told of while another department had it; what tells the deadline says by when to sign."""
    case, at = fresh_case(), MONDAY + timedelta(minutes=22)
    said = await _moved_and_back(sla, case, _raised(case, at=at), urgency=Urgency.NORMAL)

    back, reply = at + timedelta(minutes=2), at + timedelta(hours=2)
    by = back + timedelta(minutes=30)
    assert (by, "housing", "running") == await sla.facts(
        case, "due_at", "department", "state", clock=Clock.SIGN
    )
    assert (reply, "housing") == await sla.facts(case, "due_at", "department")
    [told] = [event for event in said if isinstance(event, DeadlineSet)]
    assert (reply, by, HOUSING) == (told.due_at, told.sign_due_at, told.department)


async def test_an_emergency_that_was_moved_and_is_back_has_the_time_that_it_had(sla: Sla) -> None:
    """Nobody gains any by it."""
    case = fresh_case()
    await _moved_and_back(sla, case, urgency=Urgency.EMERGENCY)

    began = MONDAY + timedelta(minutes=5)
    assert (began + timedelta(minutes=30),) == await sla.facts(case, "due_at", clock=Clock.SIGN)


def _undone(
    case: CaseId, decided_at: Any, at: Any, review: ReviewKind, *, accepted: bool, state: CaseState
) -> VerdictUndone:
    return VerdictUndone(
        case_id=case, version=7, at=at, state=state, department=HOUSING, review=review, accepted=accepted,
        decided_at=decided_at, decided_by="li",
    )  # fmt: skip


async def test_a_refusal_that_is_undone_leaves_nothing_to_sign(sla: Sla) -> None:
    """The case is in review again, whose time is an emergency's; the reply has it as well."""
    case, at = fresh_case(), MONDAY + timedelta(minutes=20)
    decided = at + timedelta(minutes=10)
    refused = ReturnRefused(
        case_id=case, version=5, at=decided, department=HOUSING, state=CaseState.ASSIGNED, remarks="r"
    )
    raised, back = decided + timedelta(minutes=2), decided + timedelta(minutes=4)
    undone = _undone(case, decided, back, ReviewKind.RETURN, accepted=False, state=CaseState.IN_REVIEW)
    await sla.hear(assigned(case), _returned(case, at), refused, _raised(case, at=raised), undone)

    assert ("stopped", back) == await sla.facts(case, "state", "stopped_at", clock=Clock.SIGN)
    assert ("running", raised + timedelta(hours=2)) == await sla.facts(case, "state", "due_at")
    assert ("running", back + timedelta(minutes=15)) == await sla.facts(
        case, "state", "due_at", clock=Clock.REVIEW_RETURN
    )


async def test_who_keeps_what_they_returned_signs_an_emergency_within_half_an_hour(sla: Sla) -> None:
    """Danger was told while the centre decided."""
    case, at = fresh_case(), MONDAY + timedelta(minutes=20)
    refused = ReturnRefused(
        case_id=case, version=5, at=at + timedelta(minutes=30), department=HOUSING, state=CaseState.ASSIGNED,
        remarks="r",
    )  # fmt: skip
    await sla.hear(assigned(case), _returned(case, at), _raised(case, at=at + timedelta(minutes=10)), refused)

    assert (at + timedelta(hours=1),) == await sla.facts(case, "due_at", clock=Clock.SIGN)


async def test_what_is_heard_late_makes_no_emergency_less(sla: Sla) -> None:
    """As a dead letter that is replayed."""
    case = fresh_case()
    await sla.hear(assigned(case), signed(case), _raised(case))
    await sla.hear(_raised(case, Urgency.URGENT, at=AT - timedelta(minutes=5)))

    assert "emergency" == await _urgency(sla, case)


@pytest.mark.parametrize("rule", [None, "emergency.reply@2020", "general.reply@2020"])
async def test_time_that_an_emergency_was_given_is_its_own(sla: Sla, rule: str | None) -> None:
    """Another decision that is undone takes no extension away, whichever rule the clock began with."""
    case, at = fresh_case(), MONDAY + timedelta(minutes=40)
    extended = ExtensionDecided(
        case_id=case, version=5, at=at, granted=True, working_days=1, decided_by="li", extension_count=1
    )
    await sla.hear(assigned(case, urgency=Urgency.EMERGENCY), signed(case), extended)
    if rule is not None:
        await sla.unit.db.execute(
            "UPDATE sla.clock SET rule = $2 WHERE case_id = $1 AND clock = 'reply'", case, rule
        )
    before = await sla.facts(case, "due_at", "deadline_version")
    undone = _undone(
        case, at + timedelta(minutes=1), at + timedelta(minutes=2), ReviewKind.SUSPENSION, accepted=False,
        state=CaseState.IN_PROGRESS,
    )  # fmt: skip
    await sla.hear(undone)

    assert before[0] > MONDAY + timedelta(hours=6)
    assert before == await sla.facts(case, "due_at", "deadline_version")
