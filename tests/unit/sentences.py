"""What every refused field owes its reader: one whole sentence in each of the two languages."""

import re

from schemas.errors import FieldError

_CHINESE = re.compile(r"[\u4e00-\u9fff][^A-WYZa-z]*。")
_ENGLISH = re.compile(r"[A-Z][a-z]*[ ,].*[a-z0-9)]\.")


def check_sentences(error: FieldError) -> None:
    """Chinese ends with 。 and English begins with a capital and ends with a full stop."""
    assert _CHINESE.fullmatch(error.zh), error.zh
    assert "X" not in error.zh
    assert _ENGLISH.fullmatch(error.en), error.en
    assert error.en.isascii()
