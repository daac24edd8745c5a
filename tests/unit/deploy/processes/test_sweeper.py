"""When the sweeper looks again."""

import pytest

from deploy.processes.sweeper import rest_of


@pytest.mark.parametrize(("took", "rests"), [(0.0, 0.5), (0.2, 0.3), (0.45, 0.05), (3.0, 0.05)])
def test_a_look_that_takes_long_delays_the_next_by_no_more(took: float, rests: float) -> None:
    """One cadence from look to look, while it lasts; and a rest all the same, for whoever else needs the database."""
    assert rests == pytest.approx(rest_of(0.5, took))
