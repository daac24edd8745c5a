"""A message has the tags that its words name: of time, of people, of nature."""

import pytest
from msgspec.structs import replace

from routing.core.classify import classify
from routing.core.named_tags import NamedTags
from routing.core.rules import load_rules
from schemas.city import load_city
from schemas.words import Kind, TagGroup

_CITY = load_city()
_RULES = load_rules()


def _tags(text: str, kind: Kind = Kind.HELP) -> set[str]:
    return {*_RULES.tags.named(f"{text}\n", kind)}


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("工地凌晨还在打桩，已经多次投诉。", {"night", "repeated"}),
        ("早高峰校门口堵死，孩子过马路很危险。", {"rush-hour", "children", "hazard"}),
        ("孕妇和坐轮椅的老人上不了楼。", {"pregnant", "disabled", "elderly"}),
        ("拖欠农民工工资，几十人讨要，几个部门互相推诿。", {"migrant-workers", "collective", "passed-on"}),
        ("历史遗留的房产证问题一拖再拖。", {"legacy", "overdue"}),
        ("路灯坏了。", set()),
    ],
)
def test_its_words_name_them(text: str, tags: set[str]) -> None:
    """None, one or several, of any group."""
    assert tags == _tags(text)


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("这里没有老人居住。", set()),
        ("说的不是孩子。", set()),
        ("危险现象并未发生。", set()),
        ("并非没有隐患。", {"hazard"}),
        ("担心老人摔倒。", {"elderly"}),
        ("我家没有老人，楼上有老人。", {"elderly"}),
    ],
)
def test_what_is_denied_names_none(text: str, tags: set[str]) -> None:
    """What is feared does, and what is said elsewhere in the message all the same."""
    assert tags == _tags(text)


def test_a_word_inside_a_longer_one_counts() -> None:
    """全体学生 are many people together, and students."""
    assert {"collective", "children"} == _tags("全体学生没有热水。")


def test_a_tag_of_a_kind_is_in_no_other() -> None:
    """A complaint that names a rule asks nothing about rules."""
    assert {"policy"} == _tags("租房补贴要什么条件？", Kind.CONSULTATION)
    assert set() == _tags("租房补贴要什么条件？", Kind.COMPLAINT)


def test_half_a_pair_hides_no_word() -> None:
    """Nor does it stop anything."""
    assert {"elderly"} == _tags("\ud83d老人")


def test_a_message_is_classified_with_its_tags() -> None:
    """Those of the title too, in the city's order; of what is protected nothing is told."""
    assert ("night", "elderly") == classify(_RULES, "老人睡不着", "楼下夜间施工。").tags
    assert () == classify(_RULES, "实名举报", "举报城管局夜间收了商户的红包。").tags


def test_a_city_without_tags_has_none() -> None:
    """As one of before."""
    assert () == NamedTags(replace(_CITY, tags=())).named("夜间\n", Kind.HELP)


def test_the_example_city_has_tags_of_each_group() -> None:
    """Of time, of people and of nature, five at least."""
    for group in TagGroup:
        assert 5 <= sum(tag.group is group for tag in _CITY.tags)
