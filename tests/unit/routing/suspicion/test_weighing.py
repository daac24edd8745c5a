"""Clauses weighed."""

import pytest

from routing.core.suspicion.laying import weighable
from routing.core.suspicion.sentences import Sentence
from routing.core.suspicion.signs import Window
from routing.core.suspicion.training import learn

_ACCUSING, _PLAIN = "他收了钱才办", "路灯坏了没人修"
_WEIGHTS = learn([Sentence(_ACCUSING, is_meant=True)] * 50 + [Sentence(_PLAIN, is_meant=False)] * 50, str)


def _windows(texts: list[str]) -> list[Window]:
    return _WEIGHTS.windows(weighable(texts))


def test_of_a_long_text_the_loudest_clauses_decide() -> None:
    """They are named; what stands around them changes nothing."""
    alone = _windows([_ACCUSING])[0]
    within = _windows([f"{_PLAIN}。{_PLAIN}！\n{_ACCUSING}。{_PLAIN}"])[0]

    assert alone.score > 0
    assert _ACCUSING == within.text
    assert alone.score == pytest.approx(within.score, abs=0.5)


def test_texts_are_weighed_alike_alone_and_among_others() -> None:
    """Whatever stands beside them; an empty one and a line of pictures, too."""
    texts = [_PLAIN, "", _ACCUSING, "😀收了钱，才办。", "\n", _ACCUSING * 20]
    together = _windows(texts)

    assert together == [_windows([text])[0] for text in texts]
    assert together[0].score < together[2].score


def test_repeating_words_makes_them_no_louder() -> None:
    """Each is counted once."""
    once, often = _windows(["收了钱才办", "收了钱才办收了钱才办"])

    assert abs(once.score - often.score) < 0.5


def test_sentences_that_are_surely_ordinary_are_told_apart() -> None:
    """By their numbers in each text, of which every end of a sentence counts; an empty one is never meant."""
    plain = f"{_PLAIN}。"
    texts = [plain * 2 + _ACCUSING, "", f"{_ACCUSING}！？{plain}\n{_ACCUSING}", plain]
    numbers = [sorted(window.doubtful) for window in _windows(texts)]

    assert [[2], [], [0, 4], []] == numbers


def test_long_clauses_are_heard_in_pieces() -> None:
    """Of one that goes on and on the piece is named; none reaches beyond its clauses, and a short one is whole."""
    others = "".join(map(chr, range(0x5000, 0x5040)))
    texts = [others + _ACCUSING + others, f"{others}，{_ACCUSING}", _ACCUSING, ""]
    heard = _WEIGHTS.loudest(weighable(texts), [240] * len(texts), [-9.0] * len(texts))

    assert [True, False] == [window.is_piece for window in (heard[0], heard[2])]
    assert _ACCUSING in heard[0].text
    assert _ACCUSING in heard[1].text
    assert all(window.text in text for window, text in zip(heard, texts, strict=True))
    assert len(heard[0].text) == 36


def test_clauses_of_a_long_sentence_are_heard_wherever_they_stand() -> None:
    """Alone with what fits beside them: among the others that stand in a part of it they would be lost."""
    others = "".join(map(chr, range(0x5000, 0x5010)))
    texts = [f"{others}，{others}，{_ACCUSING}，{others}，{others}", f"{others}，{_ACCUSING}"]
    heard = _WEIGHTS.loudest(weighable(texts), [240] * 2, [-9.0] * 2)

    assert _ACCUSING in heard[0].text
    assert len(heard[0].text) <= 30
    assert not heard[0].is_piece
    assert texts[1] == heard[1].text


def test_what_is_not_loud_enough_is_not_named() -> None:
    """Each text has its own limit."""
    heard = _WEIGHTS.loudest(weighable([_ACCUSING] * 2), [240] * 2, [0.0, 99.0])

    assert [_ACCUSING, ""] == [window.text for window in heard]
