"""How many messages a learned model judges in a second, against scikit-learn's character machine on the same texts."""

import time
from collections.abc import Callable, Sequence
from itertools import islice
from typing import Any, NamedTuple

from deploy.bench.messages import BenchMessage, messages
from routing.core.classify import Wording, classify, classify_all
from routing.core.evidence import read
from routing.core.judgement import LearnedJudge
from routing.core.learning.model import Model
from routing.core.learning.training import Lesson, learn
from routing.core.rules import RoutingRules, load_rules

#: Messages learned from, and judged; at once, as in a consumer's batch (project choices).
_LEARNED, AT_ONCE = 2000, 200
#: A turn of the yardstick that judges one by one: long enough for the clock to measure (project choice).
_ONE_BY_ONE = 20
#: n-grams of the yardstick (project choice: as many as ours).
_FEATURES = 200_000
#: Of what the model is sure, this share is right: what `huiyin train` takes unless told otherwise (project choice).
_PRECISION = 0.95


class Judging(NamedTuple):
    """Messages a second of one core's processor time."""

    #: The model alone, which is what the yardstick does, too.
    judged: float
    #: With the rules: kind, urgency, district, departments, accusations.
    classified: float
    yardstick: float
    yardstick_one_by_one: float
    #: Of learning `_LEARNED` messages.
    learned_seconds: float
    model: Model


def measure_judging(seconds: float) -> Judging:
    """All of them in turns, so that a busy machine slows each alike."""
    rules, wordings = load_rules(), [_wording(message) for message in islice(messages(3), _LEARNED)]
    lessons = [_lesson(rules, wording) for wording in wordings]
    started = time.process_time()
    model = learn(lessons, lambda title, text: read(rules, title, text).scores, precision=_PRECISION)
    learned = time.process_time() - started
    texts = [f"{each.title}\n{each.text}" for each in wordings]
    judge, machine = (
        LearnedJudge(rules, model, "bench"),
        _machine(texts, [lesson.label for lesson in lessons]),
    )
    heard = [read(rules, each.title, each.text).scores for each in wordings]

    def one_by_one(at: int) -> None:
        for text in texts[at : at + _ONE_BY_ONE]:
            machine([text])

    rates = _in_turns(
        seconds,
        (lambda at: judge.judge(texts[at : at + AT_ONCE], heard[at : at + AT_ONCE]), AT_ONCE),
        (lambda at: classify_all(rules, judge, wordings[at : at + AT_ONCE]), AT_ONCE),
        (lambda at: machine(texts[at : at + AT_ONCE]), AT_ONCE),
        (one_by_one, _ONE_BY_ONE),
    )
    judged, classified, yardstick, single = rates
    return Judging(judged, classified, yardstick, single, learned, model)


def _wording(message: BenchMessage) -> Wording:
    return Wording(message.title, message.text, message.place.address or "" if message.place else "")


def _lesson(rules: RoutingRules, wording: Wording) -> Lesson:
    return Lesson(wording.title, wording.text, classify(rules, wording.title, wording.text).category)


def _machine(texts: Sequence[str], labels: Sequence[str]) -> Callable[[Sequence[str]], Any]:
    from sklearn.feature_extraction.text import TfidfVectorizer  # here: only this measurement needs it
    from sklearn.svm import LinearSVC

    vectorizer = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), max_features=_FEATURES)
    machine = LinearSVC().fit(vectorizer.fit_transform(texts), labels)
    return lambda part: machine.predict(vectorizer.transform(part))


def _in_turns(seconds: float, *works: tuple[Callable[[int], object], int]) -> list[float]:
    """Messages a second of each: a batch of one, then of the next, until each has had its seconds."""
    done, spent, at = [0] * len(works), [0.0] * len(works), 0
    for work, _ in works:
        work(0)
    while min(spent) < seconds:
        for number, (work, size) in enumerate(works):
            if spent[number] < seconds:
                started = time.process_time()
                work(at % _LEARNED)
                spent[number] += time.process_time() - started
                done[number] += size
        at += AT_ONCE
    return [count / time_spent for count, time_spent in zip(done, spent, strict=True)]
