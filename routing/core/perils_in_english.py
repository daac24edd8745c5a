"""Finds danger in a message in English: a phrase that tells of it, in a sentence that speaks of now."""

import re
from collections.abc import Sequence
from typing import NamedTuple

import msgspec

#: Two words: Chinese messages hold names and short words in Latin letters, no sentences.
_WORDS = re.compile(r"[A-Za-z]{2} [A-Za-z]{2}")
_SENTENCE_ENDS = re.compile(r"[.!?;。！？；\n]+")
#: What stands right before a phrase and denies it: there is no gas leak.
_DENIED = re.compile(r"(?:\b(?:no|not|never|without|nearly|almost)|n't)\s+(?:a |an |any )?$", re.IGNORECASE)


class EnglishPerils(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Patterns of phrases, whole words in letters of either case; `never` takes back those of its sentence."""

    danger: tuple[str, ...] = ()
    never: tuple[str, ...] = ()


class DangerInEnglish(NamedTuple):
    """The phrases, ready to be looked for."""

    danger: re.Pattern[str]
    never: re.Pattern[str]

    def tells(self, text: str) -> bool:
        """Whether one of its sentences tells of danger to somebody now."""
        if not _WORDS.search(text):
            return False
        return any(map(self._is_danger, _SENTENCE_ENDS.split(text.replace("’", "'"))))

    def _is_danger(self, sentence: str) -> bool:
        told = any(not _DENIED.search(sentence, 0, found.start()) for found in self.danger.finditer(sentence))
        return told and not self.never.search(sentence)


def whole(patterns: Sequence[str]) -> list[str]:
    """Each as a pattern of whole words, in letters of either case."""
    return [rf"(?i:\b(?:{pattern})\b)" for pattern in patterns]
