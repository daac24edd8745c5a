"""Due times: fixed examples from the law's own calendars, and what must hold for all."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from sla.core.allowance import Allowance, TimeUnit, parse_allowance
from sla.core.calendar import Calendar, china_calendar
from sla.core.deadline import Pause, before, due_at, elapsed, explain, merge_pauses, remaining
from tests.unit.sla.moments import CHINA, at

CALENDAR = china_calendar()
WORKING = (TimeUnit.WORKING_MINUTES, TimeUnit.WORKING_HOURS, TimeUnit.WORKING_DAYS)

starts = st.datetimes(
    min_value=datetime(2025, 1, 1),  # noqa: DTZ001  hypothesis adds the zone
    max_value=datetime(2026, 12, 1),  # noqa: DTZ001  hypothesis adds the zone
    timezones=st.just(CHINA),
)
allowances = st.builds(Allowance, st.integers(1, 60), st.sampled_from(TimeUnit))
working_allowances = st.builds(Allowance, st.integers(1, 60), st.sampled_from(WORKING))
lengths = st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=12))


@st.composite
def pauses_after(draw: st.DrawFn, start: datetime) -> list[Pause]:
    """Up to three pauses, in order, from some time after `start` on."""
    found: list[Pause] = []
    moment = start
    for _ in range(draw(st.integers(0, 3))):
        begin = moment + draw(lengths)
        moment = begin + draw(lengths)
        found.append(Pause(begin, moment))
    return found


@pytest.mark.parametrize(
    ("start", "days", "expected"),
    [
        ("2025-09-30", 5, "2025-10-14"),
        ("2025-09-26", 5, "2025-10-10"),
        ("2026-02-13", 5, "2026-02-27"),
        ("2026-02-13", 7, "2026-03-02"),
        ("2026-09-18", 5, "2026-09-24"),
        ("2026-09-30", 3, "2026-10-10"),
        ("2025-12-31", 2, "2026-01-05"),
    ],
)
def test_working_days_cross_golden_weeks(start: str, days: int, expected: str) -> None:
    """The day after the start is day one; make-up days count, holidays do not; due at close of business."""
    due = due_at(at(f"{start} 10:00"), Allowance(days, TimeUnit.WORKING_DAYS), CALENDAR)

    assert at(f"{expected} 17:30") == due.at


@pytest.mark.parametrize(
    ("start", "allowance", "expected"),
    [
        ("2026-11-20 16:30", "1 working hour", "2026-11-20 17:30"),
        ("2026-11-20 17:00", "1 working hour", "2026-11-23 09:30"),
        ("2026-11-20 11:30", "1 working hour", "2026-11-20 14:00"),
        ("2026-11-21 15:00", "30 working minutes", "2026-11-23 09:30"),
        ("2026-11-20 08:00", "7 working hours", "2026-11-20 17:30"),
        ("2026-11-20 23:30", "90 minutes", "2026-11-21 01:00"),
        ("2026-11-20 10:00", "24 hours", "2026-11-21 10:00"),
        ("2026-11-20 10:00", "7 calendar days", "2026-11-27 23:59:59"),
        ("2026-11-20 00:00", "1 day", "2026-11-21 23:59:59"),
    ],
)
def test_units_run_as_they_say(start: str, allowance: str, expected: str) -> None:
    """Working units stop at night, at lunch and on weekends; the others never stop."""
    assert at(expected) == due_at(at(start), parse_allowance(allowance), CALENDAR).at


def test_a_pause_over_a_weekend_gives_nothing_back() -> None:
    """What is paused while nobody works costs the citizen nothing (GLPI #10594)."""
    start, weekend = at("2026-11-18 10:00"), Pause(at("2026-11-20 18:00"), at("2026-11-23 08:00"))

    for allowance in ("5 working days", "20 working hours"):
        plain = due_at(start, parse_allowance(allowance), CALENDAR)
        assert plain == due_at(start, parse_allowance(allowance), CALENDAR, pauses=[weekend])


@pytest.mark.parametrize(
    ("begin", "end", "expected"),
    [
        ("2026-11-24 10:00", "2026-11-26 10:00", "2026-12-02 17:30"),
        ("2026-11-24 10:00", "2026-11-24 16:00", "2026-11-30 17:30"),
        ("2026-11-24 17:29", "2026-11-25 09:01", "2026-12-01 17:30"),
        ("2026-11-23 08:00", "2026-11-23 20:00", "2026-11-30 17:30"),
        ("2026-11-30 17:30", "2026-12-09 10:00", "2026-11-30 17:30"),
    ],
)
def test_a_paused_close_of_business_does_not_count(begin: str, end: str, expected: str) -> None:
    """A working day counts if the clock runs at its close; the start's own day never counts."""
    due = due_at(
        at("2026-11-23 09:30"),
        parse_allowance("5 working days"),
        CALENDAR,
        pauses=[Pause(at(begin), at(end))],
    )

    assert at(expected) == due.at


def test_overlapping_pauses_count_once() -> None:
    """The clock cannot stand still twice at once."""
    first = Pause(at("2026-11-24 09:00"), at("2026-11-26 09:00"))
    second = Pause(at("2026-11-25 09:00"), at("2026-11-27 09:00"))

    assert [Pause(first.begin, second.end)] == merge_pauses([second, first])


def test_pauses_that_touch_are_one() -> None:
    """Paused again at the moment of resuming: the clock never ran between."""
    first = Pause(at("2026-11-24 09:00"), at("2026-11-26 09:00"))
    second = Pause(at("2026-11-26 09:00"), at("2026-11-27 09:00"))

    assert [Pause(first.begin, second.end)] == merge_pauses([first, second])


def test_a_pause_that_ends_before_it_begins_is_refused() -> None:
    """Such a history is nobody's."""
    with pytest.raises(ValueError, match="ends before"):
        merge_pauses([Pause(at("2026-11-25 09:00"), at("2026-11-24 09:00"))])


@pytest.mark.parametrize(
    ("allowance", "expected"),
    [
        ("5 working days", "2026-12-02 17:30"),
        ("24 hours", "2026-11-26 17:30"),
        ("4 working hours", "2026-11-25 17:30"),
        ("3 calendar days", "2026-11-30 17:30"),
    ],
)
def test_an_extension_is_working_days_on_top(allowance: str, expected: str) -> None:
    """Two working days more, counted on from the deadline that they extend."""
    due = due_at(at("2026-11-23 10:00"), parse_allowance(allowance), CALENDAR, extension_workdays=2)

    assert at(expected) == due.at


@pytest.mark.parametrize(
    ("end", "expected"),
    [
        ("2026-11-24 23:59:58", "2026-11-26"),
        ("2026-11-24 23:59:59", "2026-11-27"),
        ("2026-11-25 10:00", "2026-11-27"),
    ],
)
def test_a_paused_end_of_day_does_not_count(end: str, expected: str) -> None:
    """A calendar day is given back if the clock stood still through its last second."""
    pause = Pause(at("2026-11-24 10:00"), at(end))
    due = due_at(at("2026-11-23 10:00"), parse_allowance("3 calendar days"), CALENDAR, pauses=[pause])

    assert at(f"{expected} 23:59:59") == due.at


def test_a_pause_from_the_old_deadline_on_moves_the_extension() -> None:
    """What begins just when the first allowance ends pauses the extension that follows."""
    pause = Pause(at("2026-11-30 17:30"), at("2026-12-01 18:00"))
    due = due_at(
        at("2026-11-23 10:00"),
        parse_allowance("5 working days"),
        CALENDAR,
        pauses=[pause],
        extension_workdays=2,
    )

    assert at("2026-12-03 17:30") == due.at


def test_a_deadline_into_an_unannounced_year_is_provisional() -> None:
    """Five working days from late December may move; five minutes or seven calendar days may not."""
    start = at("2026-12-30 10:00")

    assert due_at(start, parse_allowance("5 working days"), CALENDAR).provisional
    assert not due_at(start, parse_allowance("5 minutes"), CALENDAR).provisional
    assert not due_at(start, parse_allowance("7 calendar days"), CALENDAR).provisional


@pytest.mark.parametrize(
    ("due", "lead", "expected"),
    [
        ("2026-11-30 17:30", "1 working day", "2026-11-27 17:30"),
        ("2026-11-30 14:00", "1 working hour", "2026-11-30 11:30"),
        ("2026-11-30 17:30", "2 working hours", "2026-11-30 15:30"),
        ("2026-11-30 10:00", "30 minutes", "2026-11-30 09:30"),
        ("2026-11-30 10:00", "2 days", "2026-11-28 10:00"),
    ],
)
def test_a_warning_leads_by_working_time(due: str, lead: str, expected: str) -> None:
    """An hour before 14:00 is 11:30 where lunch lies between, not the start of the day (GLPI #15429)."""
    assert at(expected) == before(at(due), parse_allowance(lead), CALENDAR)


def test_steps_tell_how_it_was_reached() -> None:
    """Start, make-up day, days off, pause and what it gave back, due: in order of time."""
    due, steps = explain(
        at("2026-02-13 10:00"),
        parse_allowance("7 working days"),
        CALENDAR,
        pauses=[Pause(at("2026-02-26 09:00"), at("2026-02-26 18:00"))],
    )

    assert [
        "start: 7 working days, calendar china",
        "make-up working day",
        "off through 2026-02-23",
        "paused",
        "resumed: due moves to 2026-03-03T17:30:00+08:00",
        "make-up working day",
        "off through 2026-03-01",
        "due",
    ] == [step.what.en for step in steps]
    assert at("2026-03-03 17:30") == due.at == steps[-1].at
    assert sorted(step.at for step in steps) == [step.at for step in steps]


def test_steps_say_what_gave_nothing_back_and_what_may_move() -> None:
    """A pause by night moves nothing; a deadline in a year that is not announced says so."""
    due, steps = explain(
        at("2026-12-30 10:00"),
        parse_allowance("3 working days"),
        CALENDAR,
        pauses=[Pause(at("2026-12-30 18:00"), at("2026-12-30 20:00"))],
    )

    assert [
        "start: 3 working days, calendar china",
        "paused",
        "resumed: nothing to give back",
        "off through 2027-01-03",
        "due, provisional: the holidays of a year on the way are not announced yet",
    ] == [step.what.en for step in steps]
    assert at("2027-01-05 17:30") == due.at


def test_steps_name_only_days_on_the_way() -> None:
    """Neither the start's own day nor the day after the due time; each at its midnight in the city."""
    _, steps = explain(at("2026-11-21 10:00"), parse_allowance("6 working days"), CALENDAR)

    assert [
        (at("2026-11-21 10:00"), "start: 6 working days, calendar china"),
        (at("2026-11-22 00:00"), "off through 2026-11-22"),
        (at("2026-11-28 00:00"), "off through 2026-11-29"),
        (at("2026-11-30 17:30"), "due"),
    ] == [(step.at, step.what.en) for step in steps]


def test_steps_of_one_moment_stay_in_their_order() -> None:
    """Paused as soon as it started: the start is told first."""
    start = at("2026-11-23 10:00")
    _, steps = explain(
        start, parse_allowance("1 hour"), CALENDAR, pauses=[Pause(start, at("2026-11-23 10:30"))]
    )

    assert ["start", "paused", "resumed"] == [step.what.en.split(":")[0] for step in steps[:3]]


@given(st.data(), starts, working_allowances, st.integers(0, 5))
def test_working_units_end_in_working_time(
    data: st.DataObject, start: datetime, allowance: Allowance, extension: int
) -> None:
    """Whatever the history, no deadline lies at night, at lunch or on a day off (GLPI #9082)."""
    pauses = data.draw(pauses_after(start))
    due = due_at(start, allowance, CALENDAR, pauses=pauses, extension_workdays=extension)

    assert CALENDAR.is_working_time(due.at)
    assert due.at > start


@given(st.data(), starts, allowances)
def test_a_pause_never_shortens(data: st.DataObject, start: datetime, allowance: Allowance) -> None:
    """One pause more never brings the deadline nearer."""
    pauses = data.draw(pauses_after(start))
    dues = [due_at(start, allowance, CALENDAR, pauses=pauses[:n]).at for n in range(len(pauses) + 1)]

    assert sorted(dues) == dues


@given(st.data(), starts, allowances)
def test_a_longer_pause_never_shortens(data: st.DataObject, start: datetime, allowance: Allowance) -> None:
    """Resuming later never brings the deadline nearer."""
    begin = start + data.draw(lengths)
    end = begin + data.draw(lengths)
    later = end + data.draw(lengths)
    due = due_at(start, allowance, CALENDAR, pauses=[Pause(begin, end)])

    assert due.at <= due_at(start, allowance, CALENDAR, pauses=[Pause(begin, later)]).at


@given(starts, lengths, allowances)
def test_later_starts_are_due_no_earlier(start: datetime, later: timedelta, allowance: Allowance) -> None:
    """Who starts later is never due sooner."""
    assert due_at(start, allowance, CALENDAR).at <= due_at(start + later, allowance, CALENDAR).at


@given(starts, allowances)
def test_more_time_is_more_time(start: datetime, allowance: Allowance) -> None:
    """One unit more never brings the deadline nearer, and an extension always moves it."""
    more = Allowance(allowance.amount + 1, allowance.unit)
    due = due_at(start, allowance, CALENDAR)

    assert due.at < due_at(start, more, CALENDAR).at
    assert due.at < due_at(start, allowance, CALENDAR, extension_workdays=1).at


@given(starts, st.integers(1, 40))
def test_the_algebra_is_the_same_both_ways(start: datetime, days: int) -> None:
    """A pause as long as the allowance doubles it: what is allowed and what is given back agree."""
    assume(start.date() in CALENDAR.workdays)
    allowance = Allowance(days, TimeUnit.WORKING_DAYS)
    paused_until = due_at(start, allowance, CALENDAR).at
    after_close = start.replace(hour=18)

    due = due_at(start, allowance, CALENDAR, pauses=[Pause(after_close, paused_until)])
    assert due.at == due_at(start, Allowance(2 * days, TimeUnit.WORKING_DAYS), CALENDAR).at


@pytest.mark.parametrize("allowance", ["1 hour", "1 working hour", "1 working day", "1 calendar day"])
def test_due_times_are_utc(allowance: str) -> None:
    """Whatever the unit and the machine's own zone."""
    assert UTC is due_at(at("2026-11-23 10:00"), parse_allowance(allowance), CALENDAR).at.tzinfo


def test_moments_of_any_zone_are_the_same(china: Calendar) -> None:
    """02:00 UTC and 10:00 in China are one start."""
    start = at("2026-11-23 10:00")
    utc = start.astimezone(tz=None)

    assert due_at(start, parse_allowance("1 day"), china) == due_at(utc, parse_allowance("1 day"), china)


@pytest.mark.parametrize(
    ("start", "allow", "due"),
    [
        ("2026-11-23 10:00", "半个工作日", "2026-11-23 15:00"),
        ("2026-11-23 16:30", "1 half working day", "2026-11-24 11:30"),
        ("2026-11-23 10:00", "3 half working days", "2026-11-24 15:00"),
        ("2026-11-23 10:00", "2 weeks", "2026-12-07 23:59:59"),
        ("2026-01-31 10:00", "1 month", "2026-02-28 23:59:59"),
        ("2026-11-30 10:00", "1个月", "2026-12-30 23:59:59"),
        ("2026-09-24 10:00", "7 days", "2026-10-01 23:59:59"),
        ("2026-09-24 10:00", "7 days rolled over", "2026-10-08 23:59:59"),
        ("2026-02-07 10:00", "7个自然日遇节假日顺延", "2026-02-14 23:59:59"),
        ("2026-11-14 10:00", "1 week, rolled over", "2026-11-23 23:59:59"),
    ],
)
def test_half_days_weeks_and_months(start: str, allow: str, due: str) -> None:
    """Half days are half of a day's hours; months end on the same day, or with the month (民法典 Art. 202); one that rolls
    over ends with the next working day instead of a day off, and a make-up Saturday is one (Art. 203).
    """
    assert at(due) == due_at(at(start), parse_allowance(allow), CALENDAR).at
    assert parse_allowance(allow) == parse_allowance(str(parse_allowance(allow)))


def test_what_ends_in_working_time_does_not_roll() -> None:
    """And nobody means it who writes it."""
    with pytest.raises(ValueError, match="roll over"):
        parse_allowance("5 working days rolled over")
    assert parse_allowance("7 days") != parse_allowance("7 days rolled over")


@given(st.data(), starts, working_allowances)
def test_elapsed_and_remaining_agree_with_due(
    data: st.DataObject, start: datetime, allowance: Allowance
) -> None:
    """At the due time nothing is left; before it something is; what ran and what is left add up to the allowance."""
    pauses = data.draw(pauses_after(start))
    due = due_at(start, allowance, CALENDAR, pauses=pauses).at
    now = start + data.draw(lengths)
    left = remaining(start, allowance, now, CALENDAR, pauses=pauses)
    run = elapsed(start, now, allowance.unit, CALENDAR, pauses=pauses)
    nothing = left - left

    assert nothing == remaining(start, allowance, due, CALENDAR, pauses=pauses)
    assert (left > nothing) == (now < due)
    assert left + run == remaining(start, allowance, start, CALENDAR)


@given(starts, st.sampled_from(["5 hours", "90 working minutes", "7 working hours"]), st.data())
def test_pause_and_resume_are_exact(start: datetime, allow: str, data: st.DataObject) -> None:
    """To the minute: what a pause took of a clock's own time is what its deadline moves by, and nothing else."""
    begin = start + timedelta(minutes=data.draw(st.integers(0, 5000)))
    end = begin + timedelta(minutes=data.draw(st.integers(0, 5000)))
    allowance = parse_allowance(allow)
    due = due_at(start, allowance, CALENDAR).at
    moved = due_at(start, allowance, CALENDAR, pauses=[Pause(begin, end)]).at
    took = elapsed(begin, end, allowance.unit, CALENDAR) if begin < due else timedelta()

    assert took == elapsed(due, moved, allowance.unit, CALENDAR)
