"""How a text is written: which characters the register keeps, and whether they say anything."""

import unicodedata

#: Letters that nobody can see: Hangul fillers.
_BLANK_LETTERS = "\u115f\u1160\u3164\uffa0"

_FULL_WIDTH = {code: code - 0xFEE0 for span in ((0xFF10, 0xFF19), (0xFF21, 0xFF3A), (0xFF41, 0xFF5A))
               for code in range(span[0], span[1] + 1)}  # fmt: skip
#: Full-width `+ - . @ _`: telephone numbers and e-mail addresses are written with them.
_FULL_WIDTH |= {code: code - 0xFEE0 for code in (0xFF0B, 0xFF0D, 0xFF0E, 0xFF20, 0xFF3F)}
_SPACES = dict.fromkeys((0x09, 0x0B, 0x0C, 0xA0, 0x3000, *range(0x2000, 0x200B), 0x202F, 0x205F), 0x20)
_LINE_ENDS = dict.fromkeys((0x0D, 0x85, 0x2028, 0x2029), 0x0A)
#: Controls, joiners, direction marks: they hide words from matching and from the reader.
_HIDDEN = dict.fromkeys(
    (*range(0x00, 0x09), *range(0x0E, 0x20), *range(0x7F, 0x85), *range(0x86, 0xA0), 0xAD, 0x061C, 0xFEFF,
     *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070), *range(0xD800, 0xE000)),
    None,
)  # fmt: skip
#: What the register writes otherwise, character by character, or leaves out.
PLAIN: dict[int, int | None] = {**_FULL_WIDTH, **_SPACES, **_LINE_ENDS, **_HIDDEN}


def says_something(text: str) -> bool:
    """Whether a letter or a digit is in it: blanks, dots and signs alone say nothing."""
    return any(unicodedata.category(one)[0] in "LN" and one not in _BLANK_LETTERS for one in text)
