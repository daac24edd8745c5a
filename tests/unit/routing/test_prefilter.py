"""A cheap look whether a text can hold a phrase."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.core.prefilter import Prefilter

_PHRASES = (("收", "烟"), ("收", "烟酒"), ("给", "收", "钱"), ("吃，拿",))
_LOOK = Prefilter([[frozenset({piece}) for piece in phrase] for phrase in _PHRASES], "，。")


def _holds(text: str) -> bool:
    return any(_holds_phrase(text, phrase) for phrase in _PHRASES)


def _holds_phrase(text: str, phrase: tuple[str, ...]) -> bool:
    """Whether its pieces stand in this order, with no end of a clause between them."""
    first, *rest = phrase
    for at in range(len(text)):
        if text.startswith(first, at):
            after = text[at + len(first) :]
            clause = after.replace("。", "，").split("，")[0]
            if not rest or _holds_phrase(clause, tuple(rest)):
                return True
    return False


@given(st.text(alphabet="收给烟酒钱吃拿，。路", max_size=14))
def test_no_text_with_a_phrase_is_passed_over(text: str) -> None:
    """Whatever stands between its pieces."""
    assert _LOOK.may_hold(text) or not _holds(text)


@pytest.mark.parametrize("text", ["路灯坏了", "收", "烟收", "收，烟", "收。路灯，烟", "给钱", "吃。拿", ""])
def test_ordinary_texts_are_passed_over(text: str) -> None:
    """A piece alone, pieces of two clauses, and those of which the last does not come last."""
    assert not _LOOK.may_hold(text)


def test_any_spelling_of_a_piece_will_do() -> None:
    """Each piece may be written in several ways."""
    look = Prefilter([[frozenset({"收", "拿"}), frozenset({"烟", "酒"})]], "，")

    assert ["收了烟", "拿两瓶酒"] == [
        text for text in ("收了烟", "拿两瓶酒", "酒拿走") if look.may_hold(text)
    ]


def test_a_phrase_of_nothing_is_refused() -> None:
    """Every text would hold it."""
    with pytest.raises(ValueError, match="one piece"):
        Prefilter([[]], "，")
