"""Words that people chose to hide are hidden however they are written."""

import pytest

from schemas.masking import Declared, for_public
from schemas.masking.chosen import hide_words


@pytest.mark.parametrize(
    ("text", "word", "shown"),
    [
        ("春燕来了", "春燕", "**来了"),
        ("春 燕，春　燕，春\n \n燕来了", "春燕", "**，**，**来了"),
        ("春\u200b燕，春\u2060\u200d燕，春\u00ad燕来了", "春 燕", "**，**，**来了"),
        ("陳國華的店", "陈国华", "***的店"),
        ("陈国华的店", "陳國華", "***的店"),
        ("阿里·买买提，阿里买买提，阿里•买买提", "阿里·买买提", "*****，*****，*****"),
        ("ＡＢＣ公司和abc公司", "Abc公司", "*****和*****"),
        ("Café Lu\u0308", "cafe lü", "******"),
        ("𝐀𝐁①店", "AB1店", "****"),
        ("春燕水果行", "燕水果 春燕", "春燕水果行"),
        ("春 天的燕子", "春燕", "春 天的燕子"),
        ("什么也没有", "春燕", "什么也没有"),
        ("", "春燕", ""),
    ],
)
def test_a_word_is_hidden_however_it_is_written(text: str, word: str, shown: str) -> None:
    """A star for each of its characters, none for what stands between."""
    assert shown == hide_words(text, [word])


@pytest.mark.parametrize(
    "words", [["春燕", "燕水果"], ["燕水果", "春燕"], ["春燕", "春燕水果"], ["水果", "春燕"]]
)
def test_of_words_that_share_characters_none_is_left_in_part(words: list[str]) -> None:
    """Whichever was named first."""
    assert "****店" == hide_words("春燕水果店", words)
    assert "******" == hide_words("春春春春春春", ["春春"])


def test_what_was_written_between_two_words_stays() -> None:
    """Also what nobody sees."""
    assert "**\n**\u200b来" == hide_words("春燕\n春燕\u200b来", ["春燕"])


def test_the_public_view_hides_them_behind_the_masker() -> None:
    """Of a text in Traditional characters, too, in which the masker finds a number."""
    shown = for_public("陳國華的電話13912345678，東門店", Declared(hidden=("东门",)))
    assert "東門" not in shown
    assert "**店" in shown
    assert "13912345678" not in shown
