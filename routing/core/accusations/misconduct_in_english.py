"""Whether a message in English accuses officials: deeds that say so alone, or beside a word for officials."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from routing.core.accusations.units_in_english import EnglishUnits, units_in_english
from schemas.ids import DepartmentCode

_SENTENCES = re.compile(r"(?<=[.!?;。！？；])\s*|\n+")
#: Three letters, so written that `re` looks for the first one at once.
_LETTERS = re.compile(r"[A-Za-z][A-Za-z][A-Za-z]")
#: Characters before a deed in which its subject or a denial can stand (project choice: about six words).
_REACH = 40


class EnglishWords(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Words as in misconduct.toml, which says what each list is for."""

    alleged: tuple[str, ...] = ()
    with_officials: tuple[str, ...] = ()
    officials: tuple[str, ...] = ()
    denied_before: tuple[str, ...] = ()
    private: tuple[str, ...] = ()
    asking: tuple[str, ...] = ()
    acting: tuple[str, ...] = ()
    idle: tuple[str, ...] = ()
    no_units: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class EnglishRules:
    """The words, ready to look for, and units by their English names."""

    alleged: re.Pattern[str]
    with_officials: re.Pattern[str]
    officials: re.Pattern[str]
    denied_before: re.Pattern[str]
    private: re.Pattern[str]
    units: EnglishUnits
    #: Please ask the … to investigate
    asked: re.Pattern[str]
    idle: re.Pattern[str]
    #: In small letters, of every deed: a text with none of them tells of none.
    first_words: frozenset[str]

    def alleges(self, text: str) -> bool:
        """Whether one of its sentences tells of an official's misconduct."""
        if not _LETTERS.search(text):
            return False
        return any(self._tells(sentence.replace("’", "'")) for sentence in _SENTENCES.split(text))

    def units_in(self, text: str) -> set[DepartmentCode]:
        """Codes of the units that it names, and does not merely ask to act."""
        if not _LETTERS.search(text):
            return set()
        named = [*self.units.pattern.finditer(text)]
        if self._only_asks(text, named):
            named = [name for name in named if not self._is_asked(text, name)]
        return {self.units.code_of(name.group()) for name in named}

    def _is_asked(self, text: str, name: re.Match[str]) -> bool:
        return any(one.start() <= name.start() < one.end() for one in self.asked.finditer(text))

    def _only_asks(self, text: str, named: Sequence[re.Match[str]]) -> bool:
        """Whether it blames no officials of no certain unit, and says of nobody that nothing was done."""
        loose = (
            who
            for who in self.officials.finditer(text)
            if not any(name.start() <= who.start() < name.end() for name in named)
        )
        return all(self._is_asked(text, who) for who in loose) and not self.idle.search(text)

    def _tells(self, sentence: str) -> bool:
        if any(self._is_said(sentence, deed.start()) for deed in self.alleged.finditer(sentence)):
            return True
        if not self.officials.search(sentence):
            return False
        deeds = self.with_officials.finditer(sentence)
        return any(self._is_said(sentence, deed.start(), by_officials=True) for deed in deeds)

    def _is_said(self, sentence: str, at: int, *, by_officials: bool = False) -> bool:
        before = sentence[max(0, at - _REACH) : at]
        if self.denied_before.search(before):
            return False
        subjects = [*self.private.finditer(before)] if by_officials else []
        # A hotline agent is an official, though an agent is none.
        return not subjects or any(who.end() >= subjects[-1].end() for who in self.officials.finditer(before))


def build_english(words: EnglishWords, names: Mapping[str, DepartmentCode]) -> EnglishRules:
    """The rules; `names`: units by their names in English."""
    units = units_in_english(names, words.no_units)
    return EnglishRules(
        alleged=_whole(words.alleged),
        with_officials=_whole(words.with_officials),
        officials=_whole(words.officials),
        denied_before=_whole(words.denied_before),
        private=_whole(words.private),
        units=units,
        asked=re.compile(
            rf"{_whole(words.asking).pattern}(?:\W+\w+){{0,4}}?\W+{units.pattern.pattern}(?:\W+\w+){{0,4}}?\W+"
            rf"{_whole(words.acting).pattern}",
            re.IGNORECASE,
        ),
        idle=_whole(words.idle),
        first_words=frozenset(
            re.split(r"\W", word.lower(), maxsplit=1)[0] for word in (*words.alleged, *words.with_officials)
        ),
    )


def _whole(words: Iterable[str]) -> re.Pattern[str]:
    ordered = sorted(set(words), key=lambda word: (-len(word), word))
    if not ordered:
        return re.compile(r"(?!)")
    any_of = "|".join(re.escape(word).replace(r"\ ", r"\s+").replace("\\~", ".{0,40}?") for word in ordered)
    return re.compile(rf"\b(?:{any_of})\b", re.IGNORECASE)
