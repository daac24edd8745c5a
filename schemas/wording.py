"""Whether a text says anything: the one rule for whatever citizens and staff must write."""

import unicodedata

#: Letters that nobody can see: Hangul fillers.
_BLANK_LETTERS = "\u115f\u1160\u3164\uffa0"


def says_something(text: str) -> bool:
    """Whether a letter or a digit is in it: blanks, dots and signs alone say nothing."""
    return any(unicodedata.category(one)[0] in "LN" and one not in _BLANK_LETTERS for one in text)
