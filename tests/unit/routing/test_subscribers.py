"""What routing hears."""

import pytest

from routing.core.rules import load_rules
from routing.subscribers import subscriptions
from schemas.city import City, load_city
from schemas.events.intake import CaseRegistered


def test_rules_of_another_city_are_refused() -> None:
    """Codes would not fit."""
    city = load_city()
    other = City(departments=city.departments, regions=(), categories=city.categories)

    with pytest.raises(ValueError, match="another city"):
        subscriptions(city=other, rules=load_rules())


def test_new_cases_are_classified_beside_the_event_loop() -> None:
    """`prepare` is given, and gives one opinion for each event."""
    routing, reviews = subscriptions(city=load_city(), rules=load_rules())

    assert ("routing", "routing.reviews") == (routing.name, reviews.name)
    prepare = routing.table[CaseRegistered].prepare
    assert prepare is not None
    assert [] == prepare([])
