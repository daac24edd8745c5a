"""How near an answer is to a question: BM25 over pairs and characters, and how much of the question stands together."""

import math
from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from typing import TypeVar

import msgspec

from intake.core.search.bigrams import is_ideographic, whole_words
from intake.core.search.question import SearchQuestion
from intake.core.wording import matchable

Key = TypeVar("Key", bound=Hashable)

#: BM25's saturation and its share of the length (Robertson and Zaragoza 2009, §3.3 give 1.2–2 and .5–.8 for texts of many
#: lengths; a little lower saturation finds more of ours, see docs/measurements.md).
_SATURATION, _LENGTH_SHARE = 0.8, 0.75
#: What is said at the beginning, and what stands together within so many characters (project choices: a title and the
#: first sentence; a sentence or two).
_BEGINNING, _TOGETHER = 120, 80
#: Of the nearest, in how many it is looked where the words stand (project choice: a page).
_LOOKED_AT = 20
#: How much each counts beside BM25 (project choice, docs/measurements.md).
_SHARE_OF_EACH = 0.5
#: An answer that holds less of the question's weight is none to it (project choice).
FLOOR = 0.1
#: Where none holds much, less will do: this part of what the one that holds most does, and so much at least (project
#: choices: of a long question a single pair may tell).
_PART_OF_MOST, _LEAST = 0.25, 0.05
#: An answer that holds less of what is asked is not offered to somebody who did not come to search (project choice, by our
#: judged questions: five in eight are offered their answer; where that is not there, one in four is offered another).
LEAST_TOLD = 0.3
#: Offered at most (project choice: what is read at a glance).
MOST_OFFERED = 3
_PLACES = 6
#: A word, whether it is looked for within the text, its weight, what it tells and how it ranks.
_Asked = tuple[str, bool, float, float, float]


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """What a question may be answered by, as it is read: `text` begins with the title."""

    text: str
    #: Whole words of alphabets, and numbers.
    words: Mapping[str, int]


class Nearness(msgspec.Struct, frozen=True, kw_only=True):
    """`score`: the higher, the nearer. `share`: how much of the question's weight the answer holds, 0–1.

    `told`: how much of what it asks, 0–1, whatever stands in any question left out.
    """

    score: float
    share: float
    told: float


def document_of(*texts: str) -> Document:
    """These texts, the title first, as questions are compared with them."""
    text = matchable("\n".join(texts))
    return Document(text=text, words=Counter(whole_words(text)))


def ranked(question: SearchQuestion, documents: Mapping[Key, Document]) -> list[tuple[Key, Nearness]]:
    """Those that are near the question, the nearest first. Scores of one call alone can be compared."""
    usual = _usual_length(documents.values())
    single = {each: question.ranks[each] for each in question.characters} | _letters(
        question, documents.values()
    )
    asked = [
        (word, is_ideographic(word[0]), weight, question.tells[word], question.ranks[word])
        for word, weight in question.words.items()
    ]
    heard = {key: _heard(question, asked, single, each, usual) for key, each in documents.items()}
    floor = _floor(heard.values())
    near = sorted((key for key in heard if heard[key].share >= floor), key=lambda key: -heard[key].score)
    tells = _SHARE_OF_EACH * max(0.0, 1 - _TOGETHER / usual)
    looked_at = {key: _looked_at(question, documents[key], heard[key], tells) for key in near[:_LOOKED_AT]}
    return sorted(((key, looked_at.get(key, heard[key])) for key in near), key=lambda pair: -pair[1].score)


def worth_offering(near: Iterable[tuple[Key, Nearness]]) -> list[tuple[Key, Nearness]]:
    """Those of `ranked` that share enough of what is asked, and not only the words to ask it with."""
    return [(key, each) for key, each in near if each.told >= LEAST_TOLD]


def _usual_length(documents: Iterable[Document]) -> float:
    """The mean length of what is compared, as the power of two next to it.

    A mean would move with each answer that comes, and every score with it: whoever turns the page would miss one.
    """
    lengths = [len(each.text) for each in documents]
    return 2.0 ** round(math.log2(max(1.0, sum(lengths) / max(1, len(lengths)))))


def _floor(heard: Iterable[Nearness]) -> float:
    most = max((each.share for each in heard), default=0.0)
    return min(FLOOR, max(_LEAST, _PART_OF_MOST * most))


def _letters(question: SearchQuestion, documents: Collection[Document]) -> dict[str, float]:
    """What each letter tells: the fewer of the compared hold it, the more; in doublings, lest it move with each answer.

    Texts that name products or forms in letters are often of one office. Digits tell nothing by themselves: bus 3 is not 13.
    """
    holding = {each: sum(each in document.text for document in documents) for each in question.letters}
    return {
        each: round(math.log2(len(documents) / many)) * math.log(2) for each, many in holding.items() if many
    }


def _heard(
    question: SearchQuestion,
    asked: Sequence[_Asked],
    single: Mapping[str, float],
    document: Document,
    usual: float,
) -> Nearness:
    """By how often each word and character stands in the document: the same few steps for sixty of them at each search."""
    total, text, words = question.weight, document.text, document.words
    length = 1 - _LENGTH_SHARE + _LENGTH_SHARE * len(document.text) / usual
    score = share = told = 0.0
    for word, is_pair, weight, tells, ranks in asked:
        if many := text.count(word) if is_pair else words.get(word, 0):
            share += weight
            told += tells
            score += ranks * _saturated(many, length)
    for character, ranks in single.items():
        if many := text.count(character):
            score += ranks * _saturated(many, length)
    share = min(1.0, share / total)
    told = min(1.0, told / question.telling) if question.telling else 0.0
    return Nearness(score=score / total, share=share, told=told)


def _looked_at(question: SearchQuestion, document: Document, heard: Nearness, tells: float) -> Nearness:
    """And by where they stand: early, and together. Of short texts that `tells` nothing: all of it is."""
    places = _places(question.words, document.text)
    early = sum({word: question.words[word] for place, word in places if place < _BEGINNING}.values())
    more = tells * (early + _densest(question, places)) / question.weight
    return msgspec.structs.replace(heard, score=heard.score + more)


def _saturated(many: int, length: float) -> float:
    return many * (_SATURATION + 1) / (many + _SATURATION * length)


def _places(words: Iterable[str], text: str) -> Sequence[tuple[int, str]]:
    """Where the words stand, in order; the first few places of each."""
    found: list[tuple[int, str]] = []
    for word in words:
        place = text.find(word)
        for _ in range(_PLACES):
            if place < 0:
                break
            found.append((place, word))
            place = text.find(word, place + 1)
    return sorted(found)


def _densest(question: SearchQuestion, places: Sequence[tuple[int, str]]) -> float:
    """The most that stands within one stretch of the text."""
    best = here = 0.0
    begins = 0
    inside: dict[str, int] = {}
    for place, word in places:
        here += 0.0 if inside.get(word) else question.words[word]
        inside[word] = inside.get(word, 0) + 1
        while places[begins][0] < place - _TOGETHER:
            left = places[begins][1]
            inside[left] -= 1
            here -= 0.0 if inside[left] else question.words[left]
            begins += 1
        best = max(best, here)
    return best
