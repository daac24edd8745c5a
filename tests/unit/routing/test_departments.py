"""Who answers: specialist, district, category."""

import pytest

from routing.core.classify import classify
from routing.core.departments import choose, specialist
from routing.core.rules import load_rules
from schemas.ids import DepartmentCode, RegionCode

RULES = load_rules()
_DONGHU = RegionCode("donghu")


def test_a_specialist_comes_first() -> None:
    """专业直派: whatever the category and the district."""
    choice = choose(RULES, "urban-construction", DepartmentCode("water"), _DONGHU)

    assert ("water", ()) == (choice.lead, choice.supporting)


def test_the_district_comes_before_the_categorys_lead() -> None:
    """属地主办: the district government leads, the category's own lead supports."""
    choice = choose(RULES, "urban-construction", None, _DONGHU)

    assert ("district-donghu", ("housing",)) == (choice.lead, choice.supporting)
    assert ("urban-construction", "donghu") == (choice.category, choice.region)


def test_without_a_known_place_the_categorys_lead_answers() -> None:
    """A territorial matter from nowhere in particular."""
    assert "housing" == choose(RULES, "urban-construction", None, None).lead


def test_a_matter_that_is_not_territorial_goes_to_its_lead() -> None:
    """A school question is the education bureau's in every district."""
    assert "education" == choose(RULES, "education-culture", None, _DONGHU).lead


def test_no_category_is_the_last_of_the_taxonomy() -> None:
    """其他, so that a dispatcher starts from something that exists."""
    assert "other" == choose(RULES, "", None, None).category


def test_a_word_in_passing_makes_no_specialist() -> None:
    """Below the limit, or as loud as another's."""
    limit = RULES.settings.direct_from

    assert specialist(RULES, {"water": limit - 1}) is None
    assert "water" == specialist(RULES, {"water": limit})
    assert specialist(RULES, {"water": limit, "housing": limit}) is None
    assert "water" == specialist(RULES, {"water": limit + 1, "housing": limit})


def test_departments_that_the_city_names_get_their_own_matters() -> None:
    """The examples of direct dispatch, from text to department."""
    examples = {
        "transport": ("公交车太少", "地铁站没有公交线路"),
        "urban-management": ("夜市占道经营噪音扰民", "流动摊贩和违建没有人管"),
        "medical-insurance": ("医保报销", "异地就医的医保怎么报销"),
        "water": ("小区停水", "自来水水压不足，水表坏了"),
        "housing": ("物业不作为", "开发商不办房产证，物业费照收"),
    }

    assert {code: code for code in examples} == {
        code: classify(RULES, *words).lead for code, words in examples.items()
    }


def test_the_address_beats_districts_that_the_text_names() -> None:
    """Where it happened, not where the citizen has been before."""
    opinion = classify(RULES, "道路坑洼", "西山区也有过，西山都修好了，绿化带破损", place="东湖区某路 1 号")

    assert ("donghu", "district-donghu") == (opinion.region, opinion.lead)


def test_the_district_in_the_text_is_used_without_an_address() -> None:
    """The one named most often; none of two that are named as often."""
    assert "xishan" == classify(RULES, "", "西山区的路，西山的灯，东湖的桥").region
    assert classify(RULES, "", "西山区的路，东湖区的桥").region is None


@pytest.mark.parametrize(
    ("place", "region"),
    [
        ("东湖区公交公司旁", "donghu"),
        ("西山区东湖路东湖小区东湖边", "donghu"),
        ("东湖路西山巷", "xishan"),
        ("某路 1 号", "xishan"),
    ],
)
def test_the_address_names_the_district_most_often(place: str, region: str) -> None:
    """Other words in it say nothing of where; of a tie, or of no district at all, the text decides."""
    assert region == classify(RULES, "", "西山区的道路坑洼", place=place).region
