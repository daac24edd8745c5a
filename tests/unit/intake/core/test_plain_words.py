"""One word of a form or a list, whichever program wrote it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.core.plain_words import may_be_named, plain_word

_YES = [
    "是", "可以", "同意公开", "好的", "已实名", "已勾选", "是（公开）", "是/公开", "可以，谢谢", "ok", "yes", "i agree",
]  # fmt: skip
_BESIDE = [
    "不", "否", "无", "但要打码", "部分", "仅限内部", "吗", "暂", "no", "not", "but mask it", "姓氏", "（部分）", "/否",
]  # fmt: skip


@pytest.mark.parametrize(
    ("cell", "word"),
    [
        ("（同意）。", "同意"), (" ＹＥＳ\u200b", "yes"), ("實名 舉報", "实名举报"), ("✔️", "✔"), ("\ufeff", ""),
        ("No, thanks!", "no,thanks"),
    ],
)  # fmt: skip
def test_what_says_the_same_is_one_word(cell: str, word: str) -> None:
    """Whatever stands around it, and in whichever characters."""
    assert plain_word(cell) == word


@given(st.lists(st.sampled_from(_YES), min_size=1, max_size=3).map("，".join))
def test_a_yes_is_one_however_often_it_is_said(said: str) -> None:
    """In either language."""
    assert may_be_named(plain_word(said))


@given(st.sampled_from(_YES), st.sampled_from(_BESIDE), st.booleans())
def test_a_yes_with_anything_beside_it_is_none(yes: str, beside: str, is_before: bool) -> None:
    """Nobody knows how far it goes."""
    assert not may_be_named(plain_word(beside + yes if is_before else yes + beside))
