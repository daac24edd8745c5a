"""Replaces words for officials, others and deeds by one sign each, in one pass."""

import re
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from typing import NamedTuple

from ahocorasick_rs import AhoCorasick, Implementation, MatchKind

from routing.core.text.lexicon import matches_in


class WordSign(StrEnum):
    """What a word is, as the one character that stands for it in a text that is weighed."""

    #: 执法人员, 局长, 城管局
    OFFICIAL = "\ue000"
    #: Who works for the public without being an official: 医生, 校长.
    SERVANT = "\ue001"
    #: 物业, 老板
    PRIVATE = "\ue002"
    #: 受贿, 以权谋私
    DEED = "\ue003"
    #: Initials and sounds that stand for such words (CG): looked up, and left as they are.
    MISSPELT = "\ue004"
    #: A word of an accusation in English, left as it is.
    ENGLISH = "\ue005"


#: Found in a text, and left as they stand there.
_LEFT = (WordSign.MISSPELT, WordSign.ENGLISH)
_SIGNS = re.compile("[\ue000-\ue005]+")
#: Characters of clauses that a dispatcher is shown. Project choice: a line.
_SHOWN = 60


class Seen(NamedTuple):
    """A text with signs for its words, and which signs it has."""

    text: str
    signs: frozenset[WordSign]


class Window(NamedTuple):
    """The clauses of a text that sound most like what is listened for."""

    score: float
    text: str
    #: Numbers of its sentences, from 0 on, that are not surely ordinary.
    doubtful: frozenset[int] = frozenset()
    #: How many ends of clauses its text has before them, and up to where they end.
    ends: tuple[int, int] = (0, 0)
    #: It is only a piece of one of them.
    is_piece: bool = False


class Signs:
    """All words that are signs. Of two that begin at one place the longer is meant."""

    __slots__ = ("_automaton", "_left", "_sign")

    def __init__(self, words: Mapping[str, WordSign]) -> None:
        """`words`: each in small letters, with what it is."""
        # Plain characters: whatever is asked of a member of an enumeration, such as its hash, runs Python.
        self._sign = [sign.value for sign in words.values()]
        self._left = [sign in _LEFT for sign in words.values()]
        # Takes half the time of the smaller kinds, and a few megabytes.
        self._automaton = AhoCorasick(
            [*words], matchkind=MatchKind.LeftmostLongest, implementation=Implementation.DFA
        )

    def see(self, text: str) -> Seen:
        """`text` in small letters with signs in it."""
        text, found, parts, at = text.lower(), set[str](), list[str](), 0
        signs, left = self._sign, self._left
        for which, start, end in matches_in(self._automaton, text):
            found.add(signs[which])
            if not left[which]:
                parts.append(text[at:start])
                parts.append(signs[which])
                at = end
        parts.append(text[at:])
        return Seen("".join(parts), _members("".join(sorted(found))))


def readable(clauses: str) -> str:
    """Their beginning for people: signs stand for words that were taken out."""
    return _SIGNS.sub("…", clauses)[:_SHOWN]


@cache
def _members(signs: str) -> frozenset[WordSign]:
    return frozenset(map(WordSign, signs))
