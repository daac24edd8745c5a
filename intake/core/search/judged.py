"""How good the ranking is: questions whose answers were judged, asked of a shelf of answers in memory."""

from collections.abc import Iterable, Sequence

import msgspec

from intake.core.public.published import NEAREST_FOUND
from intake.core.search.bigrams import bigrams, is_ideographic
from intake.core.search.nearness import MOST_OFFERED, Document, Nearness, document_of, ranked, worth_offering
from intake.core.search.question import Counts, look_ups, question_of
from schemas.errors import HuiyinError

#: How far down a right answer still counts: a glance, a screen (project choices).
_PLACES = (1, 3, 5)


class NoQuestion(HuiyinError, ValueError):
    """A line of a file of judged answers that asks nothing."""

    zh = "第 {line} 行：应为标题、答案和至少一个问题，以制表符隔开。"
    en = "Line {line}: a title, an answer and at least one question, between tabs."


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """An answer, and the questions that somebody judged it to answer."""

    title: str
    response: str
    questions: tuple[str, ...]


class SearchFigures(msgspec.Struct, frozen=True, kw_only=True):
    """The share of questions whose answer is among the first one, three, five; the mean of one by its place; how many."""

    answers: int
    questions: int
    at_1: float
    at_3: float
    at_5: float
    mrr: float
    #: The share of questions whose answer is among the three that are offered before filing.
    offered: float
    #: The share that is offered something else once its own answer is taken away: it may be near, and is not the answer.
    offered_wrongly: float
    #: Questions that found nothing at all.
    nothing: int
    #: Those whose answer is not among the first five.
    missed: tuple[str, ...]


class Shelf:
    """Answers in memory, looked up and ranked as those in Postgres are."""

    def __init__(self, documents: Sequence[Sequence[str]]) -> None:
        self._documents: Sequence[Document] = [document_of(*texts) for texts in documents]
        self._holding: dict[str, list[int]] = {}
        for place, texts in enumerate(documents):
            for word in bigrams(*texts):
                self._holding.setdefault(word, []).append(place)
        self._counts = _counts(self._holding, len(documents))

    def nearest(self, text: str) -> Sequence[int]:
        """The places of the documents that are near `text`, the nearest first."""
        return [place for place, _ in self._near(text)]

    def offered(self, text: str) -> Sequence[int]:
        """The places of those that are worth offering to somebody who is about to ask this."""
        return [place for place, _ in worth_offering(self._near(text))]

    def _near(self, text: str) -> Sequence[tuple[int, Nearness]]:
        question = question_of(text, self._counts)
        weights: dict[int, float] = {}
        for look_up in look_ups(question, self._counts).each:
            holding = [set(self._holding.get(word, ())) for word in look_up.words]
            for place in set.intersection(*holding):
                weights[place] = weights.get(place, 0.0) + look_up.weight
        most = sorted(weights, key=lambda place: (-weights[place], place))[:NEAREST_FOUND]
        return ranked(question, {place: self._documents[place] for place in most})


def read_judged(lines: Iterable[str]) -> Sequence[Judged]:
    """A judged answer in each line: title, answer and questions, between tabs.

    Raises:
        NoQuestion: a line has none.
    """
    rows = [line.rstrip("\n").split("\t") for line in lines if line.strip()]
    if short := [
        number for number, row in enumerate(rows, start=1) if len([each for each in row if each]) <= 2
    ]:
        raise NoQuestion(line=short[0])
    return [
        Judged(title=row[0], response=row[1], questions=tuple(each for each in row[2:] if each))
        for row in rows
    ]


def figures_of(judged: Sequence[Judged]) -> SearchFigures:
    """How often the right answer comes first, or nearly."""
    shelf = Shelf([(each.title, each.response) for each in judged])
    asked = [(question, place) for place, each in enumerate(judged) for question in each.questions]
    found = [(question, right, shelf.nearest(question)) for question, right in asked]
    offers = [(right, shelf.offered(question)) for question, right in asked]
    ranks = [places.index(right) + 1 if right in places else 0 for _, right, places in found]
    at = [sum(0 < rank <= place for rank in ranks) / max(1, len(ranks)) for place in _PLACES]
    return SearchFigures(
        answers=len(judged),
        questions=len(asked),
        at_1=at[0],
        at_3=at[1],
        at_5=at[2],
        mrr=sum(1 / rank for rank in ranks if rank) / max(1, len(ranks)),
        offered=_share(right in places[:MOST_OFFERED] for right, places in offers),
        offered_wrongly=_share(any(place != right for place in places) for right, places in offers),
        nothing=sum(not places for _, _, places in found),
        missed=tuple(
            question for (question, _), rank in zip(asked, ranks, strict=True) if not 0 < rank <= _PLACES[-1]
        ),
    )


def _share(found: Iterable[bool]) -> float:
    each = list(found)
    return sum(each) / max(1, len(each))


def _counts(holding: dict[str, list[int]], answers: int) -> Counts:
    """As Postgres counts them: a character alone stands for all pairs that it begins."""
    of = {word: len(places) for word, places in holding.items()}
    begun: dict[str, int] = {}
    for word, many in of.items():
        if is_ideographic(word[0]):
            begun[word[0]] = min(answers, begun.get(word[0], 0) + many)
    return Counts(answers=answers, of=of | begun)
