"""What a cell of text says."""

from time import process_time

import pytest

from intake.imports.cells import Unreadable, says_nothing, stands_for_nothing, value_of


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


@pytest.mark.parametrize(
    "said", ["=SUM(A1:A3)", "= +if(a(1),b(2)) ", "=IF(A1,(中),2)&x", "=a(" + ")" * 9 + "b"]
)
def test_a_formula_ends_behind_its_last_bracket(said: str) -> None:
    """Whatever stands in it."""
    assert isinstance(value_of(said), Unreadable)


@pytest.mark.parametrize("repeated", [")", "x)", "(", " "])
def test_no_cell_costs_more_than_its_length(repeated: str) -> None:
    """Whatever is repeated in it: behind the last bracket of a formula one looks once."""
    said = "=a(" + repeated * 30_000 + "中"
    before = process_time()
    found = value_of(said)

    assert said == found
    assert process_time() - before < 0.5, "a floor far above what it takes (.01 s), for slow machines"
