"""What sla's integration tests share."""

import pytest

from schemas.city import City, load_city
from sla.core.calendar import Calendar, named_calendar
from sla.core.rules import DeadlineRules, load_rules
from tests.conftest import RecordingUnit
from tests.integration.sla.events import Sla


@pytest.fixture(scope="session")
def china_calendar() -> Calendar:
    """The default calendar."""
    return named_calendar("china")


@pytest.fixture(scope="session")
def shipped() -> DeadlineRules:
    """The example city's rules."""
    return load_rules()


@pytest.fixture(scope="session")
def example_city() -> City:
    """The example city."""
    return load_city()


@pytest.fixture
def sla(unit: RecordingUnit, china_calendar: Calendar, shipped: DeadlineRules, example_city: City) -> Sla:
    """The slice over one transaction."""
    return Sla(unit=unit, calendar=china_calendar, rules=shipped, city=example_city)
