"""Departments with hours of their own: their clocks go by them, those of moved cases by whoever has them."""

from dataclasses import replace
from datetime import date

import msgspec
import pytest

from schemas.events.handlers import CaseResumed, CaseReturned, CaseSuspended
from schemas.events.parts import PartAsked
from schemas.events.sla import DeadlineReminded, DeadlineSet
from schemas.ids import CaseId, DepartmentCode
from schemas.words import Clock
from sla.core.calendar import DayOverride
from sla.core.calendars import along, city_calendar
from sla.core.clocks import deadline_of, history_of
from sla.core.rules import parse_rules, rules_text
from sla.steps.move import recompute_for_calendar
from sla.steps.present_rules import move_to_present_rules
from sla.steps.read_clocks import KeptClocks
from sla.store import moving
from tests.integration.sla.events import Sla, assigned, china, registered, replied, signed
from tests.unit.handlers.making import fresh_case

#: Open on Saturdays; day and night.
HALL, DESK = DepartmentCode("human-resources"), DepartmentCode("emergency")


@pytest.fixture
def own(sla: Sla) -> Sla:
    """The slice with the calendars that the example city's rules describe."""
    return replace(sla, calendar=city_calendar(sla.rules.calendar, sla.rules.calendars))


async def _recomputed(sla: Sla, case: CaseId) -> set[bool]:
    """Of each clock that goes: whether its history leads to the deadline that is stored."""
    return {
        clock.due_at
        == deadline_of(
            clock.started_at, clock.term, along(sla.calendar, clock.calendar), history_of(clock.entries)
        ).due_at
        for clock in await moving.load_going(sla.unit.db, case)
    }


async def test_a_departments_clocks_go_by_its_own_hours(own: Sla) -> None:
    """Five working days of a hall that opens on Saturdays; who has the city's hours has the city's."""
    halls, others = fresh_case(), fresh_case()
    await own.hear(assigned(halls, lead=HALL), assigned(others))

    assert china("2026-11-28 17:00") == (await own.clock(halls))["due_at"]
    assert own.calendar.of(HALL).name == (await own.clock(halls))["calendar"]
    assert (china("2026-11-30 17:30"), None) == await own.facts(others, "due_at", "calendar")
    (reply,) = [
        clock
        for clock in await KeptClocks(own.rules, own.calendar).of(own.unit, halls)
        if clock.clock == Clock.REPLY
    ]
    assert reply.hours is not None
    assert "service-hall" == reply.hours.calendar


async def test_what_the_centre_takes_goes_by_the_citys_hours(own: Sla) -> None:
    """Dispatching and reviewing are the centre's, whoever the department is."""
    case = fresh_case()
    await own.hear(
        registered(case), assigned(case, lead=HALL), signed(case), replied(case, china("2026-11-27 16:30"))
    )
    rows = await own.unit.db.fetch(
        "SELECT clock, calendar FROM sla.clock WHERE case_id = $1 AND owner = 'dispatcher'", case
    )

    assert {("dispatch", None), ("review_reply", None)} == {(row["clock"], row["calendar"]) for row in rows}


async def test_a_part_goes_by_the_hours_of_whoever_does_it(own: Sla) -> None:
    """Not by the lead's."""
    case = fresh_case()
    asked = PartAsked(case_id=case, version=5, at=china("2026-11-24 10:00"), department=HALL, text="请核实")
    await own.hear(assigned(case), signed(case), asked)

    part = await own.clock(case, Clock(f"part.{HALL}"))
    assert own.calendar.of(HALL).name == part["calendar"]


async def test_a_moved_case_goes_by_the_hours_of_who_has_it(own: Sla) -> None:
    """From the day of the move on; pauses of before and after count in the hours of their days, and all is found again
    from the history.
    """
    case = fresh_case()
    await own.hear(
        registered(case),
        assigned(case),
        signed(case),
        CaseSuspended(case_id=case, version=5, at=china("2026-11-24 10:00"), reason="等鉴定"),
        CaseResumed(case_id=case, version=6, at=china("2026-11-25 10:00")),
    )
    assert (china("2026-12-01 17:30"),) == await own.facts(case, "due_at")
    own.unit.now = china("2026-11-27 10:00")
    said = await own.hear(assigned(case, china("2026-11-27 10:00"), lead=HALL, version=7))
    (told,) = [event for event in said if isinstance(event, DeadlineSet)]
    await own.hear(
        CaseSuspended(case_id=case, version=8, at=china("2026-11-28 10:00"), reason="等鉴定"),
        CaseResumed(case_id=case, version=9, at=china("2026-11-30 10:00")),
    )

    assert (china("2026-11-30 17:00"), HALL) == (told.due_at, told.department)
    # It stood still on Saturday, on which the hall is open.
    assert (china("2026-12-01 17:00"),) == await own.facts(case, "due_at")
    assert {True} == await _recomputed(own, case)
    detail = await own.unit.db.fetchval(
        "SELECT detail FROM sla.history WHERE case_id = $1 AND what = 'reassigned' AND clock = 'reply'", case
    )
    assert f"china 2026-11-27 {own.calendar.of(HALL).name}" == msgspec.json.decode(detail)["calendar"]


async def test_longer_hours_are_no_breach_of_who_gets_the_case(own: Sla) -> None:
    """A desk that works at all hours has the least that the rules leave to it, although its hours would be over."""
    case = fresh_case()
    await own.hear(registered(case), assigned(case), signed(case))
    own.unit.now = china("2026-11-30 09:00")
    said = await own.hear(
        CaseReturned(
            case_id=case, version=5, at=china("2026-11-27 17:00"), department=DepartmentCode("housing"),
            reason="非本单位", basis="三定", return_count=1,
        ),
        assigned(case, china("2026-11-30 09:00"), lead=DESK, version=7, return_count=1),
    )  # fmt: skip
    (told,) = [event for event in said if isinstance(event, DeadlineSet)]

    assert china("2026-11-30 09:00") < told.due_at
    assert (None,) == await own.facts(case, "missed_at")
    assert {True} == await _recomputed(own, case)


async def test_an_imported_day_moves_those_whose_calendar_has_it(own: Sla) -> None:
    """A hall that is closed for a day has a day more; nobody else has."""
    halls, others = fresh_case(), fresh_case()
    await own.hear(assigned(halls, lead=HALL), assigned(others))
    closed = DayOverride(day=date(2026, 11, 26), is_workday=False, announces_year=False)
    rebuilt = city_calendar(own.rules.calendar, own.rules.calendars, declared={"service-hall": [closed]})
    after: CaseId | None = None
    while after := await recompute_for_calendar(
        own.unit, calendar=rebuilt, days=(closed.day, closed.day), reason="local days", after=after
    ):
        pass

    assert (china("2026-11-30 17:00"),) == await own.facts(halls, "due_at")
    assert (china("2026-11-30 17:30"), 1) == await own.facts(others, "due_at", "deadline_version")


async def test_other_hours_move_no_open_deadline(own: Sla) -> None:
    """A rules file with other hours leaves what began before as it was; a supervisor moves it, with a reason."""
    case = fresh_case()
    await own.hear(registered(case), assigned(case, lead=HALL), signed(case))
    text = rules_text().replace('hours = ["09:00-17:00"]', 'hours = ["09:00-12:00"]')
    rules = parse_rules(text, own.city)
    later = replace(
        own, rules=rules, calendar=city_calendar(rules.calendar, rules.calendars, former=[rules_text()])
    )
    await later.hear(
        CaseSuspended(case_id=case, version=5, at=china("2026-11-24 10:00"), reason="等鉴定"),
        CaseResumed(case_id=case, version=6, at=china("2026-11-25 10:00")),
    )
    assert (china("2026-11-30 17:00"),) == await later.facts(case, "due_at")

    await move_to_present_rules(
        later.unit, case, by="sun", reason="改开放时间", rules=later.rules, calendar=later.calendar
    )
    assert (china("2026-11-30 12:00"),) == await later.facts(case, "due_at")


async def test_reminders_wait_for_the_hours_of_whoever_is_late(own: Sla) -> None:
    """On Saturday at the hall, on Monday everywhere else."""
    halls, others = fresh_case(), fresh_case()
    await own.hear(assigned(halls, lead=HALL), assigned(others), signed(halls), signed(others))
    await own.sweep_at(china("2026-12-04 18:00"))
    said = await own.sweep_at(china("2026-12-05 18:00"))

    assert {halls} == {event.case_id for event in said if isinstance(event, DeadlineReminded)}
