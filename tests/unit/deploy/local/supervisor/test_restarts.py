"""When a process that died is started again."""

from deploy.local.supervisor.restarts import RestartPolicy, Restarts

_POLICY = RestartPolicy(limit=3, window_seconds=600, first_seconds=1, slow_seconds=30, trusted_seconds=60)


def test_pauses_grow() -> None:
    """Each death within the window doubles the pause."""
    restarts = Restarts(_POLICY)

    assert [restarts.died(now) for now in (0, 1, 3)] == [1, 2, 4]
    assert not restarts.has_failed


def test_too_many_deaths_in_the_window_are_a_failure_tried_ever_more_slowly() -> None:
    """Beyond the limit it counts as failed; the pauses grow to the slow pace and no further."""
    restarts = Restarts(_POLICY)
    pauses = [restarts.died(now) for now in (0, 1, 3, 7, 15, 31, 61, 91)]

    assert pauses == [1, 2, 4, 8, 16, 30, 30, 30]
    assert restarts.has_failed
    assert restarts.count == 8


def test_parts_that_share_a_process_are_given_what_each_would_have_by_itself() -> None:
    """Six processes that are killed once each begin again at once; so does one that is killed once for each of its parts."""
    restarts = Restarts(_POLICY, parts=6)

    assert [restarts.died(now) for now in range(18)] == [1] * 6 + [2] * 6 + [4] * 6
    assert not restarts.has_failed
    restarts.died(18)
    assert restarts.has_failed


def test_what_lives_a_minute_and_dies_is_failing_too() -> None:
    """Whoever waits for a server and gives up dies slowly: it is no less a loop."""
    restarts = Restarts(_POLICY)
    for now in (90, 180, 270, 360):
        restarts.died(now, lived_seconds=90)

    assert restarts.has_failed
    assert not restarts.ran_until(450, started=361)
    assert restarts.ran_until(541, started=361)


def test_deaths_far_apart_are_no_failure() -> None:
    """What dies once an hour is started at once each time."""
    restarts = Restarts(_POLICY)

    assert [restarts.died(now * 3600) for now in range(5)] == [1, 1, 1, 1, 1]
    assert not restarts.has_failed


def test_a_long_life_restores_trust() -> None:
    """A failed process that runs for long is trusted again, once."""
    restarts = Restarts(_POLICY)
    for now in range(4):
        restarts.died(now)

    assert not restarts.ran_until(92, started=33)
    assert restarts.ran_until(93, started=33)
    assert not restarts.ran_until(94, started=33)
    assert restarts.died(95) == 1


def test_a_life_of_days_is_not_to_be_lived_again_for_trust() -> None:
    """What ran for a month, died four times in a minute and runs again is not called failed for two months."""
    restarts = Restarts(_POLICY)
    for lived in (30 * 86_400, 5, 5, 5):
        restarts.died(0, lived_seconds=lived)

    assert restarts.has_failed
    assert restarts.ran_until(60, started=0)
