"""Which n-grams are known, and what a text shows of them."""

import numpy as np

from routing.core.learning.grams import grams_of
from routing.core.learning.vocabulary import vocabulary_of

VOCABULARY = vocabulary_of(["停水停电", "停水停电", "公交"])


def test_how_often_and_whether() -> None:
    """Twice said is louder in the one, and not in the other; both rows have length 1."""
    rows = VOCABULARY.rows(["停水停水停电"])
    counted, seen = rows.counted.toarray()[0], rows.seen.toarray()[0]

    assert np.allclose([1.0, 1.0], [np.linalg.norm(counted), np.linalg.norm(seen)])
    assert 1 == len(set(seen[seen > 0].tolist()))
    assert len(set(counted[counted > 0].tolist())) > 1


def test_what_a_message_begins_with_is_louder() -> None:
    """Four times as loud as far behind; each is as loud throughout a title; whether it stands there does not change."""
    known = vocabulary_of(["停水停电", "停水停电", "公交", "公交"])
    rows = known.rows([f"停水{'。' * 300}公交", f"停水{'。' * 10}公交"])
    far, near = (row[known.numbers(grams_of(["停水", "公交"]).hash[-2:])] for row in rows.counted.toarray())

    assert np.allclose([4.0, 1.0], [far[0] / far[1], near[0] / near[1]], rtol=0.01)
    assert np.ptp(rows.seen.data[:6]) < 1e-6


def test_what_is_said_twice_is_as_loud_as_both() -> None:
    """Once at the beginning, once far behind: five quarters of once."""
    known = vocabulary_of(["停水", "停水", "公交", "公交"])
    row = known.rows([f"停水公交{'。' * 300}停水"]).counted.toarray()[0]
    water, bus = row[known.numbers(grams_of(["停水", "公交"]).hash[-2:])]

    assert np.isclose(1.25, water / bus, rtol=0.01)


def test_a_pair_says_more_than_a_character() -> None:
    """Of equally rare ones; and three say less than two."""
    numbers = [int(VOCABULARY.numbers(grams_of([text]).hash)[-1]) for text in ("停", "停水", "停水停")]
    one, two, three = VOCABULARY.rarity[numbers].tolist()

    assert one < three < two


def test_among_many_labels_a_single_text_counts_and_triples_do_not() -> None:
    """Of few, each with many texts, what stands in one alone would name that text; so would most triples of few texts."""
    texts = ["停水停电", "停水停电", "公交"]
    few, many = (vocabulary_of(texts, labels) for labels in (7, 149))

    assert (8, 0) == tuple(few.rows([text]).seen.nnz for text in ("停水停电", "公交"))
    assert (6, 3) == tuple(many.rows([text]).seen.nnz for text in ("停水停电", "公交"))


def test_a_text_of_nothing_known() -> None:
    """An empty row."""
    rows = VOCABULARY.rows(["别的事", ""])

    assert (0, 0) == (rows.counted.nnz, rows.seen.nnz)
