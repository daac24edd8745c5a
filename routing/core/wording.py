"""Simplified characters, in which every list of words is written: what was written otherwise is matched in these."""

from functools import cache

from opencc import OpenCC


@cache
def _converter() -> OpenCC:
    """Of Hong Kong's characters, too (衞生局)."""
    return OpenCC("hk2s")


def simplified(text: str) -> str:
    """The text in Simplified characters: a reply may be written otherwise than its message."""
    return str(_converter().convert(text))
