"""When a process that died is started again."""

from deploy.local.supervisor.restarts import RestartPolicy, Restarts

_POLICY = RestartPolicy(limit=3, window_seconds=60, first_seconds=1, slow_seconds=30)


def test_pauses_grow() -> None:
    """Each death within the window doubles the pause."""
    restarts = Restarts(_POLICY)

    assert [restarts.died(now) for now in (0, 1, 3)] == [1, 2, 4]
    assert not restarts.has_failed


def test_too_many_deaths_in_the_window_are_a_failure_tried_slowly() -> None:
    """Beyond the limit it counts as failed, and is tried at the slow pace for as long as it dies."""
    restarts = Restarts(_POLICY)
    for now in (0, 1, 3):
        restarts.died(now)

    assert restarts.died(7) == 30
    assert restarts.has_failed
    assert restarts.died(200) == 30
    assert restarts.count == 5


def test_deaths_far_apart_are_no_failure() -> None:
    """What dies once an hour is started at once each time."""
    restarts = Restarts(_POLICY)

    assert [restarts.died(now * 3600) for now in range(5)] == [1, 1, 1, 1, 1]
    assert not restarts.has_failed


def test_a_whole_window_without_a_death_restores_trust() -> None:
    """A failed process that runs for a window is trusted again, once."""
    restarts = Restarts(_POLICY)
    for now in range(4):
        restarts.died(now)

    assert not restarts.ran_until(92, started=33)
    assert restarts.ran_until(93, started=33)
    assert not restarts.ran_until(94, started=33)
    assert restarts.died(95) == 1
