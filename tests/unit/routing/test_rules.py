"""The word lists as data."""

from pathlib import Path

import msgspec
import pytest

from routing.core.rules import load_rules
from schemas.city import City, load_city
from schemas.errors import Misconfigured


def test_every_category_and_department_has_words() -> None:
    """No category can only ever be guessed."""
    rules = load_rules()
    categories = {code for votes in rules.lexicon.topics.values() for code, _ in votes}
    departments = {code for votes in rules.lexicon.specialists.values() for code, _ in votes}
    bureaus = {d.code for d in rules.city.departments if d.region is None}

    assert set(rules.city.category) == categories
    assert bureaus == departments


def test_a_city_replaces_single_files(tmp_path: Path) -> None:
    """What is missing in its folder is the shipped file; the mark that editors put before UTF-8 is none of it."""
    own = '[[category]]\ncode = "transport"\ndecisive = ["飞碟"]\n'
    (tmp_path / "categories.toml").write_text(own, encoding="utf-8-sig")

    rules = load_rules(tmp_path)

    assert (("transport", 3.0),) == rules.lexicon.topics["飞碟"]
    assert () == rules.lexicon.topics.get("小学", ())
    assert load_rules().settings == rules.settings


def test_codes_that_the_city_lacks_are_refused(tmp_path: Path) -> None:
    """With the code that is wrong."""
    (tmp_path / "categories.toml").write_text(
        '[[category]]\ncode = "aliens"\ndecisive = ["飞碟"]\n', encoding="utf-8"
    )

    with pytest.raises(ValueError, match="aliens"):
        load_rules(tmp_path)


def test_a_word_twice_in_one_list_is_refused(tmp_path: Path) -> None:
    """It would count twice."""
    (tmp_path / "categories.toml").write_text(
        '[[category]]\ncode = "transport"\ndecisive = ["飞碟"]\nstrong = ["飞碟"]\n', encoding="utf-8"
    )

    with pytest.raises(ValueError, match="飞碟"):
        load_rules(tmp_path)


def test_a_word_in_company_that_is_never_met_is_refused(tmp_path: Path) -> None:
    """With each word that is: one that a listed word holds is met."""
    own = """
[[category]]
code = "transport"
decisive = ["飞碟停车场"]

[[company]]
category = "transport"
over = []
words = ["飞碟"]
unless = ["火箭"]
"""
    (tmp_path / "categories.toml").write_text(own, encoding="utf-8")
    with pytest.raises(Misconfigured, match="火箭") as refused:
        load_rules(tmp_path)
    assert "飞碟" not in str(refused.value)
    (tmp_path / "categories.toml").write_text(own.replace("火箭", "停车"), encoding="utf-8")
    assert () == load_rules(tmp_path).company.unheard()


def test_a_word_in_both_scripts_counts_once(tmp_path: Path) -> None:
    """As its stronger: a folder that lists both is no harm."""
    (tmp_path / "categories.toml").write_text(
        '[[category]]\ncode = "transport"\ndecisive = ["飛碟", "飞碟"]\nleaning = ["飞碟"]\n',
        encoding="utf-8",
    )

    rules = load_rules(tmp_path)

    assert (("transport", rules.settings.decisive),) == rules.lexicon.topics["飞碟"]


def test_fields_that_nobody_knows_are_refused(tmp_path: Path) -> None:
    """A misspelt strength is no silent loss of words."""
    (tmp_path / "categories.toml").write_text(
        '[[category]]\ncode = "transport"\ndecisiv = ["飞碟"]\n', encoding="utf-8"
    )

    with pytest.raises(ValueError, match="decisiv"):
        load_rules(tmp_path)


def test_a_department_is_accused_with_its_subordinates() -> None:
    """Down to the last level."""
    city = load_city()
    departments = tuple(
        msgspec.structs.replace(d, parent={"water": "housing", "tax": "water"}.get(d.code))
        for d in city.departments
    )
    below = City(departments=departments, regions=city.regions, categories=city.categories)

    assert {"housing", "water", "tax"} == load_rules(None, below).accusations.kin["housing"]
