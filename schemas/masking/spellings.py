"""How digits are spelled (full-width, circled, raised, Chinese, of other scripts) and what stands between them."""

from schemas.patterns import compiled_later

#: Where ten digits, 0 to 9, stand in a row: full-width, Arabic, Persian, Devanagari, Tibetan, Mongolian, subscripts
#: (Unicode's blocks of digits).
_TENS = (0xFF10, 0x0660, 0x06F0, 0x0966, 0x0F20, 0x1810, 0x2080)
#: Five styles of mathematics, beyond the basic plane: a class of characters with one of them is many times slower.
_STYLED = {0x1D7CE + place: str(place % 10) for place in range(50)} | {0x1F10B: "0"}
_STYLED_ONE = compiled_later("[\U0001d7ce-\U0001d7ff\U0001f10b]")
#: Where nine digits, 1 to 9, stand in a row: circled, bracketed, with a full stop, black, double circled (Unicode's enclosed
#: alphanumerics and dingbats).
_NINES = (0x2460, 0x2474, 0x2488, 0x24F5, 0x2776, 0x2780, 0x278A, 0x3220, 0x3280)
_OTHERS = {
    "○": "0", "⓪": "0", "⓿": "0", "⁰": "0", "¹": "1", "²": "2", "³": "3", "⁴": "4", "⁵": "5", "⁶": "6",
    "⁷": "7", "⁸": "8", "⁹": "9",
}  # fmt: skip
_HAN = {
    "〇": "0", "零": "0", "一": "1", "幺": "1", "壹": "1", "二": "2", "两": "2", "兩": "2", "贰": "2",
    "貳": "2", "三": "3", "叁": "3", "參": "3", "四": "4", "肆": "4", "五": "5", "伍": "5", "六": "6",
    "陆": "6", "陸": "6", "七": "7", "柒": "7", "八": "8", "捌": "8", "九": "9", "玖": "9",
}  # fmt: skip
_TABLE = {
    **{start + value: str(value) for start in _TENS for value in range(10)},
    **{start + value - 1: str(value) for start in _NINES for value in range(1, 10)},
    **{ord(spelled): digit for spelled, digit in (_OTHERS | _HAN).items()},
    **{code: chr(code - 0xFEE0) for code in range(0xFF21, 0xFF5B)},
    ord("×"): "X",
    # 叉 is said for the X that closes an identity number.
    ord("叉"): "X",
}

#: Any digit, as a class of a pattern (without its brackets).
DIGITS = "0-9" + "".join(chr(code) for code, value in sorted(_TABLE.items()) if value.isdigit())
#: Chinese ones alone.
HAN_DIGITS = "".join(_HAN)
#: Digits of one kind: 一 before a number is as often a dash, or the end of a name, as it is a digit.
GROUP = compiled_later(f"[{HAN_DIGITS}]+|(?:(?![{HAN_DIGITS}])[{DIGITS}])+")
#: What people put within a number: white space, marks, brackets, and what nobody sees.
TIGHT = (
    r" \t\v\f\u00a0\u3000\u2000-\u200f\u202f\u205f\u2060\u2800\u180b-\u180f\ufeff\u00ad\ufe0f\u20e3"
    r"\-\u2010-\u2015\u2043\ufe63－.．·•\u02d9\u2027\u2219\u22c5。/／\\()（）\[\]【】「」『』_~～杠"
)
#: What people put between the groups of a number: also commas, line breaks, and a moment of thought.
LOOSE = r",，、;；\r\n嗯呃啊哦"
#: The same of two characters: 138个 are counted.
_LOOSE_WORD = "那[个個]"

#: Where a number may stand: enough digits, near one another.
RUN = compiled_later(
    rf"[+＋{DIGITS}](?:[{TIGHT}{LOOSE}]{{0,4}}(?:{_LOOSE_WORD}[{TIGHT}{LOOSE}]{{0,2}})?[{DIGITS}]){{6,}}(?:[{TIGHT}]{{0,3}}[XxＸｘ×叉](?![A-Za-z]))?"
)
#: A name of letters as wide as ideographs, of two words at least.
_WIDE_NAME = compiled_later("[Ａ-Ｚ][Ａ-Ｚａ-ｚ]{1,20}(?:[ \u3000][Ａ-Ｚ][Ａ-Ｚａ-ｚ]{1,20}){1,3}")
_NARROW = {code: chr(code - 0xFEE0) for code in range(0xFF21, 0xFF5B)} | {0x3000: " "}
_NOT_DIGITS = compiled_later(r"[^0-9]+")
_LOOSE_ONE = compiled_later(f"[{LOOSE}]|{_LOOSE_WORD}")


def folded(text: str) -> str:
    """`text`, as long as it was, with every digit and Latin letter in its plain form."""
    return text if text.isascii() else text.translate(_TABLE)


def unstyled(text: str) -> str:
    """`text` with the digits of mathematical styles, and wide letters of a name, in their plain form."""
    if _WIDE_NAME.search(text):
        text = _WIDE_NAME.sub(lambda name: name.group().translate(_NARROW), text)
    return text.translate(_STYLED) if _STYLED_ONE.search(text) else text


def digits_of(text: str) -> str:
    """Its digits alone, in their plain form."""
    return _NOT_DIGITS.sub("", folded(unstyled(text)))


def is_loose(between: str) -> bool:
    """Whether two groups of digits with this between them may belong to two numbers."""
    return _LOOSE_ONE.search(between) is not None
