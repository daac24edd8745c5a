"""One clock's alerts and history."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from schemas.words import AlertLevel
from sla.core.allowance import parse_allowance
from sla.core.calendar import Calendar
from sla.core.clocks import (
    ClockEvent,
    Floor,
    History,
    Term,
    alert_to_raise,
    deadline_of,
    history_of,
    standing,
)
from sla.core.deadline import Pause
from tests.unit.sla.moments import at

_TERM = Term(
    allow=parse_allowance("5 working days"),
    near=parse_allowance("1 working day"),
    escalate_after=parse_allowance("1 working day"),
)


def test_a_deadline_has_three_moments(china: Calendar) -> None:
    """Yellow card a working day before, due, red card a working day after."""
    deadline = deadline_of(at("2026-11-23 10:00"), _TERM, china)

    assert at("2026-11-27 17:30") == deadline.near_at
    assert at("2026-11-30 17:30") == deadline.due_at
    assert at("2026-12-01 17:30") == deadline.escalate_at
    assert (AlertLevel.NEAR, deadline.near_at) == deadline.first_alert


def test_what_is_kept_of_one_deadline_is_no_other_s(china: Calendar) -> None:
    """Another moment, another term, another calendar or a history: each is computed, however often one was asked for."""
    start, other = at("2026-11-23 10:00"), at("2026-11-24 10:00")
    shorter = Term(allow=parse_allowance("4 working days"))
    calendar = replace(china, workdays=china.workdays - {date(2026, 11, 25)})
    first = [deadline_of(start, _TERM, china).due_at for _ in range(2)]
    others = [
        deadline_of(other, _TERM, china),
        deadline_of(start, shorter, china),
        deadline_of(start, _TERM, calendar),
        deadline_of(start, _TERM, china, History(extension_workdays=1)),
    ]

    assert [at("2026-11-30 17:30")] * 2 == first
    assert ["2026-12-01 17:30", "2026-11-27 17:30", "2026-12-01 17:30", "2026-12-01 17:30"] == [
        f"{each.due_at + timedelta(hours=8):%Y-%m-%d %H:%M}" for each in others
    ]


def test_a_deadline_follows_its_history(china: Calendar) -> None:
    """A paused close of business and an extension of one working day move all three moments by two days."""
    history = History(pauses=(Pause(at("2026-11-24 10:00"), at("2026-11-25 10:00")),), extension_workdays=1)
    deadline = deadline_of(at("2026-11-23 10:00"), _TERM, china, history)

    assert at("2026-12-01 17:30") == deadline.near_at
    assert at("2026-12-02 17:30") == deadline.due_at
    assert at("2026-12-03 17:30") == deadline.escalate_at


def test_a_deadline_says_whether_it_may_move(china: Calendar) -> None:
    """Across a new year whose holidays are not announced it may; within the year it may not."""
    assert deadline_of(at("2026-12-30 10:00"), _TERM, china).provisional is True
    assert deadline_of(at("2026-11-23 10:00"), _TERM, china).provisional is False


def test_no_warning_at_the_start(china: Calendar) -> None:
    """Where the lead reaches back to the start, nothing is said then; the first alert is the breach."""
    term = Term(allow=parse_allowance("1 working day"), near=parse_allowance("1 working day"))
    deadline = deadline_of(at("2026-11-23 17:30"), term, china)

    assert deadline.near_at is None
    assert (AlertLevel.MISSED, at("2026-11-24 17:30")) == deadline.first_alert


def test_a_warning_that_comes_too_late_is_none() -> None:
    """After an outage a breach is called a breach, not a warning."""
    due = at("2026-11-30 17:30")

    assert AlertLevel.NEAR == alert_to_raise(AlertLevel.NEAR, due, due)
    assert AlertLevel.MISSED == alert_to_raise(AlertLevel.NEAR, due, at("2026-11-30 17:31"))


def test_history_is_pauses_and_extensions() -> None:
    """Each suspension with its resumption; extensions add up; what is still open gives nothing back yet."""
    entries = [
        ClockEvent(at("2026-11-23 10:00"), "paused"),
        ClockEvent(at("2026-11-23 11:00"), "paused"),
        ClockEvent(at("2026-11-24 10:00"), "resumed"),
        ClockEvent(at("2026-11-24 11:00"), "resumed"),
        ClockEvent(at("2026-11-25 10:00"), "extended", 3),
        ClockEvent(at("2026-11-25 11:00"), "extended", 2),
        ClockEvent(at("2026-11-26 10:00"), "paused"),
    ]
    history = history_of(entries)

    assert (Pause(at("2026-11-23 10:00"), at("2026-11-24 10:00")),) == history.pauses
    assert 5 == history.extension_workdays


@pytest.mark.parametrize("minutes", [0, 1])
def test_a_resumption_out_of_order_takes_nothing_back(minutes: int) -> None:
    """Clocks of two machines may disagree by a moment: such a pause is empty, never negative."""
    paused = at("2026-11-23 10:01")
    history = history_of(
        [ClockEvent(paused, "paused"), ClockEvent(at(f"2026-11-23 10:0{minutes}"), "resumed")]
    )

    assert (Pause(paused, paused),) == history.pauses


def test_what_was_undone_moved_nothing() -> None:
    """Of what happened since the decision took effect; what came before it, and after it was undone, still counts."""
    first, second, third, last = (
        ClockEvent(at(f"2026-11-{day} 10:00"), "extended", working_days=1) for day in (23, 24, 25, 27)
    )
    undone = ClockEvent(at("2026-11-26 10:00"), "undone", since=second.at)

    assert (first, last) == standing([first, second, third, undone, last])
    assert (first, second) == standing([first, second])


def test_a_promised_moment_is_not_due_before(china: Calendar) -> None:
    """Nor before what is left at the least; extensions since then are working days on top of it."""
    start, promised = at("2026-11-23 10:00"), at("2026-12-10 00:00")
    floor, extended = Floor(start, promised), Floor(start, promised, extension_workdays=1)

    assert promised == deadline_of(start, _TERM, china, History(floors=(floor,))).due_at
    assert promised < deadline_of(start, _TERM, china, History(floors=(extended,))).due_at
    assert (
        at("2026-11-30 17:30")
        == deadline_of(start, _TERM, china, History(floors=(Floor(start, at("2026-11-24 00:00")),))).due_at
    )


@pytest.mark.parametrize(
    ("due", "after", "escalated"),
    [
        ("2026-12-04 00:00", "1 working day", "2026-12-04 17:30"),
        ("2026-12-03 12:00", "1 working day", "2026-12-04 17:30"),
        ("2026-12-04 00:00", "2 hours", "2026-12-04 02:00"),
    ],
)
def test_days_after_the_end_of_a_day_are_counted_from_that_day(
    due: str, after: str, escalated: str, china: Calendar
) -> None:
    """What was promised for Thursday is due at its midnight: a working day after it is Friday; hours are hours."""
    term = replace(_TERM, escalate_after=parse_allowance(after))
    history = History(floors=(Floor(at("2026-11-23 10:00"), at(due)),))

    assert at(escalated) == deadline_of(at("2026-11-23 10:00"), term, china, history).escalate_at
