"""What sla's integration tests share."""

import pytest

from schemas.city import City, load_city
from sla.core.calendar import Calendar, china_calendar
from sla.core.rules import DeadlineRules, load_rules
from tests.conftest import RecordingUnit
from tests.integration.sla.events import Sla


@pytest.fixture(scope="session")
def china() -> Calendar:
    """The default calendar."""
    return china_calendar()


@pytest.fixture(scope="session")
def shipped() -> DeadlineRules:
    """The example city's rules."""
    return load_rules()


@pytest.fixture(scope="session")
def example_city() -> City:
    """The example city."""
    return load_city()


@pytest.fixture
def sla(unit: RecordingUnit, china: Calendar, shipped: DeadlineRules, example_city: City) -> Sla:
    """The slice over one transaction."""
    return Sla(unit=unit, calendar=china, rules=shipped, city=example_city)
