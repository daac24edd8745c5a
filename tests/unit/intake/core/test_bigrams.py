"""How Chinese is searched."""

from hypothesis import given
from hypothesis import strategies as st

from intake.core.bigrams import bigrams, query


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


@given(st.text(max_size=50))
def test_no_query_can_break_out(typed: str) -> None:
    """Quotes, operators and wildcards are never part of a word."""
    words = query(typed)

    assert words is None or all(
        term.removesuffix(":*").strip("'").isalnum() and term.count("'") == 2 for term in words.split(" & ")
    )


def test_a_wildcard_finds_nothing() -> None:
    """`%` does not mean everything."""
    assert query("%_*") is None
