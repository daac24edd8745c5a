"""A breach is judged by when things happened: one that an earlier event contradicts is taken back where all see it."""

from datetime import timedelta

from schemas.events.handlers import CaseSuspended, ExtensionDecided
from schemas.events.sla import BreachWithdrawn, DeadlineMissed
from schemas.ids import CaseId
from schemas.words import CaseState, Clock
from tests.integration.sla.events import Sla, assigned, china, closed, registered, replied
from tests.unit.handlers.making import HOUSING, MONDAY, fresh_case

DUE = china("2026-11-30 17:30")
IN_TIME = china("2026-11-30 16:00")
LATER = china("2026-12-01 09:00")


async def _missed(sla: Sla, case: CaseId) -> None:
    """The case was assigned, and the sweeper has said that its reply is late."""
    await sla.hear(assigned(case))
    await sla.unit.db.execute("DELETE FROM sla.clock WHERE clock = 'sign'")
    await sla.sweep_at(LATER)


async def test_a_reply_that_is_heard_late_was_in_time(sla: Sla) -> None:
    """The consumer lagged: the reply came before the deadline, the breach is withdrawn and the figures forget it."""
    case = fresh_case()
    await _missed(sla, case)
    said = await sla.hear(replied(case, IN_TIME))

    (event,) = said
    assert isinstance(event, BreachWithdrawn)
    assert ("reply", DUE, HOUSING, 1, "case.replied", IN_TIME, False) == (
        event.clock, event.due_at, event.department, event.deadline_version, event.why, event.happened_at,
        event.stands,
    )  # fmt: skip
    assert (HOUSING, event) == sla.unit.emitted_to[-1]
    assert ("answered", None, None) == await sla.facts(case, "state", "missed_at", "missed_version")
    row = await sla.unit.db.fetchrow("SELECT * FROM sla.withdrawal WHERE case_id = $1", case)
    assert ("reply", 1, "case.replied") == (row["clock"], row["deadline_version"], row["why"])


async def test_a_reply_after_the_deadline_withdraws_nothing(sla: Sla) -> None:
    """However late it is heard: the breach is a fact."""
    case = fresh_case()
    await _missed(sla, case)

    assert [] == await sla.hear(replied(case, DUE + timedelta(seconds=1)))
    assert (DUE,) == await sla.facts(case, "missed_at")


async def test_whatever_stops_a_clock_in_time_withdraws(sla: Sla) -> None:
    """Its end, a pause, a dispatch: every event that stops or holds a clock, and not the reply alone."""
    ended, paused, waiting = fresh_case(), fresh_case(), fresh_case()
    await _missed(sla, ended)
    await _missed(sla, paused)
    await sla.hear(registered(waiting))
    await sla.sweep_at(LATER)
    said = await sla.hear(
        closed(ended, IN_TIME),
        CaseSuspended(case_id=paused, version=5, at=IN_TIME, reason="待鉴定", state=CaseState.SUSPENDED),
        assigned(waiting, MONDAY + timedelta(minutes=5)),
    )

    taken_back = [e for e in said if isinstance(e, BreachWithdrawn)]
    assert [(ended, "reply"), (paused, "reply"), (waiting, "dispatch")] == [
        (e.case_id, e.clock) for e in taken_back
    ]
    assert (None,) == await sla.facts(waiting, "missed_at", clock=Clock.DISPATCH)


async def test_an_extension_in_time_withdraws(sla: Sla) -> None:
    """Granted before the deadline and heard after it: nobody was late."""
    case = fresh_case()
    await _missed(sla, case)
    said = await sla.hear(
        ExtensionDecided(
            case_id=case,
            version=5,
            at=IN_TIME,
            granted=True,
            working_days=3,
            decided_by="王",
            extension_count=1,
        )
    )

    assert [("extended", 1)] == [(e.why, e.deadline_version) for e in said if isinstance(e, BreachWithdrawn)]
    assert (china("2026-12-03 17:30"), None) == await sla.facts(case, "due_at", "missed_at")


async def test_a_breach_before_it_stands(sla: Sla) -> None:
    """Missed, extended, missed again and the second taken back: the first one stays, and the event says so."""
    case = fresh_case()
    await _missed(sla, case)
    await sla.hear(
        ExtensionDecided(
            case_id=case,
            version=5,
            at=LATER,
            granted=True,
            working_days=3,
            decided_by="王",
            extension_count=1,
        )
    )
    await sla.sweep_at(china("2026-12-04 09:00"))
    (event,) = await sla.hear(replied(case, china("2026-12-02 10:00")))

    assert isinstance(event, BreachWithdrawn)
    assert (2, True) == (event.deadline_version, event.stands)
    assert (DUE, 1) == await sla.facts(case, "missed_at", "missed_version")


async def test_what_is_missed_afterwards_is_told_again(sla: Sla) -> None:
    """Taken back, then truly late under the same deadline: another breach, with an alert of its own."""
    case = fresh_case()
    await _missed(sla, case)
    await sla.hear(replied(case, IN_TIME))
    await sla.unit.db.execute(
        "UPDATE sla.clock SET state = 'running', next_level = 'missed', next_alert_at = due_at WHERE case_id = $1",
        case,
    )

    assert ["reply"] == [e.clock for e in await sla.sweep_at(LATER) if isinstance(e, DeadlineMissed)]


async def test_nothing_is_declared_for_a_moment_that_was_not_reached(sla: Sla) -> None:
    """The sweeper looks no further than everything was heard: what is late by then, not by its own clock."""
    case = fresh_case()
    await sla.hear(assigned(case))
    await sla.unit.db.execute("DELETE FROM sla.clock WHERE clock = 'sign'")
    sla.unit.now = LATER
    before = len(sla.unit.emitted)

    await sla.sweep(until=DUE)
    assert [] == [e for e in sla.unit.emitted[before:] if isinstance(e, DeadlineMissed)]
    await sla.sweep(until=DUE + timedelta(seconds=1))
    assert [case] == [e.case_id for e in sla.unit.emitted[before:] if isinstance(e, DeadlineMissed)]
