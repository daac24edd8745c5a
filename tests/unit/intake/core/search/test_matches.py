"""What of a question is shown beside an answer, and marked in it."""

from hypothesis import given
from hypothesis import strategies as st

from intake.core.search.matches import excerpt, marked, matching_words
from intake.core.search.question import Counts, question_of


def test_the_longest_stretches_are_shown() -> None:
    """In whatever characters the answer is written; words of alphabets whole."""
    question = question_of("人民路的路灯坏了，LED 屏", Counts())

    assert ["人民路的路灯坏了", "led"] == list(matching_words(question, "人民路的路燈壞了", "LED灯"))
    assert [] == list(matching_words(question, "公园"))


def test_stretches_that_overlap_are_both_shown() -> None:
    """就积水 of a text hides no 积水排不出去 of its title; what reaches a character farther alone tells nothing more."""
    question = question_of("一下雨就积水排不出去", Counts())

    found = matching_words(question, "车库积水排不出去", "一下雨车库就积水")
    assert {"就积水", "积水排不出去"} == set(found)
    assert ["路灯坏"] == list(matching_words(question_of("路灯坏了", Counts()), "路灯坏，坏了"))


def test_what_tells_little_is_not_shown() -> None:
    """Everyday pairs match everywhere."""
    counts = Counts(answers=1000, of={"路灯": 5, "怎么": 900, "么办": 800, "灯怎": 1})

    assert ["路灯"] == list(matching_words(question_of("路灯怎么办", counts), "路灯，怎么办？"))


def test_matches_are_marked_where_they_stand() -> None:
    """The text stays as it was written; what overlaps is one mark."""
    pieces = marked("人民路的路燈壞了。", ["路灯坏", "坏了"])

    assert [("人民路的", False), ("路燈壞了", True), ("。", False)] == [(p.text, p.is_match) for p in pieces]


@given(st.text(max_size=60), st.lists(st.text(min_size=1, max_size=3), max_size=4))
def test_marking_changes_no_character(text: str, words: list[str]) -> None:
    """The pieces together are the text."""
    assert text == "".join(piece.text for piece in marked(text, words))


def test_an_excerpt_shows_the_first_match() -> None:
    """With what stands around it; a short text is shown whole."""
    text = "前" * 200 + "路灯" + "后" * 200

    assert "路灯" in excerpt(text, ["路灯"])
    assert ("…" + "前" * 20 + "路灯") == excerpt(text, ["路灯"])[:23]
    assert "前" * 120 + "…" == excerpt(text, ["没有"])
    assert "短" == excerpt("短", ["没有"])
