"""When records wait for one another, and when none is made to wait."""

import pytest

from deploy.messaging import company as module
from deploy.messaging.company import Company


class _Clock:
    """Shows what it is told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        """Seconds since some moment."""
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> _Clock:
    """The only clock that companies look at."""
    clock = _Clock()
    monkeypatch.setattr(module, "time", clock)
    return clock


def test_one_case_is_alone_however_much_it_says(clock: _Clock) -> None:
    """It is a chain of events, each of which somebody waits for."""
    company = Company()
    for _ in range(100):
        company.note(["one"] * 5)
        clock.now += 0.01
        assert not company.is_there


def test_one_citizen_after_the_other_is_no_company(clock: _Clock) -> None:
    """Four different cases a second, for as long as it goes on."""
    company = Company()
    for number in range(40):
        company.note([number])
        clock.now += 0.25
        assert not company.is_there


def test_several_cases_are_company_for_a_moment_longer(clock: _Clock) -> None:
    """Also where they came one by one; then everybody is alone again."""
    company = Company()
    for number in range(3):
        company.note([number])
    assert company.is_there
    clock.now += 0.3
    assert company.is_there
    clock.now += 0.3
    assert not company.is_there


def test_a_pause_ends_it_at_once(clock: _Clock) -> None:
    """What comes after a long silence finds nobody of before."""
    company = Company()
    company.note(range(10))
    clock.now += 3600
    company.note([11])
    assert not company.is_there


def test_a_crowd_waits_for_nobody(clock: _Clock) -> None:
    """Until a smaller lot comes."""
    company = Company()
    company.note(range(64))
    assert not company.is_there
    company.note(range(63))
    assert company.is_there
