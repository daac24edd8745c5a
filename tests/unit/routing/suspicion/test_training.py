"""What is learned of accusations, and how much of another hand's it finds."""

from pathlib import Path

import numpy as np
import pytest

from deploy.local.learn_sounds import learned
from intake.core.wording import normalised, simplified
from routing.core.classify import Classification, Wording, classify_all
from routing.core.doubts import Doubt
from routing.core.rules import load_rules
from routing.core.suspicion.sentences import Sentence, Subject, listed, sentences_of
from routing.core.suspicion.stored import shipped
from schemas.words import Kind

_FOLDER = Path(__file__).parents[1]
_HELD_OUT = sentences_of((_FOLDER / "held_out.txt").read_text(encoding="utf-8"))
#: From another angle: told by what it cost, office by office.
_BY_OFFICE = sentences_of((_FOLDER / "held_out_by_office.txt").read_text(encoding="utf-8"))


def _opinions(sentences: list[Sentence]) -> list[Classification]:
    plain = [normalised(sentence.text) for sentence in sentences]
    wordings = [Wording("", simplified(text) or text, kind=Kind.COMPLAINT) for text in plain]
    return classify_all(load_rules(), None, wordings)


@pytest.mark.parametrize("subject", Subject)
def test_the_same_sentences_teach_the_shipped_weights(subject: Subject) -> None:
    """Nobody's sentences but these are in them; rounding may differ by one step from machine to machine."""
    ours, kept = learned(subject), shipped(subject)
    ours_by_place = dict(zip(ours.places.tolist(), ours.values.tolist(), strict=True))
    kept_by_place = dict(zip(kept.places.tolist(), kept.values.tolist(), strict=True))
    every, both = ours_by_place | kept_by_place, ours_by_place.keys() & kept_by_place.keys()
    # What is nearer to nothing than six steps is left out.
    steps = [abs(ours_by_place[at] - kept_by_place[at]) for at in both]
    alone = [abs(value) for at, value in every.items() if at not in both]

    assert max(steps) <= 1
    assert max(alone, default=0) <= 7
    assert np.isclose(ours.start, kept.start, atol=0.011)
    assert len(every) > 5000


def test_what_another_hand_wrote_was_not_learned_from() -> None:
    """Else nothing could be said of what is found."""
    assert set() == {sentence.text for sentence in (*_HELD_OUT, *_BY_OFFICE)} & {
        sentence.text for sentence in sentences_of(listed(Subject.ACCUSATIONS))
    }


def test_three_of_four_accusations_of_another_hand_are_found() -> None:
    """The rules alone find one of seven; of traps the weights take hardly any that the rules do not."""
    accusing = [sentence for sentence in _HELD_OUT if sentence.is_meant]
    traps = [sentence for sentence in _HELD_OUT if not sentence.is_meant]
    missed = [s.text for s, o in zip(accusing, _opinions(accusing), strict=True) if not o.protected]
    sounding = [s.text for s, o in zip(traps, _opinions(traps), strict=True) if o.sounds]

    assert len(missed) < len(accusing) * 0.27, missed
    assert len(sounding) <= len(traps) // 50, sounding


def test_most_accusations_told_from_another_angle_are_found() -> None:
    """Of 60 that tell what it cost whom, office by office, 38 at least; of 60 ordinary ones in the same words hardly any."""
    accusing = [sentence for sentence in _BY_OFFICE if sentence.is_meant]
    traps = [sentence for sentence in _BY_OFFICE if not sentence.is_meant]
    found = [s.text for s, o in zip(accusing, _opinions(accusing), strict=True) if o.protected]
    taken = [s.text for s, o in zip(traps, _opinions(traps), strict=True) if o.protected]

    assert (60, 60) == (len(accusing), len(traps))
    assert len(found) >= 38, found
    assert len(taken) <= 2, taken


def test_what_the_weights_know_as_ordinary_is_no_accusation_whatever_a_rule_says() -> None:
    """Of another hand's traps one in twenty is taken for one; within a message each sentence is judged by itself."""
    traps = [sentence for sentence in _HELD_OUT if not sentence.is_meant]
    taken = [s.text for s, o in zip(traps, _opinions(traps), strict=True) if o.protected]
    rules = load_rules().accusations
    text = "昨天新闻里说外省一个局长贪污被判了，大快人心"
    alone, beside = _opinions(
        [Sentence(each, is_meant=False) for each in (text, f"{text}。城管队长收了摊主的钱")]
    )

    assert len(taken) <= len(traps) // 18, taken
    assert rules.worth_a_look.may_hold(text)
    assert (False, True) == (alone.protected, beside.protected)


def test_what_only_sounds_like_it_waits_for_a_person_who_sees_why() -> None:
    """Protected; which weights said so, and the words; each unit that it names may be found not to be accused."""
    text = "检查组走的时候每人提一盒海参，老板说城管局的路他熟"
    (opinion,) = _opinions([Sentence(f"您好。{text}。路灯也坏了。", is_meant=True)])

    assert opinion.protected
    assert Doubt.SOUNDS in opinion.doubts
    assert shipped(Subject.ACCUSATIONS).version == opinion.sounds[0]
    assert "海参" in opinion.sounds[1]
    assert opinion.accused == opinion.only_named


def test_a_line_that_is_neither_is_refused() -> None:
    """It says which."""
    with pytest.raises(ValueError, match="no mark"):
        sentences_of("+ 他收了钱\nno mark")
