"""Hides words that staff chose to hide, however they are written."""

import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache

from schemas.simplified import simplified

#: What may stand within a word, or be left out of it, and it is the same word: blanks, what nobody sees, accents, and the
#: dots between the parts of a name (Unicode's general categories).
_NOTHING = frozenset({"Zs", "Zl", "Zp", "Cc", "Cf", "Mn"})
_DOTS = "·•・‧∙⋅ˑ"


def hide_words(text: str, words: Sequence[str]) -> str:
    """`text` with a star for each character of these words, wherever they stand, and however they are written there.

    Blanks, lines and what nobody sees may stand within; width, case, accents and Traditional characters are the same.
    """
    text = _hidden(text, text, words)
    plain, plain_words = simplified(text), [simplified(word) for word in words]
    return text if plain == text and plain_words == list(words) else _hidden(text, plain, plain_words)


def _hidden(text: str, plain: str, words: Sequence[str]) -> str:
    """`text` without what the words match in `plain`, which is the same text in other characters."""
    read, places = _read(plain)
    hidden: set[int] = set()
    for word in dict.fromkeys(_read(word)[0] for word in words):
        for start in _all_of(word, read):
            end = places[start + len(word) - 1] + 1
            # Accents that are written behind its last letter.
            while end < len(plain) and unicodedata.category(plain[end]) == "Mn":
                end += 1
            hidden.update(range(places[start], end))
    if not hidden:
        return text
    return "".join(_star(one) if place in hidden else one for place, one in enumerate(text))


def _star(character: str) -> str:
    return "*" if _as_read(character) else ""


def _all_of(word: str, read: str) -> Iterator[int]:
    """Every place where it begins: of two words that share characters neither is left in part."""
    start = read.find(word) if word else -1
    while start >= 0:
        yield start
        start = read.find(word, start + 1)


def _read(text: str) -> tuple[str, Sequence[int]]:
    """The text as it is compared, and the place of each of its characters in what was written."""
    spelled = [(one, place) for place, written in enumerate(text) for one in _as_read(written)]
    return "".join(one for one, _ in spelled), [place for _, place in spelled]


@lru_cache(maxsize=8192)
def _as_read(character: str) -> str:
    plain = unicodedata.normalize("NFKD", character).casefold()
    return "".join(one for one in plain if one not in _DOTS and unicodedata.category(one) not in _NOTHING)
