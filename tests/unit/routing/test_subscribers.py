"""What routing hears."""

import msgspec
import pytest

from deploy.docgen.golden import sample
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
    """`prepare` is given, and gives one opinion for each event, in their order."""
    routing, reviews = subscriptions(city=load_city(), rules=load_rules())
    prepare = routing.table[CaseRegistered].prepare
    assert prepare is not None

    opinions = prepare(
        [_registered("路灯坏了", "望江路的路灯不亮。"), _registered("公交车不来", "三路公交车等了一小时。")]
    )

    assert ("routing", "routing.reviews") == (routing.name, reviews.name)
    assert ["urban-construction", "transport"] == [opinion.category for opinion in opinions]


def _registered(title: str, text: str) -> CaseRegistered:
    content = {**sample(CaseRegistered), "title": title, "text": text, "simplified": None}
    return msgspec.convert(content, CaseRegistered)
