"""The database's clock was ahead, and is right again: what came meanwhile seems still to come."""

from datetime import timedelta

import pytest

from deploy import clock
from deploy.reconcile.gaps import find_gaps
from tests.conftest import RecordingUnit
from tests.integration.intake.calls import register
from tests.integration.scattered import CASE, SURE


@pytest.mark.parametrize(("ahead", "is_compared"), [(timedelta(days=30), True), (timedelta(0), False)])
async def test_cases_of_a_clock_that_was_ahead_are_compared(
    unit: RecordingUnit, ahead: timedelta, *, is_compared: bool
) -> None:
    """Routing never heard of it, and that is said before the month is over; of what came just now nothing is said yet."""
    unit.now = clock.now() + ahead
    await register(unit, SURE)

    gaps = await find_gaps(unit.db, clock.now() - timedelta(minutes=1))

    assert is_compared == (CASE in gaps.unrouted)
