"""How often one address may do something."""

import pytest

from deploy.web import rate_limits
from deploy.web.rate_limits import GUESSES_PER_MINUTE, Limits
from schemas.errors import TooMany

ELSEWHERE = "203.0.113.7"


class Time:
    """A clock that stands still until told."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        """See `time`."""
        return self.now


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Time:
    """The limits' clock."""
    time = Time()
    monkeypatch.setattr(rate_limits, "time", time)
    return time


def _submit(limits: Limits, times: int, address: str = ELSEWHERE) -> None:
    for _ in range(times):
        limits.count_submission(address)


def test_one_too_many_is_told_when_to_come_back(time: Time) -> None:
    """Sixty a minute: the sixty-first waits for the next free place, and is told how long."""
    limits = Limits(submissions_per_minute=60)
    _submit(limits, 60)

    with pytest.raises(TooMany) as refused:
        _submit(limits, 1)

    seconds = refused.value.facts["retry_after_seconds"]
    assert isinstance(seconds, int)
    assert 1 <= seconds <= 2
    time.now += seconds
    _submit(limits, 1)


def test_a_refusal_costs_nothing(time: Time) -> None:
    """Whoever keeps trying waits no longer than whoever waits."""
    limits = Limits(submissions_per_minute=6)
    _submit(limits, 6)
    for _ in range(50):
        with pytest.raises(TooMany):
            _submit(limits, 1)
    time.now += 10

    _submit(limits, 1)


def test_places_come_back_but_do_not_pile_up(time: Time) -> None:
    """After a day there are as many as after a minute."""
    limits = Limits(submissions_per_minute=5)
    _submit(limits, 5)
    time.now += 86_400
    _submit(limits, 5)

    with pytest.raises(TooMany):
        _submit(limits, 1)


def test_addresses_do_not_share(time: Time) -> None:
    """One busy address does not stop another."""
    limits = Limits(submissions_per_minute=1)
    _submit(limits, 1)

    _submit(limits, 1, "198.51.100.1")


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.9.10", "::1"])
def test_this_machine_is_not_limited(time: Time, address: str) -> None:
    """Imports and tests on the machine itself are not counted."""
    _submit(Limits(submissions_per_minute=1), 100, address)


@pytest.mark.parametrize("address", ["", "not an address", "testclient"])
def test_an_unknown_address_is_limited(time: Time, address: str) -> None:
    """What is no address shares one place rather than none."""
    limits = Limits(submissions_per_minute=1)
    _submit(limits, 1, address)

    with pytest.raises(TooMany):
        _submit(limits, 1, address)


def test_guessing_is_stopped_and_right_codes_cost_nothing(time: Time) -> None:
    """Ten wrong codes a minute; looking at one's own case is free until then."""
    limits = Limits(submissions_per_minute=1)
    for _ in range(GUESSES_PER_MINUTE):
        limits.check_guesses(ELSEWHERE)
        limits.count_wrong_guess(ELSEWHERE)

    with pytest.raises(TooMany):
        limits.check_guesses(ELSEWHERE)


def test_memory_is_bounded(time: Time, monkeypatch: pytest.MonkeyPatch) -> None:
    """The address unseen for longest is forgotten first."""
    monkeypatch.setattr(rate_limits, "_REMEMBERED", 3)
    counted = Limits(submissions_per_minute=1)
    for number in range(4):
        _submit(counted, 1, f"203.0.113.{number}")

    _submit(counted, 1, "203.0.113.0")
    with pytest.raises(TooMany):
        _submit(counted, 1, "203.0.113.3")


def test_a_burst_of_guesses_is_paid_for(time: Time) -> None:
    """All may have looked before the first was counted; then the address waits, for a minute and a bit, not for ever."""
    limits = Limits(submissions_per_minute=60)
    for _ in range(300):
        limits.count_wrong_guess(ELSEWHERE)

    with pytest.raises(TooMany) as refused:
        limits.check_guesses(ELSEWHERE)
    time.now += 60
    with pytest.raises(TooMany):
        limits.check_guesses(ELSEWHERE)
    time.now += 10
    limits.check_guesses(ELSEWHERE)

    assert refused.value.facts["retry_after_seconds"] == 66
