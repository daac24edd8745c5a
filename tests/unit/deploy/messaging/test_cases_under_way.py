"""When records wait for one another, and when none is made to wait."""

import pytest

from deploy.messaging import cases_under_way as module
from deploy.messaging.cases_under_way import CasesUnderWay


class _Clock:
    """Shows what it is told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        """Seconds since some moment."""
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> _Clock:
    """The only clock that is looked at."""
    clock = _Clock()
    monkeypatch.setattr(module, "time", clock)
    return clock


def test_one_case_is_alone_however_much_it_says(clock: _Clock) -> None:
    """It is a chain of events, each of which somebody waits for."""
    under_way = CasesUnderWay()
    for _ in range(100):
        under_way.note(["one"] * 5)
        clock.now += 0.01
        assert not under_way.are_several


def test_one_citizen_after_the_other_are_not_several(clock: _Clock) -> None:
    """Four different cases a second, for as long as it goes on."""
    under_way = CasesUnderWay()
    for number in range(40):
        under_way.note([number])
        clock.now += 0.25
        assert not under_way.are_several


def test_several_cases_are_under_way_for_a_moment_longer(clock: _Clock) -> None:
    """Also where they came one by one; then everybody is alone again."""
    under_way = CasesUnderWay()
    for number in range(3):
        under_way.note([number])
    assert under_way.are_several
    clock.now += 0.3
    assert under_way.are_several
    clock.now += 0.3
    assert not under_way.are_several


def test_a_pause_ends_it_at_once(clock: _Clock) -> None:
    """What comes after a long silence finds nobody of before."""
    under_way = CasesUnderWay()
    under_way.note(range(10))
    clock.now += 3600
    under_way.note([11])
    assert not under_way.are_several


def test_a_crowd_waits_for_nobody(clock: _Clock) -> None:
    """Until a smaller lot comes."""
    under_way = CasesUnderWay()
    under_way.note(range(64))
    assert not under_way.are_several
    under_way.note(range(63))
    assert under_way.are_several
