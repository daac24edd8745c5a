"""Finds danger in a message in English: a phrase that tells of it, in a sentence that speaks of now."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from string import ascii_lowercase

import msgspec
from ahocorasick_rs import AhoCorasick, MatchKind

from routing.core.danger.peril_patterns import check
from routing.core.text.lexicon import matches_in
from routing.core.text.patterns import LazyPattern
from schemas.errors import Unusable

#: Two words, or a word and a number: Chinese messages hold names and short words in Latin letters, no sentences.
_WORDS = re.compile(r"[A-Za-z]['’]?[A-Za-z] [A-Za-z\d]{2}")
#: Characters of a message in which it must begin to be English, and that are read then. Project choices: as of Chinese
#: (perils.py), and four times as many, since English takes so many letters for the same.
_BEGINS, _READ = 240, 1000
_LETTERS = frozenset(ascii_lowercase)
_SENTENCE = re.compile(r"[^.!?;。！？；\n]+")
#: What stands right before a phrase and denies it: there is no gas leak.
_DENIED = re.compile(r"(?:\b(?:no|not|never|without|nearly|almost)|n't)\s+(?:a |an |any )?$")
#: A vocabulary's name in a pattern, whose other letters are small.
_NAME = re.compile(r"(?<!\\)[A-Z][A-Za-z]*")
#: Between phrases that tell of danger where all of them are in one sentence.
_MEETS = " + "
_SOME = "… "
#: What it stands for: up to six words that deny nothing. Project choice: as many as between who and what befalls him.
_SOME_WORDS = r"(?:(?!(?:not?|never|nobody|\S*n't) )\S+ ){0,6}"
#: Whom (a vocabulary) it befalls, and what does: looked for in the other order, since the words for whom are many.
_BEFALLS = re.compile(rf"([A-Z]+) {_SOME}(.+)")
#: Characters before what befalls somebody in which it is said whom. Project choice: his name and as many words.
_NEAR = 80


class EnglishPeril(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Phrases that tell of it (`says`), each with a word that begins as one `beside`; patterns of what they are not then.

    An `always` one is taken back by nothing else of its sentence: who threatens to die also thanks and names a price.
    """

    beside: tuple[str, ...]
    says: tuple[str, ...]
    unless: tuple[str, ...] = ()
    always: bool = False


class EnglishPerils(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Perils in patterns of whole words in small letters.

    A name in capitals stands for one of a vocabulary of `words`, "… " for some words, " + " for anything in one sentence
    in either order. `never` takes back what its sentence tells, unless it happens `at_once`.
    """

    words: Mapping[str, tuple[str, ...]] = {}
    peril: tuple[EnglishPeril, ...] = ()
    never: tuple[str, ...] = ()
    at_once: tuple[str, ...] = ()


class _Phrases:
    """One peril, ready to be looked for."""

    __slots__ = ("_befalls", "_may_meet", "_meets", "_says", "_unless", "always")

    def __init__(self, peril: EnglishPeril, words: Mapping[str, str]) -> None:
        said, meeting, befalling = list[str](), list[list[str]](), defaultdict[str, list[str]](list)
        for phrase in peril.says:
            if _MEETS in phrase:
                meeting.append(phrase.split(_MEETS))
            elif befalls := _BEFALLS.fullmatch(phrase):
                befalling[befalls[1]].append(befalls[2])
            else:
                said.append(phrase)
        self._says = _whole(said, words)
        #: Where none of their first stands, none of the rest is looked for.
        self._may_meet = _whole([phrases[0] for phrases in meeting], words)
        self._meets = tuple(tuple(_whole([each], words) for each in phrases) for phrases in meeting)
        self._befalls = tuple(
            (_right_before(who, words), _whole(what, words)) for who, what in befalling.items()
        )
        self._unless = _whole(peril.unless, words)
        self.always = peril.always

    def tells(self, sentence: str) -> bool:
        """Whether it is told of, not denied, and nothing of its own takes it back."""
        return self._is_told(sentence) and not self._unless.search(sentence)

    def _is_told(self, sentence: str) -> bool:
        return (
            _is_said(self._says, sentence)
            or any(_is_said_of(who, what, sentence) for who, what in self._befalls)
            or (
                self._may_meet.search(sentence) is not None
                and any(all(_is_said(phrase, sentence) for phrase in phrases) for phrases in self._meets)
            )
        )


def begins_in_english(text: str) -> bool:
    """Whether a message is told in English, as far as its beginning tells."""
    return _WORDS.search(text, 0, _BEGINS) is not None


class DangerInEnglish:
    """The perils, ready to be looked for."""

    def __init__(self, raw: EnglishPerils) -> None:
        """Raises Unusable: a pattern is none, or names a vocabulary that is not listed."""
        words = dict[str, str]()
        for name, patterns in raw.words.items():
            words[name] = _one_of(patterns, words)
        self._perils = tuple(_Phrases(peril, words) for peril in raw.peril)
        #: Beginnings of words of which one is cheaply found where a peril is told of, and the number of the peril.
        beside = [(word, which) for which, peril in enumerate(raw.peril) for word in peril.beside]
        self._of = tuple(which for _, which in beside)
        self._automaton = AhoCorasick([word for word, _ in beside], matchkind=MatchKind.Standard)
        self._never = _whole(raw.never, words)
        self._at_once = _whole(raw.at_once, words)

    def tells(self, text: str) -> bool:
        """Whether one of its first sentences tells of danger to somebody now."""
        if not begins_in_english(text):
            return False
        text = text[:_READ].lower().replace("’", "'")
        found = [
            (at, self._of[which])
            for which, at, _ in matches_in(self._automaton, text, overlapping=True)
            if text[at - 1 : at] not in _LETTERS
        ]
        return any(
            self._is_danger(
                sentence[0].strip(), {which for at, which in found if sentence.start() <= at < sentence.end()}
            )
            for sentence in _SENTENCE.finditer(text)
        )

    def _is_danger(self, sentence: str, near: Iterable[int]) -> bool:
        told = [peril for peril in map(self._perils.__getitem__, near) if peril.tells(sentence)]
        if any(peril.always for peril in told):
            return True
        return bool(told) and bool(self._at_once.search(sentence) or not self._never.search(sentence))


def _is_said(phrase: LazyPattern, sentence: str) -> bool:
    return any(not _DENIED.search(sentence, 0, found.start()) for found in phrase.finditer(sentence))


def _is_said_of(who: LazyPattern, what: LazyPattern, sentence: str) -> bool:
    return any(
        who.search(sentence, max(0, found.start() - _NEAR), found.start())
        for found in what.finditer(sentence)
    )


def _whole(patterns: Sequence[str], words: Mapping[str, str]) -> LazyPattern:
    """One pattern of them all as whole words: only where a word begins is any looked for."""
    return LazyPattern(rf"(?a:\b{_one_of(patterns, words)}\b)" if patterns else "(?!)")


def _right_before(who: str, words: Mapping[str, str]) -> LazyPattern:
    """One of a vocabulary, with some words behind it, at the end of what is read."""
    return LazyPattern(rf"(?a:\b{words[who]},? {_SOME_WORDS}\Z)")


def _one_of(patterns: Sequence[str], words: Mapping[str, str]) -> str:
    """One pattern of them all, with the vocabularies that they name."""
    check(patterns)
    named = _NAME.findall(" ".join(patterns))
    if unknown := "、".join(sorted(set(named) - set(words))):
        raise Unusable(
            zh=f"perils.toml 的 [english] 用到 [english.words] 未列的 {unknown}",
            en=f"a phrase of perils.toml is of {unknown}, which [english.words] does not list above it",
        )
    filled = _NAME.sub(lambda name: words[name[0]], "|".join(patterns)).replace(_SOME, _SOME_WORDS)
    return f"(?:{filled})"
