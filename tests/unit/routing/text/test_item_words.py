"""Words that name an item of the dispatch catalogue speak for the item's category."""

from collections.abc import Mapping

import pytest
from msgspec.structs import replace

from routing.core.classify import classify
from routing.core.rules import load_rules
from routing.core.text.item_words import with_items
from routing.core.text.lexicon import Aspect, Sense
from schemas.city import City, load_city

_STREET_LIGHT = "street-light"  # of urban construction


def _city(*words: str) -> City:
    """The example city with one item, named by `words`."""
    return replace(load_city(), items=(replace(load_city().item[_STREET_LIGHT], words=words),))


def _heard(city: City, *listed: tuple[str, Sense]) -> Mapping[tuple[str, str], float]:
    return {(word, sense.code): sense.weight for word, sense in with_items(listed, city, 1.0)}


def _says(code: str, weight: float = 2.0) -> Sense:
    return Sense(Aspect.CATEGORY, code, weight)


@pytest.mark.parametrize("word", ["路灯", "路灯杆", "装路灯", "两路灯光"])
def test_a_listed_word_that_names_an_item_or_holds_its_name_is_louder(word: str) -> None:
    """By the step."""
    assert _heard(_city("路灯"), (word, _says("urban-construction")))[word, "urban-construction"] == 3.0


@pytest.mark.parametrize(
    ("item", "word"), [("路灯", "路燈不亮"), ("路燈", "路灯不亮"), ("wifi", "公共WiFi"), ("WiFi", "wifi")]
)
def test_a_word_names_an_item_however_it_is_written(item: str, word: str) -> None:
    """In Traditional characters or Simplified ones, in capitals or not."""
    assert _heard(_city(item), (word, _says("urban-construction")))[word, "urban-construction"] == 3.0


@pytest.mark.parametrize("sense", [_says("transport"), Sense(Aspect.DEPARTMENT, "urban-construction", 2.0)])
def test_what_it_says_of_anything_else_is_no_louder(sense: Sense) -> None:
    """Another category, or a department that goes by the same code."""
    assert ("路灯", sense) in list(with_items([("路灯", sense)], _city("路灯"), 1.0))


def test_a_listed_word_that_names_none_is_as_loud_as_it_was() -> None:
    """Nor does half of an item's word make it louder."""
    assert (
        _heard(_city("路灯不亮"), ("路灯", _says("urban-construction")))["路灯", "urban-construction"] == 2.0
    )


@pytest.mark.parametrize("word", ["路灯不亮", "路灯 桥梁"])
def test_an_items_word_that_no_list_has_stays_out(word: str) -> None:
    """It would hide the shorter ones inside it that a list has."""
    assert _heard(_city(word), ("路灯", _says("urban-construction"))) == {("路灯", "urban-construction"): 2.0}


def test_a_citys_own_items_make_their_words_louder() -> None:
    """By as much as a leaning word is loud."""
    rules = load_rules(None, _city("井盖"))

    def said(word: str) -> float:
        return dict(rules.lexicon.topics[word])["urban-construction"]

    assert (said("井盖"), said("下水道")) == (
        rules.settings.decisive + rules.settings.leaning,
        rules.settings.decisive,
    )
    assert classify(rules, "井盖", "").reasons[-1].weight == said("井盖") * rules.settings.title
