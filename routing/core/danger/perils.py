"""Finds danger that no listed word names: who or what meets which state or place that threatens life, close together."""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache, reduce
from itertools import pairwise, product
from operator import or_

import msgspec
from ahocorasick_rs import AhoCorasick, MatchKind

from routing.core.danger.asides import without_asides
from routing.core.danger.peril_patterns import any_of
from routing.core.danger.perils_in_english import DangerInEnglish, EnglishPerils
from routing.core.danger.pressing import SENTENCE_END, around, is_now
from routing.core.danger.told_of import off_stage
from routing.core.text.lexicon import matches_in
from routing.core.text.negation import Assertion, said
from schemas.errors import Unusable
from schemas.simplified import readings_of

#: Characters of a message that are read. Project choice: half of all real messages are no longer, whoever is in danger
#: says so at once, and no text costs more.
_READ = 240
#: Characters from the first word of a meeting to the last. Project choice: two or three clauses.
_REACH = 30
#: Characters before and behind it in which something takes it back, within its sentence. Project choice: two clauses.
_AROUND = 24
#: Who asks whom to call, for what is there: 请问…归谁管; it is no question of whose a thing is.
_ASKS, _WHOM = (
    re.compile(r"^(?:请问|想问|咨询|问)(?:一?下)?"),
    re.compile(r"(?:应该?|该|要)?(?:打什么电话|打哪个(?:电话|号码)|归谁管|找哪个部门)[呀啊呢]?$"),
)
#: How a word begins that says what is not there.
_LACKS = "没有?"
#: How often words of one and of two characters are said, of longer ones once. Project choice: of six such weights the one
#: with which the fewest of 786 public letters hold a word that is looked for.
_OFTEN = {1: 80, 2: 20}
_PIECES = re.compile(r"\[[^\]]+\]\??|.\??")


class Peril(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What must meet (`of`: vocabularies, `a|b` either), and patterns of what it is not then."""

    of: tuple[str, ...]
    unless: tuple[str, ...] = ()


class PerilWords(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Vocabularies, their meetings, and patterns of what takes every one back unless it happens `at_once`.

    What is `never_after` takes back only what ends behind it. English has phrases of its own.
    """

    words: Mapping[str, tuple[str, ...]]
    peril: tuple[Peril, ...]
    never: tuple[str, ...] = ()
    never_after: tuple[str, ...] = ()
    at_once: tuple[str, ...] = ()
    english: EnglishPerils = EnglishPerils()


class _Meeting:
    """One peril, ready to be looked for."""

    __slots__ = ("needs", "unless")

    def __init__(self, peril: Peril, bits: Mapping[str, int]) -> None:
        #: For each of its words the vocabularies that it may be of.
        self.needs = tuple(_bits_of(alternatives.split("|"), bits) for alternatives in peril.of)
        self.unless = any_of(peril.unless)


#: Where a listed word stands, and its vocabularies.
_Found = tuple[int, int, int]


class Perils:
    """Every peril of one city."""

    def __init__(self, raw: PerilWords) -> None:
        """Raises Unusable: a peril has a vocabulary that is not listed, or a pattern is none."""
        bits = {name: 1 << at for at, name in enumerate(raw.words)}
        listed: dict[str, int] = {}
        for name, words in raw.words.items():
            for word in (
                each for written in words for spelled in _spelled(written) for each in readings_of(spelled)
            ):
                listed[word] = listed.get(word, 0) | bits[name]
        self._kinds = tuple(listed.values())
        self._automaton = AhoCorasick(listed, matchkind=MatchKind.Standard)
        self._meetings = tuple(_Meeting(peril, bits) for peril in raw.peril)
        #: Without one of these no meeting is told in Chinese: of each peril the vocabulary that is least often said.
        self.needed = frozenset(word for peril in self._meetings for word in _rarest(peril, listed))
        self._never = any_of(raw.never)
        self._never_after = any_of(raw.never_after)
        self._at_once = any_of(raw.at_once)
        self._english = DangerInEnglish(raw.english)
        self._possible = lru_cache(maxsize=4096)(self._possible_of)

    def tells(self, text: str) -> bool:
        """Whether the beginning of a text in Simplified characters tells of danger to somebody now."""
        if self._english.tells(text):
            return True
        text, kinds = text[:_READ], self._kinds
        matches, met = matches_in(self._automaton, text, overlapping=True), 0
        for which, _, _ in matches:
            met |= kinds[which]
        if not self._possible(met):
            return False
        found = [(at, end, kinds[which]) for which, at, end in matches]
        return any(self._tells(text, sentence) for sentence in _by_sentence(text, found))

    def _tells(self, text: str, found: Sequence[_Found]) -> bool:
        met = 0
        for _, _, kind in found:
            met |= kind
        return any(
            self._is_real(text, meeting, at, end)
            for meeting in self._possible(met)
            for at, end in _spans(meeting, text, found)
        )

    def _possible_of(self, met: int) -> tuple[_Meeting, ...]:
        """The meetings of which every word may be among words of the vocabularies `met`."""
        return tuple(meeting for meeting in self._meetings if all(need & met for need in meeting.needs))

    def _is_real(self, text: str, meeting: _Meeting, at: int, end: int) -> bool:
        """Whether nothing takes back what stands from `at` to `end`."""
        before, after = around(text, at, end, _AROUND)
        before = off_stage(before, text[at:end], after)
        if _ASKS.match(before) and _WHOM.search(after):
            before, after = _ASKS.sub("", before), _WHOM.sub("", after)
        if self._is_everyday(meeting, before + text[at:end], after):
            before, told, after = without_asides(before, text[at:end], after)
            if self._is_everyday(meeting, before + told, after):
                return False
        return is_now(text, at, end)

    def _is_everyday(self, meeting: _Meeting, until: str, after: str) -> bool:
        near = until + after
        if meeting.unless.search(near):
            return True
        if self._at_once.search(near):
            return False
        return bool(self._never.search(near) or self._never_after.search(until))


def _bits_of(names: Sequence[str], bits: Mapping[str, int]) -> int:
    """The vocabularies as one number."""
    if unknown := "、".join(sorted(set(names) - set(bits))):
        raise Unusable(
            zh=f"perils.toml 的 [[peril]] 用到 [words] 未列的 {unknown}",
            en=f"a peril is of {unknown}, which [words] in perils.toml does not list",
        )
    return reduce(or_, (bits[name] for name in names))


def _rarest(meeting: _Meeting, listed: Mapping[str, int]) -> Sequence[str]:
    """The words of its vocabulary that is least often said, by how short they are."""
    of_each = [[word for word, kinds in listed.items() if kinds & need] for need in meeting.needs]
    return min(of_each, key=lambda words: sum(_OFTEN.get(len(word), 1) for word in words))


def _spelled(word: str) -> Iterator[str]:
    """`[两三]天` is 两天 and 三天, `没有?反应` 没反应 and 没有反应, and 无反应 or 未反应 as a hotline notes it."""
    yield from ("".join(each) for each in product(*_pieces(word)))
    if word.startswith(_LACKS):
        yield from (noted + rest for rest in _spelled(word.removeprefix(_LACKS)) for noted in "无未")


def _pieces(word: str) -> Iterator[Sequence[str]]:
    for piece in _PIECES.findall(word):
        which = piece.removesuffix("?").strip("[]")
        yield [*which, ""] if piece.endswith("?") else [*which]


def _by_sentence(text: str, found: Sequence[_Found]) -> Iterator[list[_Found]]:
    """The words of each sentence that has two at least, in their order."""
    ends, here, stop = SENTENCE_END.finditer(text), list[_Found](), 0
    for each in found:
        while each[0] >= stop:
            if len(here) > 1:
                yield here
            here, mark = [], next(ends, None)
            stop = mark.end() if mark else len(text)
        here.append(each)
    if len(here) > 1:
        yield here


def _spans(meeting: _Meeting, text: str, found: Sequence[_Found]) -> Iterator[tuple[int, int]]:
    """Where its words stand together, each one another, from the first to the last; none begins in the one before."""
    last: list[tuple[int, int] | None] = [None] * len(meeting.needs)
    for at, end, kind in found:
        hears = [which for which, need in enumerate(meeting.needs) if need & kind]
        if not hears or _is_not_said(text, at, end):
            continue
        for which in hears:
            last[which] = (at, end)
            span = _span(last)
            if span is not None:
                yield span
                last = [None] * len(last)
                break


def _is_not_said(text: str, at: int, end: int) -> bool:
    return said(text, at, end) is not Assertion.PLAINLY


def _span(last: Sequence[tuple[int, int] | None]) -> tuple[int, int] | None:
    """From the first word to the last, where each is there, begins behind the one before, and is near."""
    there = sorted([each for each in last if each is not None])
    if len(there) < len(last) or there[-1][1] - there[0][0] > _REACH:
        return None
    if any(one[1] > other[0] for one, other in pairwise(there)):
        return None
    return there[0][0], there[-1][1]
