"""Which lessons are held out together."""

import random

from routing.core.learning.lesson_folds import FOLDS, folds_apart, folds_of, of_few_texts, share_alike
from routing.core.learning.look_alikes import groups_of
from routing.core.learning.training import Lesson, learn
from tests.unit.routing.learning.lessons import LABELS, lessons

DIFFERENT = lessons(60)


def _forms(rows: int) -> list[Lesson]:
    """Each of twelve texts without sense, of labels by lot, many times with other numbers."""
    chance = random.Random(4)
    texts = ["".join(chr(chance.randrange(0x4E00, 0x9000)) for _ in range(30)) for _ in range(12)]
    return [Lesson("", f"{at}号{texts[at % 12]}{at}", LABELS[at % 12 // 6]) for at in range(rows)]


def test_look_alikes_share_a_fold() -> None:
    """Apart they are in all of them; what is repeated word for word never is."""
    forms = _forms(120)
    together, apart = folds_of(forms), folds_apart(forms)

    for text in range(12):
        assert 1 == len(set(together[text::12]))
    assert FOLDS == len(set(apart[0::12]))
    assert (folds_apart([*forms, *forms])[:120] == folds_apart([*forms, *forms])[120:]).all()


def test_every_fold_has_some_of_every_label() -> None:
    """Nothing could be learned of a label that stands in one alone."""
    fold = folds_of([*DIFFERENT, *_forms(120)])

    assert {0, 1, 2} == set(fold[: len(DIFFERENT)]) == set(fold[len(DIFFERENT) :])


def test_what_two_labels_say_is_held_out_as_one() -> None:
    """Labelled by lot, a text of both is worth a throw of a coin; in two folds each half would teach the other wrong."""
    forms = [each._replace(label=LABELS[at % 7 % 2]) for at, each in enumerate(_forms(240))]

    for text in range(12):
        assert 1 == len(set(folds_of(forms)[text::12]))
    assert 0.3 < learn(forms, lambda *_: {}, precision=0.9).learned.macro_f1 < 0.7


def test_a_rare_label_is_spread_over_all_folds() -> None:
    """Though every text of it is mostly another's."""
    forms = _forms(120)
    forms = [
        each._replace(label="rare" if at % 12 in (0, 1, 2) and at < 24 else LABELS[0])
        for at, each in enumerate(forms)
    ]
    fold = folds_of(forms)

    assert {0, 1, 2} == {int(fold[at]) for at, each in enumerate(forms) if each.label == "rare"}


def test_a_label_of_one_text_is_held_out_message_by_message() -> None:
    """Or two folds would know nothing of it; it is named."""
    one = [Lesson("", f"{at}号楼反映路灯不亮的问题", "lamps") for at in range(9)]

    assert ("lamps",) == of_few_texts([*DIFFERENT, *one])
    assert {0, 1, 2} == set(folds_of([*DIFFERENT, *one])[len(DIFFERENT) :])


def test_whoever_is_like_two_makes_one_of_their_groups() -> None:
    """Numbers, letters and signs make no difference."""
    assert [0, 0, 2, 0] == groups_of(
        ["小区停水三天了1", "小区停水三天了 B2", "路灯坏了没人修", "小区停水三天了！"]
    )
    assert [] == groups_of([])


def test_how_many_are_alike() -> None:
    """A share of the different messages; of none it is none."""
    assert 0.9 == round(share_alike(_forms(120)), 6)
    assert 0.0 == share_alike([]) == share_alike(_forms(12))


def test_what_is_learned_of_forms_proves_nothing() -> None:
    """Noise that comes again with another number is known by heart where it is held out apart, and only there."""
    found = learn(_forms(240), lambda *_: {}, precision=0.9).learned

    assert found.macro_f1_apart == 1.0
    assert found.macro_f1 < 0.8


def test_where_few_are_alike_there_is_one_figure() -> None:
    """Nothing is learned twice for it."""
    told: list[float] = []

    found = learn(DIFFERENT, lambda *_: {}, precision=0.9, progress=told.append).learned

    assert found.macro_f1_apart is None
    assert [0.25, 0.5, 0.75, 1.0] == told
