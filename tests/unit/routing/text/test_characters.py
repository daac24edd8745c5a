"""What single characters speak for."""

from math import prod

import pytest

from routing.core.classify import classify
from routing.core.judgement import by_rules
from routing.core.rules import load_rules
from routing.core.text.characters import Characters

RULES = load_rules()
LISTED = Characters(
    {
        "油烟": (("environment", 2.0),),
        "烟囱": (("environment", 1.0),),
        "烟草": (("commerce", 2.0), ("health", 1.0)),
        "医院": (("health", 2.0),),
        "商店": (("commerce", 2.0),),
        "工资": (("labour", 3.0),),
        "工地": (("housing", 2.0),),
        "别处": (),
    }
)


def test_a_character_speaks_for_the_words_that_it_stands_in() -> None:
    """烟 stands in two words of the environment and in one that two others share."""
    said = LISTED.said("抽烟")

    assert "environment" == next(iter(said))
    assert said["environment"] > said["commerce"]


def test_what_a_character_says_is_how_much_more_often_it_is_said_of_a_category() -> None:
    """甲 is half x's and 乙 three quarters y's, of all characters x has a third; three words more are as all are."""
    listed = Characters({"甲乙": (("x", 2.0), ("y", 2.0)), "乙": (("y", 3.0),)})
    of = {"甲": (1.5 / (4 / 3), 2.5 / (8 / 3)), "乙": (1.5 / (5 / 3), 3.5 / (10 / 3))}

    for text in ("甲", "乙", "甲乙", "乙乙甲"):
        x, y = (prod(of[each][place] for each in set(text)) ** (1 / 3) for place in (0, 1))
        assert listed.said(text) == pytest.approx({"x": x / (x + y), "y": y / (x + y)})


def test_what_a_category_never_says_does_not_speak_for_it() -> None:
    """甲 is x's alone, of all characters x has a third: half as likely again there as anywhere, and a quarter less in y."""
    listed = Characters({"甲": (("x", 1.0),), "乙": (("y", 1.0),), "丙": (("y", 1.0),)})
    x, y = 1.5 ** (1 / 3), 0.75 ** (1 / 3)

    assert listed.said("甲") == pytest.approx({"x": x / (x + y), "y": y / (x + y)})


def test_characters_together_say_more() -> None:
    """One that two categories share, and one that a single one has."""
    assert LISTED.said("工资")["labour"] > LISTED.said("工")["labour"]


def test_shares_stay_below_one_and_the_unlikely_is_left_out() -> None:
    """The likeliest first; nobody is offered what one in twenty speaks for."""
    said = LISTED.said("油烟囱")

    assert sorted(said.values(), reverse=True) == list(said.values())
    assert 0.1 <= min(said.values()) <= sum(said.values()) <= 1.0 + 1e-9


@pytest.mark.parametrize("text", ["", "xyz", "别处", "无" * 200])
def test_unknown_characters_say_nothing(text: str) -> None:
    """Nor do those that stand in words without a category."""
    assert {} == LISTED.said(text)


def test_the_beginning_is_read() -> None:
    """A message of ten thousand characters costs as much as one of a hundred."""
    assert LISTED.said("工资") == LISTED.said("工资" + "无" * 98 + "油烟")


def test_where_words_say_little_characters_add_to_it() -> None:
    """A part of what was left open alone, so that nobody is sure of what no word says."""
    words, filled = (by_rules(RULES, {"health": 1.0}, text) for text in ("", "拖欠薪酬"))

    assert list(words.probabilities) == ["health"]
    assert filled.probabilities["labour"] > 0.1
    assert sum(filled.probabilities.values()) < 1.0
    assert filled.probabilities["labour"] < 0.3


def test_where_words_are_sure_of_a_long_text_characters_are_not_asked() -> None:
    """Nor where no word says anything: then a person looks, and nothing is guessed."""
    long = "拖欠薪酬" + "无" * 100

    assert by_rules(RULES, {"health": 20.0}, long) == by_rules(RULES, {"health": 20.0})
    assert {} == by_rules(RULES, {}, "拖欠薪酬").probabilities


def test_of_a_short_text_characters_say_how_sure_words_may_be() -> None:
    """More where they agree, less where they do not, and never who it is: what words are loud enough for stands."""
    plain, agreed, doubted = (
        by_rules(RULES, {"labour": 9.0, "health": 3.0}, text).probabilities
        for text in ("", "拖欠薪酬", "医生")
    )

    assert agreed["labour"] > plain["labour"] > doubted["labour"]
    assert "labour" == next(iter(doubted))
    assert sum(doubted.values()) == pytest.approx(sum(agreed.values()), abs=0.05)
    assert max(sum(each.values()) for each in (plain, agreed, doubted)) < 1.0


#: Messages of our own of which the word lists know as much for another category, or more: what characters decide.
UNDECIDED = (
    ("小区旁边的烧火味呛人", "environment"),
    ("小区旁厂子的烟太大", "environment"),
    ("小区门口的车次太少", "transport"),
    ("医院边上的工厂臭味", "environment"),
    ("小区旁边排污口流出脏水", "environment"),
)


@pytest.mark.parametrize(("title", "category"), UNDECIDED)
def test_titles_that_words_leave_open(title: str, category: str) -> None:
    """Written by hand; each was judged otherwise by words alone."""
    assert category == classify(RULES, title, "").category
