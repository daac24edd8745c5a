"""A message names an item of the dispatch catalogue, or none; and whose the case is follows from it."""

import dataclasses
from collections.abc import Mapping

import pytest
from msgspec.structs import replace

from routing.core.classify import Classification, Wording, classify, classify_all
from routing.core.departments import choose_for
from routing.core.named_item import NamedItems, item_of_parts
from routing.core.rules import RoutingRules, load_rules
from schemas.city import City, load_city
from schemas.ids import DepartmentCode, RegionCode
from schemas.reasons import by_catalogue
from schemas.whose_item import is_territorial
from schemas.words import Kind

_RULES = load_rules()


def _without_items() -> RoutingRules:
    """The same words, as loud as with items."""
    return dataclasses.replace(_RULES, items=NamedItems(replace(load_city(), items=(), subcategories=())))


def _item(title: str, text: str = "") -> str | None:
    return classify(_RULES, title, text).item


@pytest.mark.parametrize(
    ("title", "text", "item"),
    [
        ("我们小区物业费太高", "物业公司每年都涨价。", "property-fee"),
        ("路灯坏了两个月", "听荷路的路灯不亮，晚上出门害怕。", "street-light"),
        ("工地晚上施工", "项目部夜间施工，凌晨还在打桩，吵得睡不着。", "site-noise-night"),
        ("公司拖欠工资", "三个月工资未发。", "unpaid-wages"),
        ("希望增加公交线路", "新城没有公交线路，出行不便。", "bus-route"),
        ("孩子小学入学", "今年的小学入学怎么报名？", "primary-admission"),
        ("停水了", "从昨天起一直停水。", "water-cut"),
    ],
)
def test_what_citizens_write_about_most_is_named(title: str, text: str, item: str) -> None:
    """With the item's code, which belongs to the category that the message was judged to have."""
    opinion = classify(_RULES, title, text)

    assert opinion.item == item
    assert _RULES.city.category_of(_RULES.city.item[item]).code == opinion.category


def test_where_two_items_are_near_none_is_named() -> None:
    """One that is louder by half is; what is denied names nothing."""
    assert _item("小区问题", "路灯和井盖都没了。") is None
    assert _item("小区路灯问题", "路灯和井盖都没了。") == "street-light"
    assert _item("小区问题", "不是路灯的问题，是井盖没了。") == "manhole"


def test_parts_of_a_word_may_stand_apart() -> None:
    """But all of them stand there."""
    rules = _with_words("manhole", "井盖 丢失")
    named = rules.items.named

    assert named("井盖昨天又丢失了", 0, "urban-construction", Kind.HELP, 2.0) is rules.city.item["manhole"]
    assert named("井盖", 0, "urban-construction", Kind.HELP, 2.0) is None


_BUILDING = "urban-construction"


def _named(words: Mapping[str, tuple[str, ...]], whole: str, title_ends: int = 0) -> str | None:
    """The item that is named in a catalogue of these alone."""
    city = load_city()
    items = tuple(replace(city.item[code], words=each) for code, each in words.items())
    found = NamedItems(replace(city, items=items)).named(whole, title_ends, _BUILDING, Kind.HELP, 2.0)
    return found.code if found else None


def test_a_title_is_louder_up_to_its_end() -> None:
    """What begins where it ends is said in the text."""
    words = {"street-light": ("路灯",), "manhole": ("井盖",)}

    assert "street-light" == _named(words, "路灯井盖", 2)
    assert _named(words, "路灯井盖", 4) is None


def test_the_next_loudest_counts_and_no_other() -> None:
    """Of three the first must be half as loud again as the second, exactly so at the least."""
    words = {"street-light": ("路灯照明", "照明灯"), "manhole": ("井盖丢失",), "footbridge": ("天桥",)}

    assert "street-light" == _named(words, "路灯照明，照明灯，井盖丢失，天桥")
    assert "street-light" == _named(words, "路灯照明坏，天桥脏")
    assert "street-light" == _named(words, "照明灯，天桥")
    assert _named(words, "路灯照明，井盖丢失，天桥") is None


def test_a_word_in_parts_counts_its_characters_once() -> None:
    """With a whole word of the same item, and beside those of another: six to four, and four to three."""
    words = {"street-light": ("路灯 熄灭", "照明"), "manhole": ("丢井盖了",), "footbridge": ("天桥脏",)}

    assert "street-light" == _named(words, "路灯熄灭，照明，丢井盖了")
    assert _named(words, "路灯熄灭，天桥脏") is None
    assert _named(words, "路灯，熄灭也不亮，丢井盖了") is None


def test_a_word_in_parts_is_as_loud_as_its_quietest() -> None:
    """One part in the title does not make it the title's."""
    words = {"street-light": ("路灯 熄灭",), "manhole": ("丢井盖了",)}

    assert _named(words, "路灯熄灭，丢井盖了", 2) is None
    assert "street-light" == _named(words, "路灯熄灭，丢井盖了", 4)


@pytest.mark.parametrize(
    ("department", "region", "text", "item"),
    [
        ("urban-management", None, "门口的路灯也不亮", "street-light"),
        ("district-donghu", "donghu", "门口的路灯也不亮", "street-light"),
        ("district-donghu", None, "门口的路灯也不亮", None),
        ("transport", None, "门口的路灯也不亮", None),
        ("transport", None, "希望增加公交线路", "bus-route"),
        ("transport", None, "不是公交线路的问题", None),
        ("urban-management", None, "还有一件小事", None),
    ],
)
def test_a_matter_that_was_split_off_is_an_item_of_its_department(
    department: str, region: str | None, text: str, item: str | None
) -> None:
    """Of those that it answers or supports there, whatever the case itself is about."""
    item_of = item_of_parts(_RULES.city, RegionCode(region) if region else None, Kind.HELP)

    assert item_of(DepartmentCode(department), text) == item


def test_an_item_of_a_kind_is_named_in_no_other() -> None:
    """A consultation is no complaint."""
    rules = _with_words("manhole", "井盖", kind=Kind.CONSULTATION)

    assert rules.items.named("井盖", 0, "urban-construction", Kind.COMPLAINT, 2.0) is None
    assert rules.items.named("井盖", 0, "urban-construction", Kind.CONSULTATION, 2.0) is not None


def _with_words(code: str, *words: str, kind: Kind | None = None) -> RoutingRules:
    city = load_city()
    items = tuple(replace(one, words=words, kind=kind) for one in city.items if one.code == code)
    return load_rules(None, replace(city, items=items))


def test_who_answers_follows_the_order_of_decision() -> None:
    """A specialist's words; a special line; the district; the item's lead; without an item, the category's."""
    city, donghu, market = _RULES.city, RegionCode("donghu"), DepartmentCode("market")
    special, district, plain = (city.item[code] for code in ("water-cut", "property-fee", "deed"))

    def leads(item: str, specialist: DepartmentCode | None, region: RegionCode | None) -> tuple[str, ...]:
        choice = choose_for(_RULES, "urban-construction", city.item[item], specialist, region)
        return choice.lead, *choice.supporting

    assert leads("water-cut", market, donghu) == ("market",)
    assert leads("water-cut", None, donghu) == (special.lead,)
    assert leads("property-fee", None, donghu) == ("district-donghu", district.lead, *district.supporting)
    assert leads("property-fee", None, None) == (district.lead, *district.supporting)
    assert leads("deed", None, donghu) == (plain.lead, *plain.supporting)
    assert choose_for(_RULES, "urban-construction", None, None, donghu).supporting == ("housing",)


def test_an_item_that_does_not_say_is_as_territorial_as_its_category() -> None:
    """A special line never is."""
    city: City = load_city()
    item = replace(city.item["deed"], territorial=None)

    assert is_territorial(city, item)
    assert not is_territorial(city, replace(item, special=True))
    assert not is_territorial(city, replace(item, territorial=False))


_SLAUGHTER = ("屠宰场臭气熏天", "村里的屠宰场臭气扰民。")


def test_the_catalogue_is_named_as_the_reason() -> None:
    """Before the words, and as the basis that departments read; the category and its probability stay."""
    opinion, before = classify(_RULES, *_SLAUGHTER), classify(_without_items(), *_SLAUGHTER)

    assert (opinion.lead, before.lead) == ("agriculture", "environment")
    assert opinion.basis == opinion.reasons[0] == by_catalogue(_RULES.city.item["slaughter"])
    assert opinion.candidates[0].lead == "agriculture"
    assert (opinion.category, opinion.probability) == (before.category, before.probability)
    assert (before.item, before.basis) == (None, None)


@pytest.mark.parametrize("text", ["局长收受屠宰场贿赂，屠宰场污染没人管。", "举报屠宰场污染，请查处。"])
def test_of_what_is_protected_nothing_is_named(text: str) -> None:
    """Whoever is accused goes on being found as before, and nobody more reads it."""
    opinion, before = (classify(rules, "屠宰场", text) for rules in (_RULES, _without_items()))

    assert opinion.protected
    assert opinion == before


def test_an_emergency_goes_where_it_went() -> None:
    """Its item is noted; the lead is as without it."""
    text = "屠宰场臭气扰民，现在屋里冒浓烟着火了，有人被困。"
    opinion, before = (classify(rules, "屠宰场臭气熏天", text) for rules in (_RULES, _without_items()))

    assert (opinion.urgency, opinion.item) == ("emergency", "slaughter")
    assert _as_sent(opinion) == _as_sent(before)
    assert opinion.basis is None


def _as_sent(opinion: Classification) -> tuple[object, ...]:
    return opinion.lead, opinion.supporting, opinion.doubts, opinion.reasons


def test_many_are_read_as_one() -> None:
    """Also where half a character stands in one."""
    messages = [Wording(*_SLAUGHTER), Wording("屠宰场\ud83d臭气", _SLAUGHTER[1])]

    assert [one.item for one in classify_all(_RULES, None, messages)] == ["slaughter", "slaughter"]
