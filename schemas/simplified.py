"""Simplified characters, in which every list of words is written: what was written otherwise is matched in these."""

import re
from functools import cache

from opencc import OpenCC

#: Left alone by themselves, changed within some phrases (瞭解, 憑藉, 回覆): found by trying every pair; and 著, which
#: intake's words change.
_CHANGED_IN_PHRASES = "瞭藉覆沈甦哩著"


def simplified(text: str) -> str:
    """The text in Simplified characters, each as one character: what matched is marked by place."""
    return str(_converter().convert(text)) if traditional().search(text) else text


@cache
def _converter() -> OpenCC:
    """Characters of Hong Kong, too (衞生局), and with them those of Taiwan and of old books."""
    return OpenCC("hk2s")


@cache
def traditional() -> re.Pattern[str]:
    """Any character that conversion would change: looking for one costs a tenth of converting."""
    ideographs = [chr(code) for code in (*range(0x3400, 0x4DC0), *range(0x4E00, 0xA000))]
    converted = _converter().convert("\n".join(ideographs)).split("\n")
    changed = "".join(a for a, b in zip(ideographs, converted, strict=True) if a != b)
    return re.compile(f"[{changed}{_CHANGED_IN_PHRASES}]")
