"""Finding listed words in a text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.core.classify import classify
from routing.core.rules import load_rules
from routing.core.text.lexicon import Aspect, Lexicon, ListedWord, Sense

_WORDS = ("公交", "公交车", "噪音", "噪音污染", "火灾", "火灾隐患", "停水", "ab", "abc", "bcd")


def _lexicon(*words: str) -> Lexicon:
    return Lexicon({word: [Sense(Aspect.CATEGORY, f"about-{word}", 1.0)] for word in words})


def _naive(text: str) -> list[tuple[int, str]]:
    found, at = [], 0
    while at < len(text):
        best = max((word for word in _WORDS if text.startswith(word, at)), key=len, default="")
        if best:
            found.append((at, best))
        at += len(best) or 1
    return found


def test_the_longest_word_wins_and_nothing_overlaps() -> None:
    """公交车 is one word, not also 公交."""
    assert [(1, "公交车"), (4, "停水")] == _lexicon(*_WORDS).scan("坐公交车停水公交"[:6])
    assert [(0, "abc")] == _lexicon(*_WORDS).scan("abcd")


@given(st.text(alphabet="公交车噪音污染火灾隐患停水abcd\n😀", max_size=60))
def test_scanning_finds_what_a_plain_search_finds(text: str) -> None:
    """At any length, at odd and even places, with characters beyond the basic plane."""
    assert _naive(text) == _lexicon(*_WORDS).scan(text)


def test_half_of_a_surrogate_pair_is_no_obstacle() -> None:
    """Broken text is scanned, not refused."""
    assert [(1, "停水")] == _lexicon("停水").scan("\ud83d停水")


def test_words_of_one_character_are_refused() -> None:
    """They would match everywhere."""
    with pytest.raises(ValueError, match=r"^words need two characters at least: 病、痛$"):
        _lexicon("痛", "病", "医院")


def test_a_long_word_keeps_what_its_parts_say_in_other_roles() -> None:
    """噪音污染 has its own category and still names the department that 噪音 names."""
    lexicon = Lexicon(
        {
            "噪音": [
                Sense(Aspect.CATEGORY, "other", 1.0),
                Sense(Aspect.DEPARTMENT, "urban-management", 2.0),
            ],
            "噪音污染": [Sense(Aspect.CATEGORY, "environment", 3.0)],
        }
    )

    assert (("environment", 3.0),) == lexicon.topics["噪音污染"]
    assert (("urban-management", 2.0),) == lexicon.specialists["噪音污染"]


def test_a_part_is_heard_wherever_it_stands_in_the_word() -> None:
    """At the beginning, in the middle, at the end."""
    parts = {
        "甲甲": [Sense(Aspect.DEPARTMENT, "first", 1.0)],
        "乙乙": [Sense(Aspect.DEPARTMENT, "second", 1.0)],
        "丙丙": [Sense(Aspect.DEPARTMENT, "third", 1.0)],
        "甲甲乙乙丙丙": [Sense(Aspect.CATEGORY, "whole", 1.0)],
    }

    assert {("first", 1.0), ("second", 1.0), ("third", 1.0)} == set(
        Lexicon(parts).specialists["甲甲乙乙丙丙"]
    )


def test_a_long_word_overrides_its_parts_in_its_own_role() -> None:
    """火灾隐患 is urgent; the emergency that 火灾 would be is not inherited."""
    urgency = {
        "火灾": [Sense(Aspect.URGENCY, "emergency", 1.0)],
        "火灾隐患": [Sense(Aspect.URGENCY, "urgent", 1.0)],
    }

    assert (Sense(Aspect.URGENCY, "urgent", 1.0),) == Lexicon(urgency).cues["火灾隐患"]


def test_a_match_names_its_word_and_all_that_it_says() -> None:
    """噪音污染 by its number: where it ends, its category, whose business it is, and what else."""
    lexicon = Lexicon(
        {
            "停水": [Sense(Aspect.CATEGORY, "water", 3.0)],
            "噪音污染": [
                Sense(Aspect.CATEGORY, "environment", 3.0),
                Sense(Aspect.DEPARTMENT, "ecology", 2.0),
                Sense(Aspect.KIND, "complaint", 1.0),
            ],
        }
    )
    ((first, *where), (second, at, _)) = lexicon.matches("有噪音污染，停水")

    assert [1, 5] == where
    assert (
        ListedWord(
            "噪音污染",
            (("environment", 3.0),),
            (("ecology", 2.0),),
            (Sense(Aspect.KIND, "complaint", 1.0),),
        )
        == lexicon.meanings[first]
    )
    assert (6, ListedWord("停水", (("water", 3.0),), (), ())) == (at, lexicon.meanings[second])


def test_danger_that_begins_at_the_end_of_another_word_is_found_with_it() -> None:
    """The longest match from the left would leave half of the pipe's bursting over; what is no danger hides nothing."""
    burst, calm = Sense(Aspect.URGENCY, "emergency", 1.0), Sense(Aspect.URGENCY, "normal", 1.0)
    sewer, lift = Sense(Aspect.CATEGORY, "sewers", 1.0), Sense(Aspect.CATEGORY, "lifts", 1.0)
    words = Lexicon({"污水管": [sewer], "水管爆裂": [burst], "电梯": [lift], "电梯故障": [calm]})

    ((at, found),) = words.scan("污水管爆裂了")

    assert (0, "污水管爆裂") == (at, found)
    assert (burst,) == words.cues[found]
    assert (("sewers", 1.0),) == words.topics[found]
    assert [(0, "污水管"), (4, "电梯故障")] == words.scan("污水管和电梯故障")


def test_no_word_of_danger_hides_another() -> None:
    """架着 (somebody is dragged to a car) begins within 书架 and ends within 着火."""
    opinion = classify(load_rules(), "", "门口的书架着火了，快来救人")

    assert ("119",) == opinion.transfer
