"""A cheap look whether a text can hold a phrase."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.core.text.patterns import LazyPattern
from routing.core.text.prefilter import Prefilter

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


class _Counted(LazyPattern):
    """Says which part of a text it was looked for in."""

    def __init__(self, pattern: str) -> None:
        super().__init__(pattern)
        self.looked: list[int] = []

    def search(self, text: str, start: int = 0, end: int = 0) -> re.Match[str] | None:
        """As the pattern does."""
        self.looked.append(min(end, len(text)) - start)
        return super().search(text, start, end)


def test_a_phrase_whose_pieces_are_repeated_is_looked_for_in_the_text_once() -> None:
    """Anew for each of a thousand would take a text of a few kilobytes minutes."""
    pattern = _Counted("收~烟")
    look = Prefilter([[frozenset({"收"}), frozenset({"烟"})]], "，", patterns=[pattern])
    text = "收到烟灰" * 1_000

    assert not look.may_hold(text)
    assert sum(pattern.looked) < 1.5 * len(text)


@pytest.mark.parametrize("before", range(0, 1_000, 37))
def test_wherever_it_stands_among_its_pieces_it_is_found(before: int) -> None:
    """Also far behind where its pieces were first met."""
    look = Prefilter([[frozenset({"收"}), frozenset({"烟"})]], "，", patterns=[LazyPattern("收了烟")])

    assert look.may_hold("收到烟灰" * before + "收了烟" + "收到烟灰" * 100)
