"""How texts are written down."""

from hypothesis import given
from hypothesis import strategies as st
from opencc import OpenCC

from intake.core.wording import matchable, normalised, one_line, simplified


def test_full_width_letters_and_digits_become_half_width() -> None:
    """Chinese punctuation stays as it is."""
    assert "电话138，A座 a@b.c！" == normalised("电话１３８，Ａ座　ａ＠ｂ．ｃ！")


def test_white_space_is_tidied() -> None:
    """One blank, one line end, nothing at the edges; a blank line between paragraphs stays one."""
    assert "一 二\n三\n\n四" == normalised("  一 \t 二\r\n　三 \n\n \n\n 四\u2029 ")
    assert "一 二" == one_line(" 一\n \n二 ")


def test_invisible_characters_go() -> None:
    """They would hide words from masking and from readers."""
    assert "13812345678" == normalised("138\u200b1234\u202e5678\ufeff")


def test_pictures_that_are_one_stay_one() -> None:
    """A family, a firewoman, the flag of pride; a joiner anywhere else goes."""
    for picture in ("👨‍👩‍👧", "👩🏽‍🚒", "🏳️‍🌈", "❤️‍🔥"):
        assert picture == normalised(f"{picture}\u200b")
    assert "13812345678" == normalised("138\u200d1234\u200d5678")


@given(st.text(alphabet=" \n\u3000\ra", max_size=12))
def test_no_blank_stands_beside_a_line_end(text: str) -> None:
    """Nor do three line ends follow one another, nor two blanks, however they were mixed."""
    assert not [odd for odd in (" \n", "\n ", "\n\n\n", "  ") if odd in normalised(text)]


@given(st.text(max_size=60))
def test_normalising_twice_is_normalising_once(text: str) -> None:
    """What is stored is stable, and can be stored."""
    once = normalised(text)

    assert once == normalised(once)
    assert "\x00" not in once
    once.encode()


def test_traditional_text_is_simplified_for_matching_only_where_it_differs() -> None:
    """Simplified text costs no copy."""
    assert "噪音扰民" == simplified("噪音擾民")
    assert simplified("噪音扰民") is None
    assert "路灯坏了 abc" == matchable("路燈壞了 ＡＢＣ")


def test_the_quick_look_finds_every_text_that_conversion_changes() -> None:
    """Phrases are only converted where one of their characters is."""
    for text in ("乾淨", "瞭解", "憑藉", "后面", "這裏的電線桿", "藉口", "著作"):
        assert (simplified(text) or text) == OpenCC("t2s").convert(text)


def test_very_many_spaces_are_one() -> None:
    """Looked at once, and not from each of them to the last: whoever sends them holds up nobody else's message."""
    assert "灯 坏了\n请修" == normalised(f"灯{' ' * 300_000}坏了 \n 请修")
