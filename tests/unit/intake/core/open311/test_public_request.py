"""Which days are asked for: ninety at most, as the standard says."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from intake.core.open311.public_request import Wanted, check_reach, day_of, is_far_back, span_of, whole_days
from schemas.errors import BadInput

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
SPAN = timedelta(days=90)


def test_it_is_the_last_ninety_days_unless_somebody_says_so() -> None:
    """With one end, ninety from there."""
    assert (NOW - SPAN, None) == span_of(None, None, NOW)
    assert (NOW - 2 * SPAN, NOW - SPAN) == span_of(NOW - 2 * SPAN, None, NOW)
    assert (NOW - 2 * SPAN, NOW - SPAN) == span_of(None, NOW - SPAN, NOW)


def test_more_days_or_none_are_refused() -> None:
    """An end that is named as a day counts whole."""
    day = timedelta(days=1)
    assert (NOW - SPAN, NOW + day) == span_of(NOW - SPAN, NOW + day, NOW)
    for since, until in ((NOW - SPAN, NOW + day + timedelta(seconds=1)), (NOW, NOW - day)):
        with pytest.raises(BadInput, match="correction"):
            span_of(since, until, NOW)


def test_what_came_long_ago_is_found_by_when_it_came() -> None:
    """Among what changed last it would stand behind all that changed since."""
    assert is_far_back(NOW - 3 * SPAN, NOW - 2 * SPAN, NOW)
    assert not is_far_back(NOW - SPAN, NOW, NOW)
    assert not is_far_back(NOW - 3 * SPAN, None, NOW)
    assert not is_far_back(None, None, NOW)


def test_nobody_turns_pages_without_end() -> None:
    """Ten thousand are reached."""
    check_reach(Wanted(since=None, until=None, limit=1000, page=10))
    with pytest.raises(BadInput):
        check_reach(Wanted(since=None, until=None, limit=1000, page=11))


def test_no_question_tells_two_moments_of_a_day_apart() -> None:
    """Nor does an answer: when somebody wrote is told by the day."""
    zone = ZoneInfo("Asia/Shanghai")
    since, until = (
        datetime(2026, 11, 20, 9, 30, 7, tzinfo=zone),
        datetime(2026, 11, 20, 9, 30, 8, tzinfo=zone),
    )
    day = datetime(2026, 11, 20, tzinfo=zone), datetime(2026, 11, 21, tzinfo=zone)

    assert day == whole_days(since, until, zone)
    assert day == whole_days(*day, zone)
    assert day[0] == day_of(until, zone)
