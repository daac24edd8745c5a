"""Days that were imported: whatever crosses them is computed anew, once, and what is to be said soon before the rest."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from schemas.events.sla import CaseEscalated, DeadlineMissed, DeadlineReminded, DeadlineSet
from sla.core.calendar import DayOverride, china_calendar
from sla.steps.move import recompute_for_calendar
from tests.integration.sla.events import Sla, assigned, china, signed
from tests.unit.handlers.making import fresh_case


async def test_a_local_day_off_moves_every_open_deadline(sla: Sla) -> None:
    """Whatever crosses it, provisional or not, with the reason; a later pause moves nothing for it."""
    crossing, before = fresh_case(), fresh_case()
    await sla.hear(assigned(crossing), signed(crossing), assigned(before, china("2026-11-16 10:00")))
    typhoon = DayOverride(day=date(2026, 11, 26), is_workday=False, announces_year=False)
    closed_city = china_calendar(overrides=[typhoon])
    said = len(sla.unit.emitted)
    days = (typhoon.day, typhoon.day)
    await recompute_for_calendar(sla.unit, calendar=closed_city, days=days, reason="台风")
    moved = [event for event in sla.unit.emitted[said:] if isinstance(event, DeadlineSet)]

    assert [(crossing, china("2026-12-01 17:30"), "calendar")] == [
        (e.case_id, e.due_at, e.cause) for e in moved
    ]
    detail = await sla.unit.db.fetchval(
        "SELECT detail->>'reason' FROM sla.history WHERE case_id = $1 AND what = 'calendar'", crossing
    )
    assert "台风" == detail
    await recompute_for_calendar(sla.unit, calendar=closed_city, days=days, reason="台风")
    assert said + len(moved) == len(sla.unit.emitted), "nothing moves twice"


async def test_the_desk_goes_on_knowing_until_when_to_sign(sla: Sla) -> None:
    """Until then it may send the case back: a day off moves that limit, and takes it away from nobody."""
    waiting, taken = fresh_case(), fresh_case()
    await sla.hear(assigned(waiting, china("2026-11-25 10:00")), assigned(taken, china("2026-11-25 10:00")))
    await sla.hear(signed(taken, china("2026-11-25 10:01")))
    typhoon = DayOverride(day=date(2026, 11, 26), is_workday=False, announces_year=False)
    said = len(sla.unit.emitted)
    await recompute_for_calendar(
        sla.unit, calendar=china_calendar(overrides=[typhoon]), days=(typhoon.day, typhoon.day)
    )
    due = await sla.unit.db.fetchval(
        "SELECT due_at FROM sla.clock WHERE case_id = $1 AND clock = 'sign'", waiting
    )
    told = [event for event in sla.unit.emitted[said:] if isinstance(event, DeadlineSet)]

    assert {waiting: due, taken: None} == {event.case_id: event.sign_due_at for event in told}


async def test_what_is_to_be_said_soon_is_computed_anew_alone(sla: Sla) -> None:
    """Before the rest: nobody is told of what a notice has taken away."""
    soon, later = fresh_case(), fresh_case()
    await sla.hear(assigned(soon), signed(soon), assigned(later, china("2026-11-25 10:00")))
    await sla.hear(signed(later, china("2026-11-25 10:01")))
    typhoon = DayOverride(day=date(2026, 11, 26), is_workday=False, announces_year=False)
    closed_city = china_calendar(overrides=[typhoon])
    (near,) = await sla.facts(soon, "next_alert_at")
    span = (typhoon.day, typhoon.day)
    said = len(sla.unit.emitted)
    after = await recompute_for_calendar(
        sla.unit, calendar=closed_city, days=span, said_before=near + timedelta(seconds=1)
    )

    assert soon == after
    assert {soon} == {event.case_id for event in sla.unit.emitted[said:]}


async def test_an_amended_notice_recomputes(sla: Sla) -> None:
    """A year that was announced is told differently: what crosses the days is computed anew, and back again."""
    case = fresh_case()
    await sla.hear(assigned(case), signed(case))
    span = (date(2026, 11, 24), date(2026, 11, 25))
    amended = china_calendar(overrides=[DayOverride(day=day, is_workday=False) for day in span])
    await recompute_for_calendar(sla.unit, calendar=amended, days=span)
    assert (china("2026-12-02 17:30"),) == await sla.facts(case, "due_at")
    await recompute_for_calendar(sla.unit, calendar=sla.calendar, days=span)

    assert (china("2026-11-30 17:30"), 3) == await sla.facts(case, "due_at", "deadline_version")


@pytest.mark.parametrize(
    ("day", "is_workday", "heard_at"),
    [("2026-12-05", True, "2026-12-05 17:31"), ("2026-12-07", False, "2026-12-08 17:31")],
)
async def test_what_follows_a_breach_is_planned_anew(
    sla: Sla, day: str, is_workday: bool, heard_at: str
) -> None:
    """The deadline lies before the day, and the next step of the chain and the next reminder behind: neither is late."""
    case, at = fresh_case(), china("2026-11-24 10:05")
    await sla.hear(assigned(case, at), signed(case, at))
    before = await sla.sweep_at(china("2026-12-04 17:31"))
    changed = DayOverride(day=date.fromisoformat(day), is_workday=is_workday, announces_year=False)
    amended = replace(sla, calendar=china_calendar(overrides=[changed]))
    await recompute_for_calendar(sla.unit, calendar=amended.calendar, days=(changed.day, changed.day))
    too_early = await amended.sweep_at(china(heard_at) - timedelta(minutes=2))
    after = await amended.sweep_at(china(heard_at))

    assert [1, 2] == [e.step for e in before if isinstance(e, CaseEscalated)]
    assert [] == too_early
    assert [3] == [e.step for e in after if isinstance(e, CaseEscalated)]
    assert [4] == [e.number for e in after if isinstance(e, DeadlineReminded)]
    assert (1,) == await sla.facts(case, "deadline_version")


async def test_a_breach_is_told_once_whenever_it_is_escalated(sla: Sla) -> None:
    """The escalation alone moves: the deadline was missed before the day, and was told."""
    case, at = fresh_case(), china("2026-11-27 10:05")
    await sla.hear(assigned(case, at), signed(case, at))
    before = await sla.sweep_at(china("2026-12-04 17:31"))
    worked = DayOverride(day=date(2026, 12, 5), is_workday=True, announces_year=False)
    amended = replace(sla, calendar=china_calendar(overrides=[worked]))
    await recompute_for_calendar(sla.unit, calendar=amended.calendar, days=(worked.day, worked.day))
    after = await amended.sweep_at(china("2026-12-05 17:31"))

    assert 1 == sum(isinstance(e, DeadlineMissed) for e in before)
    assert [] == [e for e in after if isinstance(e, DeadlineMissed)]
    assert [1] == [e.step for e in after if isinstance(e, CaseEscalated)]
