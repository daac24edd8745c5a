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


def test_a_place_in_traditional_characters_leads_to_its_district() -> None:
    """By its name, and by its street's."""
    routing, _ = subscriptions(city=load_city(), rules=load_rules())
    prepare = routing.table[CaseRegistered].prepare
    assert prepare is not None
    registered = [
        _registered("路灯坏了", "不亮。", place=place) for place in ("東湖區人民廣場", "松濤路八號")
    ]

    assert ["donghu", "xishan"] == [opinion.region for opinion in prepare(registered)]


def _registered(title: str, text: str, place: str = "") -> CaseRegistered:
    content = {**sample(CaseRegistered), "title": title, "text": text, "simplified": None}
    content["place"] = {"address": place}
    return msgspec.convert(content, CaseRegistered)
