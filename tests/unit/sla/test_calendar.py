"""Working calendars."""

from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.words import Language
from sla.core.calendar import (
    Calendar,
    CalendarTooShort,
    DayOverride,
    china_calendar,
    missing_of,
    named_calendar,
)
from sla.core.hours import OtherHours, Segment, check_segments, parse_segments
from tests.unit.sla.moments import CHINA, at
from tests.unit.sla.notices import notice

#: For properties, which no fixture of a test's own may serve.
CALENDAR = china_calendar()

moments = st.datetimes(
    min_value=at("2024-01-01 00:00").replace(tzinfo=None),
    max_value=at("2028-12-31 23:59").replace(tzinfo=None),
    timezones=st.just(CHINA),
)


@pytest.mark.parametrize("day", ["2025-10-01", "2025-10-08", "2026-02-15", "2026-02-23", "2026-10-07"])
def test_holidays_are_off(china: Calendar, day: str) -> None:
    """Statutory days and the days that make-up work pays for are not worked."""
    assert date.fromisoformat(day) not in china.workdays


@pytest.mark.parametrize("day", ["2025-09-28", "2025-10-11", "2026-02-14", "2026-02-28", "2026-10-10"])
def test_makeup_days_are_worked(china: Calendar, day: str) -> None:
    """Weekends declared working days (调休) are worked."""
    assert date.fromisoformat(day) in china.workdays


def test_a_year_without_notice_is_provisional(china: Calendar) -> None:
    """A deadline that reaches into a year whose make-up days are unknown says that it may move."""
    assert not china.is_provisional(at("2026-12-01 10:00"), at("2026-12-31 17:30"))
    assert china.is_provisional(at("2026-12-30 10:00"), at("2027-01-04 17:30"))


def test_an_imported_notice_announces_its_year() -> None:
    """Days of a State Council notice win over what was computed, and the year is no longer provisional."""
    calendar = china_calendar(overrides=notice(2027, ("2027-01-04", False)))

    assert date(2027, 1, 2) in calendar.workdays
    assert date(2027, 1, 4) not in calendar.workdays
    assert not calendar.is_provisional(at("2026-12-30 10:00"), at("2027-01-05 17:30"))


def test_a_local_day_off_announces_nothing() -> None:
    """A city that closes for a typhoon has not announced the whole year."""
    calendar = china_calendar(
        overrides=[DayOverride(day=date(2027, 8, 3), is_workday=False, announces_year=False)]
    )

    assert date(2027, 8, 3) not in calendar.workdays
    assert calendar.is_provisional(at("2027-08-02 10:00"), at("2027-08-04 17:30"))


def test_segments_are_half_open_and_reach_midnight(always: Calendar) -> None:
    """A day of 00:00–24:00 loses no minute at midnight: worked time is time itself."""
    worked = always.worked_by(at("2026-11-24 00:00")) - always.worked_by(at("2026-11-23 00:00"))

    assert timedelta(hours=24) == worked
    assert always.is_working_time(at("2026-11-24 00:00"))
    assert timedelta(days=1) == always.day_length


@pytest.mark.parametrize(
    "texts",
    [
        [], ["09:00-09:00"], ["13:00-17:00", "09:00-12:00"], ["09:00-13:00", "12:00-17:00"], ["20:00-25:00"],
        ["09:00-12:00", "13:00-25:00"],
    ],
)  # fmt: skip
def test_impossible_hours_are_refused(texts: list[str]) -> None:
    """Working hours are in order, do not overlap, and lie inside one day."""
    with pytest.raises(ValueError, match=r"^working hours must be in order, not overlap, and end by 24:00$"):
        check_segments(parse_segments(texts))


@pytest.mark.parametrize("text", ["-1:00-12:00", "09:00-12:00-13:00", "09:00", "nine-ten"])
def test_hours_that_are_no_two_times_are_refused(text: str) -> None:
    """A segment is two times of day."""
    with pytest.raises(ValueError, match="hours are written"):
        parse_segments([text])


def test_hours_before_midnight_are_refused() -> None:
    """No working day begins on the day before."""
    with pytest.raises(ValueError, match="working hours"):
        check_segments([Segment(timedelta(hours=-1), timedelta(hours=1))])


def test_hours_are_read() -> None:
    """24:00 is the end of a day."""
    assert (Segment(timedelta(0), timedelta(hours=24)),) == parse_segments(["00:00-24:00"])


def test_lunch_is_not_worked(china: Calendar) -> None:
    """Between two segments nothing counts."""
    assert china.worked_by(at("2026-11-23 12:00")) == china.worked_by(at("2026-11-23 13:30"))


def test_a_part_of_a_day_is_part(china: Calendar) -> None:
    """Working days between two moments are counted by their working hours."""
    assert china.workdays_between(at("2026-11-20 14:00"), at("2026-11-23 14:00")) == pytest.approx(1.0)
    assert china.workdays_between(at("2026-11-21 09:00"), at("2026-11-22 23:00")) == 0


def test_beyond_the_calendar_is_refused(china: Calendar) -> None:
    """No date is guessed outside the years that are covered, before or after."""
    for moment in (at("2009-12-31 10:00"), at("2050-01-01 10:00")):
        with pytest.raises(CalendarTooShort):
            china.worked_by(moment)
    with pytest.raises(CalendarTooShort):
        china.close_of(10**6)


def test_an_unknown_calendar_is_refused() -> None:
    """There is no calendar but those in the file."""
    with pytest.raises(KeyError):
        named_calendar("mars")


@given(st.lists(moments, min_size=2, max_size=6))
def test_worked_time_never_runs_back(points: list[datetime]) -> None:
    """Later is never less worked."""
    counts = [CALENDAR.worked_by(point) for point in sorted(points)]

    assert all(earlier <= later for earlier, later in pairwise(counts))


@given(moments)
def test_worked_time_and_back_is_the_same_working_moment(moment: datetime) -> None:
    """A working moment survives the way to its count and back; any other moves to the last one before."""
    back = CALENDAR.moment_of(CALENDAR.worked_by(moment))

    assert CALENDAR.is_working_time(back)
    assert back <= moment
    assert CALENDAR.worked_by(back) == CALENDAR.worked_by(moment)


def test_a_day_is_as_long_as_its_segments(china: Calendar) -> None:
    """Morning and afternoon, without lunch."""
    assert timedelta(hours=7) == china.day_length
    assert china.workdays_between(at("2026-11-23 09:00"), at("2026-11-23 12:00")) == pytest.approx(3 / 7)


def test_seconds_are_worked_too(china: Calendar) -> None:
    """No part of a minute is rounded away."""
    worked = china.worked_by(at("2026-11-23 09:00:30.500000")) - china.worked_by(at("2026-11-23 09:00"))

    assert timedelta(seconds=30.5) == worked


@pytest.mark.parametrize(
    ("moment", "is_working"),
    [
        ("2026-11-23 08:59:59", False), ("2026-11-23 09:00", True), ("2026-11-23 12:00", True),
        ("2026-11-23 12:00:01", False), ("2026-11-23 17:30", True), ("2026-11-23 00:00", False),
        ("2026-11-21 10:00", False),
    ],
)  # fmt: skip
def test_office_hours_are_working_time(china: Calendar, moment: str, is_working: bool) -> None:
    """From each segment's start to its end, on working days."""
    assert is_working is china.is_working_time(at(moment))


@pytest.mark.parametrize(
    ("moment", "is_working"),
    [
        ("2026-11-20 00:00", False), ("2026-11-20 18:00", True), ("2026-11-21 00:00", True),
        ("2026-11-21 01:00", False), ("2026-11-21 18:00", False), ("2026-11-22 00:00", False),
    ],
)  # fmt: skip
def test_a_late_shift_ends_at_midnight(moment: str, is_working: bool) -> None:
    """24:00 belongs to the day that ends, whatever the next one is."""
    late = Calendar(
        name="late",
        zone=CHINA,
        segments=parse_segments(["18:00-24:00"]),
        workdays=frozenset({date(2026, 11, 20)}),
        announced_years=None,
    )

    assert is_working is late.is_working_time(at(moment))


def test_the_calendar_has_both_its_ends(china: Calendar, always: Calendar) -> None:
    """From the first day, a holiday, to the last, a Friday."""
    last = china.workdays_through(at("2049-12-31 23:59"))

    assert (date(2010, 1, 1), date(2049, 12, 31)) == (min(always.workdays), max(always.workdays))
    assert timedelta() == china.worked_by(at("2010-01-01 10:00"))
    assert at("2010-01-04 17:30") == china.close_of(1)
    assert at("2010-01-04 09:01") == china.moment_of(timedelta(minutes=1))
    assert at("2049-12-31 17:30") == china.close_of(last) == china.moment_of(last * china.day_length)


def test_beyond_its_ends_the_first_missing_day_is_named(china: Calendar) -> None:
    """Whoever reads the refusal knows what to import."""
    last = china.workdays_through(at("2049-12-31 23:59"))

    with pytest.raises(CalendarTooShort, match=r"^2050-01-01 lies outside the calendar \(2010-01-01 to"):
        china.close_of(last + 1)
    with pytest.raises(CalendarTooShort, match=r"^2050-01-01 lies"):
        china.moment_of(last * china.day_length + timedelta(minutes=1))
    with pytest.raises(CalendarTooShort, match=r"^2009-12-31 lies"):
        china.worked_by(at("2009-12-31 10:00"))
    with pytest.raises(CalendarTooShort):
        china.close_of(0)
    with pytest.raises(CalendarTooShort):
        china.moment_of(timedelta(minutes=-1))


def test_a_calendar_without_holidays_is_never_provisional(always: Calendar) -> None:
    """Nothing is announced, so nothing can move."""
    assert not always.is_provisional(at("2026-12-30 10:00"), at("2049-12-31 10:00"))


def test_a_calendar_knows_its_name_and_zone() -> None:
    """As rules and steps name it; a city in the far west may keep a clock of its own."""
    calendar = china_calendar(zone="Asia/Urumqi")

    assert ("china", "Asia/Urumqi") == (calendar.name, calendar.zone.key)


def test_one_row_announces_no_year() -> None:
    """Half a notice would be taken for the whole: the year stays provisional, although the row itself counts."""
    calendar = china_calendar(overrides=[DayOverride(day=date(2027, 1, 4), is_workday=False)])

    assert date(2027, 1, 4) not in calendar.workdays
    assert calendar.is_provisional(at("2026-12-30 10:00"), at("2027-01-05 17:30"))
    told = {day.day: day.is_workday for day in notice(2027)}
    assert [] == missing_of(2027, told)
    [lacking] = missing_of(2027, told | {date(2027, 4, 5): True})
    assert ("2027-04-05 Tomb-Sweeping Day", "2027-04-05 清明节") == (
        str(lacking),
        lacking.message(Language.ZH),
    )


def test_hours_differ_by_weekday_and_season() -> None:
    """Summer hours, and short Fridays, which outweigh them where they come first; a day is as long as its own hours."""
    calendar = Calendar(
        name="c",
        zone=CHINA,
        segments=parse_segments(["09:00-12:00", "13:30-17:30"]),
        workdays=CALENDAR.workdays,
        announced_years=None,
        other_hours=(
            OtherHours(parse_segments(["09:00-12:00"]), weekdays=frozenset({5})),
            OtherHours(parse_segments(["08:30-12:00", "14:30-18:00"]), first=(6, 1), last=(9, 30)),
            OtherHours(parse_segments(["10:00-16:00"]), first=(12, 25), last=(1, 5)),
        ),
    )

    assert at("2026-07-01 18:00") == calendar.close_of(calendar.workdays_through(at("2026-07-01 10:00")))
    assert at("2026-07-03 12:00") == calendar.close_of(calendar.workdays_through(at("2026-07-03 10:00")))
    assert timedelta(hours=7 + 3) == calendar.worked_by(at("2026-07-04 10:00")) - calendar.worked_by(
        at("2026-07-02 08:00")
    )
    assert at("2026-07-06 09:30") == calendar.moment_of(
        calendar.worked_by(at("2026-07-03 11:00")) + timedelta(hours=2)
    )
    assert at("2026-12-28 16:00") == calendar.close_of(calendar.workdays_through(at("2026-12-28 10:00")))
    assert 1.5 == calendar.workdays_between(at("2026-07-02 08:00"), at("2026-07-03 10:30"))
    assert calendar.is_working_time(at("2026-07-01 08:45"))
    assert not calendar.is_working_time(at("2026-07-03 15:00"))


@pytest.mark.parametrize("day", [date(2026, 3, 29), date(2026, 10, 25), date(2026, 3, 30)])
def test_office_hours_are_those_of_the_clock_on_the_wall(day: date) -> None:
    """Where clocks are put forward and back, offices do not close an hour late on that day."""
    zone = ZoneInfo("Europe/Berlin")
    calendar = Calendar(
        name="c", zone=zone, segments=parse_segments(["09:00-17:30"]), workdays=frozenset({day}), announced_years=None
    )  # fmt: skip

    assert datetime(day.year, day.month, day.day, 17, 30, tzinfo=zone) == calendar.close_of(1)
    assert datetime(day.year, day.month, day.day, 10, 30, tzinfo=zone) == calendar.moment_of(
        timedelta(hours=1.5)
    )
