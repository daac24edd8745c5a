"""Calendars that departments keep, and those of cases that were moved between them."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla.core.allowance import parse_allowance
from sla.core.calendar import DayOverride
from sla.core.calendars import OwnCalendars, along, city_calendar, hours_of, kept_by, moved_to, present_path
from sla.core.deadline import Pause, due_at
from sla.core.hours import Label, Shape
from tests.unit.sla.moments import CHINA, at
from tests.unit.sla.notices import notice

_LABEL = Label(zh="周六开放", en="open on Saturdays")
_HALL = Shape(hours=("09:00-17:00",), weekdays=frozenset({1, 2, 3, 4, 5, 6}), holidays="CN", label=_LABEL)
_OWN = OwnCalendars(
    own_calendar={"hall": _HALL}, calendar_of={"tax": "hall", "emergency": "around-the-clock"}
)
_CITY = city_calendar("china", _OWN)
_DAYS = parse_allowance("5 working days")


def test_a_department_keeps_its_own_hours() -> None:
    """Five working days of a hall that opens on Saturdays end a day earlier, at its own close; the others' do not move."""
    start = at("2026-11-23 10:05")

    assert at("2026-11-28 17:00") == due_at(start, _DAYS, _CITY.of("tax")).at
    assert at("2026-11-28 23:59") < due_at(start, _DAYS, _CITY.of("emergency")).at == at("2026-11-29 00:00")
    assert at("2026-11-30 17:30") == due_at(start, _DAYS, _CITY.of("housing")).at
    assert _CITY is _CITY.of("housing") is _CITY.of(None)


def test_what_a_clock_keeps_says_which_hours() -> None:
    """Nothing for the city's; other hours under the same name are another one, other words for them are not."""
    later = Shape(hours=("08:00-16:00",), weekdays=_HALL.weekdays, holidays="CN", label=_LABEL)
    renamed = Shape(
        hours=_HALL.hours, weekdays=_HALL.weekdays, holidays="CN", label=Label(zh="大厅", en="hall")
    )

    assert kept_by(_CITY, _CITY.of("housing")) is None
    assert f"hall@{_HALL.digest}" == kept_by(_CITY, _CITY.of("tax"))
    assert later.digest != _HALL.digest == renamed.digest


def test_open_clocks_keep_the_hours_that_they_began_with() -> None:
    """A later file has other hours: what was told before is counted by those of before, which the former text still says."""
    kept = kept_by(_CITY, _CITY.of("tax"))
    text = '[own_calendar.hall]\nhours = ["09:00-17:00"]\nweekdays = [1, 2, 3, 4, 5, 6]\nholidays = "CN"\n' \
        'label = { zh = "周六开放", en = "open on Saturdays" }\n'  # fmt: skip
    short = Shape(hours=("09:00-12:00",), weekdays=frozenset({1}), holidays="CN", label=_LABEL)
    own = OwnCalendars(own_calendar={"hall": short}, calendar_of={"tax": "hall"})
    later, forgetful = (city_calendar("china", own, former=former) for former in ((text, "no toml ["), ()))
    start = at("2026-11-23 10:05")

    assert at("2026-11-28 17:00") == due_at(start, _DAYS, along(later, kept)).at
    assert f"hall@{short.digest}" == present_path(later, kept) == later.of("tax").name
    assert along(forgetful, kept) is forgetful.of("tax")
    assert along(later, "gone@00000000") is later


def test_a_moved_case_is_counted_by_who_has_it() -> None:
    """Working days that passed count as they were; from the day of the move on those of the new holder."""
    start = at("2026-11-23 10:05")
    path = moved_to(_CITY, None, "tax", date(2026, 11, 27))

    assert f"china 2026-11-27 hall@{_HALL.digest}" == path
    assert at("2026-11-28 17:00") == due_at(start, _DAYS, along(_CITY, path)).at
    assert path == moved_to(_CITY, path, None, date(2026, 11, 28))
    assert path == moved_to(_CITY, path, "tax", date(2026, 11, 28))
    back = moved_to(_CITY, path, "housing", date(2026, 11, 28))
    assert f"{path} 2026-11-28 china" == back
    assert at("2026-11-30 17:30") == due_at(start, _DAYS, along(_CITY, back)).at


def test_moves_of_one_day_are_one() -> None:
    """The last holder of a day counts; who gets it back on the same day has it as though nothing had been."""
    day = date(2026, 11, 27)
    path = moved_to(_CITY, moved_to(_CITY, None, "tax", day), "emergency", day)

    assert f"china {day} around-the-clock" == path
    assert moved_to(_CITY, path, "housing", day) is None


def test_days_of_the_city_count_for_all_who_keep_holidays() -> None:
    """A notice and a typhoon are the hall's too, unless its own days say otherwise; who never closes has none."""
    days = {
        "china": [
            DayOverride(day=date(2026, 11, 25), is_workday=False, announces_year=False),
            DayOverride(day=date(2026, 11, 26), is_workday=False, announces_year=False),
            *notice(2027, ("2027-01-04", False)),
        ],
        "hall": [DayOverride(day=date(2026, 11, 25), is_workday=True, announces_year=False)],
    }
    city = city_calendar("china", _OWN, declared=days)
    hall = city.of("tax")

    assert {False} == {day in city.workdays for day in (date(2026, 11, 25), date(2026, 11, 26))}
    assert (True, False) == (date(2026, 11, 25) in hall.workdays, date(2026, 11, 26) in hall.workdays)
    assert date(2026, 11, 26) in city.of("emergency").workdays
    assert not hall.is_provisional(at("2026-12-30 10:00"), at("2027-01-05 17:30"))
    assert not city.of("emergency").is_provisional(at("2026-12-30 10:00"), at("2029-01-05 17:30"))


def test_days_of_a_city_that_keeps_no_holidays_are_its_own() -> None:
    """A hall that keeps the country's is open when a city that never closes says that it is not."""
    day = date(2026, 11, 25)
    closed = DayOverride(day=day, is_workday=False, announces_year=False)
    city = city_calendar("around-the-clock", _OWN, declared={"around-the-clock": [closed]})

    assert (False, True) == (day in city.workdays, day in city.of("tax").workdays)


def test_people_read_whose_hours_count() -> None:
    """Those from now on, in words; nothing where they are the city's."""
    path = moved_to(_CITY, None, "tax", date(2026, 11, 27))
    told = hours_of(_CITY, path)

    assert told is not None
    assert ("hall", "周六开放", "open on Saturdays") == (told.calendar, told.zh, told.en)
    assert hours_of(_CITY, None) is None
    assert hours_of(_CITY, f"{path} 2026-11-30 china") is None


_moments = st.datetimes(
    min_value=at("2026-01-05 00:00").replace(tzinfo=None),
    max_value=at("2026-09-30 23:59").replace(tzinfo=None),
    timezones=st.just(CHINA),
)


def _path(*moves: tuple[str, str]) -> str | None:
    path = None
    for day, department in moves:
        path = moved_to(_CITY, path, department, date.fromisoformat(day))
    return path


#: Few, since each is a calendar of forty years.
_PATHS = [
    None,
    _path(("2026-02-13", "tax")),
    _path(("2026-02-14", "emergency"), ("2026-02-18", "housing")),
    _path(("2026-04-30", "tax"), ("2026-05-02", "emergency"), ("2026-05-06", "tax")),
    _path(("2026-09-26", "emergency")),
]
_allowances = st.sampled_from(
    [
        "1 working day",
        "5 working days",
        "4 working hours",
        "3 half working days",
        "36 hours",
        "7 days rolled over",
    ]
)


@given(_moments, st.sampled_from(_PATHS), _allowances, st.integers(0, 40), st.integers(0, 90))
def test_moves_keep_the_algebra(
    start: datetime, path: str | None, allowed: str, hours: int, stood: int
) -> None:
    """Whatever moves: later starts are due no earlier, a pause takes nothing away, work is due in working time, what ends
    before the first move is due as ever, and what is kept leads to the same deadline again.
    """
    allowance, calendar = parse_allowance(allowed), along(_CITY, path)
    due = due_at(start, allowance, calendar).at
    pause = Pause(start + timedelta(hours=hours), start + timedelta(hours=hours + stood))
    unmoved = due_at(start, allowance, _CITY).at

    assert due == due_at(start, allowance, along(_CITY, path)).at
    assert due <= due_at(start + timedelta(hours=1), allowance, calendar).at
    assert due <= due_at(start, allowance, calendar, pauses=[pause]).at
    if "working" in allowed:
        assert calendar.is_working_time(due)
    if path is None or unmoved.astimezone(CHINA).date() < date.fromisoformat(path.split(" ")[1]):
        assert unmoved == due


@pytest.mark.parametrize(
    ("shape", "problem"),
    [
        ({"hours": ("09:00-08:00",)}, "in order"),
        ({"hours": ("9-17",)}, "hours are written"),
        ({"weekdays": frozenset({0})}, "weekdays"),
        ({"weekdays": frozenset()}, "weekdays"),
        ({"holidays": "XX"}, "holidays"),
    ],
)
def test_a_calendar_that_cannot_be_is_refused(shape: dict[str, object], problem: str) -> None:
    """Hours out of order or unreadable, days that are none, holidays of a country that nobody keeps here."""
    written = {"hours": ("09:00-17:00",), "weekdays": frozenset({1}), "holidays": "CN", "label": _LABEL}

    (said,) = Shape(**{**written, **shape}).problems  # type: ignore[arg-type]  # some are wrong on purpose

    assert problem in str(said)
