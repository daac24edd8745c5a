"""What users of other systems reported, and the rule that it gives us (numbers as in the design's list of lessons)."""

from datetime import date, timedelta

from schemas.days import day_of
from sla.core.allowance import parse_allowance
from sla.core.calendar import Calendar, china_calendar, named_calendar
from sla.core.clocks import ClockEvent, History, Term, deadline_of, history_of
from sla.core.deadline import Pause, due_at
from sla.core.figures import span_of
from sla.core.hours import parse_segments
from tests.unit.sla.moments import CHINA, at

_CHINA = china_calendar()


def test_lesson_1_a_day_ends_at_24_00() -> None:
    """Zammad #3180: a day of 00:00–23:59 closed for a minute at midnight; segments are half-open, 24:00 is allowed."""
    always = named_calendar("around-the-clock")

    assert (
        at("2026-11-24 00:01")
        == due_at(at("2026-11-23 23:59"), parse_allowance("2 working minutes"), always).at
    )


def test_lesson_7_days_that_are_not_statutory_are_worked() -> None:
    """Zammad #390: a feed of holidays had days in it that nobody is off on."""
    assert (
        at("2026-12-25 17:30") == due_at(at("2026-12-24 10:00"), parse_allowance("1 working day"), _CHINA).at
    )


def test_lesson_8_a_pause_over_a_weekend_gives_no_working_time_back() -> None:
    """GLPI #10594: pauses were measured in wall time and applied in working days; one algebra, both ways."""
    weekend = Pause(at("2026-11-27 17:30"), at("2026-11-30 09:00"))
    allowance = parse_allowance("10 working hours")

    assert (
        due_at(at("2026-11-27 10:00"), allowance, _CHINA).at
        == due_at(at("2026-11-27 10:00"), allowance, _CHINA, pauses=[weekend]).at
    )


def test_lesson_9_a_resumed_deadline_lies_in_working_time() -> None:
    """GLPI #9082: resumed at lunch or at night, due outside working hours."""
    pause = Pause(at("2026-11-23 16:00"), at("2026-11-24 12:40"))
    due = due_at(at("2026-11-23 10:00"), parse_allowance("6 working hours"), _CHINA, pauses=[pause]).at

    assert _CHINA.is_working_time(due)


def test_lesson_10_pauses_are_events() -> None:
    """GLPI #6902: a change of priority lost the pause that had accrued; a deadline comes from the whole log."""
    paused = [ClockEvent(at("2026-11-24 10:00"), "paused"), ClockEvent(at("2026-11-26 10:00"), "resumed")]
    term = Term(allow=parse_allowance("7 working days"))

    assert (
        at("2026-12-04 17:30") == deadline_of(at("2026-11-23 10:00"), term, _CHINA, history_of(paused)).due_at
    )


def test_lesson_12_no_warning_at_the_start_or_at_lunch() -> None:
    """GLPI #17186, #15429: "an hour before" fired at creation, or at midnight on calendars of several segments."""
    term = Term(allow=parse_allowance("4 working hours"), near=parse_allowance("1 working hour"))
    deadline = deadline_of(at("2026-11-23 10:00"), term, _CHINA)

    assert at("2026-11-23 15:30") == deadline.due_at
    assert at("2026-11-23 14:30") == deadline.near_at
    lead = parse_allowance("90 working minutes")
    across_lunch = deadline_of(
        at("2026-11-23 09:00"), Term(allow=parse_allowance("4 working hours"), near=lead), _CHINA
    )
    assert at("2026-11-23 11:30") == across_lunch.near_at
    same = Term(allow=parse_allowance("1 working hour"), near=parse_allowance("1 working hour"))
    assert deadline_of(at("2026-11-23 10:00"), same, _CHINA).near_at is None


def test_lesson_13_hold_time_is_not_added_to_the_creation() -> None:
    """Frappe #2449, #1554: it is added where it was taken, and holidays in it give nothing back."""
    history = History(pauses=(Pause(at("2026-09-30 10:00"), at("2026-10-08 10:00")),))
    term = Term(allow=parse_allowance("3 working days"))

    assert at("2026-10-09 17:30") == deadline_of(at("2026-09-28 10:00"), term, _CHINA, history).due_at


def test_lesson_14_split_shifts() -> None:
    """Chatwoot #14009: lunch is no working time, however many segments a day has."""
    calendar = Calendar(
        name="c", zone=CHINA, segments=parse_segments(["07:00-09:00", "11:00-13:00", "17:00-19:00"]),
        workdays=_CHINA.workdays, announced_years=None,
    )  # fmt: skip

    assert (
        at("2026-11-23 17:30")
        == due_at(at("2026-11-23 08:30"), parse_allowance("3 working hours"), calendar).at
    )


def test_lesson_15_friday_afternoon() -> None:
    """Chatwoot #13392: Friday 16:30 and an hour gave Friday 17:30, where it closes at 17:00: Monday 09:30."""
    calendar = Calendar(
        name="c", zone=CHINA, segments=parse_segments(["09:00-17:00"]), workdays=_CHINA.workdays,
        announced_years=None,
    )  # fmt: skip

    assert (
        at("2026-11-30 09:30")
        == due_at(at("2026-11-27 16:30"), parse_allowance("1 working hour"), calendar).at
    )
    assert timedelta(hours=8) == calendar.day_length


def test_lesson_35_today_is_the_citys_calendar_day() -> None:
    """CCRS #1462: "today" was the last 24 hours; it ends at midnight in the city, wherever the server stands."""
    span = span_of(date(2026, 11, 23), date(2026, 11, 23), CHINA)

    assert (at("2026-11-23 00:00"), at("2026-11-24 00:00")) == (span.since, span.until)
    assert date(2026, 11, 24) == day_of(at("2026-11-24 00:01"), CHINA)
    assert date(2026, 11, 23) == day_of(at("2026-11-24 00:00"), CHINA)
