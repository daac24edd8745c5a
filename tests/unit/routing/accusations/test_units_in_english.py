"""Units by what they are called in English, however it is written and wherever a line ends in it."""

import pytest

from intake.core.wording import normalised
from routing.core.accusations.units_in_english import units_in_english
from routing.core.classify import classify
from routing.core.doubts import Doubt
from routing.core.rules import load_rules
from schemas.city import Department
from schemas.ids import DepartmentCode

RULES = load_rules()
TAX = "The Tax Service knew of it."


def _accused(text: str) -> tuple[str, ...]:
    return classify(RULES, "A bribe", normalised(text)).accused


@pytest.mark.parametrize("department", [each for each in RULES.city.departments if " " in each.en])
@pytest.mark.parametrize("space", [" ", "\n", "\r\n", "  ", "\t"])
def test_a_line_may_end_within_a_name(department: Department, space: str) -> None:
    """As letters by e-mail have it; the message is classified, whatever is between the words."""
    name = department.en.replace(" ", space)

    assert department.code in _accused(f"Director Wang of the {name} took a bribe.")


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Housing Bureau", "housing"), ("construction department", "housing"), ("Bureau of Housing", "housing"),
        ("Department of Transport", "transport"), ("transport authorities", "transport"), ("tax office", "tax"),
        ("Social Security Bureau", "human-resources"), ("Environment Bureau", "environment"),
        ("Health Bureau", "health"), ("Xishan government", "district-xishan"),
        ("Government of Xishan District", "district-xishan"),
        ("Tourism Bureau", "culture-tourism"), ("Public Security Office", "public-security"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("beside", ["", TAX])
def test_a_unit_is_known_by_what_people_call_it(name: str, code: str, beside: str) -> None:
    """Also beside one that is named in full: the report reaches neither."""
    assert code in _accused(f"Director Wang of the {name} took a bribe from the developer. {beside}")


@pytest.mark.parametrize(
    "text",
    [
        "My company's human resources department takes bribes from applicants.",
        "The information technology office of the factory took kickbacks.",
        "Without a permit from any bureau somebody took a bribe.",
    ],
)
def test_what_is_mostly_a_companys_is_no_unit(text: str) -> None:
    """A dispatcher finds out of which unit it is."""
    opinion = classify(RULES, "A bribe", normalised(text))

    assert () == opinion.accused
    assert Doubt.ACCUSED_UNKNOWN in opinion.doubts


@pytest.mark.parametrize(
    "text",
    ["The Houſing Bureau took a bribe.", "The Tax Servıce took a bribe.", "The Tax Servİce took a bribe.",
     "我要举报shujı受贿", "我要举报ſuozhang受贿", "我要举报pcſ收红包", "HONGBAO, juZhang"],
)  # fmt: skip
def test_a_letter_that_is_another_one_of_some_language_stops_no_message(text: str) -> None:
    """Patterns that take any case take these letters, too: 18 words of ours were then looked up in vain."""
    assert classify(RULES, "", normalised(text)).lead


def test_what_two_units_are_called_names_neither() -> None:
    """Nobody can say which one it is."""
    units = units_in_english(
        {"Water and Gas Bureau": DepartmentCode("a"), "Gas and Heat Bureau": DepartmentCode("b")}, ()
    )

    assert [found[0] for found in units.pattern.finditer("the gas bureau, the heat office")] == [
        "heat office"
    ]
    assert units.code_of("Bureau of\nWater") == "a"
