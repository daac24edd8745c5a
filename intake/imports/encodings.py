"""How the text of a file is encoded: told by what it reads as where no mark says it; nonsense is not taken."""

from collections.abc import Sequence
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import BinaryIO

from intake.core.letters.charsets import READS_BADLY, READS_WELL, usual_share

#: Bytes, or characters, read at a time. Project choice.
_CHUNK = 1 << 20
#: A byte in so many that is nothing: the text is UTF-16 that lacks its mark. Project choice.
_UTF16_NULS = 0.2
_MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe\x00\x00", "utf-32"), (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"),
)  # fmt: skip
#: Syllables of Hangul, and their share, that make a text Korean. Project choice: of twenty Chinese characters hardly ever
#: all begin with a letter before R, as these bytes read otherwise; a Korean text has a Chinese word now and then.
_ENOUGH_HANGUL, _HANGUL = 20, 0.97
#: Lines by which it is told whether they were read rightly. Project choice: some pages.
_SAMPLE = 1000
#: Characters of three bytes in one line that make it UTF-8, whatever the other lines are. Project choice.
_CERTAIN = 3


def encoding_of(source: Path | bytes) -> str | None:
    """What the file's mark says; else UTF-8, UTF-16 without it, GB 18030, which every Chinese program writes, Big5, EUC-KR.

    None: it is none of them throughout, or reads as nonsense. `source`: the file, or all that is in it.
    """
    with _opened(source) as file:
        first = file.read(_CHUNK)
    marked = next((name for mark, name in _MARKS if first.startswith(mark)), None)
    found = next((name for name in ([marked] if marked else _likely(first)) if _decodes(source, name)), None)
    return _regional(source, first) if found in ("gb18030", "big5hkscs") else found


def text_in(path: Path) -> str:
    """All the text of a file, which is read once: a pipe gives nothing the second time.

    Raises:
        UnicodeDecodeError: no encoding fits.
    """
    raw = path.read_bytes()
    return raw.decode(encoding_of(raw) or "utf-8-sig")


def _opened(source: Path | bytes) -> BinaryIO:
    return BytesIO(source) if isinstance(source, bytes) else source.open("rb")


def broken_line(path: Path) -> int | None:
    """The first line that is no UTF-8, or GB 18030, in a file that is so otherwise; None where none says what is wrong."""
    found = (_broken_line(path, encoding) for encoding in ("utf-8", "gb18030"))
    return next((line for line in found if line is not None), None)


def _broken_line(path: Path, encoding: str) -> int | None:
    broken: list[int] = []
    fine: list[str] = []
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            text = None if b"\0" in line else _line_in(line, encoding)
            if text is None:
                broken.append(number)
            elif not line.isascii():
                fine.append(text)
    is_it = len(fine) >= len(broken) and usual_share("".join(fine[:_SAMPLE])) >= READS_WELL
    return broken[0] if broken and is_it else None


def _line_in(line: bytes, encoding: str) -> str | None:
    try:
        return line.decode(encoding)
    except UnicodeDecodeError:
        return None


def nul_line(path: Path) -> int | None:
    """The first line that holds a NUL, where few do: a file of another kind is full of them."""
    with path.open("rb") as file:
        nuls = [number for number, line in enumerate(file, start=1) if b"\0" in line]
        return nuls[0] if nuls and "utf-8" in _likely(_beginning(file)) else None


def _beginning(file: BinaryIO) -> bytes:
    file.seek(0)
    return file.read(_CHUNK)


def _likely(first: bytes) -> Sequence[str]:
    if first.count(0) <= len(first) * _UTF16_NULS / 10:
        return ("utf-8", "gb18030", "big5hkscs")
    little = first[1::2].count(0) >= first[0::2].count(0)
    return ("utf-16-le" if little else "utf-16-be",)


def _decodes(source: Path | bytes, encoding: str) -> bool:
    try:
        with TextIOWrapper(_opened(source), encoding=encoding, newline="") as file:
            # NUL stands in no text: what has it is another kind of file.
            return all("\0" not in portion for portion in iter(lambda: file.read(_CHUNK), ""))
    except UnicodeError:
        return False


def _regional(source: Path | bytes, first: bytes) -> str | None:
    """Which of those in which almost any bytes are characters: the one that makes words of them."""
    if _has_a_line_of_utf8(source):
        return None
    if _is_korean(source, first):
        return "cp949"
    mainland = _usual(first, "gb18030") if _decodes(source, "gb18030") else 0.0
    if mainland >= READS_BADLY:
        return "gb18030"
    if _decodes(source, "big5hkscs") and _usual(first, "big5hkscs") >= max(READS_WELL, mainland):
        return "big5hkscs"
    return None


def _is_korean(source: Path | bytes, first: bytes) -> bool:
    """Whether EUC-KR makes Hangul of all of it.

    Each of its bytes is a usual ideograph in GB 18030, too, but of the first half of the alphabet alone: Chinese is not.
    """
    if not _decodes(source, "cp949"):
        return False
    letters = [one for one in first.decode("cp949", errors="ignore") if one > "\u1100" and one.isalpha()]
    hangul = sum("\uac00" <= one <= "\ud7a3" and _is_usual_hangul(one) for one in letters)
    return hangul >= _ENOUGH_HANGUL and hangul >= len(letters) * _HANGUL


def _is_usual_hangul(letter: str) -> bool:
    """Whether it is one of the 2,350 syllables of KS X 1001: what other encodings look like is mostly none of them."""
    # The others are spelled letter by letter, in eight bytes.
    return len(letter.encode("euc_kr")) == 2


def _has_a_line_of_utf8(source: Path | bytes) -> bool:
    """Two files of two encodings, one put behind the other."""
    with _opened(source) as file:
        return any(_is_utf8(line) for line in file if not line.isascii())


def _is_utf8(line: bytes) -> bool:
    try:
        return sum(character > "\u07ff" for character in line.decode("utf-8")) >= _CERTAIN
    except UnicodeDecodeError:
        return False


def _usual(first: bytes, encoding: str) -> float:
    return usual_share(first.decode(encoding, errors="ignore"))
