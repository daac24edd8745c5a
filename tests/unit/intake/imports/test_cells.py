"""What a cell of text says."""

import pytest

from intake.imports.cells import says_nothing, stands_for_nothing, value_of


@pytest.mark.parametrize(
    "said",
    ["=停水三天了", "= 路灯坏了（A1路口）", "=A路的灯坏了", "错误的收费", "#1楼停水！", "#路灯坏了#", "="],
)
def test_what_only_begins_like_one_is_a_message(said: str) -> None:
    """People begin a line as they like."""
    assert said == value_of(said)


@pytest.mark.parametrize(
    "said", ["不詳", "無", "沒有", "暫無", "（無）", "未留", "N/A", "无\u200b", "\ufeff-"]
)
def test_what_stands_for_nothing_does_so_in_traditional_characters_too(said: str) -> None:
    """Else it would be somebody's name, and hidden wherever the word stands."""
    assert says_nothing(said)
    assert stands_for_nothing(said)
