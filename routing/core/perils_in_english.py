"""Finds danger in a message in English: a phrase that tells of it, in a sentence that speaks of now."""

import re
from collections.abc import Sequence
from typing import NamedTuple

import msgspec

#: Two words, or a word and a number: Chinese messages hold names and short words in Latin letters, no sentences.
_WORDS = re.compile(r"[A-Za-z]['’]?[A-Za-z] [A-Za-z\d]{2}")
#: Characters of a message in which it must begin to be English, and that are read then. Project choices: as of Chinese
#: (perils.py), and four times as many, since English takes so many letters for the same.
_BEGINS, _READ = 240, 1000
_SENTENCE_ENDS = re.compile(r"[.!?;。！？；\n]+")
#: What stands right before a phrase and denies it: there is no gas leak.
_DENIED = re.compile(r"(?:\b(?:no|not|never|without|nearly|almost)|n't)\s+(?:a |an |any )?$", re.IGNORECASE)


class EnglishPerils(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Patterns of phrases, whole words in letters of either case, in which WHO is one of `who`.

    `never` takes back those of its sentence, unless it happens `at_once`.
    """

    who: tuple[str, ...] = ()
    danger: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    at_once: tuple[str, ...] = ()


class DangerInEnglish(NamedTuple):
    """The phrases, ready to be looked for."""

    danger: re.Pattern[str]
    never: re.Pattern[str]
    at_once: re.Pattern[str]

    def tells(self, text: str) -> bool:
        """Whether one of its first sentences tells of danger to somebody now."""
        if not _WORDS.search(text, 0, _BEGINS):
            return False
        return any(map(self._is_danger, _SENTENCE_ENDS.split(text[:_READ].replace("’", "'"))))

    def _is_danger(self, sentence: str) -> bool:
        told = any(not _DENIED.search(sentence, 0, found.start()) for found in self.danger.finditer(sentence))
        return told and bool(self.at_once.search(sentence) or not self.never.search(sentence))


def whole(patterns: Sequence[str], who: Sequence[str]) -> Sequence[str]:
    """One pattern of them all as whole words, in letters of either case: only where a word begins is any looked for."""
    anybody = f"(?:{'|'.join(who)})"
    return [rf"(?i:\b(?:{'|'.join(patterns)})\b)".replace("WHO", anybody)] if patterns else []
