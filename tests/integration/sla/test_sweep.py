"""The sweeper: every alert exactly once, whether or not anybody looks."""

from datetime import timedelta

from schemas.event import Event
from schemas.events.sla import CaseEscalated, DeadlineMissed, DeadlineNear
from schemas.words import Clock
from tests.integration.sla.events import Sla, assigned, china, closed, registered
from tests.unit.handlers.making import HOUSING, MONDAY, fresh_case


def _told(said: list[Event]) -> list[tuple[str, str]]:
    return [
        (type(event).__name__, event.clock)
        for event in said
        if isinstance(event, DeadlineNear | DeadlineMissed | CaseEscalated)
    ]


async def test_a_breach_end_to_end(sla: Sla) -> None:
    """Warning, breach, escalation: each at its moment, each once, the first two also to the department."""
    case = fresh_case()
    await sla.hear(assigned(case))
    await sla.unit.db.execute("DELETE FROM sla.clock WHERE clock = 'sign'")

    assert [] == await sla.sweep_at(china("2026-11-27 17:30"))
    near = await sla.sweep_at(china("2026-11-27 17:31"))
    assert [] == await sla.sweep_at(china("2026-11-30 17:30"))
    missed = await sla.sweep_at(china("2026-11-30 17:31"))
    escalated = await sla.sweep_at(china("2026-12-01 17:31"))

    assert [("DeadlineNear", "reply")] == _told(near)
    assert [("DeadlineMissed", "reply")] == _told(missed)
    assert [("CaseEscalated", "reply")] == _told(escalated)
    assert [(HOUSING, near[0]), (HOUSING, missed[0])] == sla.unit.emitted_to[:2]
    assert [] == [event for _, event in sla.unit.emitted_to if isinstance(event, CaseEscalated)]
    assert 3 == near[0].version
    assert china("2026-11-30 17:30") == (await sla.clock(case))["missed_at"]


async def test_an_undispatched_case_is_late(sla: Sla) -> None:
    """The dispatch clock has no department yet: told on sla's topic alone."""
    await sla.hear(registered(fresh_case()))
    said = await sla.sweep_at(MONDAY + timedelta(hours=2, seconds=1))

    assert [("DeadlineMissed", Clock.DISPATCH)] == _told(said)
    assert [] == sla.unit.emitted_to


async def test_after_an_outage_breaches_are_told_and_late_warnings_are_not(sla: Sla) -> None:
    """Nobody swept for weeks: the breach, each step of the escalation and one reminder come; the warning would be a lie."""
    case = fresh_case()
    await sla.hear(registered(case), assigned(case))
    said = await sla.sweep_at(MONDAY + timedelta(days=30))

    assert {
        ("DeadlineMissed", "sign"),
        ("CaseEscalated", "sign"),
        ("DeadlineMissed", "reply"),
        ("CaseEscalated", "reply"),
    } == set(_told(said))
    assert {"sign": [1, 2, 3], "reply": [1, 2, 3]} == {
        clock: [e.step for e in said if isinstance(e, CaseEscalated) and e.clock == clock]
        for clock in ("sign", "reply")
    }
    assert 2 * (1 + 3 + 1) == len(said)


async def test_a_breach_before_the_end_is_told_after_it(sla: Sla) -> None:
    """Closed late while nobody swept: the breach is recorded and told, nothing is escalated any more."""
    case = fresh_case()
    await sla.hear(assigned(case), closed(case, china("2026-12-07 10:00")))
    said = await sla.sweep_at(china("2026-12-07 10:01"))

    assert {("DeadlineMissed", "sign"), ("DeadlineMissed", "reply")} == set(_told(said))
    assert china("2026-11-30 17:30") == (await sla.clock(case))["missed_at"]


async def test_an_alert_that_was_raised_is_not_raised_again(sla: Sla) -> None:
    """The key (case, clock, level, deadline version) holds even if a clock plans the same alert twice."""
    case = fresh_case()
    await sla.hear(assigned(case))
    await sla.sweep_at(china("2026-11-30 18:00"))
    await sla.unit.db.execute("UPDATE sla.clock SET next_level = 'missed', next_alert_at = due_at")

    assert [] == await sla.sweep_at(china("2026-11-30 18:01"))


async def test_a_sweep_takes_a_bounded_number(sla: Sla) -> None:
    """More than `limit` due: the next call takes the rest."""
    await sla.hear(*(registered(fresh_case()) for _ in range(5)))
    sla.unit.now = MONDAY + timedelta(hours=2, seconds=1)

    assert [3, 2] == [await sla.sweep(limit=3), await sla.sweep(limit=3)]
