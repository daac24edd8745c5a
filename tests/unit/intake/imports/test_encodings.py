"""What encoding a file is read in: the one in which it makes sense, or none."""

from pathlib import Path

import pytest

from intake.imports.encodings import broken_line, encoding_of, nul_line

_TRADITIONAL = "id,text\n1,路燈壞了三天沒有人來修理，請盡快處理這個問題\n"
_SIMPLIFIED = "id,text\n1,翡翠湖珺樾府业主反映垃圾异味，𠮶家湾路灯坏了\n"
_KOREAN = "제목,내용\n가로등 고장,우리 동네 가로등이 사흘째 꺼져 있어 밤길이 위험합니다\n"
_UYGHUR = "id,text\n1,كوچا چىرىغى بۇزۇلدى\n"


def _file(tmp_path: Path, content: bytes) -> Path:
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("text", "encoding", "expected"),
    [
        (_SIMPLIFIED, "utf-8", "utf-8"),
        (_SIMPLIFIED, "gb18030", "gb18030"),
        (_TRADITIONAL, "gb18030", "gb18030"),
        (_TRADITIONAL, "big5", "big5hkscs"),
        (_UYGHUR, "gb18030", "gb18030"),
        (_KOREAN, "euc-kr", "cp949"),
        (_KOREAN, "cp949", "cp949"),
        (_KOREAN, "utf-8", "utf-8"),
        # Of characters that begin with a letter before R alone, but for some.
        ("标题,内容\n大风刮倒广告牌,家里电断了，街道干部不管，半夜车库漏水", "gb18030", "gb18030"),
        ("id,text\n1,ok\n", "ascii", "utf-8"),
        (_SIMPLIFIED, "utf-16", "utf-16"),
        (_SIMPLIFIED, "utf-16-le", "utf-16-le"),
    ],
)
def test_a_text_is_read_as_what_it_is(tmp_path: Path, text: str, encoding: str, expected: str) -> None:
    """Big5 is valid GB 18030 as well, and would be a message of words that nobody knows."""
    assert expected == encoding_of(_file(tmp_path, text.encode(encoding)))


@pytest.mark.parametrize(
    "content",
    [
        _SIMPLIFIED.encode() + _SIMPLIFIED.encode("gb18030"),
        "id,text\n1,街灯の電球が壊れています。早急に修理してください。道路が暗い\n".encode("shift-jis"),
        "id,text\n1,The café is loud\n".encode("cp1252"),
        b"\xef\xbb\xbf" + _SIMPLIFIED.encode("gb18030"),
    ],
)
def test_nonsense_is_none(tmp_path: Path, content: bytes) -> None:
    """Two encodings in one file, one of another country, a mark that does not hold: nobody's message is made of it."""
    assert encoding_of(_file(tmp_path, content)) is None


_LINE = "1,路灯坏了三天没有人来修\n"


@pytest.mark.parametrize(
    ("lines", "broken"),
    [
        ([_LINE.encode(), _LINE.encode("gb18030")], 2),
        ([_LINE.encode(), _LINE.encode("gb18030"), _LINE.encode("gb18030")], 1),
        ([b"id,text\n", _LINE.encode("gb18030")], None),
        ([_LINE.encode(), b"id,text\n"], None),
        ([_LINE.encode("gb18030"), b"2,\xcd\xa3\xff\n", _LINE.encode("gb18030")], 2),
        ([_LINE.encode("gb18030"), _LINE.encode("gb18030")[:-2]], 2),
    ],
)
def test_the_line_that_spoils_a_file_is_named(tmp_path: Path, lines: list[bytes], broken: int | None) -> None:
    """Where as many others are surely in one encoding: plain letters are that in every."""
    whole = b"".join(lines)

    assert broken == broken_line(_file(tmp_path, whole))


def test_a_nul_among_words_is_named_for_what_it_is(tmp_path: Path) -> None:
    """Whoever is told of encodings alone looks for the wrong thing; a file full of them is none of text."""
    line = _LINE.encode()

    assert 2 == nul_line(_file(tmp_path, line + line[:-1] + b"\0\n"))
    assert nul_line(_file(tmp_path, line)) is None
    assert nul_line(_file(tmp_path, b"\0\1" * 400)) is None


def test_japanese_is_not_taken_for_korean(tmp_path: Path) -> None:
    """Its bytes are syllables of Hangul that no Korean writes: read so, a message would say nothing."""
    path = tmp_path / "a.csv"
    path.write_bytes(
        "id,text\n1,街灯が三日間ついていません。確認をお願いします。駅前の道路です。\n".encode("shift_jis")
    )

    assert encoding_of(path) is None
