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


def test_a_pair_says_more_than_a_character() -> None:
    """Of equally rare ones; and three say less than two."""
    numbers = [int(VOCABULARY.numbers(grams_of([text]).hash)[-1]) for text in ("停", "停水", "停水停")]
    one, two, three = VOCABULARY.rarity[numbers].tolist()

    assert one < three < two


def test_a_text_of_nothing_known() -> None:
    """An empty row."""
    rows = VOCABULARY.rows(["别的事", ""])

    assert (0, 0) == (rows.counted.nnz, rows.seen.nnz)
