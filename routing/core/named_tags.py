"""Which tags (标签) a message has: those that one of their words names, wherever it stands, unless it is denied."""

import re

from ahocorasick_rs import AhoCorasick, Implementation, MatchKind

from routing.core.text.lexicon import matches_in
from routing.core.text.negation import AFTER, BEFORE, Assertion, insists, said
from schemas.city import City
from schemas.ids import TagCode
from schemas.words import Kind, TagGroup

#: 请排除安全隐患 asks for what is not done yet: it names the hazard.
_TO_BE_ENDED = "排除"
#: How much of it: 没有太大危险 denies the danger as 没有危险 does. For tags alone: what routes was measured without.
_DEGREE = re.compile(r"(?:太|很|多|较|特别|十分|非常|那么|这么|什么|大|明显|严重|重大)+的?$")
#: 不太危险, 并不危险; but 是不是危险 asks, 不得不 means the contrary, and 不算困难家庭 is what people dispute.
_NOT_MUCH = re.compile(r"(?<![是得会能要])(?:不(?:太|怎么|那么|是很|是太|算太|算很)|并不)$")
#: 不算危险 denies it; whether somebody is one of a group (不算困难家庭) is what people dispute.
_HARDLY = re.compile(r"(?<!还)不算(?:什么|是|有)?$")
#: Characters before a word in which such words can stand: 没有特别特别大的 (project choice: these eight).
_DEGREE_REACH = 8
_LAST_OF_DEGREE = frozenset("太很多大较别分常么的显重不")


class NamedTags:
    """The tags of one city, ready to be looked for in many messages; threads may share it."""

    def __init__(self, city: City) -> None:
        self._tags = city.tags
        listed = [(word, at) for at, tag in enumerate(city.tags) for word in tag.every_word]
        words = tuple(word.lower() for word, _ in listed)
        self._has_letters = any(word != word.upper() for word in words)
        #: By the number of a word: the tag that it names, and whether that holds where there is none of it.
        self._named = tuple((at, word in city.tags[at].provided) for word, at in listed)
        # Apart from the words that route: beside these they would hide some, and scores that were measured would change.
        self._automaton = AhoCorasick(words, matchkind=MatchKind.Standard, implementation=Implementation.DFA)

    def named(self, whole: str, kind: Kind) -> tuple[TagCode, ...]:
        """The message's tags, in the city's order. `whole`: all that was read, a line end behind it.

        A word that begins inside another stands as that one does: 没有安全隐患 denies 隐患 with it.
        """
        text = whole.lower() if self._has_letters else whole
        found: set[int] = set()
        reach, counts = 0, False
        for which, at, end in sorted(matches_in(self._automaton, text, overlapping=True), key=_longest_first):
            tag, is_provided = self._named[which]
            if at >= reach:
                counts = not _is_denied(text, at, end, is_provided=is_provided)
                counts = counts and (
                    self._tags[tag].group is TagGroup.PEOPLE or not _is_hardly(text, at, end)
                )
            reach = max(reach, end)
            if counts:
                found.add(tag)
        return tuple(
            [tag.code for tag in map(self._tags.__getitem__, sorted(found)) if tag.kind in (None, kind)]
        )


def _is_hardly(text: str, at: int, end: int) -> bool:
    hardly = _HARDLY.search(text, max(0, at - _DEGREE_REACH), at)
    return bool(hardly and not insists(text, hardly.start(), end))


def _longest_first(match: tuple[int, int, int]) -> tuple[int, int]:
    """From left to right, and of those that begin at one place the longest first."""
    return match[1], -match[2]


def _is_denied(text: str, at: int, end: int, *, is_provided: bool) -> bool:
    """没有老人, 不是孩子; what is only feared (怕老人摔倒) is told of all the same, so is what people lack (没有敬老院)."""
    if text[at - 1] in _LAST_OF_DEGREE and not is_provided:
        if not_much := _NOT_MUCH.search(text, max(0, at - _DEGREE_REACH), at):
            return not insists(text, not_much.start(), end)
        degree = _DEGREE.search(text, max(0, at - _DEGREE_REACH), at)
        at = degree.start() if degree else at
    if not (text[at - 1] in BEFORE or text[end] in AFTER) or text.endswith(_TO_BE_ENDED, 0, at):
        return False
    return said(text, at, end) <= (Assertion.DENIED if is_provided else Assertion.ABSENT)
