"""How Chinese is searched."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.core.search.bigrams import bigrams, query


def test_texts_are_found_by_pairs_and_whole_words() -> None:
    """Pairs within a run, Latin words whole, the last character alone."""
    assert {"路灯", "灯坏", "坏", "led", "灯", "12345"} == bigrams("路灯坏LED灯，12345")


def test_a_query_wants_all_of_its_pairs() -> None:
    """Two characters are one word, four are three."""
    assert "'麦田'" == query("麦田")
    assert "'麦田' & '田公' & '公园'" == query("麦田公园")
    assert "'麦':*" == query("麦")
    assert "'led':*" == query("ＬＥＤ")


def test_traditional_and_simplified_find_each_other() -> None:
    """Both sides are compared in Simplified characters."""
    assert query("路燈") == query("路灯")


def test_taiwans_words_find_ours_and_themselves() -> None:
    """Also an answer in Simplified characters that uses them, and one that was indexed before they were read."""
    assert "('出租' | '计程') & ('租车' | '程车') & '车绕'" == query("計程車绕")
    assert "('着':* | '著':*)" == query("著")
    assert "'出租' & '租车'" == query("出租车")


@pytest.mark.parametrize(
    ("text", "typed"),
    [
        ("𠮶家湾停水", "𠮶家"),
        ("𠮶家湾停水", "𠮶"),
        ("가로등이 고장났습니다", "고장"),
        ("가로등이 고장났습니다", unicodedata.normalize("NFD", "고장")),
        ("يول چىرىغى بۇزۇلدى", "چىرىغى"),
        ("يول چىرىغى بۇزۇلدى", "بۇزۇل"),
        ("གློག་ཆད་སོང་", "ཆད"),
        ("ᠭᠡᠷᠡᠯ ᠡᠪᠳᠡᠷᠡᠪᠡ", "ᠡᠪᠳᠡᠷᠡᠪᠡ"),
        ("уличное освещение", "ОСВЕЩ"),
        ("ꆈꌠꉙ", "ꆈꌠ"),
    ],
)
def test_every_script_is_found(text: str, typed: str) -> None:
    """Rare characters beyond the basic plane, Korean, Uyghur, Tibetan, Mongolian, Yi: what was typed is among the words."""
    asked = query(typed)
    assert asked is not None
    for term in asked.split(" & "):
        word = term.removesuffix(":*").strip("'")
        found = [
            each for each in bigrams(text) if each.startswith(word) and (term.endswith("*") or each == word)
        ]
        assert found, (term, bigrams(text))


def test_words_in_other_scripts_are_not_found_in_all() -> None:
    """A word finds those that have it."""
    assert not bigrams("يول چىرىغى") & {str(query("سۇ")).strip("':*")}


@given(st.text(max_size=50))
def test_no_query_can_break_out(typed: str) -> None:
    """Quotes, operators and wildcards are never part of a word."""
    words = query(typed)

    assert words is None or all(
        term.removesuffix(":*").strip("'")
        and not set(term.removesuffix(":*")[1:-1]) & set("'\\\\ &|!:*<>()")
        and term.count("'") == 2
        for term in words.split(" & ")
    )


def test_a_wildcard_finds_nothing() -> None:
    """`%` does not mean everything."""
    assert query("%_*") is None
