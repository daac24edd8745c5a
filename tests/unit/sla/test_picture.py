"""A case's time line as a picture."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.ids import CaseId, DepartmentCode
from schemas.words import Clock
from sla.core.calendar import Calendar, named_calendar
from sla.core.picture import TimelinePicture, picture_of
from sla.core.readings import CaseClock, ClockEntry, ClocksAndHistory

#: Monday, 09:00 in China.
MONDAY = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
CHINA: Calendar = named_calendar("china")
DAY = timedelta(days=1)
HOUSING, WATER = DepartmentCode("housing"), DepartmentCode("water")


def _clock(**changed: Any) -> CaseClock:
    known: dict[str, Any] = {
        "clock": Clock.REPLY, "state": "running", "department": HOUSING, "owner": "lead", "started_at": MONDAY,
        "due_at": MONDAY + 7 * DAY, "deadline_version": 1, "rule": "general@1", "allow": "5 working days",
        "provisional": False, "missed_at": None, "stopped_at": None,
    }  # fmt: skip
    return CaseClock(**known | changed)


def _entry(what: str, days: float, clock: Clock = Clock.REPLY, **detail: Any) -> ClockEntry:
    return ClockEntry(at=MONDAY + days * DAY, clock=clock, what=what, detail=detail)


def _picture(
    *clocks: CaseClock, history: tuple[ClockEntry, ...] = (), now: float = 2, replied: float | None = None,
    moves: tuple[tuple[datetime, DepartmentCode], ...] = (),
) -> TimelinePicture:  # fmt: skip
    case = ClocksAndHistory(
        case_id=CaseId("0198b2c4-0000-7000-8000-00000000000a"), tracking_code="ABCD", department=HOUSING, urged=0,
        supervised=False, clocks=clocks, history=history,
        replied_at=None if replied is None else MONDAY + replied * DAY,
    )  # fmt: skip
    found = picture_of(case, moves, now=MONDAY + now * DAY, calendar=CHINA)
    assert found is not None
    return found


def _told(picture: TimelinePicture) -> list[tuple[str, float, float]]:
    (lane,) = picture.lanes
    return [(span.kind, (span.at.start - MONDAY) / DAY, (span.at.end - MONDAY) / DAY) for span in lane.spans]


def test_what_runs_is_counted_in_working_days() -> None:
    """Over a weekend: a week is five working days, and the picture goes on to what is still due."""
    picture = _picture(_clock(due_at=MONDAY + 10 * DAY), now=7)

    assert [("ran", 0, 7)] == _told(picture)
    assert 5 == picture.lanes[0].workdays
    assert (MONDAY, MONDAY + 10 * DAY, 1000) == (picture.start, picture.end, picture.lanes[0].due_x)
    assert (0, 700) == (picture.lanes[0].spans[0].at.x, picture.lanes[0].spans[0].at.width)


def test_pauses_and_extensions() -> None:
    """Two pauses, one of them open, and what was granted in between."""
    history = (
        _entry("paused", 1), _entry("resumed", 2), _entry("extended", 3, working_days=5), _entry("paused", 4),
    )  # fmt: skip
    picture = _picture(_clock(state="paused"), history=history, now=5)

    assert [("ran", 0, 1), ("paused", 1, 2), ("ran", 2, 4), ("paused", 4, 5)] == _told(picture)
    assert [(MONDAY + 3 * DAY, 5)] == picture.lanes[0].extensions
    assert 3 == picture.lanes[0].workdays


def test_what_is_late_is_late_from_its_due_time() -> None:
    """Until it stopped."""
    late = _clock(
        due_at=MONDAY + 2 * DAY, missed_at=MONDAY + 2 * DAY, state="stopped", stopped_at=MONDAY + 3 * DAY
    )

    assert [("ran", 0, 2), ("late", 2, 3)] == _told(_picture(late, now=9))


def test_an_answer_waits_for_the_centre() -> None:
    """What comes after the answer is not the department's time."""
    assert [("ran", 0, 2), ("answered", 2, 4)] == _told(_picture(_clock(state="answered"), now=4, replied=2))


def test_who_had_it() -> None:
    """One after the other, up to the end."""
    moves = ((MONDAY, HOUSING), (MONDAY + DAY, WATER))
    picture = _picture(_clock(), now=2, moves=moves)

    assert [(HOUSING, 0, 1), (WATER, 1, 2)] == [
        (each.department, (each.at.start - MONDAY) / DAY, (each.at.end - MONDAY) / DAY)
        for each in picture.holdings
    ]


def test_who_had_it_for_no_time_is_not_shown() -> None:
    """Given to two in one moment, as when a choice is corrected at once: the second had it."""
    moves = ((MONDAY, HOUSING), (MONDAY, WATER))

    assert [WATER] == [each.department for each in _picture(_clock(), moves=moves).holdings]


def test_days_off_are_shown_while_they_can_be_seen() -> None:
    """A weekend of a week; of a year none."""
    assert 2 == len(_picture(_clock(), now=7).rests)
    assert [] == list(_picture(_clock(due_at=MONDAY + 365 * DAY)).rests)


def test_a_case_without_clocks_has_no_picture() -> None:
    """Nothing to draw."""
    case = ClocksAndHistory(
        case_id=CaseId("0198b2c4-0000-7000-8000-00000000000a"), tracking_code=None, department=None, urged=0,
        supervised=False, clocks=(), history=(),
    )  # fmt: skip

    assert picture_of(case, (), now=MONDAY, calendar=CHINA) is None


@given(
    moments=st.lists(st.floats(0, 20), max_size=8).map(sorted),
    state=st.sampled_from(["running", "paused", "answered", "stopped"]),
    due=st.floats(-1, 30),
    is_missed=st.booleans(),
)
def test_whatever_happened_the_picture_is_whole(
    moments: list[float], state: str, due: float, is_missed: bool
) -> None:
    """Spans follow one another without a gap, from the start to the end, and lie within the picture."""
    history = tuple(
        _entry("resumed" if place % 2 else "paused", moment) for place, moment in enumerate(moments)
    )
    clock = _clock(
        state=state, due_at=MONDAY + due * DAY, missed_at=MONDAY if is_missed else None,
        stopped_at=MONDAY + 25 * DAY if state == "stopped" else None,
    )  # fmt: skip
    picture = _picture(clock, history=history, now=26, replied=22)
    spans = picture.lanes[0].spans

    assert MONDAY == spans[0].at.start
    assert (clock.stopped_at or MONDAY + 26 * DAY) == spans[-1].at.end
    assert all(one.at.end == other.at.start for one, other in pairwise(spans))
    assert all(0 <= span.at.x and span.at.x + span.at.width <= 1000 for span in spans)


@pytest.mark.parametrize("now", [0, 0.0001])
def test_a_case_of_this_moment(now: float) -> None:
    """Nothing is divided by nothing."""
    assert 1 == len(_picture(_clock(due_at=MONDAY), now=now).lanes)
