"""Deadlines move: by pauses, extensions, reopening, an announced year; each time told and written down."""

from datetime import datetime, timedelta

import msgspec
import pytest

from schemas.events.handlers import (
    CaseReopened,
    CaseResumed,
    CaseReturned,
    CaseSuspended,
    ExtensionDecided,
    QuestionAsked,
    ReplySentBack,
    ReturnRefused,
)
from schemas.events.sla import CaseEscalated, DeadlineMissed, DeadlineSet, PauseEnded
from schemas.ids import CaseId
from schemas.words import CaseState, Clock
from sla.core.calendar import china_calendar
from sla.steps.move import recompute_for_calendar
from tests.integration.sla.events import WATER, Sla, assigned, china, closed, registered, replied, signed
from tests.unit.handlers.making import HOUSING, MONDAY, fresh_case
from tests.unit.sla.notices import notice


def _suspended(case: CaseId, at: str, version: int = 5) -> CaseSuspended:
    return CaseSuspended(case_id=case, version=version, at=china(at), reason="等待鉴定")


def _resumed(case: CaseId, at: str, version: int = 6) -> CaseResumed:
    return CaseResumed(case_id=case, version=version, at=china(at))


def _extended(
    case: CaseId, at: str, days: int, version: int = 7, *, granted: bool = True
) -> ExtensionDecided:
    return ExtensionDecided(
        case_id=case, version=version, at=china(at), granted=granted, working_days=days, decided_by="d",
        extension_count=1,
    )  # fmt: skip


async def _history(sla: Sla, case: CaseId) -> list[tuple[str, object]]:
    rows = await sla.unit.db.fetch(
        "SELECT what, detail FROM sla.history WHERE case_id = $1 ORDER BY seq", case
    )
    return [(row["what"], msgspec.json.decode(row["detail"]).get("due_at")) for row in rows]


async def test_a_suspension_moves_the_deadline_by_what_it_took(sla: Sla) -> None:
    """Two closes of business paused, two working days later; under the next deadline version."""
    case = fresh_case()
    await sla.hear(assigned(case), _suspended(case, "2026-11-24 10:00"))
    assert ("paused", None) == await sla.facts(case, "state", "next_alert_at")

    (event,) = await sla.hear(_resumed(case, "2026-11-26 10:00"))
    assert isinstance(event, DeadlineSet)
    assert china("2026-12-02 17:30") == event.due_at
    assert (2, "resumed", 6) == (event.deadline_version, event.cause, event.version)
    assert "running" == (await sla.clock(case))["state"]


async def test_nothing_is_late_while_suspended(sla: Sla) -> None:
    """No alert comes while the case waits for something outside."""
    case = fresh_case()
    await sla.hear(assigned(case), _suspended(case, "2026-11-24 10:00"))
    said = await sla.sweep_at(MONDAY + timedelta(days=30))

    assert {"sign"} == {event.clock for event in said if isinstance(event, DeadlineMissed | CaseEscalated)}
    assert [("pause", china("2026-12-22 17:30"))] == [
        (event.clock, event.due_at) for event in said if isinstance(event, PauseEnded)
    ]
    assert 1 + (1 + 3 + 1) == len(said)


async def test_the_deadline_is_recomputed_from_the_whole_history(sla: Sla) -> None:
    """Two pauses and two extensions, in any order, add up; each move is written down with its due time."""
    case = fresh_case()
    await sla.hear(
        assigned(case),
        _suspended(case, "2026-11-24 10:00"),
        _resumed(case, "2026-11-25 10:00"),
        _extended(case, "2026-11-26 10:00", 3),
        _suspended(case, "2026-11-27 10:00", 8),
        _resumed(case, "2026-11-30 10:00", 9),
    )
    (event,) = await sla.hear(_extended(case, "2026-12-01 10:00", 2, 10))

    assert isinstance(event, DeadlineSet)
    assert china("2026-12-09 17:30") == event.due_at
    assert 5 == event.deadline_version
    assert ["paused", "resumed", "extended", "paused", "resumed", "extended"] == [
        what for what, _ in await _history(sla, case)
    ]


async def test_an_extension_refused_moves_nothing(sla: Sla) -> None:
    """The deadline and its version stay."""
    case = fresh_case()

    await sla.hear(assigned(case))
    assert [] == await sla.hear(_extended(case, "2026-11-26 10:00", 3, granted=False))
    assert 1 == (await sla.clock(case))["deadline_version"]


async def test_an_extension_never_erases_a_breach(sla: Sla) -> None:
    """Granted too late: the breach is told first, stays on record, and the new deadline warns anew."""
    case = fresh_case()
    await sla.hear(assigned(case))
    sla.unit.now = china("2026-12-01 10:00")
    missed, moved = await sla.hear(_extended(case, "2026-12-01 09:00", 3))

    assert isinstance(missed, DeadlineMissed)
    assert isinstance(moved, DeadlineSet)
    assert (1, 2) == (missed.deadline_version, moved.deadline_version)
    clock = await sla.clock(case)
    assert china("2026-11-30 17:30") == clock["missed_at"]
    assert "near" == clock["next_level"]

    await sla.hear(closed(case, china("2026-12-02 10:00"), 8))
    assert china("2026-11-30 17:30") == (await sla.clock(case))["missed_at"]


async def test_an_objection_starts_a_fresh_clock(sla: Sla) -> None:
    """Reopened: three working days from then, earlier pauses forgotten, the first breach not."""
    case = fresh_case()
    await sla.hear(
        assigned(case),
        signed(case),
        _suspended(case, "2026-11-24 10:00"),
        _resumed(case, "2026-11-26 10:00"),
        replied(case, china("2026-12-03 10:00"), 7),
        closed(case, china("2026-12-03 11:00"), 8),
    )
    reopened = CaseReopened(
        case_id=case, version=9, at=china("2026-12-04 10:00"), reason="没修好", lead=HOUSING
    )
    missed, event = await sla.hear(reopened)

    assert isinstance(missed, DeadlineMissed)
    assert isinstance(event, DeadlineSet)
    assert china("2026-12-09 17:30") == event.due_at
    assert ("reopened", 3) == (event.cause, event.deadline_version)
    clock = await sla.clock(case)
    assert ("running", None) == (clock["state"], clock["stopped_at"])
    assert china("2026-12-02 17:30") == clock["missed_at"]
    assert f"general.reopened@{sla.rules.version}" == clock["rule"]


async def test_a_reply_is_judged_by_when_it_was_given(sla: Sla) -> None:
    """In time, however long the review takes: nothing is missed but by the centre, whose time the review is."""
    case = fresh_case()
    await sla.hear(assigned(case), signed(case), replied(case, china("2026-11-30 17:30")))
    said = await sla.sweep_at(MONDAY + timedelta(days=30))
    await sla.hear(closed(case, MONDAY + timedelta(days=31)))

    assert {("review_reply", None, "dispatcher")} == {
        (event.clock, event.department, event.owner)
        for event in said
        if isinstance(event, DeadlineMissed | CaseEscalated)
    }
    assert [] == sla.unit.emitted_to
    assert (None, "stopped") == await sla.facts(case, "missed_at", "state")


def _sent_back(case: CaseId, text: str, version: int) -> ReplySentBack:
    return ReplySentBack(case_id=case, version=version, at=china(text), department=HOUSING, remarks="r")


async def test_a_reply_sent_back_was_none(sla: Sla) -> None:
    """The review's time was the centre's: the department has a working day at the least, and is late only then. Once:
    the second reply that is sent back gives it nothing more.
    """
    case = fresh_case()
    await sla.hear(assigned(case), signed(case), replied(case, china("2026-11-30 10:00")))
    sla.unit.now = china("2026-12-01 10:00")
    (moved,) = await sla.hear(_sent_back(case, "2026-12-01 10:00", 6))
    assert isinstance(moved, DeadlineSet)
    assert (china("2026-12-02 17:30"), "sent back", 2) == (moved.due_at, moved.cause, moved.deadline_version)
    assert [] == [e for e in await sla.sweep_at(china("2026-12-02 17:30")) if isinstance(e, DeadlineMissed)]

    await sla.hear(replied(case, china("2026-12-02 17:00"), 7))
    sla.unit.now = china("2026-12-03 10:00")
    assert [] == await sla.hear(_sent_back(case, "2026-12-03 10:00", 8))
    (missed,) = await sla.sweep_at(china("2026-12-03 10:01"))
    assert isinstance(missed, DeadlineMissed)
    assert (Clock.REPLY, 2, HOUSING) == (missed.clock, missed.deadline_version, missed.department)


async def test_a_reply_sent_back_that_was_late_stays_late(sla: Sla) -> None:
    """Nothing is given back to who was late before: the same deadline, the same breach."""
    case = fresh_case()
    await sla.hear(assigned(case), signed(case), replied(case, china("2026-12-01 10:00")))
    (missed,) = await sla.sweep_at(china("2026-12-01 10:01"))
    assert [] == await sla.hear(_sent_back(case, "2026-12-01 11:00", 6))

    assert isinstance(missed, DeadlineMissed)
    assert (china("2026-11-30 17:30"), 1) == await sla.facts(case, "due_at", "deadline_version")


async def test_a_return_refused_starts_signing_anew(sla: Sla) -> None:
    """The department keeps the case and gets its time to sign again; the reply's deadline stays."""
    case = fresh_case()
    returned = CaseReturned(
        case_id=case, version=4, at=china("2026-11-24 10:00"), department=HOUSING, reason="r", basis="b",
        return_count=1,
    )  # fmt: skip
    await sla.hear(assigned(case), returned)
    refused = ReturnRefused(
        case_id=case, version=5, at=china("2026-11-25 10:00"), department=HOUSING, state=CaseState.ASSIGNED
    )

    assert [] == await sla.hear(refused)
    sign = await sla.clock(case, Clock.SIGN)
    assert ("running", china("2026-11-26 17:30")) == (sign["state"], sign["due_at"])


async def test_an_announced_year_moves_provisional_deadlines(sla: Sla) -> None:
    """When the notice is imported, what crossed into that year is computed anew, and told."""
    case, untouched = fresh_case(), fresh_case()
    (before,) = await sla.hear(assigned(case, china("2026-12-30 10:00")))
    await sla.hear(assigned(untouched))
    announced = china_calendar(overrides=notice(2027, ("2027-01-04", False)))
    said = len(sla.unit.emitted)
    after = await recompute_for_calendar(sla.unit, calendar=announced)
    (event,) = sla.unit.emitted[said:]

    assert isinstance(before, DeadlineSet)
    assert isinstance(event, DeadlineSet)
    assert before.provisional
    assert not event.provisional
    assert (case, china("2027-01-07 17:30"), "calendar", 2) == (
        event.case_id,
        event.due_at,
        event.cause,
        event.deadline_version,
    )
    assert case == after
    assert await recompute_for_calendar(sla.unit, calendar=announced, after=after) is None


async def test_events_of_unknown_cases_change_nothing(sla: Sla) -> None:
    """Without an assignment there is no deadline to move; nothing fails, nothing is invented."""
    case = fresh_case()
    reopened = CaseReopened(case_id=case, version=9, at=MONDAY, reason="r", lead=HOUSING)

    assert [] == await sla.hear(
        _suspended(case, "2026-11-24 10:00"), _resumed(case, "2026-11-25 10:00"), reopened
    )
    assert await sla.clock(case) is None


async def test_the_first_breach_stays_the_first(sla: Sla) -> None:
    """Missed, extended, missed again: the record says when it was first late, and each was told once."""
    case = fresh_case()
    await sla.hear(assigned(case), signed(case))
    await sla.sweep_at(china("2026-12-01 09:00"))
    await sla.hear(_extended(case, "2026-12-01 09:30", 3), closed(case, china("2026-12-10 10:00"), 8))
    said = await sla.sweep_at(china("2026-12-10 10:01"))

    assert [2] == [event.deadline_version for event in said if isinstance(event, DeadlineMissed)]
    assert (china("2026-11-30 17:30"), 2) == await sla.facts(case, "missed_at", "missed_version")


async def test_a_reopened_case_forgets_earlier_pauses(sla: Sla) -> None:
    """An extension after reopening adds to the fresh deadline alone."""
    case = fresh_case()
    await sla.hear(
        assigned(case),
        signed(case),
        _suspended(case, "2026-11-24 10:00"),
        _resumed(case, "2026-11-26 10:00"),
        _extended(case, "2026-11-26 11:00", 5),
        replied(case, china("2026-11-27 10:00"), 8),
        closed(case, china("2026-11-27 11:00"), 9),
        CaseReopened(case_id=case, version=10, at=china("2026-12-04 10:00"), reason="r", lead=HOUSING),
    )
    (event,) = await sla.hear(_extended(case, "2026-12-07 10:00", 2, 11))

    assert isinstance(event, DeadlineSet)
    assert china("2026-12-11 17:30") == event.due_at


async def test_a_late_reply_sent_back_is_told_late(sla: Sla) -> None:
    """Replied too late while nobody swept, then sent back: the breach is still told, once."""
    case = fresh_case()
    await sla.hear(assigned(case), signed(case), replied(case, china("2026-12-01 10:00")))
    sla.unit.now = china("2026-12-01 10:30")
    await sla.hear(
        ReplySentBack(case_id=case, version=6, at=china("2026-12-01 10:30"), department=HOUSING, remarks="r")
    )
    said = await sla.sweep_at(china("2026-12-01 17:31"))

    assert ["DeadlineMissed", "CaseEscalated", "DeadlineReminded"] == [type(event).__name__ for event in said]


@pytest.mark.parametrize("how", ["suspended", "asked"])
async def test_a_case_that_stands_still_goes_on_with_who_gets_it(sla: Sla, how: str) -> None:
    """A dispatcher moves it: the pause was the former holder's, and the new one's time runs from the move on."""
    case = fresh_case()
    waits = {
        "suspended": _suspended(case, "2026-11-24 10:00"),
        "asked": QuestionAsked(
            case_id=case, version=5, at=china("2026-11-24 10:00"), department=HOUSING, text="t",
            until=china("2026-11-27 10:00"),
        ),
    }  # fmt: skip
    await sla.hear(registered(case), assigned(case), signed(case), waits[how])
    assert ("paused",) == await sla.facts(case, "state")
    await sla.hear(assigned(case, china("2026-11-26 10:00"), lead=WATER, version=7))

    assert ("running", china("2026-12-02 17:30"), WATER) == await sla.facts(
        case, "state", "due_at", "department"
    )


async def test_a_pause_ends_with_the_reply(sla: Sla) -> None:
    """Who asked the citizen and replies before the answer waits for nobody any more: sent back, the time runs, and a later
    pause gives back what it took and nothing of the time between.
    """
    case = fresh_case()
    asked = QuestionAsked(
        case_id=case, version=5, at=china("2026-11-24 10:00"), department=HOUSING, text="t",
        until=china("2026-11-30 10:00"),
    )  # fmt: skip
    await sla.hear(assigned(case), signed(case), asked, replied(case, china("2026-11-25 10:00"), 6))
    await sla.hear(_sent_back(case, "2026-11-25 11:00", 7))
    assert ("running", china("2026-12-01 17:30")) == await sla.facts(case, "state", "due_at")

    await sla.hear(_suspended(case, "2026-11-27 10:00", 8), _resumed(case, "2026-11-28 10:00", 9))
    assert ("running", china("2026-12-02 17:30")) == await sla.facts(case, "state", "due_at")


async def test_a_case_that_is_handed_to_and_fro_is_late_in_the_end(sla: Sla) -> None:
    """Three times its holder has the least that the rules leave; then the deadline stands, and somebody hears of it."""
    case = fresh_case()
    await sla.hear(registered(case), assigned(case), signed(case))
    dues: list[datetime] = []
    for turn, day in enumerate(("11-30", "12-01", "12-02", "12-03")):
        lead = WATER if turn % 2 == 0 else HOUSING
        await sla.hear(assigned(case, china(f"2026-{day} 16:00"), lead=lead, version=7 + turn))
        dues += await sla.facts(case, "due_at")
    said = await sla.sweep_at(china("2026-12-03 18:00"))

    assert [china(f"2026-{day} 17:30") for day in ("12-01", "12-02", "12-03", "12-03")] == dues
    assert ("reply", HOUSING) in {(e.clock, e.department) for e in said if isinstance(e, DeadlineMissed)}
