"""Which parts of a text match a question, to show and to mark them."""

from collections.abc import Sequence

import msgspec

from intake.core.search.bigrams import is_ideographic
from intake.core.search.question import SearchQuestion
from intake.core.wording import simplified

#: Words that are shown beside an answer (project choice: one line).
_SHOWN = 6
#: A pair that tells less than this share of what the question's words tell on average is not shown: 的问 of 的问题
#: (project choice).
_TELLING = 0.6
#: Characters of an answer in a list, and how many of them stand before the first match (project choices).
_EXCERPT, _BEFORE = 120, 20


class MatchPiece(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch of a text, and whether it is what was looked for."""

    text: str
    is_match: bool = False


def folded(text: str) -> str | None:
    """`text` as it is compared, character by character; None where that changes its length."""
    found = (simplified(text) or text).lower()
    return found if len(found) == len(text) else None


def matching_words(question: SearchQuestion, *texts: str) -> Sequence[str]:
    """The longest stretches of the question that stand in these texts, in its order, as many as fit on a line."""
    text = "\n".join((simplified(each) or each).lower() for each in texts)
    found = dict.fromkeys(word for run in question.runs for word in _in_run(run, text))
    told = {word: _tells(question, word) for word in found}
    telling = [word for word in found if told[word] >= _TELLING * _usual(question)]
    return sorted(telling, key=lambda word: -told[word])[:_SHOWN]


def marked(text: str, words: Sequence[str]) -> Sequence[MatchPiece]:
    """`text` in pieces, those that are among `words` marked."""
    plain = folded(text)
    if plain is None or not words:
        return [MatchPiece(text=text)] if text else []
    spans = _merged(sorted(_spans(plain, words)))
    pieces: list[MatchPiece] = []
    end = 0
    for start, stop in spans:
        pieces += [MatchPiece(text=text[end:start]), MatchPiece(text=text[start:stop], is_match=True)]
        end = stop
    return [piece for piece in (*pieces, MatchPiece(text=text[end:])) if piece.text]


def excerpt(text: str, words: Sequence[str]) -> str:
    """The part of `text` around the first of `words`, or its beginning."""
    plain = folded(text) or ""
    places = [place for word in words if (place := plain.find(word)) >= 0]
    begin = max(0, min(places, default=0) - _BEFORE) if len(text) > _EXCERPT else 0
    begin = min(begin, max(0, len(text) - _EXCERPT))
    end = begin + _EXCERPT
    return ("…" if begin else "") + text[begin:end] + ("…" if end < len(text) else "")


def _in_run(run: str, text: str) -> Sequence[str]:
    """The longest stretches of the run that stand in the text, each of them a pair at least beyond the one before."""
    if not is_ideographic(run[0]):
        return [run] if run in text else []
    found: list[str] = []
    reached, least = 0, min(2, len(run))
    for begin in range(len(run)):
        end = max(begin, reached)
        while end < len(run) and run[begin : end + 1] in text:
            end += 1
        if end - max(begin, reached) >= least:
            found.append(run[begin:end])
            reached = end
    return found


def _usual(question: SearchQuestion) -> float:
    """What one of its words tells on average; of a question that says nothing in particular, all of them."""
    if question.telling:
        return question.telling / max(1, sum(question.told[word] > 0 for word in question.words))
    return question.weight / max(1, len(question.words))


def _tells(question: SearchQuestion, word: str) -> float:
    """As much as the most telling pair in it."""
    pairs = {word, *(word[place : place + 2] for place in range(len(word) - 1))} & question.words.keys()
    tells = question.tells if question.telling else question.words
    return max((tells[pair] for pair in pairs), default=0.0)


def _spans(text: str, words: Sequence[str]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for word in words:
        place = text.find(word)
        while place >= 0:
            found.append((place, place + len(word)))
            place = text.find(word, place + len(word))
    return found


def _merged(spans: Sequence[tuple[int, int]]) -> Sequence[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, stop in spans:
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(stop, merged[-1][1]))
        else:
            merged.append((start, stop))
    return merged
