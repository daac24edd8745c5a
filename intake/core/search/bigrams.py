"""How texts are searched: of Chinese every two neighbouring characters are a word; words and numbers stay whole."""

import re
import unicodedata
from collections.abc import Mapping
from operator import add

from intake.core.wording import as_said, matchable

#: Written with spaces, or a mark between syllables: Latin, Greek, Cyrillic, Arabic (Uyghur), Indian scripts, Thai, Tibetan,
#: Mongolian, each with the signs that stand on a letter and without its punctuation.
_ALPHABETS = (
    "0-9a-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u0300-\u036f\u0370-\u052f\u0590-\u05ff\u0610-\u061a\u0620-\u0669"
    "\u066e-\u06d3\u06d5-\u06ff\u0750-\u077f\u08a0-\u08ff\u0900-\u0963\u0966-\u0dff\u0e01-\u0e3a\u0e40-\u0eff"
    "\u0f00\u0f18-\u0f39\u0f3e-\u0f84\u0f86-\u0fbc\u1000-\u1049\u1050-\u109f\u1780-\u17d3\u17d7\u17dc-\u17ff"
    "\u180b-\u180d\u180f-\u18af\u1e00-\u1fff"
)
#: Written without spaces: kana, ideographs (also those beyond the basic plane), Bopomofo, Hangul, Yi.
_IDEOGRAPHS = (
    "\u3005-\u3007\u3040-\u30ff\u3105-\u312f\u31a0-\u31bf\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua48c\uac00-\ud7a3"
    "\uf900-\ufaff\U00020000-\U0003ffff"
)
_RUNS = re.compile(f"([{_ALPHABETS}]+)|[{_IDEOGRAPHS}]+")
#: Said twice: a pattern that begins with a plain set is searched for several times as fast.
_WORD = re.compile(f"[{_ALPHABETS}][{_ALPHABETS}]*")
_IDEOGRAPH = re.compile(f"[{_IDEOGRAPHS}]")
#: Letters that are written in several ways: single Hangul letters, Arabic in its shapes, signs apart from their letter.
_COMPOSED = re.compile("[\u0300-\u036f\u1100-\u11ff\u3131-\u318e\ufb50-\ufdff\ufe70-\ufefc]")
#: Characters that are kept of a word. Project choice: nobody types more, and Postgres refuses beyond 2 kB.
_LONGEST_WORD = 40


def bigrams(*texts: str) -> set[str]:
    """The words that a search finds these texts by."""
    words: set[str] = set()
    for run, is_word in runs("\n".join(texts)):
        if is_word:
            words.add(run[:_LONGEST_WORD])
        else:
            # The last character stands alone, so that a search for one character finds it by its beginning.
            words.update(map(add, run, run[1:]))
            words.add(run[-1])
    return words


def query(typed: str) -> str | None:
    """What was typed, as a tsquery over our words: all of them must be there. None where nothing can be searched."""
    terms: list[str] = []
    otherwise = said_otherwise(typed)
    for run, is_word in runs(typed):
        if is_word:
            terms.append(f"'{run[:_LONGEST_WORD]}':*")
        else:
            is_prefix = ":*" if len(run) == 1 else ""
            terms += [either(pair, otherwise.get(pair), is_prefix) for pair in _pairs(run)]
    return " & ".join(dict.fromkeys(terms)) or None


def said_otherwise(typed: str) -> Mapping[str, str]:
    """By the words that 計程車 is read as (出租, 租车) those that it is made of (计程, 程车).

    Answers hold these where somebody wrote them in Simplified characters, or where they were indexed as written.
    """
    searched, said = matchable(typed), as_said(typed)
    if searched == said:
        return {}
    both = zip(_runs_in(searched), _runs_in(said), strict=True)
    pairs = [pair for (run, _), (other, _) in both for pair in zip(_pairs(run), _pairs(other), strict=True)]
    return {ours: theirs for ours, theirs in pairs if ours != theirs}


def _pairs(run: str) -> list[str]:
    """Every two neighbouring characters; a single one by itself."""
    return [run[place : place + 2] for place in range(max(1, len(run) - 1))]


def either(word: str, other: str | None, suffix: str = "") -> str:
    """A word as a tsquery takes it, or the one that may stand for it."""
    return f"('{word}'{suffix} | '{other}'{suffix})" if other else f"'{word}'{suffix}"


def runs(text: str) -> list[tuple[str, bool]]:
    """What stands between spaces and marks, and whether it is one word of an alphabet."""
    return _runs_in(matchable(text))


def _runs_in(plain: str) -> list[tuple[str, bool]]:
    return [(found[0], found[1] is not None) for found in _RUNS.finditer(_composed(plain))]


def whole_words(plain: str) -> list[str]:
    """The words of alphabets in a text that is `matchable` already, as often as they stand there."""
    return [word[:_LONGEST_WORD] for word in _WORD.findall(_composed(plain))]


def _composed(plain: str) -> str:
    return unicodedata.normalize("NFKC", plain) if _COMPOSED.search(plain) else plain


def is_ideographic(character: str) -> bool:
    """Whether it is of a script that is written without spaces."""
    return _IDEOGRAPH.fullmatch(character) is not None
