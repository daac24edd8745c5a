"""How likely each category is: by the word lists, or by a learned model."""

from collections.abc import Collection, Mapping, Sequence
from math import exp, log1p
from typing import TYPE_CHECKING, Protocol

import msgspec

from routing.core.decisions.rulings_in_force import Rulings
from routing.core.rules import RoutingRules
from schemas.city import City
from schemas.errors import HuiyinError
from schemas.values import Reason

if TYPE_CHECKING:  # numpy takes a tenth of a second to load; who never learned anything does not wait for it
    from routing.core.learning.model import Model

#: The name of the word lists among the classifiers' versions.
RULES = "rules"
#: How much of what no word speaks for is believed to be what characters speak for. Project choice: with more, more goes out
#: without a person and less of it is right (docs/measurements.md).
_BELIEVED = 0.3
#: Characters of a text that is short: words say so little of it that characters are asked whatever they say. Project choice:
#: a title, or a line; a longer text has words enough, and asking costs as much as finding them.
_SHORT = 101
#: What characters leave open of a category that they do not speak for, and how loud they are beside words: the logarithm of
#: the odds counts a tenth. Project choices: with two and three tenths no more is right.
_DOUBTED, _BESIDE_WORDS = 0.03, 0.1


class Judgement(msgspec.Struct, frozen=True, kw_only=True):
    """What one message is about."""

    #: By category; the likeliest first. Empty where nothing speaks for anything.
    probabilities: Mapping[str, float]
    #: The probability of a department from which on no person needs to look.
    sure_from: float
    model: str
    #: The rules are sure of a category that the model never saw.
    is_foreign: bool = False


class Judge(Protocol):
    """Judges messages, many at once; threads may share it."""

    def judge(self, texts: Sequence[str], heard: Sequence[Mapping[str, float]]) -> Sequence[Judgement]:
        """One judgement each. `heard`: the scores that the rules give."""
        ...

    def words(self, text: str, category: str, most: int) -> tuple[Reason, ...]:
        """The words that spoke for `category`, the loudest first; none where it is not one of the judge's own."""
        ...


class Judges:
    """Who judges at this moment, in all threads of a process; whoever finds a newer model puts it here."""

    def __init__(self, active: "LearnedJudge | None" = None, shadow: "LearnedJudge | None" = None) -> None:
        #: Decides; None: the word lists do.
        self.active = active
        #: Is asked beside it, and decides nothing.
        self.shadow = shadow
        #: Where dispatchers ruled that matters go; None: nobody looked yet.
        self.rulings: Rulings | None = None
        #: Versions that could not be loaded.
        self.refused: set[str | None] = set()


def by_rules(rules: RoutingRules, scores: Mapping[str, float], text: str = "") -> Judgement:
    """What the word lists think; of what is short or left open, the characters of `text` say what it may be."""
    found, sure_from = shares(rules, scores), rules.settings.review_below
    is_short = len(text) <= _SHORT
    if found and (is_short or next(iter(found.values())) < sure_from):
        said = rules.characters.said(text)
        found = _filled(found, said)
        found = _leaning(found, said) if is_short else found
    return Judgement(probabilities=_ranked(found), sure_from=sure_from, model=RULES)


def _filled(found: Mapping[str, float], said: Mapping[str, float]) -> dict[str, float]:
    """A part of what no word speaks for goes to what characters speak for."""
    left = _BELIEVED * (1.0 - sum(found.values()))
    return {code: found.get(code, 0.0) + left * said.get(code, 0.0) for code in [*found, *said]}


def _leaning(found: Mapping[str, float], said: Mapping[str, float]) -> dict[str, float]:
    """More for those that characters speak for, less for the others; as much together."""
    loud = {code: each * (said.get(code, 0.0) + _DOUBTED) ** _BESIDE_WORDS for code, each in found.items()}
    times = sum(found.values()) / sum(loud.values())
    return {code: each * times for code, each in loud.items()}


def _ranked(found: Mapping[str, float]) -> dict[str, float]:
    """The likeliest first; of equals, the one spoken of first."""
    return dict(sorted(found.items(), key=lambda pair: -pair[1]))


def shares(rules: RoutingRules, scores: Mapping[str, float]) -> dict[str, float]:
    """The likeliest first; of equals, the one spoken of first."""
    scale, unseen = rules.settings.probability_scale, rules.settings.probability_unseen
    loud = {code: exp(min(score / scale, 50.0)) - 1.0 for code, score in scores.items()}
    total = sum(loud.values()) + unseen
    return _ranked({code: share / total for code, share in loud.items()})


def spoken(scores: Mapping[str, float], labels: Sequence[str]) -> list[float]:
    """What the word lists say of each label, as a model hears it."""
    return [log1p(scores.get(label, 0.0)) for label in labels]


class LearnedJudge:
    """A model beside the rules: it chooses among what it has seen, and says where they know better."""

    def __init__(self, rules: RoutingRules, model: "Model", version: str) -> None:
        self.rules, self.model, self.version = rules, model, version
        self._sure_from = model.learned.threshold

    def wish(self, precision: float | None) -> None:
        """From now on so much of what goes out without a person is to be right; None: what the model was trained for."""
        self._sure_from = self.model.learned.threshold_for(precision)

    def judge(self, texts: Sequence[str], heard: Sequence[Mapping[str, float]]) -> list[Judgement]:
        """One judgement of each text, in their order."""
        import numpy as np  # here: see above

        labels = self.model.learned.labels
        said = np.array([spoken(scores, labels) for scores in heard]).reshape(len(texts), len(labels))
        rows = self.model.probabilities(texts, said).tolist()
        return [
            self._judgement(row, scores) if scores or self.model.reads(text) else self._without_words()
            for text, row, scores in zip(texts, rows, heard, strict=True)
        ]

    def words(self, text: str, category: str, most: int) -> tuple[Reason, ...]:
        """The words that spoke for `category`."""
        return self.model.words(text, category, most) if category in self.model.learned.labels else ()

    def _without_words(self) -> Judgement:
        """Of a text in another script, say: neither the rules nor the model know a word of it, however sure it would be."""
        return Judgement(probabilities={}, sure_from=self._sure_from, model=self.version)

    def _judgement(self, row: Sequence[float], scores: Mapping[str, float]) -> Judgement:
        ranked = sorted(zip(self.model.learned.labels, row, strict=True), key=lambda pair: -pair[1])
        by_words = shares(self.rules, scores)
        loudest = next(iter(by_words), "")
        is_foreign = (
            loudest not in self.model.learned.labels
            and by_words.get(loudest, 0.0) >= self.rules.settings.review_below
        )
        found = dict(ranked)
        if is_foreign:
            # Shown last among the candidates, for the dispatcher who has to look: the model cannot weigh it.
            found = {**dict(ranked[:4]), loudest: 0.0, **dict(ranked[4:])}
        return Judgement(
            probabilities=found,
            sure_from=self._sure_from,
            model=self.version,
            is_foreign=is_foreign,
        )


class ModelOfAnotherCity(HuiyinError, ValueError):
    """A model knows labels that are no categories of this city: it cannot route."""

    zh = "模型的标签不是本市的类别：{labels}"
    en = "the model's labels are no categories of this city: {labels}"


def check_labels(labels: Collection[str], city: City) -> None:
    """Refuse a model that would route to categories which the city does not have.

    Raises:
        ModelOfAnotherCity: some are no categories of the city; the first five are named.
    """
    if unknown := set(labels) - set(city.category):
        raise ModelOfAnotherCity(labels=", ".join(sorted(unknown)[:5]))


def load_judge(rules: RoutingRules, stored: bytes, version: str) -> LearnedJudge:
    """The judge that was stored.

    Raises:
        ModelOfAnotherCity: it knows labels that are no categories of this city.
        ValueError: this is no model.
    """
    from routing.core.learning.stored import from_bytes  # here: see above

    model = from_bytes(stored)
    check_labels(model.learned.labels, rules.city)
    judge = LearnedJudge(rules, model, version)
    judge.judge([""], [{}])  # the table of n-grams is made with the first text
    return judge
