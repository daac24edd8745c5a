"""What sla's unit tests share."""

import pytest

from sla.core.calendar import Calendar, china_calendar, named_calendar


@pytest.fixture(scope="session")
def china() -> Calendar:
    """The default calendar."""
    return china_calendar()


@pytest.fixture(scope="session")
def always() -> Calendar:
    """Every hour of every day."""
    return named_calendar("around-the-clock")
