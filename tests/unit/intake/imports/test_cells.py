"""What a cell of text says."""

import pytest

from intake.imports.cells import value_of


@pytest.mark.parametrize(
    "said",
    ["=停水三天了", "= 路灯坏了（A1路口）", "=A路的灯坏了", "错误的收费", "#1楼停水！", "#路灯坏了#", "="],
)
def test_what_only_begins_like_one_is_a_message(said: str) -> None:
    """People begin a line as they like."""
    assert said == value_of(said)
