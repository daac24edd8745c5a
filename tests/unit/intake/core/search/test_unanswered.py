"""Searches that found nothing are remembered only where nothing in them can be somebody's."""

import pytest

from intake.core.search.unanswered import remembered


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("高温补贴", "高温补贴"),
        ("  公園  開放時間 ", "公园 开放时间"),
        ("Wi-Fi", "wi-fi"),
        ("居住证怎么办理", "居住证怎么办理"),
    ],
)
def test_words_are_kept_as_they_are_compared(typed: str, kept: str) -> None:
    """One line for all spellings of the same search."""
    assert kept == remembered(typed)


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "  ",
        "13812345678",
        "翠竹苑5号楼",
        "12345",
        "八栋二单元五零二室",
        "我叫王建国",
        "wang@example.org",
        "HY/2026",
        "我" * 21,
        "一三九一二三四五六七八",
    ],
)
def test_what_may_be_about_somebody_is_not(typed: str) -> None:
    """Numbers in any spelling, homes, names, addresses, and whatever is long enough to be a story."""
    assert remembered(typed) is None
