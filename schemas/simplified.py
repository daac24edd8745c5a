"""Simplified characters, in which every list of words is written: what was written otherwise is matched in these."""

import re
from functools import cache
from typing import TYPE_CHECKING

from schemas.wording import PLAIN

if TYPE_CHECKING:
    from opencc import OpenCC

#: Left alone by themselves, changed within some phrases (瞭解, 憑藉, 回覆): found by trying every pair; and 著, which
#: intake's words change.
_CHANGED_IN_PHRASES = "瞭藉覆沈甦哩著"
#: Of the characters of GB 2312, which are Simplified, those that conversion changes all the same: found by trying every one.
_CHANGED_IN_GB2312 = frozenset("覆藉哩乾沈著菸薹拚捱摺吒後徵夥榘於袷麴醣麽")


def simplified(text: str) -> str:
    """The text in Simplified characters, each as one character: what matched is marked by place."""
    return str(_converter().convert(text)) if traditional().search(text) else text


def as_matched(word: str) -> str:
    """A city's word as messages are matched: half-width, nothing that cannot be seen, Simplified characters."""
    plain = word.translate(PLAIN)
    return plain if _is_of_gb2312(plain) else simplified(plain)


def _is_of_gb2312(text: str) -> bool:
    """Whether conversion would change nothing, told without it: it takes a tenth of a second and 8 MB to be ready."""
    try:
        text.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return _CHANGED_IN_GB2312.isdisjoint(text)


@cache
def _converter() -> "OpenCC":
    """Characters of Hong Kong, too (衞生局), and with them those of Taiwan and of old books."""
    from opencc import OpenCC  # here: processes that read no messages do without it

    return OpenCC("hk2s")


@cache
def traditional() -> re.Pattern[str]:
    """Any character that conversion would change: looking for one costs a tenth of converting."""
    ideographs = [chr(code) for code in (*range(0x3400, 0x4DC0), *range(0x4E00, 0xA000))]
    converted = _converter().convert("\n".join(ideographs)).split("\n")
    changed = "".join(a for a, b in zip(ideographs, converted, strict=True) if a != b)
    return re.compile(f"[{changed}{_CHANGED_IN_PHRASES}]")
