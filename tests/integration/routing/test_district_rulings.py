"""What a ruling (认定) for a district's government holds of."""

from typing import Any

import pytest

from routing.core.decisions.catalogue import NewRuling
from routing.store import rulings
from tests.integration.routing.test_rulings import HOUSING, SUCH, ruled


@pytest.mark.parametrize(("asked", "lead", "kept"), [
    (None, "district-nangang", "nangang"), ("donghu", "district-nangang", "donghu"), (None, HOUSING, None),
])  # fmt: skip
async def test_what_a_districts_government_is_given_is_of_that_district(
    unit: Any, asked: str | None, lead: str, kept: str | None
) -> None:
    """Other districts' matters of these words go where they went; a specialist's are the whole city's."""
    await ruled(unit, NewRuling(words=SUCH.words, region=asked), lead)

    assert [kept] == [one.region for one in await rulings.in_force(unit.db)]
