"""Learning from labelled messages."""

from collections.abc import Mapping

import msgspec
import numpy as np
import pytest

from routing.core.learning.model import NEVER, WISHES, Model
from routing.core.learning.training import FEWEST, Lesson, TooLittle, learn
from tests.unit.routing.learning.lessons import LABELS, lessons


def _deaf(title: str, text: str) -> Mapping[str, float]:
    return {}


@pytest.fixture(scope="module")
def model() -> Model:
    """Learned from two hundred and ten messages."""
    return learn(lessons(210), _deaf, precision=0.9)


def _accuracy(model: Model, taught: list[Lesson]) -> float:
    spoken = np.zeros((len(taught), len(LABELS)))
    shares = model.probabilities([f"{each.title}\n{each.text}" for each in taught], spoken)
    guesses = [model.learned.labels[at] for at in shares.argmax(axis=1)]
    hits = [guess == each.label for guess, each in zip(guesses, taught, strict=True)]
    return hits.count(True) / len(hits)


def test_new_messages_are_told_apart(model: Model) -> None:
    """Words that it never saw share characters with those that it did."""
    assert _accuracy(model, lessons(150, seed=2)) > 0.9


def test_it_knows_how_good_it_is(model: Model) -> None:
    """What it says of itself, on messages held out, is no more than new ones show: those have all its lessons behind."""
    assert -0.02 < _accuracy(model, lessons(300, seed=3)) - model.learned.accuracy < 0.15
    assert 210 * 2 == model.learned.rows
    assert model.learned.calibration_error < 0.1


def test_the_words_that_decided_are_named_as_loud_as_they_were(model: Model) -> None:
    """The same word far behind says less."""
    early, late = (model.words(text, "transport", 9) for text in ("公交车站", f"{'。' * 300}公交车站"))

    assert [each.words for each in early] == [each.words for each in late]
    assert early[0].weight > 3 * late[0].weight > 0


def test_probabilities_sum_to_one(model: Model) -> None:
    """For a text of known words, for one of none, and for an empty one."""
    shares = model.probabilities(["公交车站", "xyz", ""], np.zeros((3, 3)))

    assert np.allclose(1.0, shares.sum(axis=1))
    assert shares[0].max() > shares[1].max()


def test_the_same_lessons_make_the_same_model() -> None:
    """Whatever the run, so that a figure can be checked."""
    first, second = (learn(lessons(60), _deaf, precision=0.9) for _ in range(2))

    assert first.learned == second.learned
    assert (first.machines.counted.weights == second.machines.counted.weights).all()
    assert first.machines.seen is not None
    assert second.machines.seen is not None
    assert (first.machines.seen.weights == second.machines.seen.weights).all()


def test_repeated_messages_prove_nothing() -> None:
    """A message that stands twice is held out as one: noise that is learned by heart stays noise."""
    noise = [Lesson("", f"{chr(0x4E00 + at * 7)}{chr(0x5E00 + at * 5)}", LABELS[at % 2]) for at in range(40)]

    found = learn(noise * 4, _deaf, precision=0.9)

    assert found.learned.accuracy < 0.75


def test_what_the_rules_hear_counts() -> None:
    """A word list that is right makes noise readable, through the calibration."""
    noise = [Lesson("", f"{chr(0x4E00 + at * 7)}{chr(0x5E00 + at * 5)}", LABELS[at % 2]) for at in range(60)]
    answer = {each.text: each.label for each in noise}

    found = learn(noise, lambda _, text: {answer[text]: 9.0}, precision=0.9)

    assert found.learned.accuracy == 1.0


def test_how_sure_is_learned_beside(model: Model) -> None:
    """It is told to whoever asks, and the label stays what it was."""
    texts, lengths, silent = ["公交车站", "请问"], np.array([4.0, 2.0]), np.zeros((2, len(LABELS)))
    plain = Model(msgspec.structs.replace(model.learned, surety=None), model.machines)
    before, since = (each.probabilities(texts, silent) for each in (plain, model))

    assert model.learned.surety is not None
    assert np.allclose(model.learned.surety.told(before, lengths, silent), since)
    assert (before.argmax(axis=1) == since.argmax(axis=1)).all()
    assert np.abs(before - since).max() > 1e-4


def test_what_a_label_is_called_is_learned_from() -> None:
    """Once, beside its messages: what stands in those of both labels alike speaks for the one that is called so."""
    names = ("公园管理所", "路灯管理所")
    both = [
        Lesson("", f"{chr(0x4E00 + at * 7)}{chr(0x5E00 + at * 5)}路灯", names[at % 2]) for at in range(40)
    ]

    def ahead(called: Mapping[str, str]) -> float:
        found = learn(both, _deaf, precision=0.9, called=called)
        scores = found.scores(["\n路灯"])[0]
        return float(scores[1] - scores[0])

    assert ahead({name: name for name in names}) > ahead({}) + 0.003
    assert learn(both, _deaf, precision=0.9, called=dict(zip(names, names, strict=True))).learned.rows == 40


@pytest.mark.parametrize("rows", [0, 3, FEWEST * 3 - 3])
def test_too_little_is_refused(rows: int) -> None:
    """Nobody can say how good a model of a handful is."""
    with pytest.raises(TooLittle):
        learn(lessons(rows), _deaf, precision=0.9)


def test_a_rare_label_is_left_out() -> None:
    """One message of a third label does not stop the other two."""
    found = learn([*lessons(60, labels=LABELS[:2]), Lesson("", "别的", "other")], _deaf, precision=0.9)

    assert tuple(sorted(LABELS[:2])) == found.learned.labels


def test_the_words_that_decided_are_in_the_text(model: Model) -> None:
    """Spans of the text itself: the model knows no words."""
    text = "请问公交车站什么时候能解决"

    words = model.words(text, "transport", 3)

    assert "公交" in words[0].words
    assert all(each.words in text and each.weight > 0 for each in words)


def test_progress_ends_with_all() -> None:
    """Told after each of the parts."""
    told: list[float] = []

    learn(lessons(60), _deaf, precision=0.9, progress=told.append)

    assert sorted(told) == told
    assert 1.0 == told[-1]


def test_what_each_precision_costs_is_measured(model: Model) -> None:
    """The stricter, the less goes out; a wish between two steps is the stricter one, beyond the last nothing goes out."""
    curve = model.learned.curve
    thresholds = [step.threshold for step in curve]

    assert list(WISHES) == [step.precision for step in curve]
    assert (sorted(thresholds), thresholds) == (
        thresholds,
        [model.learned.threshold_for(wish) for wish in WISHES],
    )
    assert sorted((step.coverage for step in curve), reverse=True) == [step.coverage for step in curve]
    assert model.learned.threshold_for(0.94) == model.learned.threshold_for(0.95)
    assert (NEVER, model.learned.threshold) == (
        model.learned.threshold_for(0.995), model.learned.threshold_for(None),
    )  # fmt: skip


def test_an_earlier_model_keeps_its_own_threshold(model: Model) -> None:
    """What was learned before costs were measured does not guess them."""
    earlier = msgspec.structs.replace(model.learned, curve=())

    assert earlier.threshold == earlier.threshold_for(0.99)
