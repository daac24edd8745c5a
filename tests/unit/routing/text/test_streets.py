"""A street says in which district a message is, where nothing says so better."""

from typing import Any

import pytest

from routing.core.classify import classify
from routing.core.rules import load_rules
from routing.core.text.streets import Streets
from schemas.city import City, Region, load_city
from schemas.ids import DepartmentCode, RegionCode

RULES = load_rules()


@pytest.mark.parametrize(
    ("text", "place", "region"),
    [
        ("松涛路的路灯不亮", "", "xishan"),
        ("路灯不亮", "听荷路3号", "donghu"),
        ("松涛路的路灯不亮", "听荷路3号", "donghu"),
        ("松涛路的路灯不亮", "东湖区", "donghu"),
        ("南港区松涛路的路灯不亮", "", "nangang"),
        ("路灯从松涛路到枫岭街都不亮", "", "xishan"),
        ("路灯从松涛路到听荷路都不亮", "", None),
        ("白桦街的路灯不亮", "", None),
        ("东湖区和西山区的交界，松涛路的路灯不亮", "", None),
        ("不是松涛路的路灯", "", None),
        ("北松涛路的路灯不亮", "", None),
        ("茶亭街的路灯不亮", "", "qingyan"),
        ("路灯不亮", "兰舟路12号", "landu"),
        ("无名路的路灯不亮", "", None),
    ],
)
def test_its_street_names_a_messages_district(text: str, place: str, region: str | None) -> None:
    """The address before the text, a district before its streets; one that two districts have names none."""
    assert region == classify(RULES, "反映", text, place=place).region


def test_a_territorial_matter_goes_to_the_streets_district() -> None:
    """属地: its government leads, as where the district itself is named."""
    found = classify(RULES, "反映", "松涛路的路灯不亮，路面坑洼。")

    assert RULES.city.region["xishan"].department == found.lead


def _city(**streets: tuple[str, ...]) -> City:
    known: Any = load_city()
    regions = [
        Region(
            code=RegionCode(code),
            zh=f"{code}区",
            en=code,
            department=DepartmentCode("housing"),
            streets=names,
        )
        for code, names in streets.items()
    ]
    return City(departments=known.departments, regions=tuple(regions), categories=known.categories)


def test_the_longest_name_counts() -> None:
    """松涛路东巷 lies elsewhere than 松涛路, whose name it begins with."""
    streets = Streets(_city(a=("松涛路",), b=("松涛路东巷",)))

    assert ("a", "b") == (streets.district_of("松涛路口"), streets.district_of("松涛路东巷口"))
    assert None is streets.district_of("松涛路东巷口，松涛路边")


def test_half_a_character_and_no_streets_stop_nothing() -> None:
    """Whatever a message holds, and in a city that lists none."""
    assert "a" == Streets(_city(a=("松涛路",))).district_of("\ud83d松涛路")
    assert None is Streets(_city(a=())).district_of("松涛路")
