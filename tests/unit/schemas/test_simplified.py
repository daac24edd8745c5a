"""A word is matched in Simplified characters, however it was written."""

import pytest

from intake.core.wording import matchable
from schemas.simplified import (
    as_matched,
    as_read,
    readings_of,
    said_here,
    simplified,
    spellings_of,
    traditional,
)


@pytest.mark.parametrize(
    ("written", "matched"),
    [
        ("夜間施工", "夜间施工"),
        ("ＷｉＦｉ信號", "WiFi信号"),
        ("早\u200b高峰", "早高峰"),
        ("衞生局", "卫生局"),
        ("後門", "后门"),
        ("覆盖", "覆盖"),
        ("路灯 不亮", "路灯 不亮"),
    ],
)
def test_a_word_is_written_as_messages_are_matched(written: str, matched: str) -> None:
    """Its capitals stay: who looks without them says so."""
    assert matched == as_matched(written)


def test_what_is_told_without_the_converter_is_what_it_would_say() -> None:
    """Of every character of GB 2312, alone and between two of the commonest."""
    rows = (bytes([high, low]) for high in range(0xB0, 0xF8) for low in range(0xA1, 0xFF))
    characters = [one for one in (pair.decode("gb2312", errors="ignore") for pair in rows) if one]

    assert 6763 == len(characters)
    assert [] == [one for one in characters if as_matched(one) != said_here(simplified(one))]
    words = [f"的{one}了" for one in characters]
    assert [] == [word for word in words if as_matched(word) != said_here(simplified(word))]


def test_what_is_simplified_already_is_not_converted() -> None:
    """It has none of the others, which are looked for because that costs less; with one of them it has."""
    text = "小区门口的路灯坏了三天，hotline 12345 无人接听。"

    assert (None, text) == (traditional().search(text), simplified(text))
    assert all(traditional().search(f"{text}{other}") for other in ("路燈", "瞭解", "衞生局"))


@pytest.mark.parametrize("word", ["捷運站", "計程車", "網路", "軟體", "沿著", "顯著", "專案組", "电线"])
def test_a_citys_word_meets_a_message_that_says_it(word: str) -> None:
    """Taiwan's words, too: both are read by one table, in Traditional text alone."""
    assert as_matched(word) in matchable(f"這裡{word}沒有人管")


@pytest.mark.parametrize("word", ["捷運站", "計程車", "網路", "資訊街"])
def test_it_meets_one_in_simplified_characters_that_says_the_same(word: str) -> None:
    """There Taiwan's words are left as they are."""
    said = matchable(f"这里{simplified(word)}没有人管")

    assert as_matched(word) not in said
    assert [simplified(word)] == [each for each in readings_of(word) if each in said]


@pytest.mark.parametrize(
    ("written", "read"),
    [("計程車在捷運站", "出租车在地铁站"), ("网路和捷运", "网路和捷运"), ("路灯", "路灯")],
)
def test_a_text_is_read_whole(written: str, read: str) -> None:
    """In Simplified text Taiwan's words are what they are there; it has as many characters."""
    assert read == as_read(written)


def test_words_have_other_spellings() -> None:
    """Of their own characters alone, in whichever script they are written."""
    for written in ("台后x", "臺後x"):
        spellings = dict(zip(*spellings_of(written), strict=True))
        assert {"臺": "台", "後": "后"}.items() <= spellings.items()
        assert {"台", "后"} == set(spellings.values())
    assert ("", "") == spellings_of("LED 12")
