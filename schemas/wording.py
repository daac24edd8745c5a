"""How a text is written: which characters the register keeps, and whether they say anything."""

import re
import unicodedata
from collections.abc import Mapping

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

#: What nobody sees within words, and what turns the direction in which they are shown: with these a number or a name is
#: read, and not found. Joiners stand here, too; within a picture they stay.
_UNSEEN = {
    **{code: None for code in _HIDDEN if not 0xD800 <= code < 0xE000},
    **dict.fromkeys((0x034F, 0x17B4, 0x17B5, *map(ord, _BLANK_LETTERS), *range(0x1D173, 0x1D17B)), None),
    **dict.fromkeys(range(0xE0000, 0xE0080), None),
}
UNSEEN_ONE = re.compile("[" + "".join(re.escape(chr(code)) for code in sorted(_UNSEEN)) + "]")
#: Several pictures joined into one: 👨‍👩‍👧 is a family, not three people. Between anything else a joiner hides words.
_JOINED = re.compile(
    "(?<=[\u2190-\u2bff\ufe0f\U0001f000-\U0001faff])\u200d(?=[\u2190-\u2bff\U0001f000-\U0001faff])"
)
_JOINER, _KEPT_JOINER = "\u200d", "\ue000"


def written_so(text: str, instead: Mapping[int, int | None]) -> str:
    """`text` with other characters `instead`; the joiner within a picture stays, set aside as one that nobody types."""
    if _JOINER not in text or not _JOINED.search(text):
        return text.translate(instead)
    return _JOINED.sub(_KEPT_JOINER, text).translate(instead).replace(_KEPT_JOINER, _JOINER)


def without_unseen(text: str) -> str:
    """`text` without what nobody sees and what turns the direction of writing, line ends and tabs left as they are."""
    return written_so(text, _UNSEEN)


def says_something(text: str) -> bool:
    """Whether a letter or a digit is in it: blanks, dots and signs alone say nothing."""
    return any(unicodedata.category(one)[0] in "LN" and one not in _BLANK_LETTERS for one in text)
