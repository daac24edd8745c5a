"""What counts as words."""

import pytest

from schemas.wording import says_something


@pytest.mark.parametrize("text", ["好", "ok", "3", "１", "é", "已修复。", "👍 好"])
def test_a_letter_or_a_digit_says_something(text: str) -> None:
    """In any script, of any width."""
    assert says_something(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n\t",
        ".",
        "。。。",
        "……",
        "-",
        "***",
        "👍",
        "\u200b\u2060\ufeff",
        "\u3164\u115f",
        "\u2800",
        "\u0301",
        "￥",
    ],
)
def test_signs_and_what_cannot_be_seen_say_nothing(text: str) -> None:
    """Blanks, dots, marks without a letter, symbols, fillers."""
    assert not says_something(text)
