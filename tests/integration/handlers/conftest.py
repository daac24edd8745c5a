"""Staff who write and review knowledge entries."""

import pytest

from schemas.http import Principal
from schemas.words import Role
from tests.conftest import RecordingUnit
from tests.integration.handlers.entry_desk import Staff
from tests.unit.handlers.making import HOUSING, TRANSPORT


@pytest.fixture
def wang(unit: RecordingUnit) -> Staff:
    """Of housing."""
    return Staff(unit=unit, who=Principal(role=Role.DEPARTMENT, name="wang", department=HOUSING))


@pytest.fixture
def zhao(unit: RecordingUnit) -> Staff:
    """Of transport."""
    return Staff(unit=unit, who=Principal(role=Role.DEPARTMENT, name="zhao", department=TRANSPORT))


@pytest.fixture
def li(unit: RecordingUnit) -> Staff:
    """A dispatcher."""
    return Staff(unit=unit, who=Principal(role=Role.DISPATCHER, name="li"))
