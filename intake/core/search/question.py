"""What somebody looks for: its words, how much each tells, and the rare ones that answers are looked up by."""

import math
from collections.abc import Mapping, Sequence
from itertools import combinations

import msgspec

from intake.core.search.bigrams import either, is_ideographic, runs, said_otherwise
from intake.core.search.ordinary import told_by

#: Words that are weighed at most, the most telling first. Project choice: more cost time and change no order.
MOST_WORDS = 32
#: Single characters that are weighed at most, likewise. Project choice: they tell less than words do.
_MOST_CHARACTERS = 24
#: Answers that the words looked up one by one may stand in, all together, and how many such words (project choices:
#: measured with a million answers; twice as many find no more of 700 real messages, docs/measurements.md).
MOST_LOOKED_UP = 1000
MOST_LOOK_UPS = 24
#: Answers that are thought to be there besides, and to hold none of the words: of a dozen, what is rare shows nothing yet
#: (project choice).
_TOO_FEW = 100
#: How much a word of an alphabet and a number count, which have no characters that count besides (project choice: bus 101
#: comes before any other bus).
_WHOLE_WORD = 2.0
#: Of the weight of a word that no counted answer holds (project choice: one in four may be new since).
_UNKNOWN_PART = 0.25
#: Four characters are three pairs: one word or two (project choice).
_FEW = 3
#: Of words that are all common, these rarest are looked up two by two (project choice: three pairs, three look-ups).
_PAIRED = 3
#: Answers that are enough to choose from, where any of those found are as good (project choice: twice what is compared).
_ENOUGH = 150
#: Of answers that hold the rare words there are few: then the rarest common ones are looked up, too (project choice).
_FEW_LOOKED_UP = 300
#: A word in more answers is not looked up in the index, which costs a microsecond for each of them; one finds enough of
#: them among the newest (project choice: measured with a million answers).
_TOO_COMMON = 30_000


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """In how many of `answers` answers each word stands; a word that is missing stands in next to none."""

    answers: int = 0
    of: Mapping[str, int] = {}

    def weight(self, word: str) -> float:
        """How much the word tells: the rarer, the more (the IDF of Robertson and Spärck Jones, never negative)."""
        if not self.answers:
            return 1.0
        found = min(self.of.get(word, 0), self.answers)
        return math.log(1 + (self.answers + _TOO_FEW - found + 0.5) / (found + 0.5))


class SearchQuestion(msgspec.Struct, frozen=True, kw_only=True):
    """A text as a search reads it. `words`: pairs of characters and whole words; `characters`: each ideograph in it.

    `letters`: those that stand among ideographs; where all is written in letters they tell nothing.
    `told`: how much of a word's weight tells what is asked, 0–1; words that ask tell nothing.
    """

    runs: tuple[str, ...]
    words: Mapping[str, float]
    characters: Mapping[str, float]
    letters: tuple[str, ...]
    told: Mapping[str, float]
    #: Of all its words; less of those that stand in no answer, most of which are where two words meet (注怎 of 签注怎么).
    weight: float
    #: The same of what they tell.
    telling: float
    #: How much each word and each character counts where answers are ranked: one that tells nothing a third (chosen by
    #: measuring).
    ranks: Mapping[str, float]
    #: How much of what is asked each word tells.
    tells: Mapping[str, float]
    #: What else some words may stand as: `said_otherwise`.
    otherwise: Mapping[str, str]


class LookUp(msgspec.Struct, frozen=True, kw_only=True):
    """One look into the index: answers that hold all of these words, and how much those tell together.

    `otherwise`: what may stand for some of them.
    """

    words: tuple[str, ...]
    weight: float
    otherwise: Mapping[str, str] = {}
    #: They stand in so many answers that those which hold them are looked for among the newest.
    among_newest: bool = False

    @property
    def tsquery(self) -> str:
        """As Postgres takes it; our words hold neither quotes nor operators."""
        return " & ".join(either(word, self.otherwise.get(word)) for word in self.words)


class LookUps(msgspec.Struct, frozen=True, kw_only=True):
    """How answers are looked up: one look after the other, until there are `enough` answers."""

    each: tuple[LookUp, ...] = ()
    enough: int = _ENOUGH

    @property
    def words(self) -> Sequence[str]:
        """All that is looked for, each word once."""
        return list(dict.fromkeys(word for look_up in self.each for word in look_up.words))


def asks_much(text: str) -> bool:
    """Whether it is more than a word or two: then few answers hold all of it, and the nearest come first."""
    return len(words_in(text)) > _FEW


def words_in(text: str) -> list[str]:
    """The words that a question is read as, each once: pairs, whole words, and a character that stands alone."""
    found: dict[str, None] = {}
    for run, is_word in runs(text):
        if is_word or len(run) == 1:
            found[run[:40]] = None
        else:
            found.update(dict.fromkeys(run[place : place + 2] for place in range(len(run) - 1)))
    return list(found)


def counted_words(text: str) -> list[str]:
    """All whose counts `question_of` wants to know: the words, and each ideograph by itself."""
    return list(dict.fromkeys([*words_in(text), *filter(is_ideographic, "".join(_runs_of(text)))]))


def question_of(text: str, counts: Counts) -> SearchQuestion:
    """`text` as a search reads it, each word with its weight."""
    weights = {word: counts.weight(word) for word in words_in(text)}
    telling = _telling(weights, counts)
    found = _runs_of(text)
    characters = {each: counts.weight(each) for run in found for each in run if is_ideographic(each)}
    loud = sorted(characters, key=lambda each: -characters[each])[:_MOST_CHARACTERS]
    told = told_by(text)
    parts = {word: weights[word] * _part_of(word, counts) for word in telling}
    whole = {word: weights[word] * (1.0 if is_ideographic(word[0]) else _WHOLE_WORD) for word in telling}
    weighed = whole | {each: characters[each] for each in loud}
    return SearchQuestion(
        runs=found,
        words={word: weights[word] for word in telling},
        characters={each: characters[each] for each in loud},
        letters=_letters(found) if characters else (),
        told=told,
        weight=sum(parts.values()) or 1.0,
        telling=sum(part * told[word] for word, part in parts.items()),
        ranks={word: weight * (1 + 2 * told[word]) / 3 for word, weight in weighed.items()},
        tells={word: weights[word] * told[word] for word in telling},
        otherwise=said_otherwise(text),
    )


def _letters(found: Sequence[str]) -> tuple[str, ...]:
    each = dict.fromkeys("".join(run for run in found if not is_ideographic(run[0])))
    return tuple(filter(str.isalpha, each))[:_MOST_CHARACTERS]


def _part_of(word: str, counts: Counts) -> float:
    return 1.0 if word in counts.of or not counts.answers else _UNKNOWN_PART


def _telling(weights: Mapping[str, float], counts: Counts) -> Sequence[str]:
    """The words that a long text is weighed by: of many, one that stands in a single answer tells of no matter."""
    if len(weights) > MOST_WORDS:
        weights = {word: weight for word, weight in weights.items() if counts.of.get(word, 0) > 1}
    return sorted(weights, key=lambda word: -weights[word])[:MOST_WORDS]


def look_ups(question: SearchQuestion, counts: Counts) -> LookUps:
    """By which words to look answers up: the rarest first, as far as they stand in few; of common ones two by two."""
    words = sorted(question.words, key=lambda word: counts.of.get(word, 0))
    alone, looked_up = _alone(words, counts)
    rare = [_look_up(question, (word,)) for word in alone]
    common = [_look_up(question, both) for both in _two_by_two(words[len(alone) :], counts)]
    if not rare and not common and words:
        common = [_look_up(question, _apart(words)[:2], among_newest=True)]
    if not rare:
        return LookUps(each=tuple(common))
    more = common[:1] if looked_up < _FEW_LOOKED_UP else []
    return LookUps(each=(*rare, *more), enough=MOST_LOOKED_UP)


def _alone(words: Sequence[str], counts: Counts) -> tuple[Sequence[str], int]:
    """Those of the words, the rarest first, that are looked up by themselves; and in how many answers they stand."""
    looked_up = 0
    for place, word in enumerate(words[:MOST_LOOK_UPS]):
        more = counts.of.get(word, 0)
        if looked_up + more > MOST_LOOKED_UP:
            return words[:place], looked_up
        looked_up += more
    return words[:MOST_LOOK_UPS], looked_up


def _two_by_two(words: Sequence[str], counts: Counts) -> Sequence[tuple[str, ...]]:
    """The rarest of the common words that are not all too common, in twos; one that is there alone, by itself."""
    rarest = _apart([word for word in words if counts.of.get(word, 0) <= _TOO_COMMON])
    return list(combinations(rarest, 2)) or [rarest][: len(rarest)]


def _apart(words: Sequence[str]) -> tuple[str, ...]:
    """The rarest of the words that share no character: those that do mostly stand in the same answers."""
    found: list[str] = []
    for word in words:
        if not any(set(word) & set(other) for other in found):
            found.append(word)
    return tuple([*found, *(word for word in words if word not in found)][:_PAIRED])


def _look_up(question: SearchQuestion, words: tuple[str, ...], *, among_newest: bool = False) -> LookUp:
    weight = sum(question.words[word] for word in words)
    return LookUp(words=words, weight=weight, among_newest=among_newest, otherwise=question.otherwise)


def _runs_of(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(run for run, _ in runs(text)))
